"""What survives: a stop, a restart, and kill -9 in the middle of writing."""

import sqlite3
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from emulator import NOVA, Emulator, code_of, text_of, user

NOW = 1_767_225_600_000
START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_everything_is_there_after_a_restart(server, logging_on):
    runtime, cloudwatch = server.client("bedrock-runtime"), server.client("cloudwatch")
    server.rule(id="spike", latency=4038)
    runtime.converse(modelId=NOVA, messages=user("x"))
    topic = server.client("sns").create_topic(Name="oncall")["TopicArn"]
    queue = server.client("sqs").create_queue(QueueName="work")["QueueUrl"]
    server.client("sqs").send_message(QueueUrl=queue, MessageBody="kept")
    cloudwatch.put_metric_alarm(
        AlarmName="slow",
        Namespace="AWS/Bedrock",
        MetricName="InvocationLatency",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1000,
        ComparisonOperator="GreaterThanThreshold",
    )
    server.advance(60)
    cloudwatch.put_dashboard(DashboardName="main", DashboardBody='{"widgets":[]}')

    assert server.stop() == 0
    server.flags = ()
    server.start()

    assert server.control("GET", "clock")["now"] == "2026-01-01T00:01:00.000Z"
    assert [rule["id"] for rule in server.control("GET", "rules")["rules"]] == ["spike"]
    logs = server.client("logs")
    messages = logs.filter_log_events(logGroupName="bedrock", filterPattern="ModelInvocationLog")["events"]
    assert len(messages) == 1
    cloudwatch = server.client("cloudwatch")
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"
    assert cloudwatch.get_dashboard(DashboardName="main")["DashboardBody"] == '{"widgets":[]}'
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/Bedrock",
        MetricName="Invocations",
        StartTime=START - timedelta(hours=1),
        EndTime=START + timedelta(hours=1),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    assert [point["Sum"] for point in points] == [1]
    assert server.client("sns").list_topics()["Topics"] == [{"TopicArn": topic}]
    sqs = server.client("sqs")
    queue = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "kept"
    config = server.client("bedrock").get_model_invocation_logging_configuration()["loggingConfig"]
    assert config["cloudWatchConfig"]["logGroupName"] == "bedrock"
    assert text_of(server.client("bedrock-runtime").converse(modelId=NOVA, messages=user("x")))


class Writer:
    """Writes log events, data points and settings until its server dies, and knows what was acknowledged."""

    def __init__(self, number):
        self.number = number
        self.messages, self.samples, self.retention = [], 0, None
        self.in_doubt = {"samples": 0, "retention": None}

    def run(self, server, round_):
        config = {"retries": {"max_attempts": 0}, "read_timeout": 5, "connect_timeout": 2}
        logs, cloudwatch = server.client("logs", **config), server.client("cloudwatch", **config)
        group, stream = f"group-{self.number}", f"stream-{self.number}"
        count = 0
        try:
            while True:
                count += 1
                message = f"{round_}/{count}"
                event = {"timestamp": NOW + count, "message": message}
                logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
                self.messages.append(message)
                self.in_doubt["samples"] += 1
                datum = {"MetricName": f"m-{self.number}", "Value": 1, "Timestamp": START}
                cloudwatch.put_metric_data(Namespace="Crash", MetricData=[datum])
                self.samples += 1
                days = [1, 3, 5, 7, 14][count % 5]
                self.in_doubt["retention"] = days
                logs.put_retention_policy(logGroupName=group, retentionInDays=days)
                self.retention = days
        except (BotoCoreError, ClientError):
            pass  # the server died

    def check(self, server):
        logs, cloudwatch = server.client("logs"), server.client("cloudwatch")
        group = f"group-{self.number}"
        stored = set()
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            messages = [event["message"] for event in page["events"]]
            assert not stored.intersection(messages)
            stored.update(messages)
        assert stored >= set(self.messages)
        points = cloudwatch.get_metric_statistics(
            Namespace="Crash",
            MetricName=f"m-{self.number}",
            StartTime=START - timedelta(hours=1),
            EndTime=START + timedelta(hours=1),
            Period=3600,
            Statistics=["SampleCount"],
        )["Datapoints"]
        samples = sum(point["SampleCount"] for point in points)
        assert self.samples <= samples <= self.in_doubt["samples"]
        (described,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if self.retention:
            assert described["retentionInDays"] in (self.retention, self.in_doubt["retention"])


def test_kill_minus_nine_fifty_times_in_the_middle_of_writing_loses_nothing_acknowledged(server):
    writers = [Writer(number) for number in range(3)]
    logs = server.client("logs")
    for writer in writers:
        logs.create_log_group(logGroupName=f"group-{writer.number}")
        logs.create_log_stream(logGroupName=f"group-{writer.number}", logStreamName=f"stream-{writer.number}")
    for round_ in range(50):
        threads = [threading.Thread(target=writer.run, args=(server, round_)) for writer in writers]
        for thread in threads:
            thread.start()
        time.sleep(0.1 + (round_ * 37 % 100) / 1000)  # clients need a moment to be made; then another moment each time
        server.kill()
        for thread in threads:
            thread.join(timeout=20)
            assert not thread.is_alive()
        server.start()
        if round_ % 10 == 9:
            for writer in writers:
                writer.check(server)
    assert sum(len(writer.messages) for writer in writers) > 50
    assert server.stop() == 0
    database = sqlite3.connect(server.database)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_a_database_in_use_stops_a_second_server_with_a_clear_line(server, tmp_path):
    with pytest.raises(RuntimeError) as error:
        second = Emulator.__new__(Emulator)
        second.folder, second.flags, second.database = tmp_path / "second", (), server.database
        second.folder.mkdir()
        second.start()
    assert second.process.wait() == 4
    assert f"is in use by another server (process {server.process.pid})" in str(error.value)


def test_a_damaged_database_stops_the_start(tmp_path):
    (tmp_path / "rockwatch.db").write_bytes(b"x" * 8192)
    with pytest.raises(RuntimeError) as error:
        Emulator(tmp_path)
    assert "cannot be used" in str(error.value)


@pytest.mark.options("--db", ":memory:")
def test_a_memory_database_leaves_no_file(server):
    logs = server.client("logs")
    logs.create_log_group(logGroupName="group")
    with pytest.raises(ClientError) as error:
        logs.create_log_group(logGroupName="group")
    assert code_of(error) == "ResourceAlreadyExistsException"
    assert not server.database.exists()


