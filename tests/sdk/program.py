"""The program run to its end, and what tests of it share."""

import json
import os
import subprocess
import time

from botocore.exceptions import ClientError
from emulator import BINARY, NO_RETRIES


def surroundings(**more):
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ROCKWATCH_"))}
    return {**plain, **more}


def run(*arguments, cwd=None, timeout=30, **variables):
    """Exit code, standard output, standard error."""
    done = subprocess.run(
        [BINARY, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=surroundings(**variables),
        timeout=timeout,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


def refusal(*arguments, code=2, cwd=None, **variables):
    """The one line that a start which is refused says."""
    exit_code, out, err = run(*arguments, cwd=cwd, **variables)
    assert (exit_code, out) == (code, ""), (exit_code, out, err)
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("rockwatch: "), err
    return lines[0].removeprefix("rockwatch: ")


def until(condition, seconds=20):
    """What the condition gives once it is true; for what a server does by itself."""
    deadline = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.01)


def write_json(path, document):
    path.write_text(json.dumps(document))
    return path


def fill(server, group="fill", batches=60):
    """Writes log events until the database takes no more: the error, or None."""
    logs = server.client("logs", **NO_RETRIES)
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    for _ in range(batches):
        try:
            logs.put_log_events(
                logGroupName=group,
                logStreamName="s",
                logEvents=[{"timestamp": now, "message": os.urandom(48 * 1024).hex()} for _ in range(5)],
            )
        except ClientError as error:
            return error
    return None
