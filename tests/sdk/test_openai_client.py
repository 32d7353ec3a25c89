"""The OpenAI-compatible routes through OpenAI's own client: a bearer token, its Bedrock provider with SigV4, streams, tools,
errors, and what logs and metrics tell."""

import datetime

import openai
import pytest
from emulator import CLAUDE, TITAN
from openai.providers import bedrock

GPT = "openai.gpt-oss-20b-1:0"
HELLO = [{"role": "developer", "content": "You are brief."}, {"role": "user", "content": "What is CloudWatch?"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
def client(server):
    with openai.OpenAI(base_url=f"{server.url}/openai/v1", api_key="bedrock-key", max_retries=0) as client:
        yield client


def streamed(stream):
    """The text, the finish reason and the usage of a stream."""
    text, finish, usage = "", None, None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return text, finish, usage


def test_a_chat_completion_has_openais_shape(client):
    answer = client.chat.completions.create(model=GPT, messages=HELLO, max_completion_tokens=64)
    assert answer.id.startswith("chatcmpl-")
    assert (answer.object, answer.model) == ("chat.completion", GPT)
    choice = answer.choices[0]
    assert choice.message.role == "assistant"
    assert choice.message.content
    assert choice.finish_reason in ("stop", "length")
    assert 0 < answer.usage.completion_tokens <= 64
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer._request_id
    again = client.chat.completions.create(model=GPT, messages=HELLO, max_completion_tokens=64)
    assert again.choices[0].message.content == choice.message.content


def test_the_short_form_of_the_route_is_the_same(server, client):
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="bedrock-key", max_retries=0) as short:
        texts = [c.chat.completions.create(model=GPT, messages=HELLO).choices[0].message.content for c in (client, short)]
    assert texts[0] == texts[1]


def test_a_stream_says_what_the_whole_answer_says(client):
    whole = client.chat.completions.create(model=GPT, messages=HELLO, max_completion_tokens=40)
    text, finish, usage = streamed(
        client.chat.completions.create(
            model=GPT, messages=HELLO, max_completion_tokens=40, stream=True, stream_options={"include_usage": True}
        )
    )
    assert text == whole.choices[0].message.content
    assert finish == whole.choices[0].finish_reason
    assert usage.completion_tokens == whole.usage.completion_tokens
    _, _, untold = streamed(client.chat.completions.create(model=GPT, messages=HELLO, stream=True))
    assert untold is None


def test_rules_answer_through_this_door_too(server, client):
    server.rule(
        id="refund",
        match={"prompt": "(?i)refund", "system": "brief", "operation": "InvokeModel"},
        respond={"text": "Five days, {{modelId}}.", "usage": {"inputTokens": 7, "outputTokens": 9}},
    )
    answer = client.chat.completions.create(model=GPT, messages=[HELLO[0], {"role": "user", "content": "My REFUND?"}])
    assert answer.choices[0].message.content == f"Five days, {GPT}."
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (7, 9)
    server.rule(id="weather", match={"tool": "get_weather"}, respond={"toolUse": [{"name": "get_weather", "input": {"city": "Oslo"}}]})
    asked = {"model": GPT, "messages": HELLO, "tools": [WEATHER]}
    choice = client.chat.completions.create(**asked).choices[0]
    assert choice.finish_reason == "tool_calls"
    call = choice.message.tool_calls[0]
    assert (call.type, call.function.name, call.function.arguments) == ("function", "get_weather", '{"city":"Oslo"}')

    pieces, name = "", None
    for chunk in client.chat.completions.create(**asked, stream=True):
        for delta in (choice.delta for choice in chunk.choices):
            for call in delta.tool_calls or []:
                name = call.function.name or name
                pieces += call.function.arguments or ""
    assert (name, pieces) == ("get_weather", '{"city":"Oslo"}')


def test_messages_come_back_as_the_client_hands_them_out(server, client):
    """The loop over tool calls: what was answered is sent again, with the results, and answered."""
    server.rule(id="said", match={"toolResult": "get_weather"}, respond={"text": "Four degrees."})
    strict = {**WEATHER, "function": {**WEATHER["function"], "strict": True}}
    strict["function"]["parameters"] = {**WEATHER["function"]["parameters"], "additionalProperties": False}
    forced = {"model": GPT, "tools": [strict], "tool_choice": "required"}
    parsed = client.chat.completions.parse(**forced, messages=HELLO).choices[0].message
    with client.chat.completions.stream(**forced, messages=HELLO) as stream:
        streamed_message = stream.get_final_completion().choices[0].message
    for message in (parsed, streamed_message, streamed_message.model_dump(exclude_none=True)):
        call = parsed.tool_calls[0] if message is parsed else streamed_message.tool_calls[0]
        result = {"role": "tool", "tool_call_id": call.id, "name": "get_weather", "content": "4"}
        answer = client.chat.completions.create(model=GPT, tools=[WEATHER], messages=[*HELLO, message, result])
        assert answer.choices[0].message.content == "Four degrees."


@pytest.mark.parametrize("parameters", [None, {}, {"anyOf": [{"type": "object"}]}, {"type": ["object", "null"]}])
def test_a_forced_tool_gets_an_object_whatever_its_schema(client, parameters):
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    message = client.chat.completions.create(model=GPT, messages=HELLO, tools=[tool], tool_choice="required").choices[0].message
    assert message.tool_calls[0].function.arguments == "{}"


def test_a_body_of_a_rule_may_be_in_either_format(server, client):
    native = {"content": [{"type": "text", "text": "By the model's own."}], "stop_reason": "end_turn", "usage": {"output_tokens": 4}}
    server.rule(id="claude", match={"modelId": f"us.{CLAUDE}"}, respond={"body": native})
    own = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": GPT, "extra": 1}
    own["choices"] = [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "By the door's."}}]
    server.rule(id="gpt", match={"modelId": GPT}, respond={"body": own})
    by_model = client.chat.completions.create(model=f"us.{CLAUDE}", messages=HELLO)
    assert (by_model.object, by_model.choices[0].message.content) == ("chat.completion", "By the model's own.")
    by_door = client.chat.completions.with_raw_response.create(model=GPT, messages=HELLO)
    assert by_door.http_response.json() == own


