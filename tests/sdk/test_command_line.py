"""The command line, as control-api.md promises it: every option in every way it can be set, the commands, the exit
codes and what is said when something is wrong."""

import functools
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from emulator import BINARY, NO_RETRIES, NOVA, Emulator, code_of, text_of, user
from program import fill, refusal, run, surroundings, until, write_json


# ---- every option, in every way ---------------------------------------------------------------------------------------


def banner_of(server):
    return until(lambda: server.log() if server.log().endswith("Ready.\n") or "\nReady.\n" in server.log() else None)


def groups(server, **config):
    return server.client("logs", **config).describe_log_groups()["logGroups"]


def refused_body(server, size):
    client = server.client("sqs", **NO_RETRIES)
    with pytest.raises(ClientError) as error:
        client.create_queue(QueueName="q", tags={"a": "x" * size})
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def header_answer(server, headers, path="/_rockwatch/rules"):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        connection.sendall(f"GET {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.decode()


def status_of(server, headers, path="/_rockwatch/rules"):
    return int(header_answer(server, headers, path).split()[1])


def converse(server, **arguments):
    return server.client("bedrock-runtime", **NO_RETRIES).converse(
        modelId=arguments.pop("modelId", NOVA), messages=user(arguments.pop("text", "hello")), **arguments
    )


def refused_converse(server, **arguments):
    with pytest.raises(ClientError) as error:
        converse(server, **arguments)
    return code_of(error)


def logging_refused(server):
    bedrock = server.client("bedrock", **NO_RETRIES)
    server.client("logs").create_log_group(logGroupName="g")
    role = "arn:aws:iam::000000000000:role/nobody"
    try:
        bedrock.put_model_invocation_logging_configuration(
            loggingConfig={"cloudWatchConfig": {"logGroupName": "g", "roleArn": role}}
        )
    except ClientError:
        return True
    return False


def subscribed(server, endpoint):
    sns = server.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=endpoint)
    sns.publish(TopicArn=topic, Message="hello")
    return until(lambda: [d for d in server.control("GET", "deliveries")["deliveries"] if d["attempts"] or d["status"] != "pending"])


LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:alert"


