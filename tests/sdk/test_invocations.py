"""Bedrock's runtime through boto3: what is answered, how it streams, how it fails."""

import json
import time

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EventStreamError,
    ReadTimeoutError,
)
from emulator import CLAUDE, NO_RETRIES, NOVA, TITAN, code_of, message_of, text_of, user


def native_body(model, prompt):
    if model == TITAN:
        return {"inputText": prompt, "textGenerationConfig": {"maxTokenCount": 200}}
    if model == CLAUDE:
        return {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 200, "messages": [{"role": "user", "content": prompt}]}
    return {"messages": user(prompt), "inferenceConfig": {"maxTokens": 200}}


def native_text(model, body):
    if model == TITAN:
        return body["results"][0]["outputText"]
    if model == CLAUDE:
        return body["content"][0]["text"]
    return body["output"]["message"]["content"][0]["text"]


def chunk_text(model, chunk):
    if model == TITAN:
        return chunk.get("outputText", "")
    if model == CLAUDE:
        return chunk.get("delta", {}).get("text", "")
    return chunk.get("contentBlockDelta", {}).get("delta", {}).get("text", "")


def streamed_text(events):
    return "".join(event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event)


@pytest.mark.parametrize("model", [TITAN, CLAUDE, NOVA])
def test_converse_answers_with_a_message_its_end_and_its_tokens(runtime, model):
    answer = runtime.converse(modelId=model, messages=user("What is CloudWatch?"), inferenceConfig={"maxTokens": 64})
    assert answer["output"]["message"]["role"] == "assistant"
    assert text_of(answer)
    assert answer["stopReason"] in ("end_turn", "max_tokens")
    usage = answer["usage"]
    assert 0 < usage["outputTokens"] <= 64
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]
    assert answer["metrics"]["latencyMs"] >= 0


def test_the_same_call_gets_the_same_answer_and_another_prompt_another(runtime):
    first, second, other = (text_of(runtime.converse(modelId=NOVA, messages=user(prompt))) for prompt in ("a", "a", "b"))
    assert first == second
    assert first != other


@pytest.mark.parametrize("model", [TITAN, CLAUDE, NOVA])
def test_one_rule_is_answered_through_every_door(server, runtime, model):
    server.rule(id="refund", match={"prompt": "(?i)refund"}, respond={"text": "Refunds take five days, as ever."})
    prompt = "My REFUND?"
    texts = [
        text_of(runtime.converse(modelId=model, messages=user(prompt))),
        streamed_text(runtime.converse_stream(modelId=model, messages=user(prompt))["stream"]),
    ]
    body = json.dumps(native_body(model, prompt))
    texts.append(native_text(model, json.loads(runtime.invoke_model(modelId=model, body=body)["body"].read())))
    stream = runtime.invoke_model_with_response_stream(modelId=model, body=body)["body"]
    texts.append("".join(chunk_text(model, json.loads(event["chunk"]["bytes"])) for event in stream))
    assert texts == ["Refunds take five days, as ever."] * 4
    assert server.control("GET", "rules")["rules"][0]["hits"] == 4


def test_a_stream_has_its_events_in_bedrocks_order(runtime):
    stream = runtime.converse_stream(modelId=CLAUDE, messages=user("Tell me a story."), inferenceConfig={"maxTokens": 40})
    names = [next(iter(event)) for event in stream["stream"]]
    assert names[0] == "messageStart"
    assert names[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    assert set(names[1:-3]) == {"contentBlockDelta"}
    assert len(names) > 5


def test_a_stream_and_a_plain_answer_tell_the_same(runtime):
    call = {"modelId": CLAUDE, "messages": user("Tell me a story."), "inferenceConfig": {"maxTokens": 40}}
    answer = runtime.converse(**call)
    events = list(runtime.converse_stream(**call)["stream"])
    assert streamed_text(events) == text_of(answer)
    assert events[-1]["metadata"]["usage"] == answer["usage"]
    assert events[-2]["messageStop"]["stopReason"] == answer["stopReason"]


def test_a_rule_may_call_a_tool_plain_and_streamed(server, runtime):
    tool = {"toolSpec": {"name": "get_weather", "description": "x", "inputSchema": {"json": {"type": "object"}}}}
    server.rule(match={"tool": "get_weather"}, respond={"toolUse": [{"name": "get_weather", "input": {"city": "Oslo"}}]})
    call = {"modelId": CLAUDE, "messages": user("Weather?"), "toolConfig": {"tools": [tool]}}
    answer = runtime.converse(**call)
    use = next(block["toolUse"] for block in answer["output"]["message"]["content"] if "toolUse" in block)
    assert (use["name"], use["input"]) == ("get_weather", {"city": "Oslo"})
    assert answer["stopReason"] == "tool_use"

    events = list(runtime.converse_stream(**call)["stream"])
    start = next(event["contentBlockStart"]["start"] for event in events if "contentBlockStart" in event)
    assert start["toolUse"]["name"] == "get_weather"
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    assert json.loads("".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta)) == {"city": "Oslo"}


def test_an_answer_ends_at_max_tokens(runtime):
    answer = runtime.converse(modelId=NOVA, messages=user("A long story, please."), inferenceConfig={"maxTokens": 3})
    assert answer["stopReason"] == "max_tokens"
    assert answer["usage"]["outputTokens"] == 3


