"""Every SDK against the emulator, at its defaults: only the endpoint, the region and made-up credentials are set.

Each language's folder has one conformance program. It makes the calls of STEPS, in this order, on a clock that stands
at the start of 2026, and checks what comes back as its SDK hands it out: texts, numbers, instants, documents, streams,
and errors in the SDK's own types. It prints `ok STEP` after each, and `time?` when its alarm waits for the clock:
a minute later it gets a line on its standard input. What it saw instead goes to standard error, with exit code 1.

A language whose toolchain is missing is skipped, and tests/run.sh names it; a build that fails is a failure.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import toolchains
from emulator import TITAN
from wiretap import Wiretap

HERE = Path(__file__).parent
RUN_SECONDS_MAX = 240
NODE_MIN = 20  # what the packages of javascript/package-lock.json ask for

STEPS = [
    "converse",
    "tool",
    "converse-stream",
    "stream-error",
    "invoke-model",
    "bedrock-error",
    "logs",
    "logs-error",
    "metric",
    "metric-compressed",
    "metric-error",
    "alarm",
]
COMPRESSED = {"metric-compressed"}
STREAMS = {"converse-stream", "stream-error"}
BEDROCK = STREAMS | {"converse", "tool", "invoke-model", "bedrock-error"}

RULES = [
    {
        "id": "hello",
        "match": {"prompt": "^hello$", "modelId": ["amazon.nova-*", TITAN]},
        "respond": {"text": "Hello from the rule.", "usage": {"inputTokens": 21, "outputTokens": 5}},
    },
    {
        "id": "weather",
        "match": {"tool": "get_weather"},
        "respond": {"toolUse": [{"name": "get_weather", "input": {"city": "Oslo", "days": 3}}]},
    },
    {
        "id": "cut",
        "match": {"prompt": "break off"},
        "respond": {"text": "one two three four five"},
        "stream": {"chunks": ["one ", "two ", "three ", "four ", "five"]},
        # Of the exceptions of a stream one that no SDK tries again.
        "error": {"name": "ModelStreamErrorException", "message": "the model stumbled", "afterChunks": 2},
    },
]

# How each protocol is known on the wire.
JSON = rb"(?i)x-amz-target: GraniteServiceVersion20100801\.PutMetricData"
QUERY = rb"Action=PutMetricData"
CBOR = rb"(?i)POST /service/GraniteServiceVersion20100801/operation/PutMetricData"
HTTP1_CONVERSE = rb"POST /model/amazon\.nova-lite-v1(:|%3A)0/converse HTTP/1\.1"
GZIP = rb"(?i)content-encoding: gzip"
HTTP2 = rb"PRI \* HTTP/2\.0\r\n\r\nSM\r\n\r\n"


@dataclass(frozen=True)
class Client:
    command: list
    language: str | None = None  # what has to be built; `command` then has its folder as {output}
    needs: tuple = ()
    without: frozenset = frozenset()  # steps that this client cannot make
    speaks: tuple = ()


def python(*protocol):
    return [sys.executable, str(HERE / "python" / "conformance.py"), *protocol]


def java(main, *options):
    return ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", *options, "-cp", "{output}/classes:{classpath}", main]


JDK_HTTP = "software.amazon.awssdk.http.urlconnection.UrlConnectionSdkHttpService"

CLIENTS = {
    "boto3": Client(python(), speaks=(JSON, HTTP1_CONVERSE)),
    "boto3-query": Client(python("query"), speaks=(QUERY,)),
    "boto3-cbor": Client(python("smithy-rpc-v2-cbor"), speaks=(CBOR,)),
    "botocore-1.34": Client(
        ["{output}/bin/python", str(HERE / "python" / "conformance.py")], language="python-old", speaks=(QUERY,)
    ),
    "cli-1": Client(
        ["bash", str(HERE / "cli" / "conformance.sh"), str(Path(sys.executable).with_name("aws"))],
        without=frozenset(STREAMS | COMPRESSED),
        speaks=(JSON,),
    ),
    # As Debian 12 has it: from before Bedrock.
    "cli-2": Client(
        ["bash", str(HERE / "cli" / "conformance.sh"), "/usr/bin/aws", "before-bedrock"],
        without=frozenset(BEDROCK | COMPRESSED),
        speaks=(QUERY,),
    ),
    "javascript": Client(
        ["node", "{output}/conformance.js"],
        language="javascript",
        needs=("node", "npm"),
        speaks=(JSON, HTTP2),
    ),
    "go": Client(["{output}/conformance"], language="go", needs=("go",), speaks=(CBOR, HTTP1_CONVERSE)),
    "java-sync": Client(
        java("Sync"), language="java", needs=("java", "mvn"), without=frozenset(STREAMS), speaks=(CBOR, HTTP1_CONVERSE)
    ),
    "java-sync-jdk": Client(
        java("Sync", f"-Dsoftware.amazon.awssdk.http.service.impl={JDK_HTTP}"),
        language="java",
        needs=("java", "mvn"),
        without=frozenset(STREAMS),
        speaks=(CBOR, HTTP1_CONVERSE),
    ),
    "java-async": Client(java("Async"), language="java", needs=("java", "mvn"), speaks=(CBOR, HTTP2)),
    "rust": Client(
        ["{output}/debug/conformance"], language="rust", needs=("cargo",), speaks=(CBOR, HTTP1_CONVERSE)
    ),
}


def why_not(name, client):
    if absent := toolchains.missing(*client.needs):
        return f"{' and '.join(absent)} not found on this machine: the client {name} was NOT tested"
    if "node" in client.needs and (major := node_major()) < NODE_MIN:
        return f"Node {major} is here, the SDK needs {NODE_MIN}: the client {name} was NOT tested"
    if name == "cli-2" and not is_second_cli("/usr/bin/aws"):
        return "no AWS CLI 2 at /usr/bin/aws (Debian's package awscli): the client cli-2 was NOT tested"
    return None


def node_major():
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=60).stdout
    return int(told.lstrip("v").split(".")[0])


def is_second_cli(program):
    if not shutil.which(program):
        return False
    told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60).stdout
    return told.startswith("aws-cli/2.")


@pytest.fixture(scope="session")
def builds(request):
    """Makes what the chosen tests need, two at a time; each language's future has its folder."""
    wanted = {item.callspec.params.get("client") for item in request.session.items if hasattr(item, "callspec")}
    languages = {
        CLIENTS[name].language for name in wanted if name in CLIENTS and not why_not(name, CLIENTS[name])
    }
    # The longest first.
    order = [language for language in ("rust", "java", "go", "javascript", "python-old") if language in languages]
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {language: pool.submit(toolchains.build, language) for language in order}


