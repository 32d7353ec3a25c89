"""Each text family's own format through boto3's InvokeModel and InvokeModelWithResponseStream."""

import json
from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError
from emulator import code_of, message_of

FUNCTION = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
METRICS = "amazon-bedrock-invocationMetrics"


@dataclass
class Family:
    model: str
    body: callable  # of a prompt
    limit: str  # the member that bounds the answer's tokens
    text: callable  # of an answer
    stop: callable
    piece: callable  # the text of a chunk
    last: callable  # the stop reason in the last chunk that has one
    length: str = "length"
    tools: dict = field(default_factory=dict)  # what offers get_weather; empty: no place for tools
    calls: callable = None  # [(name, arguments)] of an answer

    def __str__(self):
        return self.model


def chat(prompt):
    return {"messages": [{"role": "user", "content": prompt}]}


def choice(answer):
    return answer["choices"][0]


def chat_calls(answer):
    functions = [call["function"] for call in choice(answer)["message"]["tool_calls"]]
    return [(function["name"], json.loads(function["arguments"])) for function in functions]


def openai_shape(model, limit):
    return Family(
        model=model,
        body=chat,
        limit=limit,
        text=lambda answer: choice(answer)["message"]["content"],
        stop=lambda answer: choice(answer)["finish_reason"],
        piece=lambda chunk: choice(chunk)["delta"].get("content", ""),
        last=lambda chunk: choice(chunk)["finish_reason"],
        tools={"tools": [FUNCTION]},
        calls=chat_calls,
    )


FAMILIES = [
    *(openai_shape(model, "max_completion_tokens") for model in ("openai.gpt-oss-20b-1:0", "qwen.qwen3-32b-v1:0", "deepseek.v3.2")),
    *(
        openai_shape(model, "max_tokens")
        for model in (
            "minimax.minimax-m2",
            "moonshot.kimi-k2-thinking",
            "moonshotai.kimi-k2.5",
            "zai.glm-4.7",
            "google.gemma-3-4b-it",
            "nvidia.nemotron-nano-9b-v2",
            "mistral.mistral-large-3-675b-instruct",
            "mistral.magistral-small-2509",
            "us.writer.palmyra-x5-v1:0",
            "ai21.jamba-1-5-mini-v1:0",
        )
    ),
    Family(
        model="mistral.mistral-large-2407-v1:0",
        body=chat,
        limit="max_tokens",
        text=lambda answer: choice(answer)["message"]["content"],
        stop=lambda answer: choice(answer)["stop_reason"],
        piece=lambda chunk: choice(chunk)["message"]["content"],
        last=lambda chunk: choice(chunk)["stop_reason"],
        tools={"tools": [FUNCTION]},
        calls=chat_calls,
    ),
    Family(
        model="cohere.command-r-v1:0",
        body=lambda prompt: {"message": prompt},
        limit="max_tokens",
        text=lambda answer: answer["text"],
        stop=lambda answer: answer["finish_reason"],
        piece=lambda chunk: chunk.get("text", ""),
        last=lambda chunk: chunk["finish_reason"],
        length="MAX_TOKENS",
        tools={"tools": [{"name": "get_weather", "description": "Weather", "parameter_definitions": {}}]},
        calls=lambda answer: [(call["name"], call["parameters"]) for call in answer["tool_calls"]],
    ),
    Family(
        model="us.deepseek.r1-v1:0",
        body=lambda prompt: {"prompt": prompt},
        limit="max_tokens",
        text=lambda answer: choice(answer)["text"],
        stop=lambda answer: choice(answer)["stop_reason"],
        piece=lambda chunk: choice(chunk)["text"],
        last=lambda chunk: choice(chunk)["stop_reason"],
    ),
    Family(
        model="us.twelvelabs.pegasus-1-2-v1:0",
        body=lambda prompt: {"inputPrompt": prompt, "mediaSource": {"s3Location": {"uri": "s3://films/a.mp4"}}},
        limit="maxOutputTokens",
        text=lambda answer: answer["message"],
        stop=lambda answer: answer["finishReason"],
        piece=lambda chunk: chunk["message"],
        last=lambda chunk: chunk["stopReason"],
    ),
]
ALL = pytest.mark.parametrize("family", FAMILIES, ids=str)
WITH_TOOLS = pytest.mark.parametrize("family", [family for family in FAMILIES if family.tools], ids=str)


def invoke(runtime, family, body):
    return json.loads(runtime.invoke_model(modelId=family.model, body=json.dumps(body))["body"].read())


def stream(runtime, family, body):
    events = runtime.invoke_model_with_response_stream(modelId=family.model, body=json.dumps(body))["body"]
    return [json.loads(event["chunk"]["bytes"]) for event in events]


@ALL
def test_without_a_rule_a_family_answers_a_text_that_depends_on_the_prompt(runtime, family):
    one, same, other = (family.text(invoke(runtime, family, family.body(prompt))) for prompt in ("a", "a", "b"))
    assert one and one == same
    assert one != other


