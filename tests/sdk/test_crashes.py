"""kill -9, two hundred times, in the middle of mixed work by real clients: what was acknowledged is there."""

import json
import random
import sqlite3
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.exceptions import BotoCoreError, ClientError
from emulator import NOVA, ControlError, user

NOW = 1_767_225_600_000
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
CONFIG = {"retries": {"max_attempts": 0}, "read_timeout": 5, "connect_timeout": 2}
ROUNDS = 200
SEED = 20260101


class Work:
    """One client's calls until its server dies, and what it knows was acknowledged. `prepare` runs once, `step` over
    and over, `check` after a restart."""

    def run(self, round_):
        try:
            while True:
                self.step(round_)
        except (BotoCoreError, ClientError, ControlError, OSError, ValueError) as error:
            if isinstance(error, ClientError):
                self.wrong = error  # an answer of a living server
        except AssertionError as error:
            self.wrong = error

    wrong = None


class LogEvents(Work):
    def prepare(self, server):
        self.logs = server.client("logs", **CONFIG)
        self.logs.create_log_group(logGroupName="events")
        self.logs.create_log_stream(logGroupName="events", logStreamName="stream")
        self.tried, self.acknowledged, self.ids = 0, set(), {}

    def step(self, round_):
        self.tried += 1
        messages = [f"{self.tried}/{part}" for part in range(3)]
        events = [{"timestamp": NOW, "message": message} for message in messages]
        self.logs.put_log_events(logGroupName="events", logStreamName="stream", logEvents=events)
        self.acknowledged.update(messages)

    def check(self):
        stored = []
        for page in self.logs.get_paginator("filter_log_events").paginate(logGroupName="events"):
            for event in page["events"]:
                stored.append(event["message"])
                # An id once seen belongs to this event for good.
                assert self.ids.setdefault(event["eventId"], event["message"]) == event["message"]
        assert len(set(stored)) == len(stored)
        assert self.acknowledged <= set(stored)
        calls = [message.split("/")[0] for message in stored]
        assert all(calls.count(call) == 3 for call in set(calls[-30:]))  # whole calls


