"""validate, exec, env and healthcheck."""

import json
import os
import resource
import shlex
import signal
import socket
import subprocess
import sys

import pytest
from emulator import BINARY
from program import refusal, run, surroundings, until, write_json

# ---- validate ---------------------------------------------------------------------------------------------------------


def test_validate_says_what_it_took_each_file_for(tmp_path):
    keys = write_json(tmp_path / "keys.json", {"bearerTokens": [{"token": "t"}]})
    keys.chmod(0o600)
    profiles = tmp_path / "credentials"
    profiles.write_text("[default]\naws_access_key_id = A\naws_secret_access_key = S\n")
    profiles.chmod(0o600)
    (tmp_path / "folder").mkdir()
    write_json(tmp_path / "folder" / "a.json", {"latency": 1})
    files = {
        write_json(tmp_path / "one.json", {"latency": 5}): "rules, 1 rule",
        write_json(tmp_path / "two.json", {"rules": [{"latency": 5}, {"error": {"name": "ThrottlingException"}}]}): "rules, 2 rules",
        write_json(tmp_path / "list.json", [{"latency": 5}]): "rules, 1 rule",
        tmp_path / "folder": "rules, 1 rule",
        write_json(tmp_path / "setup.json", [{"service": "logs", "operation": "CreateLogGroup", "input": {"logGroupName": "g"}}]): "set-up, 1 call",
        # It needs what the file before it has made.
        write_json(tmp_path / "more.json", [{"service": "logs", "operation": "CreateLogStream", "input": {"logGroupName": "g", "logStreamName": "s"}}]): "set-up, 1 call",
        write_json(tmp_path / "config.json", {"port": 1, "latency": "realistic", "rules": ["a.json"]}): "config, 3 options",
        write_json(tmp_path / "quotas.json", {"quotas": [{"modelId": "anthropic.*", "requestsPerMinute": 60}]}): "quotas, 1 quota",
        keys: "credentials, 1 caller",
        profiles: "credentials, 1 caller",
    }  # fmt: skip
    code, out, err = run("validate", *files)
    assert (code, err) == (0, "")
    assert out.splitlines() == [f"{file}: {kind}" for file, kind in files.items()]


def test_validate_says_file_pointer_and_fault_and_goes_on(tmp_path):
    (tmp_path / "syntax.json").write_text('{"latency": }')
    (tmp_path / "open.json").write_text('{"bearerTokens": [{"token": "t"}]}')
    (tmp_path / "open.json").chmod(0o644)
    files = {
        write_json(tmp_path / "rule.json", {"rules": [{"latency": 1}, {"latency": {"ms": "slow"}}]}): ":/rules/1/latency/ms: ",
        tmp_path / "syntax.json": ":1:13: ",
        write_json(tmp_path / "setup.json", [{"service": "logs", "operation": "CreateLogGroup", "input": {"logGroupName": "a b"}}]): ":/0: ",
        write_json(tmp_path / "unknown.json", [{"service": "logs", "operation": "CreateLogGroup", "input": {"logGroupName": "a", "retentionDays": 7}}]): ":/0/input/retentionDays: ",
        write_json(tmp_path / "type.json", [{"service": "logs", "operation": "CreateLogGroup", "input": {"logGroupName": 5}}]): ":/0: logs CreateLogGroup: SerializationException: logGroupName: ",
        write_json(tmp_path / "region.json", [{"service": "logs", "operation": "CreateLogGroup", "input": {"logGroupName": "a"}, "region": "No Region!"}]): ":/0/region: must be a region such as eu-west-1",
        write_json(tmp_path / "config.json", {"max-body": "1MB", "port": 0}): ":/max-body: must be a number of bytes",
        tmp_path / "open.json": ": others than its owner may read it (mode 644): chmod 600 ",
        write_json(tmp_path / "scenario.json", {"name": "n", "duration": "60m", "expect": []}): ": scenarios are not supported yet",
        write_json(tmp_path / "quotas.json", {"quotas": [{"requestsPerMinute": 0}]}): ":/quotas/0/requestsPerMinute: ",
        tmp_path / "absent.json": ": cannot be read: No such file or directory",
    }  # fmt: skip
    good = write_json(tmp_path / "good.json", {"latency": 1})
    code, out, err = run("validate", *files, good)
    assert code == 1
    assert out == f"{good}: rules, 1 rule\n"
    lines = err.splitlines()
    assert len(lines) == len(files)
    for line, (file, fault) in zip(lines, files.items()):
        assert line.startswith(f"{file}{fault}"), line


