"""fixtures/schema/openapi.json says what the server does: each operation's answers are held against it."""

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from emulator import NOVA, user
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).parents[2] / "fixtures" / "schema"
DOCUMENT = json.loads((FOLDER / "openapi.json").read_text())


REGISTRY = Registry().with_resources(
    (path.name, DRAFT202012.create_resource(json.loads(path.read_text()))) for path in FOLDER.glob("*.json")
)


def problems(instance, *pointer):
    """What is wrong with it, by the schema at that place of the document."""
    escaped = "/".join(part.replace("~", "~0").replace("/", "~1") for part in pointer)
    validator = Draft202012Validator({"$ref": f"openapi.json#/{escaped}"}, registry=REGISTRY)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(instance)]


def template_of(path):
    for template in DOCUMENT["paths"]:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return template
    raise AssertionError(f"the document knows no {path}")


class Checked:
    """Calls the server and holds what is sent and answered against the document."""

    def __init__(self, server):
        self.server = server
        self.seen = set()

    def __call__(self, method, path, body=None, status=200, content_type="application/json"):
        template = template_of(path.partition("?")[0])
        operation = DOCUMENT["paths"][template][method.lower()]
        if status < 400 and body is not None:
            where = ("requestBody", "content", "application/json", "schema")
            assert not problems(body, "paths", template, method.lower(), *where)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server.url + path, data, {"Content-Type": content_type}, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=20)
        except urllib.error.HTTPError as refused:
            answer = refused
        answered = json.loads(answer.read())
        assert answer.status == status, answered
        assert not self.problems_of(answered, template, method.lower(), str(status))
        self.seen.add((operation["operationId"], str(status)))
        return answered

    def problems_of(self, answered, template, method, status):
        responses = DOCUMENT["paths"][template][method]["responses"]
        assert status in responses, f"{method} {template} answers {status}, which the document does not have"
        if "$ref" in responses[status]:
            return problems(answered, "components", "schemas", "Error")
        where = ("responses", status, "content", "application/json", "schema")
        return problems(answered, "paths", template, method, *where)


def test_every_answer_is_as_the_document_says(server, runtime):
    call = Checked(server)
    call("GET", "/_rockwatch/health")
    call("GET", "/_localstack/health")
    call("GET", "/_rockwatch/clock")
    call("PUT", "/_rockwatch/clock", {"mode": "scaled", "speed": 2})
    call("PUT", "/_rockwatch/clock", {"mode": "frozen", "now": "2026-01-01T00:00:00Z", "force": True})
    call("PUT", "/_rockwatch/clock", {"mode": "paused"}, status=400)
    call("PUT", "/_rockwatch/clock", {"mode": "real"}, status=415, content_type="text/plain")
    call("GET", "/_rockwatch/rules")
    call("POST", "/_rockwatch/rules", {"id": "spike", "match": {"modelId": "amazon.*"}, "latency": 4038}, status=201)
    call("POST", "/_rockwatch/rules", {"id": "spike", "latency": 1}, status=409)
    call("POST", "/_rockwatch/rules", {"latency": "long"}, status=400)
    call("POST", "/_rockwatch/rules", {"latency": 1}, status=415, content_type="text/plain")
    call("PUT", "/_rockwatch/rules/spike", {"latency": 5000})
    call("PUT", "/_rockwatch/rules/other", {"match": {"prompt": "refund"}, "respond": {"text": "no"}}, status=201)
    call("PUT", "/_rockwatch/rules/other", {"latency": -1}, status=400)
    call("PUT", "/_rockwatch/rules/other", {"latency": 1}, status=415, content_type="text/plain")
    call("PUT", "/_rockwatch/quotas", {"quotas": [{"modelId": "anthropic.*", "requestsPerMinute": 60}]})
    call("PUT", "/_rockwatch/quotas", {"quotas": [{"modelId": 1}]}, status=400)
    call("PUT", "/_rockwatch/quotas", {"quotas": []}, status=415, content_type="text/plain")
    call("GET", "/_rockwatch/quotas")
    call("DELETE", "/_rockwatch/quotas")

    topic = server.client("sns").create_topic(Name="oncall")["TopicArn"]
    server.alarm("slow", AlarmActions=[topic])
    runtime.converse(modelId=NOVA, messages=user("x"))
    with pytest.raises(runtime.exceptions.ValidationException):
        runtime.converse(modelId="nothing.like-it", messages=user("x"))
    advanced = call("POST", "/_rockwatch/clock/advance", {"seconds": 60})
    assert len(advanced["transitions"]) == 1
    call("PUT", "/_rockwatch/clock", {"mode": "frozen", "now": "2020-01-01T00:00:00Z"}, status=409)
    call("POST", "/_rockwatch/clock/advance", {"to": 0}, status=400)
    call("POST", "/_rockwatch/clock/advance", {"seconds": 1}, status=415, content_type="text/plain")
    call("POST", "/_rockwatch/alarms/evaluate", {"names": ["slow"]})
    call("POST", "/_rockwatch/alarms/evaluate", {"names": "slow"}, status=400)
    call("POST", "/_rockwatch/alarms/evaluate", {}, status=415, content_type="text/plain")
    calls = call("GET", "/_rockwatch/calls?service=bedrock-runtime&limit=1")
    assert calls["next"]
    call("GET", f"/_rockwatch/calls?after={calls['next']}")
    call("GET", "/_rockwatch/calls?limit=0", status=400)
    assert call("GET", "/_rockwatch/deliveries")["deliveries"]
    call("GET", "/_rockwatch/deliveries?status=lost", status=400)
    call("GET", "/_rockwatch/wait?alarm=slow&state=ALARM")
    call("GET", "/_rockwatch/wait?delivery=*")
    call("GET", "/_rockwatch/wait?call=Converse")
    for wish in ("alarm=slow&state=OK", "alarm=none&state=OK", "delivery=none", "call=None"):
        call("GET", f"/_rockwatch/wait?timeout=0&{wish}", status=408)
    call("GET", "/_rockwatch/wait", status=400)
    call("GET", "/_rockwatch/events?types=all", status=400)
    call("DELETE", "/_rockwatch/rules/none", status=404)
    call("DELETE", "/_rockwatch/rules/other")
    call("DELETE", "/_rockwatch/rules")
    call("DELETE", "/_rockwatch/calls")
    call("DELETE", "/_rockwatch/deliveries")
    call("POST", "/_rockwatch/reset", {"scopes": ["logs", "clock"]})
    call("POST", "/_rockwatch/reset", {"scopes": ["everything"]}, status=400)
    call("POST", "/_rockwatch/reset", {}, status=415, content_type="text/plain")
    call("POST", "/moto-api/reset")

    in_document = {
        (operation["operationId"], status)
        for path in DOCUMENT["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
        for status in operation["responses"]
    }
    # These bodies are not JSON: test_events.py reads them. 409 of a busy clock: tests/world/nested_clock_test.cpp.
    elsewhere = {
        ("getMetrics", "200"),
        ("followEvents", "200"),
        ("followEvents", "409"),
        ("advanceClock", "409"),
        ("evaluateAlarms", "409"),
    }
    assert in_document - call.seen == elsewhere


def test_the_document_is_openapi_with_valid_schemas():
    assert DOCUMENT["openapi"].startswith("3.1")
    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema), name
    identifiers = [
        operation["operationId"]
        for path in DOCUMENT["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    ]
    assert len(identifiers) == len(set(identifiers))
