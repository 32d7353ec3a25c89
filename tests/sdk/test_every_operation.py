"""Every operation that AWS's models know, called over HTTP in every protocol its service has."""

import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from emulator import BINARY, CLAUDE, Emulator, code_of, user
from one_protocol import PROTOCOLS, client
from smallest import numbers, smallest

CONTENT_TYPES = {
    "rest-json": r"application/json|application/vnd\.amazon\.eventstream",
    "json": r"application/x-amz-json-1\.[01]",
    "smithy-rpc-v2-cbor": "application/cbor",
    "query": "text/xml",
    "rest-xml": "application/xml",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Emulator(tmp_path_factory.mktemp("operations"))
    yield running
    assert running.stop() == 0, running.log()


@pytest.fixture(scope="module")
def refused():
    """{service: the operations that `rockwatch coverage` says are refused}"""
    table = subprocess.run([BINARY, "coverage"], capture_output=True, text=True, check=True).stdout
    unsupported = table.split("NotImplemented")[1]
    rows = re.findall(r"^\| ([\w-]+) \| ([A-Z]\w+(?:, \w+)*) \|$", unsupported, re.MULTILINE)
    return {service: set(names.split(", ")) for service, names in rows}


class Calls:
    """Calls operations with what their models ask for at least, and keeps what came back on the wire."""

    def __init__(self, connection):
        self.connection = connection
        self.status = self.content_type = self.error = self.unread = None
        connection.meta.events.register("response-received", self._see)

    def _see(self, response_dict, **_):
        if response_dict is not None:
            self.status = response_dict["status_code"]
            self.content_type = response_dict["headers"].get("content-type", "")

    def call(self, operation, parameters=None):
        self.status = self.content_type = self.error = self.unread = None
        shape = self.connection.meta.service_model.operation_model(operation).input_shape
        if parameters is None:
            parameters = smallest(shape) if shape else {}
        try:
            output = self.connection._make_api_call(operation, parameters)
            for member in output.values():
                if hasattr(member, "close"):
                    member.close()
        except ClientError as error:
            self.error = error.response["Error"]
        except Exception as error:  # every other way to end is a finding; all are told together
            self.unread = f"{type(error).__name__}: {error}"


def known_codes(model):
    """The codes of errors that the service's model has, by shape and as the query protocol names them."""
    codes = set()
    for shape in model.shape_names:
        metadata = model.shape_for(shape).metadata
        if metadata.get("exception") or metadata.get("error"):
            codes |= {shape, metadata.get("error", {}).get("code", shape)}
    return codes


# Errors that AWS answers beside those its models name.
UNMODELLED = {
    "cloudwatch": {"ValidationError"},
    "iam": {"ValidationError"},
    "sqs": {"InvalidParameterValue", "MissingParameter"},
    "sts": {"ValidationError"},
}
# Names of old that mean the same request as another operation.
OLD_NAMES = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
}


def complaint(answer, operation, protocol, is_refused, codes):
    """What is wrong with an answer; None when nothing is."""
    if answer.unread or answer.status is None:
        return answer.unread or "no answer"
    if (answer.error or answer.content_type) and not re.fullmatch(CONTENT_TYPES[protocol], answer.content_type):
        return f"the content type is {answer.content_type}"
    told = f"{answer.status} {answer.error}"
    if is_refused:
        # The answer to HEAD has no body to name anything in.
        by_name = operation.startswith("Head") or (
            answer.error["Code"] == "NotImplemented" and f" {operation}." in answer.error["Message"]
        )
        return None if answer.status == 501 and by_name else f"not refused by name: {told}"
    if answer.error is None:
        return None if 200 <= answer.status < 300 else told
    if not 400 <= answer.status < 500:
        return told
    return None if answer.error["Code"] in codes else f"no error of the model: {told}"


@pytest.mark.parametrize("service, protocol", [(s, p) for s, protocols in PROTOCOLS.items() for p in protocols])
def test_every_operation_is_answered_or_refused_by_name(server, refused, service, protocol):
    calls = Calls(client(server.url, service, protocol))
    model = calls.connection.meta.service_model
    codes = known_codes(model) | UNMODELLED.get(service, set())
    complaints = []
    answered_501 = set()
    for called in model.operation_names:
        operation = OLD_NAMES.get(called, called)
        calls.call(called)
        if calls.status == 501:
            answered_501.add(operation)
        problem = complaint(calls, operation, protocol, operation in refused.get(service, set()), codes)
        if problem:
            complaints.append(f"{called}: {problem}")
    assert not complaints, "\n".join(complaints)
    assert answered_501 == refused.get(service, set())


# Where integers of some width end, and a little beyond.
EDGES = [edge + step for edge in (2**31, 2**32, 2**53, 2**63, 2**64) for step in (-1, 0, 1)]
EDGES += [0, -1, -(2**31) - 1, -(2**63), -(2**63) - 1]


def is_sent(error):
    """Whether a call came to the wire at all: botocore cannot write every number in CBOR."""
    return not (error and error.startswith(("OverflowError", "error: ", "struct.error")))


@pytest.mark.parametrize("service, protocol", [(s, p) for s, protocols in PROTOCOLS.items() for p in protocols])
def test_a_number_at_the_edge_of_its_type_is_taken_or_refused_wherever_it_stands(server, refused, service, protocol):
    calls = Calls(client(server.url, service, protocol, parameter_validation=False))
    model = calls.connection.meta.service_model
    codes = known_codes(model) | UNMODELLED.get(service, set()) | {"SerializationException", "MalformedInput"}
    complaints = []
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        if shape is None or OLD_NAMES.get(operation, operation) in refused.get(service, set()):
            continue
        for path, make in numbers(shape):
            for edge in EDGES:
                calls.call(operation, make(edge))
                problem = complaint(calls, operation, protocol, False, codes)
                if problem and is_sent(calls.unread):
                    complaints.append(f"{operation}{path} = {edge}: {problem}")
    assert not complaints, "\n".join(complaints)


def nested(levels):
    return '{"a":' * levels + "0" + "}" * levels


def test_a_body_may_be_128_levels_deep_and_not_one_more_wherever_it_goes(server):
    """On a worker's small stack, with the call copied into the journal and its record into a log."""
    runtime = client(server.url, "bedrock-runtime", "rest-json")

    def converse(levels):
        fields = json.loads(nested(levels))
        runtime.converse(
            modelId=CLAUDE, messages=user("x"), additionalModelRequestFields=fields, requestMetadata={"deep": "x"}
        )

    converse(127)
    with pytest.raises(ClientError) as refused:
        converse(128)
    assert code_of(refused) == "SerializationException"
    assert server.control("GET", "calls?limit=1")
    for levels in (129, 100_000):
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{server.url}/_rockwatch/rules", nested(levels).encode(), headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=60)
        assert refused.value.code == 400
        assert b"deeper than 128 levels" in refused.value.read()