def command_of(client, builds):
    if not client.language:
        return client.command
    output = builds[client.language].result()
    classpath = output / "classpath"
    known = {"output": output, "classpath": classpath.read_text().strip() if classpath.exists() else ""}
    return [part.format(**known) for part in client.command]


def environment_of(url):
    """As on a machine where nothing of AWS was ever set up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "LC_ALL": "C.UTF-8",
    }


def converse_with(program, server):
    """Reads what the program says, and turns the clock when it asks for it. All that it said."""
    said = []
    for line in program.stdout:
        said.append(line.strip())
        if line.strip() == "time?":
            server.advance(60)
            program.stdin.write("a minute later\n")
            program.stdin.flush()
    return said


def run(command, server, environment, errors):
    with open(errors, "w+") as complaints:
        program = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True, env=environment
        )
        limit = threading.Timer(RUN_SECONDS_MAX, program.kill)
        limit.start()
        try:
            said = converse_with(program, server)
            return program.wait(), said
        finally:
            limit.cancel()
            program.kill()
            program.wait()


@pytest.fixture
def command(client, builds):
    """What runs the client's program, once it is built."""
    if reason := why_not(client, CLIENTS[client]):
        pytest.skip(reason)
    return command_of(CLIENTS[client], builds)


def ignored_members(server):
    """Members that a client sent and the emulator does not know."""
    calls = server.control("GET", "calls?limit=1000")["calls"]
    return {call["operation"]: call["ignored"] for call in calls if call.get("ignored")}


@pytest.mark.parametrize("client", CLIENTS)
def test_an_sdk_at_its_defaults_gets_what_it_asks_for(client, command, server, tmp_path):
    facts = CLIENTS[client]
    server.control("POST", "rules", {"rules": RULES})
    tap = Wiretap(server.port)
    errors = tmp_path / "stderr"
    code, said = run(command, server, environment_of(tap.url), errors)
    tap.close()

    steps = [step for step in STEPS if step not in facts.without]
    done = [line.removeprefix("ok ") for line in said if line.startswith("ok ")]
    complaints = errors.read_text(errors="replace")[-6000:]
    assert (code, done) == (0, steps), f"{said}\n{complaints}\n{server.log()[-3000:]}"
    heard = tap.heard()
    for protocol in [*facts.speaks, *([GZIP] if COMPRESSED <= set(steps) else [])]:
        assert re.search(protocol, heard), f"{client} did not say {protocol!r}"
    assert not ignored_members(server)


RESOURCES = [
    "aws_cloudwatch_log_group",
    "aws_sns_topic",
    "aws_cloudwatch_metric_alarm",
    "aws_bedrock_model_invocation_logging_configuration",
]


@pytest.mark.parametrize("client", ["go"])
def test_terraforms_calls_find_what_they_wrote_and_nothing_after_the_last(client, command, server, tmp_path):
    errors = tmp_path / "stderr"
    code, said = run([*command, "terraform"], server, environment_of(server.url), errors)
    wanted = [f"ok {step}" for step in ["provider", *RESOURCES]]
    assert (code, said) == (0, wanted), errors.read_text(errors="replace")
    assert not ignored_members(server)


@pytest.mark.parametrize("client", ["javascript"])
def test_javascript_tries_again_what_a_rule_resets_over_http2(client, command, server, tmp_path):
    once = {"when": {"calls": "1"}, "error": {"connection": "reset"}}
    rules = [{"match": {"operation": operation}, **once} for operation in ("Converse", "ConverseStream")]
    server.control("POST", "rules", {"rules": rules})
    errors = tmp_path / "stderr"
    code, said = run([*command, "resets"], server, environment_of(server.url), errors)
    assert (code, said) == (0, ["ok tried-again"]), errors.read_text(errors="replace")
