"""Image, embedding and ranking models through InvokeModel, in their own formats."""

import base64
import json
import math
import struct
import zlib
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from emulator import NO_RETRIES, code_of, message_of, user

CANVAS = "amazon.nova-canvas-v1:0"
TITAN_IMAGE = "amazon.titan-image-generator-v2:0"
CORE = "stability.stable-image-core-v1:1"
UPSCALE = "us.stability.stable-fast-upscale-v1:0"
START = datetime(2026, 1, 1, tzinfo=timezone.utc)  # where the frozen clock stands


def invoke(runtime, model, body):
    return json.loads(runtime.invoke_model(modelId=model, body=json.dumps(body))["body"].read())


def decoded(image):
    """The size of a PNG in base64, and its rows of pixels as they were filtered; every checksum is looked at."""
    data = base64.b64decode(image, validate=True)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size]) == (zlib.crc32(kind + content),)
        chunks[kind] = chunks.get(kind, b"") + content
        at += 12 + size
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (2, 3) and len(chunks[b"PLTE"]) == 12 and b"IEND" in chunks
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == height * (1 + (width + 3) // 4)
    return (width, height), pixels


def text_to_image(**config):
    return {"taskType": "TEXT_IMAGE", "textToImageParams": {"text": "a red fox"}, "imageGenerationConfig": config}


def metric(server, name, model):
    points = server.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Bedrock",
        MetricName=name,
        Dimensions=[{"Name": "ModelId", "Value": model}],
        StartTime=START,
        EndTime=START + timedelta(hours=1),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return points[0]["Sum"] if points else None


@pytest.mark.parametrize("model", [CANVAS, TITAN_IMAGE])
def test_images_are_real_pngs_of_the_size_that_was_asked_for(runtime, model):
    answer = invoke(runtime, model, text_to_image(width=768, height=1280, numberOfImages=3))
    assert answer["error"] is None
    images = [decoded(image) for image in answer["images"]]
    assert [size for size, _ in images] == [(768, 1280)] * 3
    assert len(set(answer["images"])) == 3
    assert answer == invoke(runtime, model, text_to_image(width=768, height=1280, numberOfImages=3))


def test_stability_answers_with_its_ratio_and_its_services_with_what_came_in(runtime):
    answer = invoke(runtime, CORE, {"prompt": "a red fox", "aspect_ratio": "16:9", "seed": 7})
    assert (answer["seeds"], answer["finish_reasons"]) == ([7], [None])
    size, _ = decoded(answer["images"][0])
    assert size == (1344, 768)
    small = invoke(runtime, TITAN_IMAGE, text_to_image(width=704, height=384))["images"][0]
    size, _ = decoded(invoke(runtime, UPSCALE, {"image": small})["images"][0])
    assert size == (4 * 704, 4 * 384)


def test_what_the_emulator_cannot_make_and_what_the_model_refuses_is_said(server):
    runtime = server.client("bedrock-runtime", **NO_RETRIES)
    with pytest.raises(ClientError) as error:
        invoke(runtime, CORE, {"prompt": "a", "output_format": "jpeg"})
    assert code_of(error) == "NotImplemented"
    assert message_of(error).startswith("The emulator makes PNG images alone, no jpeg.")
    with pytest.raises(ClientError) as error:
        invoke(runtime, CANVAS, text_to_image(numberOfImages=6))
    assert code_of(error) == "ValidationException"
    assert message_of(error) == (
        "Malformed input request: #/imageGenerationConfig/numberOfImages: 6 is not less or equal to 5, "
        "please reformat your input and try again."
    )
    with pytest.raises(ClientError) as error:
        runtime.converse(modelId=CANVAS, messages=user("a red fox"))
    assert message_of(error) == (
        "This action doesn't support the model that you provided. Try again with a supported text or chat model."
    )
    with pytest.raises(ClientError) as error:
        runtime.invoke_model_with_response_stream(modelId=CANVAS, body=json.dumps(text_to_image()))
    assert message_of(error) == "The model is unsupported for streaming."


def test_a_rule_answers_with_its_own_image_in_each_familys_format(server, runtime):
    mine = base64.b64encode(b"\xff\xd8 my own JPEG").decode()
    block = {"image": {"format": "jpeg", "source": {"bytes": mine}}}
    server.rule(match={"prompt": "fox"}, respond={"content": [block]})
    assert invoke(runtime, CANVAS, text_to_image()) == {"images": [mine], "error": None}
    stability = invoke(runtime, CORE, {"prompt": "a red fox", "output_format": "jpeg", "seed": 3})
    assert stability == {"seeds": [3], "finish_reasons": [None], "images": [mine]}


def test_images_are_counted_and_recorded_by_their_size(server, runtime, logging_on):
    runtime.invoke_model(modelId=CANVAS, body=json.dumps(text_to_image(width=512, height=640, numberOfImages=4)))
    answer = runtime.invoke_model(modelId=CANVAS, body=json.dumps(text_to_image()))
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-bedrock-input-token-count"] == "0"
    assert "x-amzn-bedrock-output-token-count" not in headers
    assert metric(server, "OutputImageCount", CANVAS) == 5
    assert metric(server, "Invocations", CANVAS) == 2
    assert metric(server, "OutputTokenCount", CANVAS) is None
    record = logging_on()[0]
    assert (record["output"]["outputImageWidth"], record["output"]["outputImageHeight"]) == (512, 640)
    assert record["input"]["inputBodyJson"]["textToImageParams"] == {"text": "a red fox"}
    assert "outputTokenCount" not in record["output"] and "outputBodyJson" not in record["output"]


EMBEDDINGS = {
    "amazon.titan-embed-image-v1": ({"inputText": "{}"}, ("embedding",), 1024),
    "amazon.nova-2-multimodal-embeddings-v1:0": (
        {
            "taskType": "SINGLE_EMBEDDING",
            "singleEmbeddingParams": {
                "embeddingPurpose": "GENERIC_INDEX",
                "text": {"value": "{}", "truncationMode": "END"},
            },
        },
        ("embeddings", 0, "embedding"),
        3072,
    ),
    "cohere.embed-english-v3": ({"texts": ["{}"], "input_type": "search_query"}, ("embeddings", 0), 1024),
    "cohere.embed-v4:0": (
        {"texts": ["{}"], "input_type": "search_query", "embedding_types": ["float"]},
        ("embeddings", "float", 0),
        1536,
    ),
    "us.cohere.embed-v4:0": ({"texts": ["{}"], "input_type": "search_query"}, ("embeddings", "float", 0), 1536),
    "us.twelvelabs.marengo-embed-3-0-v1:0": (
        {"inputType": "text", "text": {"inputText": "{}"}},
        ("data", 0, "embedding"),
        512,
    ),
}


@pytest.mark.parametrize("model", EMBEDDINGS)
def test_embeddings_are_unit_vectors_of_the_text(server, runtime, model):
    template, path, dimensions = EMBEDDINGS[model]

    def embed(text):
        vector = invoke(runtime, model, json.loads(json.dumps(template).replace("{}", text)))
        for step in path:
            vector = vector[step]
        return vector

    one, same, other = embed("a"), embed("a"), embed("b")
    assert len(one) == dimensions
    assert math.isclose(sum(x * x for x in one), 1, abs_tol=1e-6)
    assert one == same != other
    server.rule(match={"modelId": model}, respond={"embedding": {"dimensions": 8, "seed": 1}})
    assert len(embed("a")) == 8


@pytest.mark.parametrize("model", ["cohere.rerank-v3-5:0", "amazon.rerank-v1:0"])
def test_a_reranker_puts_the_documents_that_share_words_first(runtime, model):
    documents = ["Bananas are yellow.", "The capital of Norway is Oslo.", "Oslo is a city in Norway."]
    body = {"query": "What is the capital of Norway?", "documents": documents, "top_n": 2}
    if model.startswith("cohere"):
        body["api_version"] = 2
    results = invoke(runtime, model, body)["results"]
    assert [result["index"] for result in results] == [1, 2]
    assert 1 > results[0]["relevance_score"] > results[1]["relevance_score"] > 0