def test_a_folders_rules_are_its_json_files_and_nothing_beside(tmp_path):
    write_json(tmp_path / "a.json", {"latency": 1})
    (tmp_path / ".#a.json").symlink_to("ada@machine.1234:1")  # Emacs holds a.json
    write_json(tmp_path / ".hidden.json", {"latency": 1})
    (tmp_path / "folder.json").mkdir()
    assert run("validate", tmp_path) == (0, f"{tmp_path}: rules, 1 rule\n", "")
    (tmp_path / "z.json").symlink_to("absent")  # somebody meant a file
    assert run("validate", tmp_path) == (1, "", f"{tmp_path}/z.json: cannot be read: No such file or directory\n")


@pytest.mark.parametrize("text, fault", [
    ('{"credentials": [{"accessKeyId": "A", "secretAccessKey": "SUPERSECRET"x}]}', "1:71: syntax error while parsing object - invalid literal; expected '}'"),
    ('{"credentials": [{"accessKeyId": "A", "secretAccessKey": "SUPERSECRET\n"}]}', "2:0: syntax error while parsing value - "),
    ('{"a": SUPERSECRET', "1:7: syntax error while parsing value - invalid literal"),
])  # fmt: skip
def test_a_syntax_error_shows_nothing_of_the_file(tmp_path, text, fault):
    file = tmp_path / "keys.json"
    file.write_text(text)
    file.chmod(0o600)
    verifying = ("--auth", "verify", "--credentials", file)
    for arguments in (("validate", file), verifying, ("--setup", file), ("--config", file), ("--rules", file)):
        code, out, err = run(*arguments, cwd=tmp_path)
        assert (code, out) == (1 if arguments[0] == "validate" else 2, "")
        assert f"keys.json:{fault}" in err
        assert "SUPER" not in err and "last read" not in err


def test_validate_sends_nothing_out_and_leaves_nothing_behind(tmp_path):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
        topic = "arn:aws:sns:us-east-1:000000000000:t"
        setup = write_json(tmp_path / "setup.json", [
            {"service": "sns", "operation": "CreateTopic", "input": {"Name": "t"}},
            {"service": "sns", "operation": "Subscribe", "input": {"TopicArn": topic, "Protocol": "http", "Endpoint": url}},
        ])  # fmt: skip
        code, out, err = run("validate", "setup.json", cwd=tmp_path)
        assert (code, err) == (0, ""), err
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert [file.name for file in tmp_path.iterdir()] == [setup.name]


TOPIC = "arn:aws:sns:eu-west-1:123456789012:t"
JUDGED = [
    # Calls that name no account are made by the one of the options.
    (["--account", "123456789012", "--region", "eu-west-1"], [
        {"service": "sns", "operation": "CreateTopic", "input": {"Name": "t"}},
        {"service": "sns", "operation": "SetTopicAttributes", "input": {"TopicArn": TOPIC, "AttributeName": "DisplayName", "AttributeValue": "x"}}]),
    # More than two weeks ago, for who has the wall clock.
    (["--now", "2020-01-01T00:10:00Z"], [
        {"service": "cloudwatch", "operation": "PutMetricData", "input": {"Namespace": "N", "MetricData": [
            {"MetricName": "m", "Value": 1, "Timestamp": "2020-01-01T00:00:00Z"}]}}]),
    (["--unknown-models", "accept"], [
        {"service": "bedrock-runtime", "operation": "Converse", "input": {"modelId": "nobody.knows-v1:0", "messages": [
            {"role": "user", "content": [{"text": "hello"}]}]}}]),
]  # fmt: skip


@pytest.mark.parametrize(("flags", "calls"), JUDGED, ids=[flags[0] for flags, _ in JUDGED])
def test_validate_judges_a_set_up_as_a_server_with_these_options_would(tmp_path, flags, calls):
    setup = write_json(tmp_path / "setup.json", calls)
    assert run("validate", setup)[0] == 1
    assert run("validate", *flags, setup) == (0, f"{setup}: set-up, {len(calls)} call{'s' * (len(calls) > 1)}\n", "")


