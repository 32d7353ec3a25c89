"""Rules through boto3: each fault on each of the four operations, answers of every kind, files for editors."""

import base64
import json
from pathlib import Path

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EventStreamError,
    HTTPClientError,
    ReadTimeoutError,
)
from emulator import CLAUDE, NO_RETRIES, ControlError, code_of, message_of, text_of, user

OPERATIONS = ["converse", "converse_stream", "invoke_model", "invoke_model_with_response_stream"]
STREAMS = [operation for operation in OPERATIONS if "stream" in operation]
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def call(runtime, operation, prompt="hi"):
    """Makes the call and reads the answer to its end: the bytes of a native body, or what Converse answers, or the
    events of a stream."""
    if operation.startswith("converse"):
        answer = getattr(runtime, operation)(modelId=CLAUDE, messages=user(prompt))
        return list(answer["stream"]) if "stream" in answer else answer
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 200, "messages": [{"role": "user", "content": prompt}]}
    answer = getattr(runtime, operation)(modelId=CLAUDE, body=json.dumps(body))
    return list(answer["body"]) if "stream" in operation else answer["body"].read()


@pytest.fixture
def once(server):
    return server.client("bedrock-runtime", read_timeout=1, **NO_RETRIES)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_error_has_its_name_message_and_status_on_every_operation(server, once, operation):
    server.rule(id="own", error={"name": "ServiceUnavailableException", "message": "Try later.", "status": 529})
    server.rule(id="usual", when={"calls": "1"}, error={"name": "ModelTimeoutException"})
    with pytest.raises(once.exceptions.ModelTimeoutException) as usual:
        call(once, operation)
    assert usual.value.response["ResponseMetadata"]["HTTPStatusCode"] == 408
    with pytest.raises(ClientError) as own:
        call(once, operation)
    assert (code_of(own), message_of(own)) == ("ServiceUnavailableException", "Try later.")
    assert own.value.response["ResponseMetadata"]["HTTPStatusCode"] == 529


@pytest.mark.parametrize("operation", STREAMS)
@pytest.mark.parametrize("place", [{"afterChunks": 2}, {"afterMs": 15}])
def test_an_error_within_a_stream_comes_behind_what_was_sent(server, once, operation, place):
    server.rule(
        error={"name": "ThrottlingException", **place},
        respond={"text": "one two three four"},
        stream={"firstTokenMs": 10, "interTokenMs": 4, "tokensPerChunk": 1},
    )
    if operation == "converse_stream":
        stream = once.converse_stream(modelId=CLAUDE, messages=user("hi"))["stream"]
    else:
        body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
        stream = once.invoke_model_with_response_stream(modelId=CLAUDE, body=json.dumps(body))["body"]
    texts = []
    with pytest.raises(EventStreamError) as error:
        for event in stream:
            delta = event.get("contentBlockDelta") or (json.loads(event["chunk"]["bytes"]) if "chunk" in event else {})
            if "text" in delta.get("delta", {}):
                texts.append(delta["delta"]["text"])
    assert code_of(error) == "throttlingException"
    assert len(texts) == 2


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("connection", ["reset", "hang", "truncate"])
def test_a_connection_breaks_on_every_operation(server, once, operation, connection):
    server.rule(id="broken", error={"connection": connection}, respond={"text": "x" * 400})
    expected = {"reset": ConnectionClosedError, "hang": ReadTimeoutError, "truncate": Exception}[connection]
    with pytest.raises(expected) as error:
        call(once, operation)
    assert not isinstance(error.value, ClientError)
    if connection == "truncate":
        # botocore's own error for a body, urllib3's for a stream.
        assert isinstance(error.value, HTTPClientError) or any(sign in repr(error.value) for sign in ("IncompleteRead", "prematurely"))
    assert server.control("GET", "rules")["rules"][0]["hits"] == 1


