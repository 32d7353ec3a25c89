"""The course's tour of Bedrock and CloudWatch, against an emulator that runs already.

    pip install boto3  # in a virtual environment; 1.34.116 or later
    AWS_ENDPOINT_URL=http://127.0.0.1:4566 python tour.py [--clock frozen]

Each step prints what it does and what it sees; the first surprise ends the program with exit code 1. The clock is in the
end as it was.
"""

import argparse
import http.server
import json
import os
import sys
import threading
import time
import urllib.request
from datetime import datetime, timedelta

import boto3
from botocore.exceptions import ClientError

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
MODEL = "amazon.titan-text-express-v1"
SPIKE_MS = 8000
CALM_BELOW_MS = 5000


class Surprise(Exception):
    """The emulator, or AWS, did not do what the tour says it does."""


def step(text):
    print(f"\n== {text}")


def see(what, value=""):
    print(f"   {what} {value}".rstrip())


def expect(holds, what):
    if not holds:
        raise Surprise(what)


def client(service):
    credentials = {}
    if "AWS_ACCESS_KEY_ID" not in os.environ:
        credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return boto3.client(service, endpoint_url=ENDPOINT, region_name=region, **credentials)


def control(method, path, body=None):
    """Rockwatch's own API, beside the AWS ones on the same port."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{ENDPOINT}/_rockwatch/{path}", data, {"Content-Type": "application/json"})
    request.method = method
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Webhook:
    """An on-call system on this machine: an HTTP server that keeps what SNS posts to it."""

    def __init__(self):
        self.messages = messages = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                messages.append(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/oncall"

    def wait_for(self, holds, what):
        return wait_for(lambda: next((message for message in self.messages if holds(message)), None), what)


def wait_for(look, what, seconds=10):
    """What `look` finds. Deliveries cross a socket, so they may take a moment of real time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None:
            return found
        expect(time.monotonic() < deadline, f"{what}: nothing after {seconds} s")
        time.sleep(0.01)


