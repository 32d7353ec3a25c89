"""Quotas through boto3: who is throttled, what tells of it, and when it ends."""

import json
import signal

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from emulator import CLAUDE, NO_RETRIES, NOVA, TITAN, ControlError, code_of, message_of, user

REQUESTS = "Too many requests, please wait before trying again."
TOKENS = "Too many tokens, please wait before trying again."
CLAUDE_BODY = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}


def put(server, *quotas):
    return server.control("PUT", "quotas", {"quotas": list(quotas)})


def throttled(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert code_of(error) == "ThrottlingException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    return message_of(error)


def sums(server, name, model=CLAUDE):
    """The metric's sum over the last hour of the emulator's time."""
    answer = server.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Bedrock",
        MetricName=name,
        Dimensions=[{"Name": "ModelId", "Value": model}],
        StartTime="2026-01-01T00:00:00Z",
        EndTime="2026-01-01T01:00:00Z",
        Period=3600,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in answer["Datapoints"])


@pytest.fixture
def once(server):
    """The runtime, through a client that does not try again."""
    return server.client("bedrock-runtime", **NO_RETRIES)


def test_the_61st_call_of_a_minute_is_throttled_told_everywhere_and_served_a_minute_later(server, once, logging_on):
    put(server, {"modelId": "anthropic.*", "requestsPerMinute": 60})
    for _ in range(60):
        once.converse(modelId=CLAUDE, messages=user("hi"))
    assert throttled(once.converse, modelId=CLAUDE, messages=user("hi")) == REQUESTS
    once.converse(modelId=TITAN, messages=user("hi"))

    calls = server.control("GET", f"calls?modelId={CLAUDE}&status=429")["calls"]
    assert [call["error"]["code"] for call in calls] == ["ThrottlingException"]
    assert calls[0]["rules"] == []
    assert sums(server, "InvocationThrottles") == 1
    assert sums(server, "Invocations") == 60
    assert sums(server, "InvocationClientErrors") == 0
    assert [record["errorCode"] for record in logging_on() if "errorCode" in record] == ["ThrottlingException"]

    server.advance(59.999)
    assert throttled(once.converse, modelId=CLAUDE, messages=user("hi")) == REQUESTS
    server.advance(0.001)
    once.converse(modelId=CLAUDE, messages=user("hi"))


@pytest.mark.parametrize("operation", ["converse", "converse_stream", "invoke_model", "invoke_model_with_response_stream"])
def test_every_operation_is_counted_and_throttled_before_it_answers(server, once, operation):
    put(server, {"modelId": CLAUDE, "requestsPerMinute": 1})
    native = operation.startswith("invoke")
    arguments = {"body": json.dumps(CLAUDE_BODY)} if native else {"messages": user("hi")}
    answer = getattr(once, operation)(modelId=CLAUDE, **arguments)
    if "stream" in operation:
        list(answer["body" if native else "stream"])
    assert throttled(getattr(once, operation), modelId=CLAUDE, **arguments) == REQUESTS


def test_tokens_are_reserved_and_then_settled_to_what_was_burned(server, once):
    put(server, {"modelId": NOVA, "tokensPerMinute": 1000})
    server.rule(respond={"text": "ok", "usage": {"inputTokens": 10, "outputTokens": 90}})
    too_much = {"modelId": NOVA, "messages": user("four"), "inferenceConfig": {"maxTokens": 1000}}
    assert throttled(once.converse, **too_much) == TOKENS
    fitting = {**too_much, "inferenceConfig": {"maxTokens": 99}}
    for number in range(9):  # 100 each
        if number % 2:
            list(once.converse_stream(**fitting)["stream"])
        else:
            once.converse(**fitting)
    once.converse(**fitting)
    assert throttled(once.converse_stream, **fitting) == TOKENS
    assert sums(server, "EstimatedTPMQuotaUsage", NOVA) == 1000
    assert sums(server, "InvocationThrottles", NOVA) == 2
    server.advance(60)
    once.converse(**fitting)


def test_two_accounts_and_two_regions_do_not_share(server):
    put(server, {"requestsPerMinute": 1})

    def client(account, region="us-east-1"):
        session = boto3.Session(aws_access_key_id=account, aws_secret_access_key="x", region_name=region)
        return session.client("bedrock-runtime", endpoint_url=server.url, config=Config(**NO_RETRIES))

    for runtime in (client("111111111111"), client("222222222222"), client("111111111111", "eu-west-1")):
        runtime.converse(modelId=CLAUDE, messages=user("hi"))
        assert throttled(runtime.converse, modelId=CLAUDE, messages=user("hi")) == REQUESTS


def test_a_client_with_its_default_retries_gets_through_when_the_minute_has_passed(server, runtime):
    put(server, {"requestsPerMinute": 1})
    runtime.converse(modelId=CLAUDE, messages=user("hi"))
    throttled(runtime.converse, modelId=CLAUDE, messages=user("hi"))
    assert len(server.control("GET", "calls?status=429")["calls"]) > 1  # each attempt is a call of its own
    server.advance(60)
    runtime.converse(modelId=CLAUDE, messages=user("hi"))


def test_a_clock_that_goes_back_locks_nobody_out(server, once):
    put(server, {"requestsPerMinute": 1})
    once.converse(modelId=CLAUDE, messages=user("hi"))
    throttled(once.converse, modelId=CLAUDE, messages=user("hi"))
    server.control("PUT", "clock", {"mode": "frozen", "now": "2025-06-01T00:00:00Z", "force": True})
    once.converse(modelId=CLAUDE, messages=user("hi"))
    throttled(once.converse, modelId=CLAUDE, messages=user("hi"))


def test_quotas_survive_a_restart_and_a_killed_server_and_a_reset_empties_them(server):
    quotas = {"quotas": [{"modelId": "anthropic.*", "requestsPerMinute": 1, "account": "000000000000"}]}
    assert server.control("PUT", "quotas", quotas) == quotas
    server.restart()
    assert server.control("GET", "quotas") == quotas
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(timeout=20)
    server.start()
    assert server.control("GET", "quotas") == quotas
    once = server.client("bedrock-runtime", **NO_RETRIES)
    once.converse(modelId=CLAUDE, messages=user("hi"))
    throttled(once.converse, modelId=CLAUDE, messages=user("hi"))
    server.control("POST", "reset")
    assert server.control("GET", "quotas") == {"quotas": []}
    for _ in range(3):
        once.converse(modelId=CLAUDE, messages=user("hi"))


def test_wrong_quotas_are_refused_with_their_place(server):
    with pytest.raises(ControlError) as error:
        put(server, {"requestsPerMinute": 60}, {"modelId": "anthropic.*", "tokensPerMinute": 0})
    assert (error.value.status, error.value.error["code"]) == (400, "InvalidQuota")
    assert error.value.error["path"] == "/quotas/1/tokensPerMinute"
    assert server.control("GET", "quotas") == {"quotas": []}