class Settings(Work):
    """Data points, an alarm, a dashboard, rules, retention: the last acknowledged value stands, or one in doubt since."""

    def prepare(self, server):
        self.server = server
        self.logs, self.cloudwatch = server.client("logs", **CONFIG), server.client("cloudwatch", **CONFIG)
        self.logs.create_log_group(logGroupName="settings")
        self.tried = self.samples_tried = self.samples = 0
        self.possible, self.rules, self.rules_in_doubt = {}, set(), set()

    def set(self, what, value, call):
        self.possible.setdefault(what, {None}).add(value)
        call()
        self.possible[what] = {value}

    def step(self, round_):
        self.tried += 1
        number = self.tried
        self.samples_tried += 1
        datum = {"MetricName": "m", "Value": 1, "Timestamp": START}
        self.cloudwatch.put_metric_data(Namespace="Crash", MetricData=[datum])
        self.samples += 1
        alarm = {
            "AlarmName": "alarm",
            "Namespace": "Crash",
            "MetricName": "m",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": number,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        self.set("alarm", number, lambda: self.cloudwatch.put_metric_alarm(**alarm))
        body = json.dumps({"widgets": [], "start": f"-PT{number}M"})
        self.set("dashboard", body, lambda: self.cloudwatch.put_dashboard(DashboardName="d", DashboardBody=body))
        days = [1, 3, 5, 7, 14][number % 5]
        self.set(
            "retention",
            days,
            lambda: self.logs.put_retention_policy(logGroupName="settings", retentionInDays=days),
        )
        self.rules_in_doubt.add(f"rule-{number}")
        self.server.rule(id=f"rule-{number}", latency=0)
        self.rules.add(f"rule-{number}")

    def check(self):
        statistics = self.cloudwatch.get_metric_statistics(
            Namespace="Crash",
            MetricName="m",
            StartTime=START - timedelta(hours=1),
            EndTime=START + timedelta(hours=1),
            Period=3600,
            Statistics=["SampleCount"],
        )
        assert self.samples <= sum(point["SampleCount"] for point in statistics["Datapoints"]) <= self.samples_tried
        alarms = self.cloudwatch.describe_alarms(AlarmNames=["alarm"])["MetricAlarms"]
        dashboards = self.cloudwatch.list_dashboards()["DashboardEntries"]
        (group,) = self.logs.describe_log_groups(logGroupNamePrefix="settings")["logGroups"]
        found = {
            "alarm": alarms[0]["Threshold"] if alarms else None,
            "dashboard": self.cloudwatch.get_dashboard(DashboardName="d")["DashboardBody"] if dashboards else None,
            "retention": group.get("retentionInDays"),
        }
        for what, value in found.items():
            assert value in self.possible.get(what, {None}), what
        rules = {rule["id"] for rule in self.server.control("GET", "rules")["rules"]}
        assert self.rules <= rules <= self.rules_in_doubt
        self.rules |= rules


class Queue(Work):
    """Sends, receives, deletes; and publishes into a second queue through a topic."""

    def prepare(self, server):
        self.sqs, self.sns = server.client("sqs", **CONFIG), server.client("sns", **CONFIG)
        self.url = self.sqs.create_queue(QueueName="work")["QueueUrl"]
        self.inbox = self.sqs.create_queue(QueueName="inbox")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.inbox, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.topic = self.sns.create_topic(Name="to-inbox")["TopicArn"]
        self.sns.subscribe(
            TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )
        self.tried, self.sent, self.delete_tried, self.deleted = 0, set(), set(), set()
        self.published, self.publish_tried = set(), set()
        self.ids = {}

    def own(self, message_id, body):
        assert self.ids.setdefault(message_id, body) == body, "a message id was given out twice"

    def step(self, round_):
        self.tried += 1
        body = f"message {self.tried}"
        self.own(self.sqs.send_message(QueueUrl=self.url, MessageBody=body)["MessageId"], body)
        self.sent.add(body)
        if self.tried % 3 == 0:
            for message in self.sqs.receive_message(QueueUrl=self.url, VisibilityTimeout=0).get("Messages", []):
                self.own(message["MessageId"], message["Body"])
                self.delete_tried.add(message["Body"])
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                self.deleted.add(message["Body"])
        news = f"news {self.tried}"
        self.publish_tried.add(news)
        self.own(self.sns.publish(TopicArn=self.topic, Message=news)["MessageId"], news)
        self.published.add(news)

    def count(self, url):
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def check(self):
        most = self.tried - len(self.deleted)
        assert len(self.sent - self.delete_tried) <= self.count(self.url) <= most
        assert len(self.published) <= self.count(self.inbox) <= len(self.publish_tried)

    def check_contents(self):
        left = self.take_all(self.url)
        assert self.sent - self.delete_tried <= left and not left & self.deleted
        news = self.take_all(self.inbox)
        assert self.published <= news <= self.publish_tried

    def take_all(self, url):
        bodies = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=3600)
            if not answer.get("Messages"):
                assert len(set(bodies)) == len(bodies)
                return set(bodies)
            bodies += [message["Body"] for message in answer["Messages"]]


class Invocations(Work):
    """A record that was read before the crash, or whose call was answered in the mode `sync`, is there for good."""

    def prepare(self, server):
        self.logs = server.client("logs", **CONFIG)
        self.runtime = server.client("bedrock-runtime", **CONFIG)
        self.logs.create_log_group(logGroupName="bedrock")
        role = "arn:aws:iam::000000000000:role/bedrock-logs"
        server.client("bedrock").put_model_invocation_logging_configuration(
            loggingConfig={"cloudWatchConfig": {"logGroupName": "bedrock", "roleArn": role}}
        )
        self.sync, self.round, self.tried, self.answered, self.certain = False, None, 0, set(), set()

    def records(self):
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName="bedrock", filterPattern="ModelInvocationLog"
        )
        ids = [json.loads(event["message"])["requestId"] for page in pages for event in page["events"]]
        assert len(set(ids)) == len(ids)
        return set(ids)

    def step(self, round_):
        self.tried += 1
        answer = self.runtime.converse(modelId=NOVA, messages=user("x"))
        request_id = answer["ResponseMetadata"]["RequestId"]
        assert request_id not in self.answered, "a request id was given out twice"
        self.answered.add(request_id)
        if self.round != round_:
            self.round, self.of_this_start = round_, set()
        self.of_this_start.add(request_id)
        if self.sync:
            self.certain.add(request_id)
        if self.tried % 20 == 0:
            read = self.records()
            assert self.of_this_start <= read, "a read saw less than what was answered before it"
            self.certain |= read

    def check(self):
        assert self.certain <= self.records()