class Tour:
    def __init__(self, clock):
        self.clock = clock
        self.bedrock, self.runtime = client("bedrock"), client("bedrock-runtime")
        self.logs, self.cloudwatch = client("logs"), client("cloudwatch")
        self.iam, self.sns, self.sqs = client("iam"), client("sns"), client("sqs")
        self.name = f"tour-{os.getpid()}-{int(time.time())}"
        self.group = f"/{self.name}/bedrock"
        self.account = client("sts").get_caller_identity()["Account"]
        self.region = self.bedrock.meta.region_name
        self.role_arn = f"arn:aws:iam::{self.account}:role/{self.name}"
        self.webhook = Webhook()
        self.begin = self.now()

    def logging(self, **switches):
        destination = {"logGroupName": self.group, "roleArn": self.role_arn}
        self.bedrock.put_model_invocation_logging_configuration(
            loggingConfig={"cloudWatchConfig": destination, **switches}
        )

    def converse(self, prompt):
        return self.runtime.converse(
            modelId=MODEL,
            messages=[{"role": "user", "content": [{"text": prompt}]}],
            inferenceConfig={"maxTokens": 128, "temperature": 0.5},
        )

    def now(self):
        return datetime.fromisoformat(control("GET", "clock")["now"].replace("Z", "+00:00"))

    def advance(self, seconds):
        return control("POST", "clock/advance", {"seconds": seconds})

    def records(self):
        events = self.logs.get_log_events(
            logGroupName=self.group, logStreamName="aws/bedrock/modelinvocations", startFromHead=True
        )
        return [event["message"] for event in events["events"]]

    def state(self):
        return self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]["StateValue"]

    def begin_in_an_empty_minute(self):
        """Calls of this minute, and of a tour before the clock was put back, must not get among ours."""
        points = self.cloudwatch.get_metric_statistics(
            Namespace="AWS/Bedrock",
            MetricName="InvocationLatency",
            Dimensions=[{"Name": "ModelId", "Value": MODEL}],
            StartTime=self.begin,
            EndTime=self.begin + timedelta(hours=1),
            Period=60,
            Statistics=["SampleCount"],
        )["Datapoints"]
        if points:
            empty = max(point["Timestamp"] for point in points) + timedelta(minutes=1)
            control("POST", "clock/advance", {"to": empty.strftime("%Y-%m-%dT%H:%M:%SZ")})
            self.begin = self.now()

    # -- the steps ------------------------------------------------------------------------------------------

    def refused_without_group(self):
        step("1. Invocation logging into a log group that does not exist is refused")
        try:
            self.logging()
        except ClientError as error:
            see(error.response["Error"]["Code"] + ":", error.response["Error"]["Message"])
            expect(error.response["Error"]["Code"] == "ValidationException", "the code is ValidationException")
            expect(
                f"Failed to validate permissions for log group: {self.group}, with role: {self.role_arn}. "
                "Verify the IAM role permissions are correct." in error.response["Error"]["Message"],
                "AWS's own sentence",
            )
            expect("The specified log group does not exist." in str(error), "the cause in a sentence")
            return
        raise Surprise("the configuration was accepted without its log group")

    def set_logging_up(self):
        step("2. With the log group and a role that Bedrock may use, it is accepted")
        self.logs.create_log_group(logGroupName=self.group)
        self.logs.put_retention_policy(logGroupName=self.group, retentionInDays=30)
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "bedrock.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": self.account}},
        }
        self.iam.create_role(
            RoleName=self.name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        group_arn = f"arn:aws:logs:{self.region}:{self.account}:log-group:{self.group}"
        write = {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{group_arn}:log-stream:aws/bedrock/modelinvocations",
        }
        self.iam.put_role_policy(
            RoleName=self.name,
            PolicyName="write-invocation-log",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [write]}),
        )
        self.logging()
        stored = self.bedrock.get_model_invocation_logging_configuration()["loggingConfig"]
        see("logging goes to", stored["cloudWatchConfig"]["logGroupName"])
        expect(stored["cloudWatchConfig"]["logGroupName"] == self.group, "the configuration reads back")

    def chat(self):
        step(f"3. {MODEL} answers")
        answer = self.converse("What is CloudWatch?")
        see("it says:", answer["output"]["message"]["content"][0]["text"][:90] + " ...")
        see("tokens:", answer["usage"])
        expect(answer["stopReason"] in ("end_turn", "max_tokens"), "the answer ends")
        return answer

    def read_record(self, answer):
        step("4. The log stream has the permission check and the record of that call")
        probe, record = self.records()[:2]
        see("first:", probe)
        expect(probe == "Permissions are correctly set for Amazon Bedrock logs.", "the permission check comes first")
        record = json.loads(record)
        for field in ("timestamp", "operation", "modelId", "region", "requestId"):
            see(f"{field}:", record[field])
        see("user:", record["input"]["inputBodyJson"]["messages"][0]["content"][0]["text"])
        see("inference configuration:", record["input"]["inputBodyJson"]["inferenceConfig"])
        body = record["output"]["outputBodyJson"]
        see("assistant:", body["output"]["message"]["content"][0]["text"][:60] + " ...")
        see("latency:", f"{body['metrics']['latencyMs']} ms, tokens: {body['usage']['totalTokens']}")
        expect(record["schemaType"] == "ModelInvocationLog", "the schema is named")
        expect(record["modelId"] == MODEL and record["operation"] == "Converse", "the call is told")
        expect(record["region"] == self.region, "the region is told")
        expect(record["requestId"] == answer["ResponseMetadata"]["RequestId"], "the request id is the answer's")
        expect(record["input"]["inputTokenCount"] == answer["usage"]["inputTokens"], "input tokens agree")
        expect(record["output"]["outputTokenCount"] == answer["usage"]["outputTokens"], "output tokens agree")
        expect(body["output"] == answer["output"], "the answer is in the record")

    def slow_down(self):
        step("   A rule makes the model take 4,038 ms; answer and record tell it")
        rule = {"id": f"{self.name}-slow", "match": {"modelId": "amazon.titan-*"}, "latency": 4038}
        control("POST", "rules", rule)
        begin = time.monotonic()
        answer = self.converse("Take your time.")
        see("the answer says:", f"{answer['metrics']['latencyMs']} ms, it took {time.monotonic() - begin:.2f} s")
        control("DELETE", f"rules/{rule['id']}")
        expect(answer["metrics"]["latencyMs"] == 4038, "the latency is the rule's")
        expect(self.clock == "frozen" or time.monotonic() - begin >= 4.038, "on a real clock it is really waited for")
        record = json.loads(self.records()[-1])
        expect(record["output"]["outputBodyJson"]["metrics"]["latencyMs"] == 4038, "the record has the latency")

    def switch_bodies_off(self):
        step("5. With text delivery switched off, records keep their figures and leave the bodies out")
        self.logging(textDataDeliveryEnabled=False)
        self.converse("This stays between us.")
        record = json.loads(self.records()[-1])
        see("the record's input:", record["input"])
        expect("inputBodyJson" not in record["input"], "no input body")
        expect("outputBodyJson" not in record["output"], "no output body")
        expect(record["output"]["outputTokenCount"] > 0, "the tokens are still counted")
        self.logging()

    def look_at_metrics(self):
        step("6. AWS/Bedrock has the calls, by model and across all models")
        start, end = self.begin, self.now() + timedelta(minutes=1)

        def query(identity, name, statistic, dimensions):
            metric = {"Namespace": "AWS/Bedrock", "MetricName": name, "Dimensions": dimensions}
            return {"Id": identity, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}}

        model = [{"Name": "ModelId", "Value": MODEL}]
        results = self.cloudwatch.get_metric_data(
            StartTime=start,
            EndTime=end,
            MetricDataQueries=[
                query("calls", "Invocations", "Sum", model),
                query("all_calls", "Invocations", "Sum", []),
                query("slowest", "InvocationLatency", "Maximum", model),
                query("tokens", "OutputTokenCount", "Sum", model),
            ],
        )["MetricDataResults"]
        values = {result["Id"]: result["Values"] for result in results}
        see("invocations a minute:", values["calls"])
        see("slowest:", f"{max(values['slowest'])} ms")
        see("output tokens a minute:", values["tokens"])
        expect(sum(values["calls"]) >= 3, "three calls are counted")
        expect(sum(values["all_calls"]) >= sum(values["calls"]), "and across all models")
        expect(max(values["slowest"]) == 4038, "the slow call is the maximum")
        expect(sum(values["tokens"]) > 0, "tokens are counted")
        points = self.cloudwatch.get_metric_statistics(
            Namespace="AWS/Bedrock",
            MetricName="InvocationLatency",
            Dimensions=model,
            StartTime=start,
            EndTime=end,
            Period=60,
            Statistics=["Average", "SampleCount"],
        )["Datapoints"]
        see("average latency a minute:", [round(point["Average"]) for point in points])
        expect(sum(point["SampleCount"] for point in points) == sum(values["calls"]), "a latency for each call")

    def set_alarm(self):
        step("7. An alarm on the latency tells an SNS topic, and that a queue and a webhook")
        topic = self.sns.create_topic(Name=self.name)["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": attributes["QueueArn"],
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self.sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": policy})
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])
        self.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=self.webhook.url)
        asked = self.webhook.wait_for(
            lambda message: message["Type"] == "SubscriptionConfirmation", "the webhook is asked to confirm"
        )
        self.sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
        see("the webhook confirmed its subscription to", topic)
        self.cloudwatch.put_metric_alarm(
            AlarmName=self.name,
            Namespace="AWS/Bedrock",
            MetricName="InvocationLatency",
            Dimensions=[{"Name": "ModelId", "Value": MODEL}],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=2,
            DatapointsToAlarm=2,
            Threshold=CALM_BELOW_MS,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[topic],
            OKActions=[topic],
        )
        see("the alarm fires when the average is over", f"{CALM_BELOW_MS} ms in two consecutive minutes")

    def minutes_until(self, state):
        """Calls the model and turns the clock minute by minute until the alarm is in `state`."""
        for minute in range(1, 6):
            self.converse("Are you there?")
            for change in self.advance(60)["transitions"]:
                if change["alarm"] == self.name:
                    see(f"minute {minute}: {change['from']} -> {change['to']}:", change["reason"])
            if self.state() == state:
                return
        raise Surprise(f"the alarm is not {state} after five minutes")

    def message_of(self, state):
        """The alarm's message about `state`, from the queue and from the webhook."""

        def tells(notification):
            return notification["Type"] == "Notification" and json.loads(notification["Message"])["NewStateValue"] == state

        def look_into_queue():
            for message in self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                if tells(json.loads(message["Body"])):
                    return json.loads(message["Body"])
            return None

        queued = wait_for(look_into_queue, f"the message about {state} in the queue")
        posted = self.webhook.wait_for(
            lambda notification: notification.get("MessageId") == queued["MessageId"],
            f"the message about {state} at the webhook",
        )
        see("queue and webhook got:", posted["Subject"])
        expect(queued["Message"] == posted["Message"], "both got the same message")
        expect(json.loads(posted["Message"])["AlarmName"] == self.name, "it names the alarm")

    def spike_and_recover(self):
        self.minutes_until("OK")
        step(f"   The latency spikes to {SPIKE_MS} ms")
        rule = {
            "id": f"{self.name}-spike",
            "match": {"modelId": MODEL},
            "latency": {"ms": SPIKE_MS, "sleep": False},  # reported, but nobody has to wait for it
        }
        control("POST", "rules", rule)
        self.minutes_until("ALARM")
        self.message_of("ALARM")
        step("   The latency recovers")
        control("DELETE", f"rules/{rule['id']}")
        self.minutes_until("OK")
        self.message_of("OK")
        history = self.cloudwatch.describe_alarm_history(
            AlarmName=self.name, HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
        )["AlarmHistoryItems"]
        for item in history:
            see(item["HistorySummary"])
        expect(len(history) >= 3, "the history has each change of state")

    def keep_dashboard(self):
        step("   A dashboard is stored and read back")
        widget = {
            "type": "metric",
            "x": 0,
            "y": 0,
            "width": 12,
            "height": 6,
            "properties": {
                "title": "Latency",
                "region": self.region,
                "stat": "Average",
                "period": 60,
                "metrics": [["AWS/Bedrock", "InvocationLatency", "ModelId", MODEL]],
            },
        }
        body = json.dumps({"widgets": [widget]})
        problems = self.cloudwatch.put_dashboard(DashboardName=self.name, DashboardBody=body)
        expect(not problems.get("DashboardValidationMessages"), "the dashboard is valid")
        stored = self.cloudwatch.get_dashboard(DashboardName=self.name)["DashboardBody"]
        expect(json.loads(stored) == json.loads(body), "the dashboard reads back")
        see("stored as", self.name)

    def run(self):
        self.begin_in_an_empty_minute()
        self.refused_without_group()
        self.set_logging_up()
        self.read_record(self.chat())
        self.slow_down()
        self.switch_bodies_off()
        self.look_at_metrics()
        self.set_alarm()
        self.spike_and_recover()
        self.keep_dashboard()


def put_clock_back(found):
    """A clock that had been moved goes on from where the tour leaves it: it must not go backwards."""
    if found["mode"] == "real" and abs(found["offsetMs"]) < 1000:
        control("POST", "reset", {"scopes": ["clock"]})
    elif found["mode"] == "scaled":
        control("PUT", "clock", {"mode": "scaled", "speed": found["speed"]})
    else:
        control("PUT", "clock", {"mode": found["mode"]})


def main():
    parser = argparse.ArgumentParser(description="The course's tour of Bedrock and CloudWatch.")
    parser.add_argument("--clock", choices=["real", "frozen"], default="real", help="which clock the emulator runs on")
    clock = parser.parse_args().clock
    found = control("GET", "clock")
    control("PUT", "clock", {"mode": clock})
    try:
        Tour(clock).run()
    except Surprise as surprise:
        print(f"\nSurprise: expected this and saw something else: {surprise}", file=sys.stderr)
        return 1
    finally:
        put_clock_back(found)
    print("\nThe tour is over; everything was as it should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
