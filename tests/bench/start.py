"""From the start of the process to its first answer: with an empty database, with a million log events, and with those
after kill -9: see README.md beside this file. usage: start.py ROCKWATCH [ROUNDS]"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ingest import BATCH, Server, call, put_for, requests

EVENTS = 1_000_000


def fill(binary, folder):
    server = Server(binary, folder)
    connection = server.connect()
    call(connection, "CreateLogGroup", {"logGroupName": "bench"})
    call(connection, "CreateLogStream", {"logGroupName": "bench", "logStreamName": "stream"})
    made = requests(500)
    for _ in range(EVENTS // BATCH // len(made)):
        put_for(server, None, made)
    return server


def first_answer(binary, folder):
    (folder / "port").unlink(missing_ok=True)
    start = time.perf_counter()
    server = Server(binary, folder)
    call(server.connect(), "DescribeLogGroups", {})
    return server, time.perf_counter() - start


def main(binary, rounds="5"):
    times = {"empty": [], "a million events": [], "after kill -9": []}
    with tempfile.TemporaryDirectory(dir=Path(binary).parent) as name:
        full, killed = Path(name) / "full", Path(name) / "killed"
        full.mkdir()
        server = fill(binary, full)
        server.stop()
        for _ in range(int(rounds)):
            empty = Path(name) / "empty"
            empty.mkdir()
            for kind, folder in (("empty", empty), ("a million events", full)):
                server, taken = first_answer(binary, folder)
                times[kind].append(taken)
                server.stop()
            shutil.rmtree(empty)
            shutil.copytree(full, killed)
            server, _ = first_answer(binary, killed)
            call(server.connect(), "CreateLogGroup", {"logGroupName": "more"})
            server.process.kill()
            server.process.wait()
            server, taken = first_answer(binary, killed)
            times["after kill -9"].append(taken)
            server.stop()
            shutil.rmtree(killed)
        size = (full / "rockwatch.db").stat().st_size
    base = statistics.median(times["empty"])
    for kind, taken in times.items():
        middle = statistics.median(taken)
        print(f"{kind:>17}: {middle * 1000:6.0f} ms, {middle / base:.1f} of empty (aims: 2.0, and below a second)")
    print(f"the file: {size / 2**20:.0f} MiB")


if __name__ == "__main__":
    main(*sys.argv[1:])