@ALL
def test_a_rule_s_text_comes_in_the_family_s_own_form_whole_and_in_pieces(server, runtime, family):
    text = "Refunds take five days, after which we write to you."
    server.rule(match={"prompt": "(?i)refund"}, respond={"text": text}, stream={"tokensPerChunk": 2})
    body = family.body("A refund, please")
    assert family.text(invoke(runtime, family, body)) == text
    chunks = stream(runtime, family, body)
    assert "".join(family.piece(chunk) for chunk in chunks) == text
    assert len([chunk for chunk in chunks if family.piece(chunk)]) > 3


@ALL
def test_a_family_says_that_its_limit_of_tokens_cut_the_answer(server, runtime, family):
    server.rule(respond={"text": "This is a test of the limit."})
    body = {**family.body("x"), family.limit: 2}
    answer = invoke(runtime, family, body)
    assert (family.text(answer), family.stop(answer)) == ("This is ", family.length)
    assert family.last(stream(runtime, family, body)[-1]) == family.length


@ALL
def test_the_last_chunk_of_a_stream_and_no_other_tells_the_invocation_s_metrics(server, runtime, family):
    server.rule(respond={"text": "Hi", "usage": {"inputTokens": 21, "outputTokens": 250}}, latency=300)
    chunks = stream(runtime, family, family.body("x"))
    assert [METRICS in chunk for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1][METRICS]["inputTokenCount"] == 21
    assert chunks[-1][METRICS]["outputTokenCount"] == 250
    assert chunks[-1][METRICS]["invocationLatency"] == 300


@WITH_TOOLS
def test_a_rule_s_tool_call_comes_in_the_family_s_own_form(server, runtime, family):
    server.rule(match={"tool": "get_weather"}, respond={"toolUse": [{"name": "get_weather", "input": {"city": "Oslo"}}]})
    answer = invoke(runtime, family, {**family.body("x"), **family.tools})
    assert family.calls(answer) == [("get_weather", {"city": "Oslo"})]
    whole = json.dumps(stream(runtime, family, {**family.body("x"), **family.tools}))
    assert "get_weather" in whole and "Oslo" in whole


@ALL
def test_a_body_without_its_prompt_is_refused(runtime, family):
    with pytest.raises(ClientError) as error:
        invoke(runtime, family, {family.limit: 5})
    assert code_of(error) == "ValidationException"


def test_a_chat_that_names_another_model_than_its_path_is_refused(runtime):
    family = FAMILIES[0]
    assert invoke(runtime, family, {**chat("x"), "model": family.model, "stream": False})
    with pytest.raises(ClientError) as error:
        invoke(runtime, family, {**chat("x"), "model": "openai.gpt-oss-120b-1:0"})
    assert code_of(error) == "ValidationException"
    assert "openai.gpt-oss-120b-1:0" in message_of(error)


def test_a_tool_s_result_comes_back_through_a_chat_and_a_rule_sees_it(server, runtime):
    server.rule(id="call", match={"tool": "get_weather"}, respond={"toolUse": [{"name": "get_weather", "input": {}}]})
    server.rule(id="tell", match={"toolResult": "get_weather"}, respond={"text": "Sun"})
    family = FAMILIES[0]
    asked = {**chat("Weather?"), **family.tools}
    message = choice(invoke(runtime, family, asked))["message"]
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "21 degrees"}
    told = invoke(runtime, family, {**asked, "messages": [*asked["messages"], message, result]})
    assert (family.text(told), family.stop(told)) == ("Sun", "stop")


def test_reasoning_of_gpt_oss_stands_in_front_of_its_content(server, runtime):
    server.rule(respond={"text": "Four", "reasoning": "Two and two"})
    family = FAMILIES[0]
    whole = "<reasoning>Two and two</reasoning>Four"
    assert family.text(invoke(runtime, family, chat("2+2"))) == whole
    assert "".join(family.piece(chunk) for chunk in stream(runtime, family, chat("2+2"))) == whole


def test_a_chat_s_usage_comes_in_a_chunk_of_its_own_when_asked_for(runtime):
    body = {**chat("x"), "stream": True, "stream_options": {"include_usage": True}}
    chunks = stream(runtime, FAMILIES[0], body)
    assert [chunk["usage"] is None for chunk in chunks] == [True] * (len(chunks) - 1) + [False]
    assert (chunks[-1]["choices"], METRICS in chunks[-1]) == ([], True)


@pytest.mark.options("--unknown-models", "accept", "--clock", "frozen")
@pytest.mark.parametrize("model", ["cohere.command-text-v14", "cohere.command-light-text-v14"])
def test_cohere_command_which_is_gone_from_the_catalogue_still_has_its_form(server, runtime, model):
    server.rule(respond={"text": "This is a test."})
    body = {"prompt": "x", "max_tokens": 2}
    answer = json.loads(runtime.invoke_model(modelId=model, body=json.dumps(body))["body"].read())
    assert answer["generations"][0]["text"] == " This is "
    assert answer["generations"][0]["finish_reason"] == "MAX_TOKENS"
    assert answer["prompt"] == "x"
    events = runtime.invoke_model_with_response_stream(modelId=model, body=json.dumps(body))["body"]
    (chunk,) = [json.loads(event["chunk"]["bytes"]) for event in events]
    assert chunk["generations"][0]["finish_reason"] == "MAX_TOKENS"
    assert chunk[METRICS]["outputTokenCount"] == 2