def test_what_cannot_be_asked_is_refused_in_openais_envelope(client):
    def refused(**members):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(**{"model": GPT, "messages": HELLO, **members})
        return caught.value

    error = refused(model=TITAN)
    assert error.message.startswith("Error code: 400")
    assert error.body == {
        "code": "validation_error",
        "message": f"The model '{TITAN}' does not support the '/v1/chat/completions' API",
        "param": None,
        "type": "invalid_request_error",
    }
    assert refused(model="openai.gpt-9").body["message"] == "The provided model identifier is invalid."
    assert refused(model="").body["message"] == "The request names no model."
    assert refused(extra_body={"stream": "yes"}).body["message"] == "stream must be true or false."
    with pytest.raises(openai.NotFoundError) as caught:
        client.embeddings.create(model=GPT, input="hi")
    assert caught.value.code == "unknown_url"
    assert caught.value.body["message"] == "The request names POST /openai/v1/embeddings, which bedrock-runtime does not have."
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=GPT, messages=HELLO, max_tokens=-5)
    assert caught.value.body["message"].endswith("max_tokens must be at least 1, got -5.")


def test_faults_are_errors_of_the_client(server, client):
    server.rule(id="busy", match={"prompt": "busy"}, error={"name": "ThrottlingException", "message": "Slow down."})
    server.rule(id="midway", match={"prompt": "midway"}, error={"name": "ModelStreamErrorException", "message": "Lost it.", "afterChunks": 1})
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=GPT, messages=[{"role": "user", "content": "busy?"}])
    assert (caught.value.code, caught.value.body["message"]) == ("rate_limit_exceeded", "Slow down.")
    stream = client.chat.completions.create(model=GPT, messages=[{"role": "user", "content": "midway?"}], stream=True)
    seen = []
    with pytest.raises(openai.APIError, match="Lost it."):
        for chunk in stream:
            seen.append(chunk)
    assert seen


