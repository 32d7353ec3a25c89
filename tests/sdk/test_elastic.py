"""Thousands of clients at once: idle ones, held ones, slow ones, and more than there are descriptors for."""

import json
import os
import resource
import select
import signal
import socket
import time
import urllib.request
import warnings
from pathlib import Path

import pytest
from emulator import TITAN, Emulator, user

PATIENCE_S = 60
IDLE, HELD, DRIBBLERS = 10_000, 4_000, 1_000
# Beside connections: what Python and the server have open themselves.
DESCRIPTORS_KEPT = 200


@pytest.fixture
def descriptors():
    """As many descriptors for this process as the system allows; gives their number."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def scaled(descriptors):
    """The three crowds, smaller (and said so) where the limit of open files does not allow them."""
    wanted = IDLE + HELD + DRIBBLERS
    possible = descriptors - DESCRIPTORS_KEPT
    if possible >= wanted:
        return IDLE, HELD, DRIBBLERS
    share = possible / wanted
    warnings.warn(f"the limit of {descriptors} open files allows {possible} connections, not {wanted}", stacklevel=2)
    return int(IDLE * share), int(HELD * share), int(DRIBBLERS * share)


def connect(server, send=b""):
    client = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
    if send:
        client.sendall(send)
    return client


HEALTH = b"GET /_rockwatch/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def keep_alive(server, count):
    """Clients that have been answered once and have nothing to ask any more."""
    clients = [connect(server, HEALTH) for _ in range(count)]
    for client in clients:
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
    return clients


def converse_bytes():
    body = json.dumps({"messages": user("hold me")}).encode()
    head = f"POST /model/{TITAN}/converse HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Content-Type: application/json\r\n\r\n".encode() + body


DRIBBLE = b"POST / HTTP/1.1\r\nHost: local"


def read_all(client):
    """Everything until the end, whether the server ends or resets."""
    parts = []
    try:
        while part := client.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def readable(clients):
    """Those to whom something has been said, or whose connection has ended."""
    poll = select.poll()
    by_number = {client.fileno(): client for client in clients}
    for number in by_number:
        poll.register(number, select.POLLIN)
    return [by_number[number] for number, _ in poll.poll(0)]


def close_all(*crowds):
    for crowd in crowds:
        for client in crowd:
            client.close()


def until(true, what):
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


def proc(server, entry):
    return Path(f"/proc/{server.process.pid}/{entry}")


def threads(server):
    return len(os.listdir(proc(server, "task")))


def open_files(server):
    return len(os.listdir(proc(server, "fd")))


def cpu_s(server):
    fields = proc(server, "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def hold_calls(server):
    server.rule(id="hold", latency=3_600_000)


def test_an_ordinary_call_is_answered_past_thousands_of_clients_and_a_stop_lets_them_all_go(tmp_path, descriptors):
    idle_count, held_count, dribbling_count = scaled(descriptors)
    server = Emulator(tmp_path, "--max-connections", str(IDLE + HELD + DRIBBLERS + 100), "--log-level", "warn")
    hold_calls(server)
    idle = keep_alive(server, idle_count)
    held = [connect(server, converse_bytes()) for _ in range(held_count)]
    until(lambda: threads(server) >= held_count, lambda: f"{threads(server)} threads hold {held_count} calls")
    dribblers = [connect(server, DRIBBLE) for _ in range(dribbling_count)]

    logs = server.client("logs")
    logs.create_log_group(logGroupName="meanwhile")
    assert [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]] == ["meanwhile"]
    assert server.control("GET", "health")["status"] == "ok"
    assert readable(held) == []
    assert readable(idle) == []

    server.process.send_signal(signal.SIGTERM)
    answers = [read_all(client) for client in held]
    assert all(read_all(client) == b"" for client in idle)
    assert server.process.wait(timeout=PATIENCE_S) == 0, server.log()
    whole = sum(answer.startswith(b"HTTP/1.1 200 ") and b'"stopReason"' in answer for answer in answers)
    assert whole == held_count, server.log()
    close_all(idle, held, dribblers)


def test_workers_and_descriptors_come_back_when_the_clients_have_gone(tmp_path, descriptors):
    server = Emulator(tmp_path, "--log-level", "warn")
    hold_calls(server)
    server.control("GET", "health")
    threads_before, files_before = threads(server), open_files(server)
    idle = keep_alive(server, 500)
    held = [connect(server, converse_bytes()) for _ in range(500)]
    until(lambda: threads(server) >= 500, lambda: f"{threads(server)} threads")
    until(lambda: open_files(server) >= files_before + 990, lambda: f"{open_files(server)} files")
    close_all(idle, held)
    # A worker without work stays for ten seconds.
    until(lambda: open_files(server) <= files_before + 2, lambda: f"{open_files(server)} files, {files_before} before")
    until(lambda: threads(server) <= threads_before + 8, lambda: f"{threads(server)} threads, {threads_before} before")
    assert server.stop() == 0


def spend_cpu(seconds):
    """Work of our own: how long it takes on the wall depends on who else works, for the server too."""
    until_then = time.process_time() + seconds
    while time.process_time() < until_then:
        pass


def test_without_descriptors_clients_hear_503_nobody_spins_and_the_server_serves_again(tmp_path, descriptors):
    server = Emulator(tmp_path, "--log-level", "warn", open_files_max=128)
    (first,) = keep_alive(server, 1)

    crowd = [connect(server) for _ in range(400)]
    until(lambda: len(readable(crowd)) >= 400 - 128, lambda: f"{len(readable(crowd))} of 400 hear something")
    for client in readable(crowd):
        answer = read_all(client)
        assert answer.startswith(b"HTTP/1.1 503 "), answer
        assert b"Retry-After: 1\r\n" in answer
        assert b"Connection: close\r\n" in answer

    # Those who have a connection keep it, and go on being served.
    first.sendall(HEALTH)
    assert first.recv(65536).startswith(b"HTTP/1.1 200 ")
    before = cpu_s(server)
    spend_cpu(1.0)
    assert cpu_s(server) - before < 0.4

    close_all(crowd)
    until(lambda: is_served(server), lambda: "nobody is served after the crowd has gone")
    server.client("sqs").create_queue(QueueName="afterwards")
    first.close()
    assert server.stop() == 0


def is_served(server):
    try:
        with urllib.request.urlopen(f"{server.url}/_rockwatch/health", timeout=PATIENCE_S) as answer:
            return answer.status == 200
    except OSError:
        return False