def idle_is_closed(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"GET /_rockwatch/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while connection.recv(65536):
            pass
        return True  # closed within the time limit of the socket, long before 75 s


def one_connection_only(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as held:
        held.sendall(b"GET /")  # its head is not whole: it holds its place
        return until(lambda: " 503 " in header_answer(server, {"Host": "localhost"}, "/_rockwatch/clock"))


def one_worker_only(server):
    server.rule(latency=60_000)
    caller = threading.Thread(target=lambda: pytest.raises(Exception, converse, server), daemon=True)
    caller.start()
    return until(lambda: " 503 " in header_answer(server, {"Host": "localhost"}, "/_rockwatch/clock"))


def calls_kept(server):
    for _ in range(4):
        groups(server)
    return len(server.control("GET", "calls")["calls"])


def request_id(server):
    return server.client("logs").describe_log_groups()["ResponseMetadata"]["RequestId"]


@functools.cache
def first_request_id(seed):
    """What a server of that seed calls its first request."""
    ask = "import boto3; print(boto3.client('logs').describe_log_groups()['ResponseMetadata']['RequestId'])"
    code, out, err = run("exec", "--seed", seed, "--", sys.executable, "-c", ask)
    assert code == 0, err
    return out.strip()


SYNCS = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static int noted(long number, int file) {
    int note = open(getenv("SYNCS"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (write(note, ".", 1) < 0) abort();
    close(note);
    return syscall(number, file);
}
int fsync(int file) { return noted(SYS_fsync, file); }
int fdatasync(int file) { return noted(SYS_fdatasync, file); }
"""


@pytest.fixture(scope="session")
def sync_counter(tmp_path_factory):
    """A library that notes every fsync of the program that is started with it."""
    folder = tmp_path_factory.mktemp("syncs")
    (folder / "syncs.c").write_text(SYNCS)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "syncs.so", folder / "syncs.c"], check=True)
    return folder / "syncs.so"


def syncs_of_ten_writes(server):
    noted = Path(server.variables["SYNCS"])
    before = noted.stat().st_size
    for number in range(10):
        server.client("logs").create_log_group(logGroupName=f"g{number}")
    return noted.stat().st_size - before


def record_survives_a_kill(server):
    assert not logging_refused(server)
    converse(server)
    server.kill()
    server.start()
    stream = {"logGroupName": "g", "logStreamName": "aws/bedrock/modelinvocations"}
    return len(server.client("logs").get_log_events(**stream)["events"]) == 2  # the first is about permissions


# name, value, what is seen with it. `{dir}`: a folder of the test's own.
EFFECTS = [
    ("host", "127.0.0.1", lambda s: "listens on http://127.0.0.1:" in banner_of(s) and "[::1]" not in banner_of(s)),
    ("durability", "power", lambda s: syncs_of_ten_writes(s) >= 10),
    ("invocation-log", "sync", lambda s: record_survives_a_kill(s)),
    ("rules", "{dir}/rules.json", lambda s: [r["id"] for r in s.control("GET", "rules")["rules"]] == ["of-a-file"]),
    ("setup", "{dir}/setup.json", lambda s: [g["logGroupName"] for g in groups(s)] == ["made"]),
    ("region", "eu-west-1", lambda s: "region eu-west-1" in banner_of(s) and "AWS_REGION='eu-west-1'" in banner_of(s)),
    ("account", "123456789012", lambda s: s.client("sts").get_caller_identity()["Account"] == "123456789012"),
    ("iam", "strict", logging_refused),
    ("unmatched", "reject", lambda s: refused_converse(s) == "ValidationException"),
    ("unknown-models", "accept", lambda s: converse(s, modelId="nobody.knows-v1:0") and True),
    ("latency", "realistic", lambda s: converse(s)["metrics"]["latencyMs"] > 1),
    ("clock", "scaled:60", lambda s: s.control("GET", "clock")["speed"] == 60),
    ("now", "2030-01-01T00:00:00Z", lambda s: s.control("GET", "clock")["now"].startswith("2030-01-01")),
    ("seed", "7", lambda s: request_id(s) == first_request_id("7") != first_request_id("1")),
    ("keep-alive", "1", idle_is_closed),
    ("max-body", "4KiB", lambda s: refused_body(s, 5000)),
    ("max-body", "4096", lambda s: refused_body(s, 5000)),
    ("max-connections", "1", one_connection_only),
    ("workers-max", "1", one_worker_only),
    ("journal", "2", lambda s: calls_kept(s) == 2),
    ("host-name", "box.example.com", lambda s: status_of(s, {"Host": "box.example.com"}) == 200),
    ("cors-origin", "https://app.example", lambda s: "Access-Control-Allow-Origin: https://app.example" in
        header_answer(s, {"Host": "localhost", "Origin": "https://app.example"}, "/foundation-models")),
    ("control-token", "s3cret", lambda s: status_of(s, {"Host": "localhost"}) == 401
        and status_of(s, {"Host": "localhost", "Authorization": "Bearer s3cret"}) == 200),
    ("log-level", "debug", lambda s: groups(s) is not None and until(lambda: "DescribeLogGroups" in s.log())),
    ("log-format", "json", lambda s: until(lambda: '"level":"info"' in s.log())),
    ("max-db-size", "4MiB", lambda s: fill(s).response["Error"]["Code"] == "LimitExceededException"),
    ("destination", LAMBDA + "=http://127.0.0.1:9/f", lambda s: subscribed(s, LAMBDA)[0]["attempts"] == 1),
]  # fmt: skip


def without(name, server):
    """What is seen without the option, where that is not what is seen with it."""
    if name == "rules":
        assert server.control("GET", "rules")["rules"] == []
    elif name == "setup":
        assert groups(server) == []
    elif name == "iam":
        assert not logging_refused(server)
    elif name == "unmatched":
        assert text_of(converse(server))
    elif name == "unknown-models":
        assert refused_converse(server, modelId="nobody.knows-v1:0") in ("ValidationException", "ResourceNotFoundException")
    elif name == "latency":
        assert converse(server)["metrics"]["latencyMs"] == 1
    elif name == "host-name":
        assert status_of(server, {"Host": "box.example.com"}) == 403
    elif name == "destination":
        assert subscribed(server, LAMBDA)[0]["status"] == "captured"
    elif name == "journal":
        assert calls_kept(server) == 4


@pytest.fixture
def folder(tmp_path):
    write_json(tmp_path / "rules.json", {"id": "of-a-file", "latency": 1})
    write_json(tmp_path / "setup.json", [{"service": "logs", "operation": "CreateLogGroup", "input": {"logGroupName": "made"}}])
    return tmp_path


class Server(Emulator):
    """One in a folder below the test's, with variables of its own."""

    def __init__(self, folder, *flags, **variables):
        (folder / "server").mkdir()
        super().__init__(folder / "server", *flags, variables=variables)


def variable(option):
    return "ROCKWATCH_" + option.upper().replace("-", "_")


@pytest.mark.parametrize("way", ["flag", "variable", "file"])
@pytest.mark.parametrize(("option", "value", "seen"), EFFECTS, ids=[f"{name}={value[:12]}" for name, value, _ in EFFECTS])
def test_every_option_works_in_every_way(folder, sync_counter, option, value, seen, way):
    value = value.replace("{dir}", str(folder))
    flags, variables = [], {"LD_PRELOAD": str(sync_counter), "SYNCS": str(folder / "syncs")} if option == "durability" else {}
    if way == "flag":
        flags = [f"--{option}", value]
    elif way == "variable":
        variables[variable(option)] = value
    else:
        flags = ["--config", str(write_json(folder / "config.json", {option: value}))]
    server = Server(folder, *flags, **variables)
    try:
        assert seen(server), server.log()
    finally:
        server.kill() if option in ("workers-max", "max-connections") else server.stop()


@pytest.mark.parametrize("option", ["rules", "setup", "iam", "unmatched", "unknown-models", "latency", "host-name", "destination", "journal"])
def test_without_the_option_there_is_no_such_effect(folder, option):
    server = Server(folder)
    without(option, server)
    assert server.stop() == 0


def test_flags_win_over_the_environment_and_that_over_the_file(folder):
    config = write_json(folder / "config.json", {"account": "333333333333", "region": "eu-west-3", "seed": 3})
    server = Server(folder, "--account", "111111111111", ROCKWATCH_ACCOUNT="222222222222", ROCKWATCH_REGION="eu-west-2",
                    AWS_REGION="eu-west-1", ROCKWATCH_CONFIG=str(config))  # fmt: skip
    assert "account    111111111111, region eu-west-2" in banner_of(server)
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("variables", "region"),
    [({"AWS_REGION": "eu-north-1"}, "eu-north-1"), ({"AWS_REGION": "eu-north-1", "ROCKWATCH_REGION": "sa-east-1"}, "sa-east-1"), ({}, "us-east-1")],
)
def test_the_region_is_aws_region_when_nothing_of_ours_names_one(variables, region):
    code, out, err = run("env", **variables)
    assert (code, err) == (0, "")
    assert f"export AWS_REGION='{region}'" in out


def test_a_list_is_parted_by_commas_in_the_environment_and_repeated_as_a_flag(folder):
    second = write_json(folder / "second.json", {"id": "second", "latency": 2})
    for arguments in (
        {"ROCKWATCH_RULES": f"{folder}/rules.json, {second}"},
        {"flags": ("--rules", f"{folder}/rules.json", "--rules", str(second))},
        {"file": {"rules": [f"{folder}/rules.json", str(second)]}},
    ):
        flags = arguments.pop("flags", ())
        if "file" in arguments:
            flags = ("--config", str(write_json(folder / "config.json", arguments.pop("file"))))
        for old in folder.glob("server"):
            old.rename(folder / f"before-{time.monotonic_ns()}")
        server = Server(folder, *flags, **arguments)
        assert [rule["id"] for rule in server.control("GET", "rules")["rules"]] == ["second", "of-a-file"]
        assert server.stop() == 0


def test_port_db_and_port_file_are_options_like_all_others(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = write_json(folder / "c.json", {"port": port, "db": str(folder / "other.db"), "port-file": str(folder / "p"), "host": "127.0.0.1"})
    process = subprocess.Popen([BINARY, "--config", config], env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert int(until(lambda: (folder / "p").exists() and (folder / "p").read_text())) == port
    assert (folder / "other.db").exists()
    process.terminate()
    assert process.wait(20) == 0


def test_under_the_usual_durability_a_write_waits_for_no_disk(folder, sync_counter):
    server = Server(folder, LD_PRELOAD=str(sync_counter), SYNCS=str(folder / "syncs"))
    assert syncs_of_ten_writes(server) == 0
    assert server.stop() == 0


def test_help_and_version_work_on_every_command():
    for command in ([], ["serve"], ["env"], ["exec"], ["healthcheck"], ["validate"]):
        code, out, err = run(*command, "--help")
        assert (code, err) == (0, "") and "Usage" in out, (command, out, err)
        code, out, err = run(*command, "--version")
        assert (code, err) == (0, "") and re.match(r"rockwatch \d+\.\d+", out), (command, out, err)


def test_the_help_lists_every_option_of_the_contract_with_its_default():
    for text in (run("--help")[1], run("serve", "--help")[1]):
        lines = {line.split()[0].removeprefix("--"): line for line in text.splitlines() if line.strip().startswith("--")}
        for option, default in CONTRACT.items():
            assert option in lines, option
            assert not default or f"={default} " in lines[option], (option, lines[option])


def test_the_readme_lists_every_option_of_the_contract():
    table = (Path(__file__).parents[2] / "README.md").read_text().split("## Options")[1].split("## What is covered")[0]
    for option, default in CONTRACT.items():
        row = [line for line in table.splitlines() if line.startswith("|") and re.search(rf"`--{option}[ `]", line)]
        assert len(row) == 1, option
        assert not default or default.replace("64MiB", "64 MiB") in row[0], (option, row)


CONTRACT = {
    "host": "localhost", "port": "4566", "port-file": "", "db": "rockwatch.db", "durability": "process",
    "invocation-log": "async", "rules": "", "watch": "", "setup": "", "region": "us-east-1",
    "account": "000000000000", "auth": "off", "credentials": "", "iam": "lenient", "unmatched": "answer",
    "unknown-models": "reject", "latency": "none", "clock": "", "now": "", "seed": "1", "keep-alive": "75",
    "max-body": "64MiB", "max-connections": "10000", "workers-max": "4096", "max-db-size": "", "journal": "10000",
    "host-name": "", "cors-origin": "", "control-token": "", "allow-outbound": "", "destination": "", "config": "",
    "log-level": "info", "log-format": "text",
}  # fmt: skip


# ---- what is wrong is said in one line -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--prot-file", "x"], "there is no option --prot-file. Did you mean --port-file?"),
        (["--port-fil=x"], "there is no option --port-fil. Did you mean --port-file?"),
        (["serve", "--watc"], "there is no option --watc. Did you mean --watch?"),
        (["--zzzzzzzzzz"], "there is no option --zzzzzzzzzz. See rockwatch --help"),
        (["-p", "1"], "there is no option -p. See rockwatch --help"),
        (["srve"], "there is no command srve. Did you mean serve?"),
        (["serve", "now"], "serve: nothing is known to do with now. See rockwatch serve --help"),
        (["serve", "--", "now"], "nothing is known to do with what stands behind --: now"),
        (["--port"], "--port: its value is missing"),
        (["--port", "99999"], "--port 99999: must be a whole number from 0 to 65535"),
        (["--port", "1", "--port", "2"], "--port is given 2 times"),
        (["--auth", "on"], "--auth on: must be off or verify"),
        (["--auth", "verify"], "--auth verify: nobody could call: name a file with --credentials"),
        (["--credentials", "x"], "--credentials: nothing is verified without --auth verify"),
        (["--watch"], "--watch: there is nothing to watch: name a file or a directory with --rules"),
        (["--log-level", "loud"], "--log-level loud: must be trace, debug, info, warn, error or off"),
        (["--control-token", ""], "--control-token: must be a token, not empty"),
        (["--destination", "nowhere"], "--destination nowhere: must be ARN=URL: arn:aws:lambda:*:*:function:alert=http://127.0.0.1:9000/alert"),
        (["--destination", "*=ftp://127.0.0.1/"], "--destination *=ftp://127.0.0.1/: ftp://127.0.0.1/: only http and https are spoken"),
        (["--destination", "*=http://hooks.example/"], "--destination *=http://hooks.example/: hooks.example is not a local host: start with --allow-outbound hooks.example to have it called"),
        (["--destination", "*=http://169.254.169.254/", "--allow-outbound", "169.254.169.254"], "--destination *=http://169.254.169.254/: 169.254.169.254 is link-local and is never called"),
        (["--max-db-size", "1"], "--max-db-size 1: must be a number of bytes from 4 MiB to 1024 GiB, such as 67108864 or 64MiB"),
        (["--host", "no.such.host.invalid"], "--host no.such.host.invalid: "),
        (["--db", "/nowhere/at/all.db"], "cannot write /nowhere/at/all.db-lock: No such file or directory. Name another file with --db, or use --db :memory:"),
        (["exec"], "exec: the command is missing: rockwatch exec -- COMMAND…"),
        (["validate"], "validate: the files are missing: rockwatch validate FILE…"),
        (["env", "--shell", "cmd"], "--shell cmd: must be sh, fish, powershell, dotenv or json"),
        (["env", "--port", "0"], "--port 0: env cannot know which port the server took: name it, or its --port-file"),
        (["healthcheck", "--wait", "soon"], "--wait soon: must be a whole number from 0 to 86400"),
        (["test", "a.json"], "the command test is not supported yet"),
        (["simulate", "a.json"], "the command simulate is not supported yet"),
        (["--rules", "absent.json"], "absent.json: cannot be read: No such file or directory"),
        (["--rules", "empty"], "empty: holds no .json file"),
        (["--rules", "syntax.json"], "syntax.json:2:9: syntax error"),
        (["--rules", "broken.json"], "(at /rules/1/latency/mss)"),
        (["--rules", "one.json", "--rules", "again.json"], "again.json: the rule one stands in one.json already"),
        (["--setup", "absent.json"], "absent.json: cannot be read: No such file or directory"),
        (["--setup", "syntax.json"], "syntax.json:2:9: syntax error"),
        (["--setup", "one.json"], "one.json: a set-up file is a list of calls"),
        (["--setup", "typo.json"], "typo.json: unknown member inptu (at /0/inptu)"),
        (["--setup", "failing.json"], "failing.json: logs CreateLogStream: ResourceNotFoundException: The specified log group does not exist. (at /1)"),
        (["--setup", "unknown.json"], "unknown.json: there is no operation MakeLogGroup of logs (at /0)"),
        (["--config", "absent.json"], "absent.json: cannot be read: No such file or directory"),
        (["--config", "config.json"], "config.json: there is no option prot. Did you mean port? (at /prot)"),
        (["--config", "type.json"], "type.json: must be a whole number from 0 to 65535 (at /port)"),
        (["--config", "list.json"], "list.json: takes one value, not a list (at /port)"),
        (["--config", "number.json"], "number.json: must be a text, or a list of texts (at /rules)"),
        (["--config", "numbers.json"], "numbers.json: must be a text, or a list of texts (at /setup)"),
        (["--watch=foo"], "--watch foo: must be true, false, 1 or 0"),
        (["--port-file", "absent/port"], "--port-file absent/port: cannot be written: No such file or directory. Name a file in a folder that exists and is yours"),
        (["exec", "--", "no-such-command"], "exec: no-such-command cannot be run: No such file or directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(tmp_path, arguments, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "syntax.json").write_text('{\n  "id": x}')
    write_json(tmp_path / "broken.json", {"rules": [{"latency": 1}, {"latency": {"mss": 5}}]})
    write_json(tmp_path / "one.json", {"id": "one", "latency": 1})
    write_json(tmp_path / "again.json", {"id": "one", "latency": 2})
    write_json(tmp_path / "typo.json", [{"service": "logs", "operation": "CreateLogGroup", "inptu": {}}])
    write_json(tmp_path / "unknown.json", [{"service": "logs", "operation": "MakeLogGroup"}])
    write_json(tmp_path / "failing.json", [
        {"service": "logs", "operation": "CreateLogGroup", "input": {"logGroupName": "g"}},
        {"service": "logs", "operation": "CreateLogStream", "input": {"logGroupName": "h", "logStreamName": "s"}},
    ])  # fmt: skip
    write_json(tmp_path / "config.json", {"prot": 1})
    write_json(tmp_path / "type.json", {"port": "http"})
    write_json(tmp_path / "list.json", {"port": [1, 2]})
    write_json(tmp_path / "number.json", {"rules": 5})
    write_json(tmp_path / "numbers.json", {"setup": ["a", 5]})
    code = 4 if "/nowhere" in " ".join(arguments) else 2
    line = refusal(*arguments, code=code, cwd=tmp_path)
    assert said in line if said.startswith("(") or said.endswith((": ", "error", "list")) else line == said
    # Nothing was served, and nothing is left behind.
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(("name", "value", "said"), [
    ("ROCKWATCH_PORT", "http", "ROCKWATCH_PORT http: must be a whole number from 0 to 65535"),
    ("AWS_REGION", "Europe", "AWS_REGION Europe: must be a region such as eu-west-1"),
    ("ROCKWATCH_WATCH", "yes", "ROCKWATCH_WATCH yes: must be true, false, 1 or 0"),
    ("ROCKWATCH_CONFIG", "absent.json", "absent.json: cannot be read: No such file or directory"),
])  # fmt: skip
def test_what_is_wrong_in_the_environment_is_named_there(tmp_path, name, value, said):
    assert refusal("serve", cwd=tmp_path, **{name: value}) == said


# What Kubernetes and `docker run --link` put into the environment for a service or a container called rockwatch.
LINKS = {
    "ROCKWATCH_SERVICE_HOST": "10.96.1.2", "ROCKWATCH_SERVICE_PORT": "4566", "ROCKWATCH_SERVICE_PORT_HTTP": "4566",
    "ROCKWATCH_PORT": "tcp://10.96.1.2:4566", "ROCKWATCH_PORT_4566_TCP": "tcp://10.96.1.2:4566",
    "ROCKWATCH_PORT_4566_TCP_PROTO": "tcp", "ROCKWATCH_PORT_4566_TCP_PORT": "4566", "ROCKWATCH_PORT_4566_TCP_ADDR": "10.96.1.2",
    "ROCKWATCH_NAME": "/web/rockwatch", "ROCKWATCH_ENV_PATH": "/bin",
}  # fmt: skip


def test_what_is_told_of_a_service_called_rockwatch_is_no_option(tmp_path):
    config = write_json(tmp_path / "config.json", {"port": 1234})
    for arguments, port in ([], 4566), (["--config", config], 1234), (["--port", 99, "--config", config], 99):
        code, out, err = run("env", *arguments, **LINKS)
        assert (code, err) == (0, "")
        assert f"AWS_ENDPOINT_URL='http://127.0.0.1:{port}'" in out
    assert run("exec", "--", "true", **LINKS)[0] == 0


def test_a_flag_that_is_off_on_the_command_line_is_off(tmp_path):
    # It could not be on without --rules, which says so.
    assert refusal("env", cwd=tmp_path, ROCKWATCH_WATCH="true").startswith("--watch: there is nothing to watch")
    write_json(tmp_path / "config.json", {"watch": True})
    for off in ("--watch=false", "--watch=0"):
        assert run("env", off, cwd=tmp_path, ROCKWATCH_WATCH="true")[0] == 0
        assert run("env", off, "--config", "config.json", cwd=tmp_path)[0] == 0
    assert refusal("env", "--watch=true", cwd=tmp_path).startswith("--watch: there is nothing to watch")


def test_a_port_in_use_is_exit_code_3(server):
    line = refusal("--db", ":memory:", "--port", server.port, "--host", "127.0.0.1", code=3)
    assert line == f"127.0.0.1:{server.port} is in use: stop the other server, or choose another port with --port"


def test_a_database_in_use_is_exit_code_4(server):
    line = refusal("--db", server.database, "--port", 0, code=4)
    assert line == f"{server.database} is in use by another server (process {server.process.pid}). Stop it, or name another file with --db"
    assert server.control("GET", "health")["status"] == "ok"


def test_a_file_that_is_no_database_is_exit_code_4(tmp_path):
    (tmp_path / "notes.db").write_text("Dear diary, " * 200)
    line = refusal("--db", tmp_path / "notes.db", "--port", 0, code=4)
    assert str(tmp_path / "notes.db") in line and "--db" in line
    assert (tmp_path / "notes.db").read_text().startswith("Dear diary")


def test_a_database_of_a_newer_program_and_one_of_another_are_exit_code_4(tmp_path):
    server = Emulator(tmp_path)
    assert server.stop() == 0
    with sqlite3.connect(server.database) as database:
        database.execute("UPDATE schema_version SET number = 999 WHERE owner = 'logs'")
    line = refusal("--db", server.database, "--port", 0, code=4)
    assert f"{server.database} was written by a newer Rockwatch" in line and "--db" in line
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE note (text)")
    line = refusal("--db", other, "--port", 0, code=4)
    assert line == f"{other} is a database of another program. Name another file with --db"


# ---- the banner -------------------------------------------------------------------------------------------------------


def test_the_banner_ends_with_ready_and_its_variables_work(server):
    text = banner_of(server)
    assert f"listens on http://127.0.0.1:{server.port}" in text
    exported = dict(re.findall(r"export (\w+)='([^']*)'", text))
    client = boto3.client("logs", endpoint_url=exported["AWS_ENDPOINT_URL"], region_name=exported["AWS_REGION"],
                          aws_access_key_id=exported["AWS_ACCESS_KEY_ID"],
                          aws_secret_access_key=exported["AWS_SECRET_ACCESS_KEY"])  # fmt: skip
    assert client.describe_log_groups()["logGroups"] == []
    assert "clock      frozen at 2026-01-01T00:00:00Z" in text
    assert f"{server.database} (new)" in text


@pytest.mark.options()
def test_the_banner_tells_of_a_database_and_a_clock_that_were_kept(server):
    server.client("logs").create_log_group(logGroupName="g")
    assert "clock " not in server.log()
    server.control("PUT", "clock", {"mode": "frozen", "now": "2031-01-01T00:00:00Z"})
    server.restart()
    assert "clock      frozen at 2031-01-01T00:00:00Z" in server.log()
    assert re.search(r"rockwatch\.db \([\d.]+ [KM]iB, kept from last time\)", server.log().split("Ready.")[1])