def test_while_the_clock_stands_a_latency_is_told_and_not_slept(server, runtime):
    server.rule(latency=60_000)
    assert runtime.converse(modelId=NOVA, messages=user("x"))["metrics"]["latencyMs"] == 60_000


@pytest.mark.options("--clock", "real")
def test_on_a_real_clock_a_latency_is_slept(server, runtime):
    server.rule(latency=300)
    begin = time.monotonic()
    assert runtime.converse(modelId=NOVA, messages=user("x"))["metrics"]["latencyMs"] == 300
    assert time.monotonic() - begin >= 0.3


def test_a_model_that_nobody_has_is_refused(runtime):
    with pytest.raises(ClientError) as error:
        runtime.converse(modelId="acme.nothing-v1", messages=user("x"))
    assert code_of(error) == "ValidationException"
    assert "model identifier is invalid" in message_of(error)


def test_limits_of_the_service_model_are_checked(runtime):
    with pytest.raises(ClientError) as error:
        runtime.converse(modelId=NOVA, messages=user("x"), inferenceConfig={"temperature": 7.0})
    assert code_of(error) == "ValidationException"
    assert "temperature" in message_of(error)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ThrottlingException", 429),
        ("ModelNotReadyException", 429),
        ("ModelTimeoutException", 408),
        ("ModelErrorException", 424),
        ("AccessDeniedException", 403),
        ("ResourceNotFoundException", 404),
        ("ServiceUnavailableException", 503),
        ("InternalServerException", 500),
    ],
)
def test_an_injected_error_is_the_one_that_the_sdk_knows(server, name, status):
    runtime = server.client("bedrock-runtime", **NO_RETRIES)
    server.rule(error={"name": name, "message": "as asked"})
    with pytest.raises(getattr(runtime.exceptions, name)) as error:
        runtime.converse(modelId=NOVA, messages=user("x"))
    assert message_of(error) == "as asked"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_boto3_retries_a_throttled_call_by_itself(server, runtime):
    server.rule(when={"calls": "1"}, error={"name": "ThrottlingException"})
    answer = runtime.converse(modelId=NOVA, messages=user("x"))
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1


def test_a_stream_may_fail_in_the_middle(server, runtime):
    server.rule(error={"name": "ModelStreamErrorException", "message": "broke", "afterChunks": 2})
    seen = []
    with pytest.raises(EventStreamError) as error:
        for event in runtime.converse_stream(modelId=NOVA, messages=user("x"))["stream"]:
            seen.append(next(iter(event)))
    assert seen.count("contentBlockDelta") == 2
    assert "broke" in str(error.value)
    assert code_of(error) == "modelStreamErrorException"


def test_an_error_that_the_stream_has_no_member_for_keeps_its_name(server, runtime):
    server.rule(error={"name": "ModelTimeoutException", "message": "too late", "afterChunks": 1})
    with pytest.raises(EventStreamError) as error:
        list(runtime.converse_stream(modelId=NOVA, messages=user("x"))["stream"])
    assert error.value.response["Error"] == {"Code": "ModelTimeoutException", "Message": "too late"}
    (call,) = server.control("GET", "calls?operation=ConverseStream")["calls"]
    assert call["error"] == {"code": "ModelTimeoutException", "message": "too late"}


def test_a_connection_may_be_reset(server):
    runtime = server.client("bedrock-runtime", **NO_RETRIES)
    server.rule(error={"connection": "reset"})
    with pytest.raises(ConnectionClosedError):
        runtime.converse(modelId=NOVA, messages=user("x"))


def test_a_connection_may_hang_until_the_client_gives_up(server):
    runtime = server.client("bedrock-runtime", read_timeout=0.3, **NO_RETRIES)
    server.rule(id="hang", error={"connection": "hang"})
    with pytest.raises(ReadTimeoutError):
        runtime.converse(modelId=NOVA, messages=user("x"))
    server.control("DELETE", "rules/hang")
    assert text_of(runtime.converse(modelId=NOVA, messages=user("x")))


def test_a_stream_may_be_cut(server, runtime):
    server.rule(error={"connection": "truncate", "afterChunks": 1})
    with pytest.raises(Exception) as error:
        list(runtime.converse_stream(modelId=NOVA, messages=user("x"))["stream"])
    assert not isinstance(error.value, AssertionError)


def test_a_titan_embedding_is_a_unit_vector_of_the_text(runtime):
    def embed(text):
        body = json.dumps({"inputText": text, "dimensions": 256})
        return json.loads(runtime.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body)["body"].read())

    one, same, other = embed("a"), embed("a"), embed("b")
    assert len(one["embedding"]) == 256
    assert abs(sum(x * x for x in one["embedding"]) - 1) < 1e-6
    assert one == same
    assert one["embedding"] != other["embedding"]


def test_a_native_body_that_is_none_is_refused(runtime):
    with pytest.raises(ClientError) as error:
        runtime.invoke_model(modelId=TITAN, body="{")
    assert code_of(error) == "ValidationException"


def test_models_are_listed(server):
    bedrock = server.client("bedrock")
    models = {model["modelId"] for model in bedrock.list_foundation_models()["modelSummaries"]}
    assert {TITAN, CLAUDE, NOVA} <= models
    assert bedrock.get_foundation_model(modelIdentifier=TITAN)["modelDetails"]["providerName"] == "Amazon"
