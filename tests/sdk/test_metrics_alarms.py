"""CloudWatch: metrics, alarms and where their messages go."""

import http.server
import json
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from emulator import NO_RETRIES, NOVA, code_of, user

START = datetime(2026, 1, 1, tzinfo=timezone.utc)  # where the frozen clock stands


@pytest.fixture
def cloudwatch(server):
    return server.client("cloudwatch")


def bedrock_sum(cloudwatch, metric, dimensions=(), statistic="Sum"):
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/Bedrock",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions],
        StartTime=START,
        EndTime=START + timedelta(hours=1),
        Period=3600,
        Statistics=[statistic],
    )["Datapoints"]
    return points[0][statistic] if points else None


def test_each_call_moves_bedrocks_metrics_by_model_and_for_all(server, runtime, cloudwatch):
    server.rule(latency=250)
    usage = [runtime.converse(modelId=NOVA, messages=user("x"))["usage"] for _ in range(3)]
    for dimensions in ([("ModelId", NOVA)], []):
        assert bedrock_sum(cloudwatch, "Invocations", dimensions) == 3
        assert bedrock_sum(cloudwatch, "InvocationLatency", dimensions, "Average") == 250
        assert bedrock_sum(cloudwatch, "InputTokenCount", dimensions) == sum(each["inputTokens"] for each in usage)
        assert bedrock_sum(cloudwatch, "OutputTokenCount", dimensions) == sum(each["outputTokens"] for each in usage)


def test_failed_calls_move_their_own_metric_alone(server, cloudwatch):
    runtime = server.client("bedrock-runtime", **NO_RETRIES)
    kinds = {
        "ThrottlingException": "InvocationThrottles",
        "ValidationException": "InvocationClientErrors",
        "InternalServerException": "InvocationServerErrors",
    }
    for name in kinds:
        server.rule(id=name, error={"name": name})
        with pytest.raises(ClientError):
            runtime.converse(modelId=NOVA, messages=user("x"))
        server.control("DELETE", f"rules/{name}")
    for metric in kinds.values():
        assert bedrock_sum(cloudwatch, metric, [("ModelId", NOVA)]) == 1
    assert bedrock_sum(cloudwatch, "Invocations", [("ModelId", NOVA)]) in (None, 0)


