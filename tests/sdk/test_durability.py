"""What survives a stop and a restart, and which files are refused. Crashes are test_crashes.py's."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from emulator import NOVA, Emulator, code_of, text_of, user

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


