"""Makes tests/cases/schemas/<n>.sql, the database of the present program with the story that
tests/world/older_versions_test.cpp asks for: run it when a migration is added.
usage: make_schema.py NUMBER    (ROCKWATCH_BIN names the program)"""

import json
import sqlite3
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from emulator import Emulator

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
NOW = 1_767_225_600_000
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "bedrock.amazonaws.com", "AWS": "arn:aws:iam::000000000000:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
ABSENT = "http://127.0.0.1:9/hook"  # nobody listens there: deliveries fail, and one is pending at the end


def tell_logs_and_metrics(server):
    logs, cloudwatch = server.client("logs"), server.client("cloudwatch")
    logs.create_log_group(logGroupName="group", tags={"team": "a"})
    logs.put_retention_policy(logGroupName="group", retentionInDays=30)
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    events = [{"timestamp": NOW, "message": "first"}, {"timestamp": NOW + 1, "message": "second é"}]
    logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=events)
    sums = {"SampleCount": 2, "Sum": 10, "Minimum": 4, "Maximum": 6}
    single = {"MetricName": "m", "Value": 4, "Timestamp": START, "Dimensions": [{"Name": "a", "Value": "b"}]}
    gathered = {"MetricName": "sums", "Timestamp": START, "StatisticValues": sums}
    cloudwatch.put_metric_data(Namespace="N", MetricData=[single, gathered])
    cloudwatch.put_dashboard(DashboardName="main", DashboardBody='{"widgets":[]}')


def tell_messages(server):
    sns, sqs = server.client("sns"), server.client("sqs")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sqs.send_message(QueueUrl=sqs.create_queue(QueueName="queue")["QueueUrl"], MessageBody="body")
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=ABSENT)
    server.client("cloudwatch").put_metric_alarm(
        AlarmName="alarm",
        Namespace="N",
        MetricName="m",
        Dimensions=[{"Name": "a", "Value": "b"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=[{"Key": "k", "Value": "v"}],
        AlarmActions=[topic],
    )


def tell_identity(server):
    iam = server.client("iam")
    tags = [{"Key": "k", "Value": "v"}]
    role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(TRUST), Tags=tags)["Role"]["Arn"]
    iam.put_role_policy(RoleName="role", PolicyName="inline", PolicyDocument=json.dumps(POLICY))
    managed = iam.create_policy(PolicyName="managed", PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="role", PolicyArn=managed)
    server.client("sts").assume_role(RoleArn=role, RoleSessionName="session")
    server.client("bedrock").put_model_invocation_logging_configuration(
        loggingConfig={"cloudWatchConfig": {"logGroupName": "group", "roleArn": role}}
    )


def dump(path):
    database = sqlite3.connect(path)
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    empty = [name for name in tables if not database.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()]
    if empty:
        raise SystemExit(f"no row in {', '.join(empty)}: tell something that makes one")
    return "\n".join(database.iterdump())


def main(number):
    with tempfile.TemporaryDirectory() as folder:
        server = Emulator(folder, "--clock", "frozen", "--now", "2026-01-01T00:00:00Z")
        server.rule(id="kept", latency=5)
        server.control("PUT", "quotas", {"quotas": [{"modelId": "kept.*", "requestsPerMinute": 60}]})
        tell_logs_and_metrics(server)
        tell_messages(server)
        tell_identity(server)
        server.advance(60)
        server.stop()
        text = dump(server.database)
    head = (
        f"-- Every table as a server of schema {number} left it: one row each at least. Never edited; a later schema gets a\n"
        "-- file of its own, with the same story in it (tests/sdk/make_schema.py makes it).\n"
    )
    path = Path(__file__).parents[1] / "cases" / "schemas" / f"{number}.sql"
    path.write_text(f"{head}{text}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