def test_metrics_are_put_listed_and_read_with_expressions(cloudwatch):
    for minute, (requests, errors) in enumerate([(10, 1), (20, 5)]):
        at = START - timedelta(minutes=10 - minute)
        cloudwatch.put_metric_data(
            Namespace="App",
            MetricData=[
                {"MetricName": "Requests", "Timestamp": at, "Value": requests, "Unit": "Count"},
                {"MetricName": "Errors", "Timestamp": at, "Value": errors, "Unit": "Count"},
            ],
        )
    names = {metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace="App")["Metrics"]}
    assert names == {"Requests", "Errors"}

    def stat(identity, name):
        metric = {"Namespace": "App", "MetricName": name}
        return {"Id": identity, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": True}

    results = cloudwatch.get_metric_data(
        StartTime=START - timedelta(minutes=15),
        EndTime=START,
        ScanBy="TimestampAscending",
        MetricDataQueries=[stat("requests", "Requests"), stat("errors", "Errors")],
    )["MetricDataResults"]
    assert {result["Id"]: result["Values"] for result in results} == {"requests": [10, 20], "errors": [1, 5]}


class Webhook:
    def __init__(self):
        self.messages = messages = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def wait_for(self, kind):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for message in list(self.messages):
                if message["Type"] == kind:
                    return message
            time.sleep(0.005)
        raise AssertionError(f"no {kind} at the webhook")

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def webhook():
    hook = Webhook()
    yield hook
    hook.close()


def put_latency_alarm(cloudwatch, topic, **changes):
    alarm = {
        "AlarmName": "slow-model",
        "Namespace": "AWS/Bedrock",
        "MetricName": "InvocationLatency",
        "Dimensions": [{"Name": "ModelId", "Value": NOVA}],
        "Statistic": "Average",
        "Period": 300,
        "EvaluationPeriods": 3,
        "Threshold": 2000,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [topic],
        "OKActions": [topic],
    }
    cloudwatch.put_metric_alarm(**{**alarm, **changes})


def state_of(cloudwatch, name="slow-model"):
    return cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


def test_an_alarm_over_three_periods_of_five_minutes_fires_on_the_third_and_tells_queue_and_webhook(
    server, runtime, cloudwatch, webhook
):
    sns, sqs = server.client("sns"), server.client("sqs")
    topic = sns.create_topic(Name="oncall")["TopicArn"]
    queue = sqs.create_queue(QueueName="oncall")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=webhook.url)
    sns.confirm_subscription(TopicArn=topic, Token=webhook.wait_for("SubscriptionConfirmation")["Token"])
    put_latency_alarm(cloudwatch, topic)
    assert state_of(cloudwatch) == "INSUFFICIENT_DATA"

    server.rule(id="spike", latency=4038)
    seen = []
    for _ in range(3):
        runtime.converse(modelId=NOVA, messages=user("x"))
        transitions = server.advance(300)["transitions"]
        seen.append([(change["alarm"], change["to"]) for change in transitions])
    assert seen[-1] == [("slow-model", "ALARM")]
    assert state_of(cloudwatch) == "ALARM"

    posted = webhook.wait_for("Notification")
    message = json.loads(posted["Message"])
    assert (message["AlarmName"], message["NewStateValue"]) == ("slow-model", "ALARM")
    assert posted["Subject"] == 'ALARM: "slow-model" in US East (N. Virginia)'
    (received,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(received["Body"])
    assert body["MessageId"] == posted["MessageId"]
    assert json.loads(body["Message"]) == message

    server.control("DELETE", "rules/spike")
    runtime.converse(modelId=NOVA, messages=user("x"))
    server.advance(300)
    assert state_of(cloudwatch) == "OK"


def test_a_state_set_by_hand_acts_and_is_history(server, cloudwatch):
    topic = server.client("sns").create_topic(Name="oncall")["TopicArn"]
    put_latency_alarm(cloudwatch, topic)
    cloudwatch.set_alarm_state(AlarmName="slow-model", StateValue="ALARM", StateReason="a drill")
    assert state_of(cloudwatch) == "ALARM"
    items = cloudwatch.describe_alarm_history(AlarmName="slow-model", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert "to ALARM" in items[0]["HistorySummary"]
    deliveries = server.control("GET", "deliveries")["deliveries"]
    assert any(each["target"] == topic and each["status"] == "captured" for each in deliveries)


def test_what_an_alarm_tells_a_topic_that_nobody_made_is_among_the_deliveries(server, cloudwatch):
    put_latency_alarm(cloudwatch, "arn:aws:sns:us-east-1:000000000000:oncall")
    cloudwatch.set_alarm_state(AlarmName="slow-model", StateValue="ALARM", StateReason="a drill")
    delivery = server.control("GET", "wait?delivery=*:oncall")["delivery"]
    assert (delivery["status"], delivery["error"]) == ("captured", "Topic does not exist")
    history = cloudwatch.describe_alarm_history(AlarmName="slow-model", HistoryItemType="Action")["AlarmHistoryItems"]
    assert history[0]["HistorySummary"].startswith("Failed to execute action")


def test_alarms_are_disabled_enabled_and_deleted(server, cloudwatch):
    topic = server.client("sns").create_topic(Name="oncall")["TopicArn"]
    put_latency_alarm(cloudwatch, topic)
    cloudwatch.disable_alarm_actions(AlarmNames=["slow-model"])
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["ActionsEnabled"] is False
    cloudwatch.enable_alarm_actions(AlarmNames=["slow-model"])
    found = cloudwatch.describe_alarms_for_metric(
        Namespace="AWS/Bedrock", MetricName="InvocationLatency", Dimensions=[{"Name": "ModelId", "Value": NOVA}]
    )["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["slow-model"]
    cloudwatch.delete_alarms(AlarmNames=["slow-model"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_an_alarm_is_refused_as_cloudwatch_does(cloudwatch):
    with pytest.raises(ClientError) as error:
        put_latency_alarm(cloudwatch, "arn:aws:sns:us-east-1:000000000000:x", DatapointsToAlarm=5)
    assert code_of(error) == "ValidationError"
    with pytest.raises(ClientError) as error:
        cloudwatch.set_alarm_state(AlarmName="absent", StateValue="OK", StateReason="x")
    assert code_of(error) == "ResourceNotFound"


def test_dashboards_are_stored_listed_and_deleted(cloudwatch):
    body = {"widgets": [{"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": "# hi"}}]}
    cloudwatch.put_dashboard(DashboardName="main", DashboardBody=json.dumps(body))
    assert json.loads(cloudwatch.get_dashboard(DashboardName="main")["DashboardBody"]) == body
    assert [entry["DashboardName"] for entry in cloudwatch.list_dashboards()["DashboardEntries"]] == ["main"]
    cloudwatch.delete_dashboards(DashboardNames=["main"])
    with pytest.raises(ClientError) as error:
        cloudwatch.get_dashboard(DashboardName="main")
    assert code_of(error) in ("ResourceNotFound", "DashboardNotFoundError")
