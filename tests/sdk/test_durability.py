"""What survives a stop and a restart, and which files are refused. Crashes are test_crashes.py's."""

import os
import sqlite3
import stat
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


def refused_start(folder, database):
    """The exit code and the last line of a start over that file."""
    refused = Emulator.__new__(Emulator)
    refused.folder, refused.flags, refused.database = folder / "refused", (), database
    refused.folder.mkdir()
    with pytest.raises(RuntimeError):
        refused.start()
    return refused.process.wait(), refused.log().strip().splitlines()[-1]


def application(path):
    database = sqlite3.connect(path)
    database.executescript("PRAGMA application_id = 7; CREATE TABLE customers (id)")
    database.close()


def newer(path):
    """What a Rockwatch of next year leaves."""
    Emulator(path.parent).stop()
    database = sqlite3.connect(path)
    database.execute("UPDATE schema_version SET number = 99 WHERE owner = 'logs'")
    database.commit()
    database.close()


def with_trigger(path):
    Emulator(path.parent).stop()
    database = sqlite3.connect(path)
    database.execute("CREATE TRIGGER evil AFTER INSERT ON log_event BEGIN DELETE FROM log_event; END")
    database.commit()
    database.close()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"x" * 8192), "cannot be used: SQLite, prepare: file is not a database"),
        (lambda path: path.write_text("Dear diary, "), "cannot be used: SQLite, prepare: file is not a database"),
        (lambda path: path.mkdir(), "cannot be used: unable to open database file"),
        (application, "is a database of another program"),
        (newer, "was written by a newer Rockwatch (logs tables are at version 99"),
        (with_trigger, "holds what Rockwatch did not make (trigger evil)"),
    ],
    ids=["damaged", "a text", "a directory", "another application's", "newer", "a foreign trigger"],
)
def test_a_file_that_is_no_database_of_ours_stops_the_start(tmp_path, make, reason):
    path = tmp_path / "rockwatch.db"
    make(path)
    code, line = refused_start(tmp_path, path)
    assert code == 4
    assert f"{path} {reason}" in line and "another file with --db" in line


def test_an_empty_file_is_new(tmp_path):
    (tmp_path / "rockwatch.db").touch()
    assert Emulator(tmp_path).stop() == 0


def test_a_folder_that_takes_no_files_stops_the_start(tmp_path):
    code, line = refused_start(tmp_path, "/proc/rockwatch.db")  # not even root may write there
    assert code == 4
    assert "cannot write /proc/rockwatch.db-lock" in line and "another file with --db" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write every file: run the tests as a user to see this one")
def test_a_file_that_may_not_be_written_stops_the_start(tmp_path):
    Emulator(tmp_path).stop()
    path = tmp_path / "rockwatch.db"
    path.chmod(0o400)
    code, line = refused_start(tmp_path, path)
    assert code == 4 and "Give this user the right to write the file and its folder" in line


def test_all_files_are_the_users_alone(tmp_path):
    before = os.umask(0)
    try:
        server = Emulator(tmp_path)
    finally:
        os.umask(before)
    server.client("logs").create_log_group(logGroupName="group")
    for suffix in ("", "-wal", "-shm", "-lock"):
        assert stat.S_IMODE(os.stat(f"{server.database}{suffix}").st_mode) == 0o600, suffix
    assert server.stop() == 0


@pytest.mark.options("--db", ":memory:")
def test_a_memory_database_leaves_no_file(server):
    logs = server.client("logs")
    logs.create_log_group(logGroupName="group")
    with pytest.raises(ClientError) as error:
        logs.create_log_group(logGroupName="group")
    assert code_of(error) == "ResourceAlreadyExistsException"
    assert not server.database.exists()


