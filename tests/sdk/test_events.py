"""Waiting without polling, events as they happen, and figures for Prometheus: over the wire."""

import http.client
import json
import re
import socket
import threading
import time
import urllib.request

import pytest
from emulator import NOVA, ControlError, user


class Background(threading.Thread):
    """Does something meanwhile; `result()` gives what it returned, or raises what it raised."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.value, self.error = work, None, None
        self.start()

    def run(self):
        try:
            self.value = self.work()
        except BaseException as error:  # handed on to whoever asks for the result
            self.error = error

    def result(self):
        self.join(timeout=30)
        assert not self.is_alive()
        if self.error:
            raise self.error
        return self.value


class Events:
    """A reader of /_rockwatch/events."""

    def __init__(self, server, query="", headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        self.connection.request("GET", f"/_rockwatch/events{query}", headers=headers or {})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200
        assert self.answer.getheader("Content-Type").startswith("text/event-stream")
        assert self.answer.readline() == b":\n"  # from here on nothing is missed
        assert self.answer.readline() == b"\n"

    def next(self):
        """id, type and data of the next event; None at the end."""
        fields = {}
        while True:
            line = self.answer.readline().decode()
            if not line:
                return None
            if line == "\n" and fields:
                return int(fields["id"]), fields["event"], json.loads(fields["data"])
            if line != "\n" and not line.startswith(":"):
                name, _, value = line.rstrip("\n").partition(": ")
                fields[name] = value

    def close(self):
        self.answer.close()
        self.connection.close()


def test_a_wait_returns_when_the_alarm_fires(server, runtime):
    server.alarm("slow")
    waiting = Background(lambda: server.control("GET", "wait?alarm=slow&state=ALARM&timeout=20"))
    server.rule(latency=4038)
    runtime.converse(modelId=NOVA, messages=user("x"))
    server.advance(60)
    found = waiting.result()
    assert (found["alarm"], found["state"], found["region"]) == ("slow", "ALARM", "us-east-1")
    assert "4038" in found["reason"]


def test_a_wait_returns_when_a_message_has_left(server, runtime):
    topic = server.client("sns").create_topic(Name="oncall")["TopicArn"]
    server.alarm("slow", AlarmActions=[topic])
    waiting = Background(lambda: server.control("GET", "wait?delivery=*:oncall&timeout=20"))
    server.client("cloudwatch").set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="a test")
    delivery = waiting.result()["delivery"]
    assert (delivery["source"], delivery["status"], delivery["target"]) == ("alarm", "captured", topic)


def test_a_wait_returns_when_a_call_is_made(server, runtime):
    waiting = Background(lambda: server.control("GET", f"wait?call=Converse&modelId={NOVA}&timeout=20"))
    runtime.converse(modelId=NOVA, messages=user("x"))
    assert waiting.result()["call"]["modelId"] == NOVA


def test_a_wait_in_vain_answers_408_with_the_present_state(server):
    server.alarm("slow")
    with pytest.raises(ControlError) as error:
        server.control("GET", "wait?alarm=slow&state=ALARM&timeout=0.01")
    assert error.value.status == 408
    assert error.value.error["message"].endswith("the alarm slow is INSUFFICIENT_DATA, not ALARM")


def test_a_stop_ends_a_wait_and_the_events(server):
    events = Events(server)
    waiting = Background(lambda: server.control("GET", "wait?alarm=slow&state=ALARM&timeout=100"))
    while metrics(server)["rockwatch_busy_workers", ""] < 3:  # these two, and who asks
        time.sleep(0.01)
    assert server.stop() == 0
    with pytest.raises(ControlError) as error:
        waiting.result()
    assert error.value.status == 408
    assert events.next() is None


def test_events_tell_what_happens_in_order(server, runtime, logging_on):
    events = Events(server)
    server.alarm("slow")
    runtime.converse(modelId=NOVA, messages=user("x"))
    logs = server.client("logs")
    assert logs.describe_log_groups()["logGroups"]  # the record is written by now
    seen = {}
    while "log" not in seen or "DescribeLogGroups" not in seen.get("call", []):
        number, kind, data = events.next()
        seen.setdefault(kind, []).append(data.get("operation") or data["logStreamName"])
        if kind == "log":
            assert data["logGroupName"] == "bedrock"
            assert json.loads(data["events"][-1]["message"])["modelId"] == NOVA
    assert seen["call"] == ["PutMetricAlarm", "Converse", "DescribeLogGroups"]
    events.close()
    server.client("cloudwatch").set_alarm_state(AlarmName="slow", StateValue="OK", StateReason="a test")
    again = Events(server, headers={"Last-Event-ID": str(number)})
    kind_and_state = [(kind, data.get("to")) for _, kind, data in (again.next(), again.next())]
    assert sorted(kind_and_state, key=str) == [("alarm", "OK"), ("call", None)]
    again.close()


def test_many_who_left_make_room_for_others(server):
    for _ in range(300):  # more than may follow at once
        Events(server, "?types=alarm").close()
        server.control("GET", "clock")
    Events(server).close()


SAMPLE = re.compile(r'^([a-z_]+)(\{[a-z_]+="[^"\n]*"(?:,[a-z_]+="[^"\n]*")*\})? (\S+)$')


def metrics(server):
    with urllib.request.urlopen(f"{server.url}/_rockwatch/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = answer.read().decode()
    samples, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types
            types[name] = kind
        elif not line.startswith("# HELP "):
            name, labels, value = SAMPLE.match(line).groups()
            assert (name, labels) not in samples
            samples[name, labels or ""] = float(value)
            family = re.sub("_(bucket|sum|count)$", "", name)
            assert types.get(name) in ("counter", "gauge") or types[family] == "histogram"
    return samples


def test_metrics_are_prometheus_text(server, runtime):
    server.rule(match={"prompt": "busy"}, error={"name": "ThrottlingException"})
    runtime.converse(modelId=NOVA, messages=user("x"))
    with pytest.raises(runtime.exceptions.ThrottlingException):
        server.client("bedrock-runtime", retries={"max_attempts": 0}).converse(modelId=NOVA, messages=user("busy"))
    server.client("logs").create_log_group(logGroupName="g")
    found = metrics(server)
    assert found["rockwatch_requests_total", '{service="bedrock-runtime",operation="Converse",status="200"}'] == 1
    assert found["rockwatch_requests_total", '{service="bedrock-runtime",operation="Converse",status="429"}'] == 1
    assert found["rockwatch_requests_total", '{service="logs",operation="CreateLogGroup",status="200"}'] == 1
    assert found["rockwatch_request_duration_seconds_count", '{service="bedrock-runtime"}'] == 2
    bounds = [
        value
        for (name, labels), value in found.items()
        if name == "rockwatch_request_duration_seconds_bucket" and "bedrock-runtime" in labels
    ]
    assert bounds == sorted(bounds) and bounds[-1] == 2
    assert found["rockwatch_open_connections", ""] >= 1
    assert found["rockwatch_commit_duration_seconds_count", ""] >= 1
    assert found["rockwatch_rules", ""] == 1
    assert found["process_resident_memory_bytes", ""] > 1e6


def test_a_head_that_waits_for_its_rest_is_in_the_metrics(server):
    def heads_bytes():
        return metrics(server)["rockwatch_request_heads_bytes", ""]

    assert heads_bytes() == 0
    head = b"GET /_rockwatch/health HTTP/1.1\r\nHost: localhost\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as slow:
        slow.sendall(head)
        while heads_bytes() != len(head):
            time.sleep(0.01)
        slow.sendall(b"\r\n")
        assert slow.recv(100).startswith(b"HTTP/1.1 200")
    assert heads_bytes() == 0
