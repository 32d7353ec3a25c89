"""Starts Rockwatch and a peer in turns and measures what they take; footprint.sh runs it."""
import json
import os
import pathlib
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
from botocore.config import Config

ROCKWATCH, PEER, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
IDLE_CONNECTIONS, HELD_CALLS, HELD_MS, IDLE_SECONDS = 512, 2000, 15_000, 5


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def client(port):
    return boto3.client(
        "bedrock-runtime", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}, connect_timeout=1))


def converse(runtime):
    return runtime.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": "hello"}]}])


def first_answer(command, port):
    """Seconds from the start of the process to the first Converse answer through boto3."""
    runtime = client(port)  # making a client is no server's time
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                converse(runtime)
                return time.perf_counter() - began
            except Exception as problem:
                if time.perf_counter() - began > 30 or process.poll() is not None:
                    raise RuntimeError(f"{command[0]} does not answer") from problem
                time.sleep(0.001)
    finally:
        process.terminate()
        process.wait()


def start_up(scratch):
    fixtures = scratch / "fixtures"
    fixtures.mkdir()
    (fixtures / "hello.json").write_text(json.dumps(
        {"fixtures": [{"match": {"userMessage": "hello"}, "response": {"content": "Hello!"}}]}))
    seconds = {"rockwatch": [], "aimock": []}
    for round_number in range(ROUNDS):
        port = free_port()
        seconds["rockwatch"].append(first_answer(
            [ROCKWATCH, "serve", "--port", str(port), "--db", str(scratch / f"start-{round_number}.db")], port))
        if os.path.exists(PEER):
            port = free_port()
            seconds["aimock"].append(first_answer(
                ["node", PEER, "--port", str(port), "--fixtures", str(fixtures), "--log-level", "silent"], port))
    return {name: statistics.median(values) for name, values in seconds.items() if values}


class Server:
    def __init__(self, scratch):
        port_file = scratch / "port"
        self.process = subprocess.Popen(
            [ROCKWATCH, "serve", "--port", "0", "--port-file", str(port_file), "--db", str(scratch / "idle.db")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not port_file.exists() or not port_file.read_text().strip():
            time.sleep(0.01)
        self.port = int(port_file.read_text())

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port))

    def control(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_rockwatch{path}", method=method,
            data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        return urllib.request.urlopen(request).read()


def idle_load(server):
    connections = [server.connect() for _ in range(IDLE_CONNECTIONS)]
    for connection in connections:
        connection.sendall(b"GET /_rockwatch/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(4096)
    before = server.cpu_seconds()
    time.sleep(IDLE_SECONDS)
    return (server.cpu_seconds() - before) / IDLE_SECONDS


def held_kib(server):
    server.control("POST", "/rules", {"id": "slow", "match": {}, "latency": {"ms": HELD_MS}})
    body = json.dumps({"messages": [{"role": "user", "content": [{"text": "Explain how alarms work. " * 20}]}]})
    request = (f"POST /model/{MODEL}/converse HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
               f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
    before = server.resident_kib()
    connections = []
    began = time.perf_counter()
    for _ in range(HELD_CALLS):
        connection = server.connect()
        connection.sendall(request)
        connections.append(connection)
    while json.loads(server.control("GET", "/health")).get("workers", {}).get("busy", 0) < HELD_CALLS:
        if time.perf_counter() - began > HELD_MS / 1000 - 3:
            break  # figures without the rest would flatter: the count below tells
        time.sleep(0.1)
    held = server.resident_kib() - before
    answered = sum(connection.recv(12) == b"HTTP/1.1 200" for connection in connections)
    return held / HELD_CALLS, answered


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 20_000)), hard))
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        first = start_up(scratch)
        server = Server(scratch)
        try:
            converse(client(server.port))
            idle_mib = server.resident_kib() / 1024
            load = idle_load(server)
            kib, answered = held_kib(server)
        finally:
            server.process.kill()
            server.process.wait()
    told = "".join(f", {name} {seconds * 1000:.0f} ms" for name, seconds in first.items())[2:]
    ratio = f": {first['rockwatch'] / first['aimock']:.2f} of aimock's" if "aimock" in first else ""
    print(f"first SDK answer after the start   {told}{ratio}")
    print(f"idle memory                        {idle_mib:.1f} MiB")
    print(f"{IDLE_CONNECTIONS} idle connections               {load * 100:.1f} % of a core")
    print(f"{HELD_CALLS} held calls                    {kib:.1f} KiB each, {answered} answered")


main()