def test_under_strict_iam_validate_refuses_a_role_that_nobody_made(tmp_path):
    destination = {"logGroupName": "g", "roleArn": "arn:aws:iam::000000000000:role/nobody"}
    setup = write_json(tmp_path / "setup.json", [
        {"service": "logs", "operation": "CreateLogGroup", "input": {"logGroupName": "g"}},
        {"service": "bedrock", "operation": "PutModelInvocationLoggingConfiguration",
         "input": {"loggingConfig": {"cloudWatchConfig": destination}}}])  # fmt: skip
    assert run("validate", setup)[0] == 0
    code, out, err = run("validate", "--iam", "strict", setup)
    assert (code, out) == (1, "")
    assert err.startswith(f"{setup}:/1: ")


# ---- exec -------------------------------------------------------------------------------------------------------------

SHOW = "import os, json; print(json.dumps(dict(os.environ)))"


def test_exec_gives_its_command_a_server_and_standard_output_to_itself(tmp_path):
    code, out, err = run("exec", "--region", "eu-west-1", "--", sys.executable, "-c", SHOW, cwd=tmp_path,
                         AWS_PROFILE="mine", AWS_SESSION_TOKEN="real", AWS_ENDPOINT_URL_LOGS="http://elsewhere",
                         AWS_BEARER_TOKEN_BEDROCK="real", AWS_CONFIG_FILE="kept")  # fmt: skip
    assert code == 0, err
    variables = json.loads(out)  # and nothing else
    assert variables["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert variables["AWS_ENDPOINT_URL"] not in ("http://127.0.0.1:4566", "http://127.0.0.1:0")
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert variables["AWS_ACCESS_KEY_ID"] == variables["AWS_SECRET_ACCESS_KEY"] == "test"
    for gone in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_LOGS", "AWS_BEARER_TOKEN_BEDROCK"):
        assert gone not in variables
    assert variables["AWS_CONFIG_FILE"] == "kept"
    assert list(tmp_path.iterdir()) == []  # a throw-away server keeps nothing


def test_exec_runs_against_a_server_that_answers():
    code, out, err = run("exec", "--", sys.executable, "-c",
                         "import boto3; print(boto3.client('logs').describe_log_groups()['logGroups'])")  # fmt: skip
    assert (code, out.strip()) == (0, "[]"), err


def test_exec_keeps_a_database_that_is_named(tmp_path):
    create = "import boto3; boto3.client('logs').create_log_group(logGroupName='kept')"
    show = "import boto3; print([g['logGroupName'] for g in boto3.client('logs').describe_log_groups()['logGroups']])"
    for flags, variables in (((), {"ROCKWATCH_DB": "e.db"}), (("--db", "rockwatch.db"), {})):
        code, _, err = run("exec", *flags, "--", sys.executable, "-c", create, cwd=tmp_path, **variables)
        assert code == 0, err
        code, out, err = run("exec", *flags, "--", sys.executable, "-c", show, cwd=tmp_path, **variables)
        assert (code, out.strip()) == (0, "['kept']"), err
    assert {"e.db", "rockwatch.db"} <= {file.name for file in tmp_path.iterdir()}


@pytest.mark.parametrize(("command", "expected"), [
    (["sh", "-c", "exit 7"], 7),
    (["true"], 0),
    (["sh", "-c", "kill -TERM $$"], 128 + signal.SIGTERM),
    (["sh", "-c", "kill -KILL $$"], 128 + signal.SIGKILL),
    # Behind -- everything is the command's own, another -- and options of ours among it.
    (["sh", "-c", '[ "$1 $2 $3" = "-- --port x" ]', "sh", "--", "--port", "x"], 0),
])  # fmt: skip
def test_exec_exits_with_the_code_of_its_command(command, expected):
    assert run("exec", "--", *command)[0] == expected


def with_signals_at_their_defaults():
    """Whoever runs the tests by nohup or in the background ignores these, and a shell cannot trap what it found ignored."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def started_exec(tmp_path, script):
    process = subprocess.Popen([BINARY, "exec", "--log-level", "off", "--port-file", tmp_path / "port", "--", "sh", "-c", script],
                               env=surroundings(), cwd=tmp_path, stdout=subprocess.PIPE, text=True, start_new_session=True,
                               preexec_fn=with_signals_at_their_defaults)  # fmt: skip
    assert process.stdout.readline() == "started\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM])
def test_a_signal_to_exec_reaches_the_command_which_ends_it_as_it_likes(tmp_path, number):
    # `wait` returns for a trap, `sleep` would not.
    script = "trap 'echo asked; kill $!; exit 9' TERM INT HUP USR1 USR2 ALRM; sleep 60 >/dev/null & echo started; wait"
    process = started_exec(tmp_path, script)
    port = int((tmp_path / "port").read_text())
    process.send_signal(number)
    assert process.wait(20) == 9
    assert process.stdout.read() == "asked\n"
    with pytest.raises(ConnectionRefusedError):  # the server has gone with it
        socket.create_connection(("127.0.0.1", port))


def test_a_command_whose_server_is_killed_is_asked_to_end(tmp_path):
    process = started_exec(tmp_path, "trap 'echo asked; kill $!; exit 9' TERM; sleep 60 >/dev/null & echo started; wait")
    process.kill()
    assert process.wait(20) == -signal.SIGKILL
    # Linux asks once for each thread of the dying server that the command passes to on the way.
    assert set(process.stdout.read().splitlines()) == {"asked"}


def test_exec_sees_its_command_end_where_nobody_is_to_be_told_of_ends():
    # As some supervisors leave it to what they start; the command finds it so, too.
    show = "import signal; print(signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN); raise SystemExit(7)"
    done = subprocess.run([BINARY, "exec", "--", sys.executable, "-c", show], env=surroundings(), capture_output=True, text=True, timeout=30,
                          preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))  # fmt: skip
    assert (done.returncode, done.stdout) == (7, "True\n"), done.stderr


def test_the_keys_of_a_terminal_reach_the_command_once(tmp_path):
    controller, terminal = os.openpty()
    # A key may come while `read` waits, which ends it, or just before: a line is left for one more.
    script = "trap 'echo asked' INT; echo started; read line; read line; exit 5"
    # A session of its own, whose terminal sends SIGINT to the group when it is told ^C.
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", BINARY, "exec", "--log-level", "off", "--", "sh", "-c", script],
        env=surroundings(), cwd=tmp_path, stdin=terminal, stdout=subprocess.PIPE, text=True,
        preexec_fn=with_signals_at_their_defaults)  # fmt: skip
    os.close(terminal)
    assert process.stdout.readline() == "started\n"
    os.write(controller, b"\x03")
    assert process.stdout.readline() == "asked\n"
    os.write(controller, b"\n\n")
    rest = process.communicate(timeout=20)[0]
    os.close(controller)
    assert rest == ""
    assert process.returncode == 5


def test_the_command_has_the_signals_that_it_would_have_without_us():
    show = "import signal; print(signal.getsignal(signal.SIGHUP) == signal.SIG_DFL, signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    ours = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests by nohup ignores it
    try:
        code, out, err = run("exec", "--", sys.executable, "-c", show)
    finally:
        signal.signal(signal.SIGHUP, ours)
    assert (code, out.strip()) == (0, "True set()"), err


def test_the_command_has_the_limit_of_open_files_that_it_would_have_without_us():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    done = subprocess.run([BINARY, "exec", "--", "sh", "-c", "ulimit -Sn"], env=surroundings(), capture_output=True, text=True, timeout=30,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard)))  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "200\n"), done.stderr


def test_exec_of_a_verified_server_gives_its_command_credentials_that_do(tmp_path):
    keys = write_json(tmp_path / "keys.json", {"credentials": [{"accessKeyId": "AKIDONE", "secretAccessKey": "s1", "account": "111122223333"}]})
    keys.chmod(0o600)
    code, out, err = run("exec", "--auth", "verify", "--credentials", keys, "--", sys.executable, "-c",
                         "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])")  # fmt: skip
    assert (code, out.strip()) == (0, "111122223333"), err


# ---- env --------------------------------------------------------------------------------------------------------------


def test_env_prints_lines_that_the_shell_takes(tmp_path):
    code, out, err = run("env", "--port", 1234)
    assert (code, err) == (0, "")
    shown = subprocess.run(["sh", "-c", f"{out}\nprintf '%s|%s' \"$AWS_ENDPOINT_URL\" \"$AWS_ACCESS_KEY_ID\""], capture_output=True, text=True)
    assert shown.stdout == "http://127.0.0.1:1234|test"


@pytest.mark.parametrize(("shell", "line"), [
    ("sh", "export AWS_ENDPOINT_URL='http://127.0.0.1:4566'"),
    ("fish", "set -gx AWS_ENDPOINT_URL 'http://127.0.0.1:4566'"),
    ("powershell", "$Env:AWS_ENDPOINT_URL = 'http://127.0.0.1:4566'"),
    ("dotenv", "AWS_ENDPOINT_URL=http://127.0.0.1:4566"),
])  # fmt: skip
def test_env_knows_the_shells(shell, line):
    code, out, err = run("env", "--shell", shell)
    assert (code, err, out.splitlines()[0]) == (0, "", line)
    names = {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert all(any(name in one for one in out.splitlines()) for name in names)


def test_env_as_json_and_for_hosts_of_their_own():
    assert json.loads(run("env", "--shell", "json", "--host", "192.0.2.7")[1])["AWS_ENDPOINT_URL"] == "http://192.0.2.7:4566"
    assert json.loads(run("env", "--shell", "json", "--host", "::")[1])["AWS_ENDPOINT_URL"] == "http://[::1]:4566"


def test_env_quotes_what_stands_in_a_credentials_file(tmp_path):
    secret = "it's \"$HOME\" \\ #1"
    keys = write_json(tmp_path / "keys.json", {"credentials": [{"accessKeyId": "A", "secretAccessKey": secret, "sessionToken": "t"}]})
    keys.chmod(0o600)
    code, out, _ = run("env", "--auth", "verify", "--credentials", keys)
    assert code == 0
    shown = subprocess.run(["sh", "-c", f"{out}\nprintf %s \"$AWS_SECRET_ACCESS_KEY\""], capture_output=True, text=True)
    assert shown.stdout == secret
    assert shlex.split(out)[-1] == "AWS_SESSION_TOKEN=t"


def test_env_finds_the_port_in_the_port_file(server):
    code, out, _ = run("env", "--port", 0, "--port-file", server.folder / "port", "--shell", "json")
    assert (code, json.loads(out)["AWS_ENDPOINT_URL"]) == (0, server.url)


# ---- healthcheck ------------------------------------------------------------------------------------------------------


def test_healthcheck_is_0_when_a_server_answers(server):
    assert run("healthcheck", "--port", server.port) == (0, "", "")
    assert run("healthcheck", ROCKWATCH_PORT=str(server.port))[0] == 0
    assert run("healthcheck", "--port", 0, "--port-file", server.folder / "port")[0] == 0


def test_healthcheck_is_1_when_none_does(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code, out, err = run("healthcheck", "--port", port)
    assert (code, out, err) == (1, "", f"rockwatch: no server answers at http://127.0.0.1:{port}\n")


def test_healthcheck_waits_for_a_server_that_starts_meanwhile(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    waiting = subprocess.Popen([BINARY, "healthcheck", "--wait", "30", "--port", str(port)], env=surroundings())
    server = subprocess.Popen([BINARY, "--db", ":memory:", "--port", str(port), "--host", "127.0.0.1"], env=surroundings(),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    assert waiting.wait(40) == 0
    server.terminate()
    assert server.wait(20) == 0


def test_healthcheck_waits_for_the_port_file_of_a_server_that_starts_meanwhile(tmp_path):
    where = ("--port", "0", "--port-file", tmp_path / "port")
    code, out, err = run("healthcheck", *where)
    assert (code, out) == (1, "")
    assert err == f"rockwatch: no server answers yet: {tmp_path}/port: cannot be read: No such file or directory\n"
    (tmp_path / "port").touch()
    assert run("healthcheck", *where)[0] == 1
    waiting = subprocess.Popen([BINARY, "healthcheck", "--wait", "30", *where], env=surroundings())
    server = subprocess.Popen([BINARY, "--db", ":memory:", *where], env=surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert waiting.wait(40) == 0
    server.terminate()
    assert server.wait(20) == 0


def test_a_port_file_that_cannot_be_written_is_told_before_anything_is_made(tmp_path):
    line = refusal("--port-file", "absent/port", "--db", "made.db", cwd=tmp_path)
    assert line.startswith("--port-file absent/port: cannot be written")
    assert list(tmp_path.iterdir()) == []


def test_the_last_runs_port_is_gone_before_this_one_serves(tmp_path):
    (tmp_path / "port").write_text("1\n")
    process = subprocess.Popen([BINARY, "--db", ":memory:", "--port", "0", "--port-file", tmp_path / "port"], env=surroundings(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    text = until(lambda: (tmp_path / "port").exists() and (tmp_path / "port").read_text() not in ("", "1\n") and (tmp_path / "port").read_text())
    assert int(text) > 1
    assert (tmp_path / "port").stat().st_mode & 0o777 == 0o600
    process.terminate()
    assert process.wait(20) == 0
