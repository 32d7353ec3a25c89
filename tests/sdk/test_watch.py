"""Rules that are read again, destinations, and a database that is full."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError
from emulator import NO_RETRIES, NOVA, ControlError, Emulator, text_of, user
from program import fill, refusal, until, write_json

# ---- --watch ----------------------------------------------------------------------------------------------------------


def rules_of(server):
    return {rule["id"]: rule for rule in server.control("GET", "rules")["rules"]}


def said(server, text):
    return until(lambda: [line for line in server.log().splitlines() if text in line])


@pytest.fixture
def watched(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    write_json(folder / "a.json", {"id": "a", "match": {"prompt": "a"}, "respond": {"text": "one"}})
    write_json(folder / "b.json", {"id": "b", "match": {"prompt": "b"}, "latency": 1})
    (tmp_path / "server").mkdir()
    server = Emulator(tmp_path / "server", "--rules", str(folder), "--watch")
    server.rules_folder = folder
    yield server
    assert server.stop() == 0, server.log()


def answer(server, text):
    return text_of(server.client("bedrock-runtime").converse(modelId=NOVA, messages=user(text)))


def test_a_changed_file_is_read_again_and_other_rules_keep_their_counts(watched):
    assert answer(watched, "a") == "one"
    answer(watched, "b")
    assert rules_of(watched)["b"]["hits"] == 1
    write_json(watched.rules_folder / "a.json", {"id": "a", "match": {"prompt": "a"}, "respond": {"text": "two"}})
    until(lambda: rules_of(watched)["a"]["respond"]["text"] == "two")
    assert answer(watched, "a") == "two"
    assert (rules_of(watched)["a"]["hits"], rules_of(watched)["b"]["hits"]) == (1, 1)


def test_files_that_come_go_and_are_renamed(watched):
    folder = watched.rules_folder
    write_json(folder / "c.json", {"id": "c", "latency": 1})
    until(lambda: "c" in rules_of(watched))
    (folder / "b.json").unlink()
    until(lambda: "b" not in rules_of(watched))
    # As editors save: beside, and renamed.
    write_json(folder / ".a.json.swp", {"id": "a2", "latency": 2})
    os.rename(folder / ".a.json.swp", folder / "a.json")
    until(lambda: set(rules_of(watched)) == {"a2", "c"})
    os.rename(folder / "c.json", folder / "c.off")
    until(lambda: set(rules_of(watched)) == {"a2"})
    (folder / "a.json").unlink()
    until(lambda: rules_of(watched) == {})


def test_a_broken_file_keeps_the_old_rules_and_says_why_in_one_line(watched):
    folder = watched.rules_folder
    write_json(folder / "a.json", {"rules": [{"id": "a", "latency": {"mss": 1}}]})
    (line,) = said(watched, "the rules stay as they were: ")
    assert f"{folder}/a.json: " in line and "(at /rules/0/latency/mss)" in line
    assert set(rules_of(watched)) == {"a", "b"}
    assert answer(watched, "a") == "one"
    (folder / "a.json").write_text('{"id": }')
    assert said(watched, f"the rules stay as they were: {folder}/a.json:1:8: ")
    write_json(folder / "a.json", {"id": "a", "match": {"prompt": "a"}, "respond": {"text": "mended"}})
    until(lambda: rules_of(watched)["a"].get("respond") == {"text": "mended"})
    assert said(watched, "read 2 rules from ")


def test_rules_of_calls_stand_in_front_and_survive(watched):
    watched.rule(id="own", latency=9)
    write_json(watched.rules_folder / "b.json", {"id": "b2", "latency": 1})
    until(lambda: "b2" in rules_of(watched))
    assert next(iter(rules_of(watched))) == "own"
    # A reset brings back the rules as they are in the files by now.
    watched.control("POST", "reset", {"scopes": ["rules"]})
    assert set(rules_of(watched)) == {"a", "b2"}


def test_a_rule_of_a_file_that_a_call_has_replaced_is_named_and_not_counted(watched, tmp_path):
    watched.control("PUT", "rules/a", {"latency": 9})
    watched.restart()
    assert len(said(watched, "rules of --rules that are not in force: a. ")) == 1
    assert until(lambda: f"rules      1 from {watched.rules_folder}" in watched.log())
    assert rules_of(watched)["a"]["latency"] == 9
    write_json(watched.rules_folder / "b.json", {"id": "b", "latency": 2})
    assert said(watched, f"read 1 rules from {watched.rules_folder} again")
    watched.control("POST", "reset", {"scopes": ["rules"]})
    assert rules_of(watched)["a"]["respond"] == {"text": "one"}


def test_a_mounted_config_map_is_followed(tmp_path):
    folder = tmp_path / "rules"
    for version in ("1", "2"):
        (folder / f"..{version}").mkdir(parents=True)
        write_json(folder / f"..{version}" / "a.json", {"id": f"v{version}", "latency": 1})
    (folder / "..data").symlink_to("..1")
    (folder / "a.json").symlink_to("..data/a.json")
    (tmp_path / "server").mkdir()
    # The file itself is named here: the link that is turned is two steps away.
    server = Emulator(tmp_path / "server", "--rules", str(folder / "a.json"), "--watch")
    assert set(rules_of(server)) == {"v1"}
    (folder / "..data_tmp").symlink_to("..2")
    os.rename(folder / "..data_tmp", folder / "..data")
    until(lambda: set(rules_of(server)) == {"v2"})
    assert server.stop() == 0


def test_an_empty_folder_may_be_watched_but_not_just_loaded(tmp_path):
    (tmp_path / "rules").mkdir()
    assert refusal("--rules", "rules", "--db", ":memory:", cwd=tmp_path) == "rules: holds no .json file"
    (tmp_path / "server").mkdir()
    server = Emulator(tmp_path / "server", "--rules", str(tmp_path / "rules"), "--watch")
    write_json(tmp_path / "rules" / "a.json", {"id": "a", "latency": 1})
    until(lambda: "a" in rules_of(server))
    assert server.stop() == 0


def test_without_watch_nothing_is_read_again(tmp_path):
    file = write_json(tmp_path / "a.json", {"id": "a", "latency": 1})
    (tmp_path / "server").mkdir()
    server = Emulator(tmp_path / "server", "--rules", str(file))
    assert not watches(server)
    assert server.stop() == 0


def watches(server):
    links = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{server.process.pid}/fd")]
    return [link for link in links if "inotify" in link]


def test_a_watch_is_the_systems_own(watched):
    assert len(watches(watched)) == 1


# ---- --destination ----------------------------------------------------------------------------------------------------


class Sink:
    """A local server that keeps what is posted to it."""

    def __init__(self):
        self.posts = posts = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posts.append((self.path, dict(self.headers), body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


def test_what_goes_to_a_function_is_forwarded_to_its_destination(tmp_path):
    sink = Sink()
    function = "arn:aws:lambda:us-east-1:000000000000:function:"
    server = Emulator(tmp_path, "--destination", f"arn:aws:lambda:*:*:function:alert={sink.url}/alert?x=1",
                      "--destination", f"{function}al*={sink.url}/later")  # fmt: skip
    sns = server.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    for name in ("alert", "also", "unmapped"):
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function + name)
    sns.publish(TopicArn=topic, Subject="s", Message="hello")
    deliveries = until(lambda: (all_ := server.control("GET", "deliveries")["deliveries"])
                       and all(d["status"] != "pending" for d in all_) and all_)  # fmt: skip
    assert {d["target"].removeprefix(function): d["status"] for d in deliveries} == {
        "alert": "delivered", "also": "delivered", "unmapped": "captured"}  # fmt: skip
    posts = {path: (headers, body) for path, headers, body in sink.posts}
    assert set(posts) == {"/alert?x=1", "/later"}
    headers, body = posts["/alert?x=1"]
    assert headers["Content-Type"] == "application/json"
    (record,) = json.loads(body)["Records"]
    assert (record["EventSource"], record["Sns"]["Message"], record["Sns"]["Subject"]) == ("aws:sns", "hello", "s")
    assert server.stop() == 0


# ---- --max-db-size ----------------------------------------------------------------------------------------------------

SMALL = pytest.mark.options("--max-db-size", "4MiB")


@SMALL
def test_a_full_database_refuses_writes_answers_reads_and_takes_writes_again_once_there_is_room(server):
    error = fill(server)
    assert error.response["Error"]["Code"] == "LimitExceededException"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "--max-db-size" in error.response["Error"]["Message"]
    assert said(server, "The database has reached its 4194304 bytes (--max-db-size): delete something")
    assert server.database.stat().st_size <= 4 << 20
    with pytest.raises(ControlError) as told:
        for number in range(100):
            server.rule(id=f"r{number}", respond={"text": "x" * 100_000})
    assert (told.value.status, told.value.error["code"]) == (500, "DatabaseFailure")
    assert "--max-db-size" in told.value.error["message"]
    server.control("DELETE", "rules")
    logs = server.client("logs", **NO_RETRIES)
    assert logs.get_log_events(logGroupName="fill", logStreamName="s", limit=1)["events"]
    assert [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]] == ["fill"]
    for round_ in range(3):  # room is found again and again
        logs.delete_log_group(logGroupName="fill")
        assert fill(server) is not None
        assert server.database.stat().st_size <= 4 << 20, round_
    server.control("POST", "reset")
    assert logs.describe_log_groups()["logGroups"] == []
    assert fill(server) is not None


@SMALL
@pytest.mark.parametrize(("service", "code", "call"), [
    ("sqs", "OverLimit", lambda c, n: c.create_queue(QueueName=f"q{n}", tags={f"t{k}": "v" * 250 for k in range(45)})),
    ("cloudwatch", "LimitExceeded", lambda c, n: c.put_dashboard(DashboardName=f"d{n}", DashboardBody=json.dumps({"widgets": [], "x": "x" * 200_000}))),
    ("iam", "LimitExceeded", lambda c, n: c.create_role(RoleName=f"r{n}", AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Sid": "x" * 1500, "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}))),
    ("sns", "LimitExceeded", lambda c, n: c.create_topic(Name=f"t{n}", Tags=[{"Key": f"k{k}", "Value": "v" * 250} for k in range(45)])),
])  # fmt: skip
def test_every_service_says_it_with_its_own_error_and_no_sdk_tries_for_minutes(server, service, code, call):
    fill(server)
    client = server.client(service)  # with its retries
    refused = None
    for number in range(200):
        try:
            call(client, number)
        except ClientError as error:
            refused = error
            break
    assert refused is not None
    assert (refused.response["Error"]["Code"]) in (code, code + "Fault", code + "Exception")
    assert refused.response["ResponseMetadata"]["HTTPStatusCode"] < 500
    assert refused.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert "--max-db-size" in refused.response["Error"]["Message"]


@SMALL
def test_an_invocation_answers_although_its_record_finds_no_room(server):
    fill(server)
    assert text_of(server.client("bedrock-runtime", **NO_RETRIES).converse(modelId=NOVA, messages=user("hello")))
    assert server.control("GET", "health")["status"] == "ok"


def test_a_database_that_is_larger_than_allowed_still_opens_and_can_be_emptied(tmp_path):
    server = Emulator(tmp_path)
    assert fill(server, batches=30) is None
    assert server.stop() == 0
    assert server.database.stat().st_size > 8 << 20
    server.start("--max-db-size", "4MiB")
    logs = server.client("logs", **NO_RETRIES)
    assert logs.describe_log_groups()["logGroups"]
    logs.delete_log_group(logGroupName="fill")
    logs.create_log_group(logGroupName="again")
    assert server.stop() == 0


def test_a_size_is_told_alike_everywhere():
    for option in ("--max-body", "--max-db-size"):
        assert "such as 67108864 or 64MiB" in refusal(option, "64MB")
