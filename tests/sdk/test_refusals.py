"""What the front refuses by itself is an error that each client understands, in the client's own protocol."""

import gzip
import http.client
import json
import random
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from emulator import NO_RETRIES, NOVA, ControlError, user

SMALL = ("--max-body", "2000")
LONG = "x" * 100_000


def converse(server):
    server.client("bedrock-runtime", **NO_RETRIES).converse(modelId=NOVA, messages=user(LONG))


def put_log_events(server):
    server.client("logs", **NO_RETRIES).put_log_events(
        logGroupName="g", logStreamName="s", logEvents=[{"timestamp": 1, "message": LONG}]
    )


def publish(server):
    server.client("sns", **NO_RETRIES).publish(TopicArn="arn:aws:sns:us-east-1:000000000000:t", Message=LONG)


def send_message(server):
    server.client("sqs", **NO_RETRIES).send_message(QueueUrl=f"{server.url}/000000000000/q", MessageBody=LONG)


def put_dashboard(server):
    server.client("cloudwatch", **NO_RETRIES).put_dashboard(DashboardName="d", DashboardBody=LONG)


def put_object(server):
    server.client("s3", **NO_RETRIES).put_object(Bucket="bucket", Key="key", Body=LONG.encode())


JSON_CODE = "RequestEntityTooLargeException"
CALLS = [
    (converse, JSON_CODE),
    (put_log_events, JSON_CODE),
    (send_message, JSON_CODE),
    (put_dashboard, JSON_CODE),
    (publish, "RequestEntityTooLarge"),
    (put_object, "EntityTooLarge"),
]


@pytest.mark.options(*SMALL)
@pytest.mark.parametrize(("call", "code"), CALLS, ids=lambda value: getattr(value, "__name__", None))
def test_a_body_that_is_too_long_is_an_error_of_the_service(server, call, code):
    with pytest.raises(ClientError) as refused:
        call(server)
    assert refused.value.response["Error"]["Code"] == code
    assert "--max-body" in refused.value.response["Error"]["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


@pytest.mark.options(*SMALL)
def test_a_body_that_is_too_long_is_an_error_of_the_control_api(server):
    with pytest.raises(ControlError) as refused:
        server.rule(respond={"text": LONG})
    assert refused.value.status == 413
    assert "--max-body" in refused.value.error["message"]


def ask(server, method, path, body=None, headers=()):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIST_TOPICS = b"Action=ListTopics&Version=2010-03-31"
BROKEN_BODIES = {
    "a chunk without a size": ({"Transfer-Encoding": "chunked"}, b"zz\r\n", 400),
    "a coding that is not known": ({"Content-Encoding": "br"}, LIST_TOPICS, 415),
    "gzip that is none": ({"Content-Encoding": "gzip"}, LIST_TOPICS, 400),
    "a gzip bomb": ({"Content-Encoding": "gzip"}, gzip.compress(b"a" * (64 << 20), 9), 413),
    "a body that is too long": ({}, LIST_TOPICS + b"&Nothing=" + LONG.encode(), 413),
}


@pytest.mark.options("--max-body", "90000")
@pytest.mark.parametrize(("headers", "body", "status"), BROKEN_BODIES.values(), ids=BROKEN_BODIES.keys())
def test_a_form_that_cannot_be_read_is_refused_for_its_body_though_it_names_no_service(server, headers, body, status):
    refused, answer, told = ask(server, "POST", "/", body, {**FORM, **headers})
    assert refused == status
    assert answer["x-amzn-ErrorType"] not in ("", "UnknownOperationException")
    assert json.loads(told)["__type"] == answer["x-amzn-ErrorType"]
    unknown, answer, _ = ask(server, "POST", "/", b"Colour=blue", FORM)
    assert (unknown, answer["x-amzn-ErrorType"]) == (404, "UnknownOperationException")


def test_a_foreign_host_is_refused_in_the_callers_protocol(server):
    scope = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
    host = {"Host": "evil.example.com"}
    status, headers, body = ask(server, "POST", "/", b"Action=ListTopics", {**host, "Authorization": scope.format("sns")})
    assert (status, headers["Content-Type"]) == (403, "text/xml")
    assert b"<Code>AccessDenied</Code>" in body and b"--host-name" in body
    status, headers, body = ask(server, "GET", "/bucket/key", None, {**host, "Authorization": scope.format("s3")})
    assert (status, headers["Content-Type"]) == (403, "application/xml")
    status, headers, body = ask(server, "GET", "/_rockwatch/clock", None, host)
    assert status == 403
    assert json.loads(body)["error"]["code"] == "Forbidden"


def test_the_root_answers_those_who_only_look(server):
    status, headers, body = ask(server, "GET", "/", None, {"Accept": "text/html,*/*"})
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"AWS_ENDPOINT_URL" in body
    head_status, head, nothing = ask(server, "HEAD", "/")
    assert (head_status, head["Content-Length"], nothing) == (200, str(len(body)), b"")
    status, _, body = ask(server, "BREW", "/")
    assert status == 400
    assert "GET, HEAD, POST" in json.loads(body)["message"]


def test_gzip_is_taken_off_what_is_for_a_service_and_other_codings_are_not_known(server):
    body = gzip.compress(json.dumps({"logGroupName": "packed"}).encode())
    target = {"X-Amz-Target": "Logs_20140328.CreateLogGroup", "Content-Type": "application/x-amz-json-1.1"}
    status, _, _ = ask(server, "POST", "/", body, {**target, "Content-Encoding": "gzip"})
    assert status == 200
    groups = server.client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["packed"]
    status, headers, answer = ask(server, "POST", "/", b"x", {**target, "Content-Encoding": "br"})
    assert (status, headers["x-amzn-ErrorType"]) == (415, "UnsupportedMediaTypeException")
    status, _, _ = ask(server, "POST", "/", body[:-9], {**target, "Content-Encoding": "gzip"})
    assert status == 400
    bomb = gzip.compress(b"\0" * (64 << 20), 9)
    status, headers, answer = ask(server, "POST", "/", bomb, {**target, "Content-Encoding": "gzip"})
    assert (status, headers["x-amzn-ErrorType"]) == (413, JSON_CODE)


def test_a_document_of_too_many_values_takes_little_more_memory_than_its_bytes(server):
    def peak_bytes():
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) << 10

    target = {"X-Amz-Target": "Logs_20140328.CreateLogGroup", "Content-Type": "application/x-amz-json-1.1"}
    body = b"[" + b"1," * (16 << 20) + b"1]"
    before = peak_bytes()
    status, headers, answer = ask(server, "POST", "/", body, target)
    assert (status, headers["x-amzn-ErrorType"]) == (400, "SerializationException")
    assert b"more than 1000000 values" in answer
    assert peak_bytes() - before < 5 * len(body)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_metric_data_of_more_than_a_megabyte_is_refused(server, packed):
    cloudwatch = server.client("cloudwatch", **NO_RETRIES, disable_request_compression=not packed)
    luck = random.Random(1)
    data = [
        {"MetricName": "m", "Value": 1, "Dimensions": [{"Name": "d", "Value": luck.randbytes(500).hex()}]}
        for _ in range(1000)
    ]
    cloudwatch.put_metric_data(Namespace="N", MetricData=data[:850])  # 0.9 MB
    with pytest.raises(ClientError) as refused:
        cloudwatch.put_metric_data(Namespace="N", MetricData=data)  # 1.1 MB
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert refused.value.response["Error"]["Code"] == JSON_CODE
    assert "exceeded 1048576 bytes" in refused.value.response["Error"]["Message"]
