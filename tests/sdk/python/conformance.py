"""The conformance program in Python: what it asks of the emulator, and how it reports, is told in ../test_sdks.py.

conformance.py [PROTOCOL]: with PROTOCOL (query, json, smithy-rpc-v2-cbor) the CloudWatch client speaks that alone, as
clients of another age or language do.
"""

import json
import sys
from datetime import datetime, timedelta, timezone

import boto3
import botocore.loaders
import botocore.session
from botocore.exceptions import EventStreamError

NOVA = "amazon.nova-lite-v1:0"
TITAN = "amazon.titan-text-express-v1"
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
START_MS = 1_767_225_600_000
MESSAGES = ["first caf\u00e9", "second \u2615"]
MANY = 300  # so many that SDKs compress the request
DIMENSIONS = [{"Name": "Client", "Value": "python"}]


class OneProtocol(botocore.loaders.Loader):
    """Reads service models as if CloudWatch spoke one protocol only."""

    protocol = None

    def load_service_model(self, service_name, type_name, api_version=None):
        model = super().load_service_model(service_name, type_name, api_version)
        if service_name == "cloudwatch" and type_name == "service-2":
            model["metadata"]["protocols"] = [self.protocol]
        return model


def session_speaking(protocol):
    if not protocol:
        return boto3.Session()
    core = botocore.session.Session()
    loader = OneProtocol()
    loader.search_paths.extend(core.get_component("data_loader").search_paths)
    loader.protocol = protocol
    core.register_component("data_loader", loader)
    return boto3.Session(botocore_session=core)


def expect(seen, wanted):
    if seen != wanted:
        raise AssertionError(f"wanted {wanted!r}, saw {seen!r}")


def ok(step):
    print("ok", step, flush=True)


def user(text):
    return [{"role": "user", "content": [{"text": text}]}]


def converse(runtime):
    answer = runtime.converse(modelId=NOVA, messages=user("hello"))
    expect(answer["output"]["message"]["content"], [{"text": "Hello from the rule."}])
    expect(answer["stopReason"], "end_turn")
    expect((answer["usage"]["inputTokens"], answer["usage"]["outputTokens"]), (21, 5))


def tool(runtime):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    tools = [{"toolSpec": {"name": "get_weather", "inputSchema": {"json": schema}}}]
    answer = runtime.converse(modelId=NOVA, messages=user("weather?"), toolConfig={"tools": tools})
    (use,) = (block["toolUse"] for block in answer["output"]["message"]["content"] if "toolUse" in block)
    expect((use["name"], use["input"]), ("get_weather", {"city": "Oslo", "days": 3}))
    expect(answer["stopReason"], "tool_use")


def converse_stream(runtime):
    events = list(runtime.converse_stream(modelId=NOVA, messages=user("hello"))["stream"])
    texts = [event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event]
    expect("".join(texts), "Hello from the rule.")
    (stop,) = (event["messageStop"]["stopReason"] for event in events if "messageStop" in event)
    (usage,) = (event["metadata"]["usage"] for event in events if "metadata" in event)
    expect((stop, usage["outputTokens"]), ("end_turn", 5))


def stream_error(runtime):
    seen = []
    try:
        for event in runtime.converse_stream(modelId=NOVA, messages=user("break off"))["stream"]:
            seen += [event["contentBlockDelta"]["delta"]["text"]] if "contentBlockDelta" in event else []
    except EventStreamError as error:
        expect(error.response["Error"], {"Code": "modelStreamErrorException", "Message": "the model stumbled"})
        expect(len(seen), 2)
        return
    raise AssertionError("the stream did not break")


def invoke_model(runtime):
    body = json.dumps({"inputText": "hello"})
    answer = runtime.invoke_model(modelId=TITAN, body=body)
    expect(json.loads(answer["body"].read())["results"][0]["outputText"], "Hello from the rule.")
    expect(answer["contentType"], "application/json")


def bedrock_error(runtime):
    try:
        runtime.converse(modelId="no.such-model", messages=user("hello"))
    except runtime.exceptions.ValidationException as error:
        expect(error.response["ResponseMetadata"]["HTTPStatusCode"], 400)
        return
    raise AssertionError("the model was accepted")


def write_and_read_logs(logs):
    stream = {"logGroupName": "conformance", "logStreamName": "python"}
    logs.create_log_group(logGroupName="conformance")
    logs.create_log_stream(**stream)
    events = [{"timestamp": START_MS + index, "message": text} for index, text in enumerate(MESSAGES)]
    logs.put_log_events(**stream, logEvents=events)
    read = logs.get_log_events(**stream, startFromHead=True)["events"]
    expect([{"timestamp": event["timestamp"], "message": event["message"]} for event in read], events)
    found = logs.filter_log_events(logGroupName="conformance", filterPattern="second")["events"]
    expect([event["message"] for event in found], MESSAGES[1:])


