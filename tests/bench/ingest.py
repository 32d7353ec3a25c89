"""PutLogEvents of 1,000 events of 200 bytes over one connection beside raw SQLite inserts, and how long reads take
meanwhile: see README.md beside this file. usage: ingest.py ROCKWATCH SQLRATE|- [ROUNDS [SECONDS]]"""

import http.client
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BATCH, BYTES = 1000, 200
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0"


class Server:
    def __init__(self, binary, folder):
        port_file = folder / "port"
        command = [binary, "serve", "--port", "0", "--port-file", port_file, "--db", folder / "rockwatch.db"]
        self.process = subprocess.Popen([*command, "--log-level", "warn"], stdout=subprocess.DEVNULL)
        while not (port_file.exists() and port_file.read_text().strip()):
            if self.process.poll() is not None:
                raise SystemExit("the server did not start")
            time.sleep(0.001)
        self.port = int(port_file.read_text())

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def call(connection, operation, body):
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"Logs_20140328.{operation}",
        "Authorization": AUTHORIZATION,
    }
    connection.request("POST", "/", body if isinstance(body, bytes) else json.dumps(body).encode(), headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{operation}: {answer.status} {text!r}")
    return text


def requests(count):
    """So many requests as bytes, made before the clock runs; one second of events each, one after the other, as a
    client that tails a log sends them."""
    start = int((time.time() - 7 * 86400) * 1000)
    made = []
    for number in range(count):
        first = start + number * BATCH
        events = [{"timestamp": first + i, "message": f"{i:06} ".ljust(BYTES, "x")} for i in range(BATCH)]
        body = json.dumps({"logGroupName": "bench", "logStreamName": "stream", "logEvents": events}).encode()
        head = (
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.1\r\n"
            f"X-Amz-Target: Logs_20140328.PutLogEvents\r\nAuthorization: {AUTHORIZATION}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def put_for(server, seconds, made):
    """Events a second, and microseconds of the server's processor an event. Without `seconds`: each request once."""
    count = 0
    before = processor_seconds(server.process.pid)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        start = time.perf_counter()
        while time.perf_counter() - start < seconds if seconds else count < len(made):
            connection.sendall(made[count % len(made)])
            answer = connection.recv(65536)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"PutLogEvents: {answer!r}")
            count += 1
        taken = time.perf_counter() - start
    used = processor_seconds(server.process.pid) - before
    return count * BATCH / taken, used / (count * BATCH) * 1e6


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def reads_for(server, stop, times):
    connection = server.connect()
    asked = {"logGroupName": "bench", "logStreamName": "stream", "limit": 10}
    while not stop.is_set():
        start = time.perf_counter()
        call(connection, "GetLogEvents", asked)
        times.append(time.perf_counter() - start)


def raw_for(sqlrate, folder, seconds):
    """Rows a second, and microseconds of the processor a row."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = subprocess.run(
        [sqlrate, folder / "raw.db", str(BATCH), "1", str(BYTES), str(seconds), "2"], capture_output=True, text=True
    ).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rate = float(re.search(r"rows/s=(\d+)", told)[1])
    return rate, used / (rate * seconds) * 1e6


def main(binary, sqlrate, rounds="5", seconds="2"):
    rates, raw, reads, own_cost, raw_cost = [], [], [], [], []
    made = requests(400)
    for _ in range(int(rounds)):
        with tempfile.TemporaryDirectory(dir=Path(binary).parent) as name:
            folder = Path(name)
            if sqlrate != "-":
                rate, cost = raw_for(sqlrate, folder, float(seconds))
                raw.append(rate)
                raw_cost.append(cost)
            server = Server(binary, folder)
            connection = server.connect()
            call(connection, "CreateLogGroup", {"logGroupName": "bench"})
            call(connection, "CreateLogStream", {"logGroupName": "bench", "logStreamName": "stream"})
            rate, cost = put_for(server, float(seconds), made)
            rates.append(rate)
            own_cost.append(cost)
            stop, times = threading.Event(), []
            reader = threading.Thread(target=reads_for, args=(server, stop, times))
            reader.start()
            put_for(server, float(seconds), made)
            stop.set()
            reader.join()
            times.sort()
            reads.append((times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000))
            server.stop()
    print(f"PutLogEvents: {statistics.median(rates):.0f} events/s (rounds: {', '.join(f'{r:.0f}' for r in rates)})")
    if raw:
        ratio = statistics.median(a / b for a, b in zip(rates, raw))
        print(f"raw SQLite:   {statistics.median(raw):.0f} rows/s; PutLogEvents of it: {ratio:.2f} (aim 0.5)")
        cost = statistics.median(own_cost), statistics.median(raw_cost)
        print(f"processor:    {cost[0]:.1f} us an event, a raw row {cost[1]:.1f} us: {cost[1] / cost[0]:.2f}")
    middle, late = (statistics.median(column) for column in zip(*reads))
    commit = 1000 * BATCH / statistics.median(rates)
    print(f"reads meanwhile: p50 {middle:.1f} ms, p99 {late:.1f} ms; one commit {commit:.1f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