def test_it_is_logged_and_counted_as_invoke_model(server, client, logging_on):
    answer = client.chat.completions.create(model=GPT, messages=HELLO, max_completion_tokens=20)
    text, _, _ = streamed(client.chat.completions.create(model=GPT, messages=HELLO, max_completion_tokens=20, stream=True))
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model=TITAN, messages=HELLO)
    whole, chunks, failed = logging_on()
    assert [record["operation"] for record in (whole, chunks)] == ["InvokeModel", "InvokeModelWithResponseStream"]
    assert whole["modelId"] == chunks["modelId"] == GPT
    assert whole["input"]["inputBodyJson"]["messages"] == HELLO
    assert whole["output"]["outputBodyJson"]["id"] == answer.id
    assert whole["output"]["outputTokenCount"] == answer.usage.completion_tokens
    told = [choice["delta"].get("content") or "" for chunk in chunks["output"]["outputBodyJson"] for choice in chunk["choices"]]
    assert "".join(told) == text
    assert (failed["modelId"], failed["errorCode"]) == (TITAN, "ValidationException")

    start = datetime.datetime(2025, 12, 31, 23, 55, tzinfo=datetime.timezone.utc)
    sums = server.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Bedrock",
        MetricName="Invocations",
        Dimensions=[{"Name": "ModelId", "Value": GPT}],
        StartTime=start,
        EndTime=start + datetime.timedelta(minutes=10),
        Period=600,
        Statistics=["Sum"],
    )["Datapoints"]
    assert [point["Sum"] for point in sums] == [2.0]
    calls = server.control("GET", "calls?operation=ChatCompletions")["calls"]
    assert [call["modelId"] for call in calls] == [GPT, GPT, TITAN]
    assert calls[1]["response"]["events"][0]["data"]["object"] == "chat.completion.chunk"


def test_the_list_of_models_has_what_can_be_asked(server, client):
    ids = [model.id for model in client.models.list()]
    assert GPT in ids
    assert f"us.{CLAUDE}" in ids
    assert CLAUDE not in ids
    assert TITAN not in ids
    for model in (GPT, f"us.{CLAUDE}"):
        assert client.chat.completions.create(model=model, messages=HELLO).choices[0].message.content


@pytest.mark.parametrize("endpoint", ["runtime", "mantle"])
def test_openais_bedrock_provider_signs_and_is_let_in(server, endpoint):
    provider = bedrock(
        base_url=f"{server.url}/openai/v1",
        endpoint=endpoint,
        region="eu-west-1",
        access_key_id="123456789012",
        secret_access_key="secret",
    )
    with openai.OpenAI(provider=provider, max_retries=0) as client:
        assert client.chat.completions.create(model=GPT, messages=HELLO).choices[0].message.content
    call = server.control("GET", "calls?operation=ChatCompletions")["calls"][0]
    assert (call["accountId"], call["region"]) == ("123456789012", "eu-west-1")


def test_quotas_and_guardrails_hold_here_as_well(server, client):
    server.control("PUT", "quotas", {"quotas": [{"modelId": GPT, "requestsPerMinute": 1}]})
    client.chat.completions.create(model=GPT, messages=HELLO)
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=GPT, messages=HELLO)
    assert caught.value.body["message"] == "Too many requests, please wait before trying again."
    server.control("DELETE", "quotas")
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(
            model=GPT, messages=HELLO, extra_headers={"X-Amzn-Bedrock-GuardrailIdentifier": "g" * 12, "X-Amzn-Bedrock-GuardrailVersion": "1"}
        )
    assert (caught.value.status_code, caught.value.code) == (501, "not_implemented")


def test_what_is_not_supported_is_not_tried_again(server):
    with openai.OpenAI(base_url=f"{server.url}/openai/v1", api_key="any", max_retries=2) as client:
        with pytest.raises(openai.InternalServerError, match="n other than 1"):
            client.chat.completions.create(model=GPT, messages=HELLO, n=2)
    assert len(server.control("GET", "calls?operation=ChatCompletions")["calls"]) == 1