def logs_error(logs):
    try:
        logs.get_log_events(logGroupName="no-such-group", logStreamName="python")
    except logs.exceptions.ResourceNotFoundException as error:
        expect(error.response["Error"]["Code"], "ResourceNotFoundException")
        return
    raise AssertionError("the group was found")


def write_and_read_metric(cloudwatch):
    point = {"MetricName": "Latency", "Dimensions": DIMENSIONS, "Timestamp": START, "Unit": "Milliseconds"}
    data = [{**point, "Value": 1.5}, {**point, "Values": [2.5, 4.0], "Counts": [1.0, 2.0]}]
    cloudwatch.put_metric_data(Namespace="Conformance", MetricData=data)
    window = {"StartTime": START - timedelta(minutes=5), "EndTime": START + timedelta(minutes=5)}
    metric = {"Namespace": "Conformance", "MetricName": "Latency", "Dimensions": DIMENSIONS}
    (seen,) = cloudwatch.get_metric_statistics(
        **metric, **window, Period=60, Statistics=["Sum", "SampleCount", "Maximum"]
    )["Datapoints"]
    wanted = {"Timestamp": START, "Sum": 12.0, "SampleCount": 4.0, "Maximum": 4.0, "Unit": "Milliseconds"}
    expect(seen, wanted)
    queries = [{"Id": "total", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}]
    (result,) = cloudwatch.get_metric_data(MetricDataQueries=queries, **window)["MetricDataResults"]
    expect((result["Id"], result["Timestamps"], result["Values"]), ("total", [START], [12.0]))


def write_many(cloudwatch):
    point = {"MetricName": "Many", "Dimensions": DIMENSIONS, "Timestamp": START, "Value": 1.0}
    cloudwatch.put_metric_data(Namespace="Conformance", MetricData=[point] * MANY)
    (seen,) = cloudwatch.get_metric_statistics(
        Namespace="Conformance",
        MetricName="Many",
        Dimensions=DIMENSIONS,
        StartTime=START,
        EndTime=START + timedelta(minutes=1),
        Period=60,
        Statistics=["SampleCount"],
    )["Datapoints"]
    expect(seen["SampleCount"], MANY)


def metric_error(cloudwatch):
    try:
        cloudwatch.get_dashboard(DashboardName="no-such-dashboard")
    except cloudwatch.exceptions.ClientError as error:
        # Query's name of a DashboardNotFoundError, kept by the protocols that followed.
        expect(error.response["Error"]["Code"], "ResourceNotFound")
        expect(error.response["ResponseMetadata"]["HTTPStatusCode"], 404)
        expect(type(error).__name__ == "ClientError", False)
        return
    raise AssertionError("the dashboard was found")


def alarm(cloudwatch):
    cloudwatch.put_metric_alarm(
        AlarmName="slow",
        Namespace="Conformance",
        MetricName="Latency",
        Dimensions=DIMENSIONS,
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=2.25,
        ComparisonOperator="GreaterThanThreshold",
    )
    (seen,) = cloudwatch.describe_alarms(AlarmNames=["slow"])["MetricAlarms"]
    expect((seen["StateValue"], seen["Threshold"], seen["Dimensions"]), ("INSUFFICIENT_DATA", 2.25, DIMENSIONS))
    print("time?", flush=True)
    sys.stdin.readline()
    (seen,) = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    expect((seen["AlarmName"], seen["StateUpdatedTimestamp"] > START), ("slow", True))


def main():
    session = session_speaking(sys.argv[1] if len(sys.argv) > 1 else None)
    runtime, logs, cloudwatch = (session.client(name) for name in ("bedrock-runtime", "logs", "cloudwatch"))
    steps = {
        "converse": (converse, runtime),
        "tool": (tool, runtime),
        "converse-stream": (converse_stream, runtime),
        "stream-error": (stream_error, runtime),
        "invoke-model": (invoke_model, runtime),
        "bedrock-error": (bedrock_error, runtime),
        "logs": (write_and_read_logs, logs),
        "logs-error": (logs_error, logs),
        "metric": (write_and_read_metric, cloudwatch),
        "metric-compressed": (write_many, cloudwatch),
        "metric-error": (metric_error, cloudwatch),
        "alarm": (alarm, cloudwatch),
    }
    for name, (step, client) in steps.items():
        step(client)
        ok(name)


main()
