"""How the server leaves while something is under way."""

import http.server
import json
import signal
import threading
import time

import pytest
from emulator import ControlError


class Webhook:
    """Confirms itself, and then does with a notification as the test says."""

    def __init__(self, on_notification):
        self.notified = notified = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if message["Type"] == "Notification":
                    notified.set()
                    on_notification()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


def alarm_that_calls(server, webhook):
    """An alarm whose first evaluation posts to the webhook, while the clock is being advanced."""
    sns = server.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=webhook.url)
    server.client("cloudwatch").put_metric_alarm(
        AlarmName="a",
        Namespace="N",
        MetricName="m",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        OKActions=[topic],
    )


def test_a_stop_does_not_wait_for_a_call_that_waits_for_a_webhook(server):
    over = threading.Event()
    webhook = Webhook(over.wait)
    alarm_that_calls(server, webhook)

    def advance():
        with pytest.raises((OSError, ControlError)):
            server.advance(120)

    held = threading.Thread(target=advance)
    held.start()
    assert webhook.notified.wait(30), server.log()
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=30) == 0, server.log()
    # Five seconds by the contract; the webhook alone would hold it for fifteen.
    assert time.monotonic() - began < 12
    over.set()
    held.join()


def test_a_webhook_that_advances_the_clock_while_it_is_waited_for_is_refused(server):
    refusals = []

    def advance():
        try:
            server.advance(60)
        except ControlError as refused:
            refusals.append((refused.status, refused.error["code"]))

    alarm_that_calls(server, Webhook(advance))
    happened = server.advance(120)
    assert [change["to"] for change in happened["transitions"]] == ["OK"]
    assert happened["deliveries"] == 1
    assert refusals == [(409, "ClockBusy")]