class Clock(Work):
    def prepare(self, server):
        self.server, self.moved = server, START

    def step(self, round_):
        now = self.server.control("POST", "clock/advance", {"seconds": 0.001})["now"]
        self.moved = max(self.moved, datetime.fromisoformat(now.replace("Z", "+00:00")))

    def check(self):
        now = datetime.fromisoformat(self.server.control("GET", "clock")["now"].replace("Z", "+00:00"))
        assert self.moved <= now <= self.moved + timedelta(milliseconds=1)
        self.moved = now


class Webhook(Work):
    """Publishes to a webhook that is down until the end: what is pending goes on after each crash."""

    def prepare(self, server):
        self.up, self.got, self.token = False, [], threading.Event()
        work = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if body["Type"] == "SubscriptionConfirmation":
                    work.confirmation = body["Token"]
                    work.token.set()
                elif work.up:
                    work.got.append(body["Message"])
                self.send_response(200 if work.up or body["Type"] != "Notification" else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()
        self.sns = server.client("sns", **CONFIG)
        self.topic = self.sns.create_topic(Name="to-webhook")["TopicArn"]
        url = f"http://127.0.0.1:{self.listener.server_port}/"
        self.sns.subscribe(TopicArn=self.topic, Protocol="http", Endpoint=url)
        assert self.token.wait(20)
        self.sns.confirm_subscription(TopicArn=self.topic, Token=self.confirmation)
        self.tried, self.published = 0, set()

    def step(self, round_):
        if self.tried > round_:  # one a round
            raise ValueError("enough")
        self.tried += 1
        message = f"hook {self.tried}"
        self.sns.publish(TopicArn=self.topic, Message=message)
        self.published.add(message)

    def check(self):
        pass


def crash(server, works, round_, chance):
    for work in works:
        if isinstance(work, Invocations):
            work.sync = round_ % 2 == 1
    threads = [threading.Thread(target=work.run, args=(round_,)) for work in works]
    for thread in threads:
        thread.start()
    time.sleep(0.01 + chance.random() * 0.12)  # the moment of the crash: what is waited for is chance itself
    server.kill()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()
    server.start(*(["--invocation-log", "sync"] if round_ % 2 == 0 else []))


def test_kill_minus_nine_two_hundred_times_loses_nothing_acknowledged(server):
    server.fixed_port = server.port  # the clients stay, over all restarts
    works = [LogEvents(), Settings(), Queue(), Invocations(), Clock(), Webhook()]
    for work in works:
        work.prepare(server)
    server.flags = ()  # the clock goes on as the database has it
    chance = random.Random(SEED)
    for round_ in range(ROUNDS):
        crash(server, works, round_, chance)
        for work in works:
            assert work.wrong is None, work.wrong
        if round_ % 10 == 9:
            for work in works:
                work.check()
    logs, settings, queue, invocations, clock, webhook = works
    assert min(len(logs.acknowledged), settings.samples, len(queue.sent), len(invocations.answered)) > ROUNDS
    assert clock.moved > START and webhook.published
    queue.check_contents()
    webhook.up = True
    for _ in range(5):
        server.advance(3600)
    assert webhook.published <= set(webhook.got)
    webhook.listener.shutdown()
    assert server.stop() == 0
    database = sqlite3.connect(server.database)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