def test_converse_gives_an_sdk_images_and_redacted_reasoning_as_bytes(server, runtime):
    content = [
        {"reasoningContent": {"redactedContent": base64.b64encode(b"secret").decode()}},
        {"text": "Here it is."},
        {"image": {"format": "png", "source": {"bytes": base64.b64encode(b"\x89PNG").decode()}}},
    ]
    server.rule(respond={"content": content})
    blocks = runtime.converse(modelId=CLAUDE, messages=user("hi"))["output"]["message"]["content"]
    assert blocks[0]["reasoningContent"]["redactedContent"] == b"secret"
    assert blocks[2]["image"] == {"format": "png", "source": {"bytes": b"\x89PNG"}}
    events = list(runtime.converse_stream(modelId=CLAUDE, messages=user("hi"))["stream"])
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    assert {"reasoningContent": {"redactedContent": b"secret"}} in deltas
    assert {"image": {"source": {"bytes": b"\x89PNG"}}} in deltas
    assert [event["contentBlockStart"]["start"] for event in events if "contentBlockStart" in event] == [{"image": {"format": "png"}}]


def test_near_misses_are_told_three_at_most_each_with_its_first_failed_condition(server, runtime):
    server.rule(id="other-model", match={"modelId": "amazon.*"}, respond={"text": "a"})
    server.rule(id="prompt", match={"modelId": "anthropic.*", "prompt": "refund"}, respond={"text": "a"})
    server.rule(id="system", match={"system": "polite"}, respond={"text": "a"})
    server.rule(id="third", when={"calls": "3"}, respond={"text": "a"})
    server.rule(id="body", match={"modelId": "*", "operation": "Converse", "body": {"/a~1b": 1}}, respond={"text": "a"})
    runtime.converse(modelId=CLAUDE, messages=user("hi"))
    assert server.control("GET", "calls")["calls"][0]["nearMisses"] == [
        {"rule": "third", "failed": "/when/calls"},
        {"rule": "body", "failed": "/match/body/~1a~01b"},
        {"rule": "prompt", "failed": "/match/prompt"},
    ]


def test_rules_stand_in_matching_order_with_hits_and_ids_of_their_own(server, runtime):
    server.rule(id="first", respond={"text": "first"})
    made = server.control("POST", "rules", {"rules": [{"latency": 3}, {"id": "last", "respond": {"text": "last"}}]})["rules"]
    assert made[0]["id"] and made[1]["id"] == "last"
    assert text_of(runtime.converse(modelId=CLAUDE, messages=user("hi"))) == "last"
    listed = server.control("GET", "rules")["rules"]
    assert [(rule["id"], rule["hits"]) for rule in listed] == [("last", 1), (made[0]["id"], 1), ("first", 0)]
    with pytest.raises(ControlError) as taken:
        server.control("POST", "rules", {"rules": [{"latency": 1}, {"id": "first", "latency": 1}]})
    assert (taken.value.status, taken.value.error["path"]) == (409, "/rules/1/id")
    with pytest.raises(ControlError) as wrong:
        server.control("POST", "rules", {"rules": [{"latency": {"ms": -1}}]})
    assert (wrong.value.status, wrong.value.error["path"]) == (400, "/rules/0/latency/ms")
    assert len(server.control("GET", "rules")["rules"]) == 3


def test_a_rule_file_that_names_its_schema_is_read_at_start_and_over_http(server, runtime):
    file = FIXTURES / "rules" / "throttling.json"
    assert "$schema" in json.loads(file.read_text())
    added = server.control("POST", "rules", json.loads(file.read_text()))["rules"]
    assert [rule["id"] for rule in added] == ["throttled-now-and-then", "throttled-at-first"]
    server.control("DELETE", "rules")
    server.stop()
    server.start("--rules", str(file))
    assert len(server.control("GET", "rules")["rules"]) == 2


def test_a_book_of_many_rules_answers_with_the_right_one(server, runtime):
    rules = [{"id": f"order-{number}", "match": {"prompt": f"(?i)order {number}\\b"}, "respond": {"text": f"It is {number}."}} for number in range(1000, 3000)]
    server.control("POST", "rules", {"rules": rules})
    for number in (1000, 2345, 2999):
        assert text_of(runtime.converse(modelId=CLAUDE, messages=user(f"Where is my ORDER {number}?"))) == f"It is {number}."
    runtime.converse(modelId=CLAUDE, messages=user("Where is order 23456?"))
    told = server.control("GET", "calls")["calls"][-1]
    assert told["rules"] == []
    assert [miss["rule"] for miss in told["nearMisses"]] == ["order-2999", "order-2998", "order-2997"]
