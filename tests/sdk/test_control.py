"""Rockwatch's own API, as control-api.md promises it."""

import urllib.request

import pytest
from botocore.exceptions import ClientError
from emulator import NO_RETRIES, NOVA, ControlError, Emulator, code_of, message_of, user


def test_health_tells_version_clock_and_services(server):
    health = server.control("GET", "health")
    assert health["status"] == "ok"
    assert health["version"]
    assert health["clock"]["mode"] == "frozen"
    assert health["services"]["bedrock-runtime"] == "available"
    with urllib.request.urlopen(f"{server.url}/_localstack/health") as answer:
        assert answer.status == 200


def test_the_clock_is_read_set_and_advanced(server):
    assert server.control("GET", "clock")["now"] == "2026-01-01T00:00:00.000Z"
    assert server.advance(900)["now"] == "2026-01-01T00:15:00.000Z"
    assert server.control("POST", "clock/advance", {"to": "2026-01-01T01:00:00Z"})["now"] == "2026-01-01T01:00:00.000Z"
    assert server.control("PUT", "clock", {"mode": "scaled", "speed": 60})["speed"] == 60
    server.control("PUT", "clock", {"mode": "frozen"})
    server.client("logs").create_log_group(logGroupName="group")
    with pytest.raises(ControlError) as error:
        server.control("PUT", "clock", {"mode": "frozen", "now": "2025-01-01T00:00:00Z"})
    assert error.value.status == 409
    server.control("PUT", "clock", {"mode": "frozen", "now": "2025-01-01T00:00:00Z", "force": True})
    assert server.control("GET", "clock")["now"].startswith("2025-01-01T00:00:00")


def test_rules_are_added_replaced_and_deleted(server):
    server.rule(id="a", latency=1)
    server.rule(id="b", latency=2)
    assert [rule["id"] for rule in server.control("GET", "rules")["rules"]] == ["b", "a"]
    with pytest.raises(ControlError) as error:
        server.rule(id="a", latency=3)
    assert error.value.status == 409
    server.control("PUT", "rules/a", {"latency": 4})
    server.control("DELETE", "rules/b")
    (rule,) = server.control("GET", "rules")["rules"]
    assert (rule["id"], rule["latency"]) == ("a", 4)
    server.control("DELETE", "rules")
    assert server.control("GET", "rules")["rules"] == []


def test_a_typo_in_a_rule_is_refused_with_its_place(server):
    with pytest.raises(ControlError) as error:
        server.control("POST", "rules", {"rules": [{"latency": 1}, {"latency": {"mss": 5}}]})
    assert error.value.status == 400
    assert error.value.error["path"].startswith("/rules/1/latency")
    assert server.control("GET", "rules")["rules"] == []


def test_the_journal_tells_which_rule_answered_and_what_was_ignored(server, runtime):
    server.rule(id="spike", match={"modelId": "amazon.*"}, latency=4038)
    server.rule(id="refund", match={"prompt": "refund"}, respond={"text": "no"})
    runtime.converse(modelId=NOVA, messages=user("hello"))
    (call,) = server.control("GET", "calls?operation=Converse")["calls"]
    assert (call["service"], call["operation"], call["modelId"]) == ("bedrock-runtime", "Converse", NOVA)
    assert (call["status"], call["latencyMs"], call["rules"]) == (200, 4038, ["spike"])
    assert {"rule": "refund", "failed": "/match/prompt"} in call["nearMisses"]
    server.control("DELETE", "calls")
    assert server.control("GET", "calls")["calls"] == []


def test_a_reset_empties_everything_and_keeps_what_it_is_not_asked_for(server, runtime):
    logs = server.client("logs")
    logs.create_log_group(logGroupName="group")
    server.rule(id="a", latency=1)
    server.control("POST", "reset", {"scopes": ["rules"]})
    assert server.control("GET", "rules")["rules"] == []
    assert len(logs.describe_log_groups()["logGroups"]) == 1
    server.control("POST", "reset")
    assert logs.describe_log_groups()["logGroups"] == []
    with pytest.raises(ControlError) as error:
        server.control("POST", "reset", {"scopes": ["logs", "everything"]})
    assert (error.value.status, error.value.error["path"]) == (400, "/scopes/1")


def test_what_is_not_done_yet_is_refused_by_name(server):
    with pytest.raises(ControlError) as error:
        server.control("POST", "scenarios/run", {"name": "a story"})
    assert (error.value.status, error.value.error["code"]) == (501, "NotImplemented")
    assert "scenarios/run" in error.value.error["message"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("bedrock", "list_guardrails", {}),
        ("cloudwatch", "put_anomaly_detector", {"Namespace": "N", "MetricName": "M", "Stat": "Sum"}),
        ("logs", "describe_deliveries", {}),
        ("sns", "list_platform_applications", {}),
        ("iam", "list_users", {}),
    ],
)
def test_what_is_not_done_says_so_by_name(server, service, operation, arguments):
    client = server.client(service, **NO_RETRIES)
    with pytest.raises(ClientError) as error:
        getattr(client, operation)(**arguments)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert code_of(error) == "NotImplemented"
    assert client.meta.method_to_api_mapping[operation] in message_of(error)


def test_a_foreign_page_and_a_foreign_host_may_not_call(server):
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        request = urllib.request.Request(f"{server.url}/_rockwatch/reset", b"{}", {"Content-Type": "application/json", **headers})
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(request)
        assert error.value.code == 403


@pytest.mark.options("--control-token", "s3cret")
def test_a_control_token_is_asked_for_when_it_is_set(server):
    with pytest.raises(ControlError) as error:
        server.control("GET", "rules")
    assert error.value.status == 401
    request = urllib.request.Request(f"{server.url}/_rockwatch/rules", headers={"Authorization": "Bearer s3cret"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def test_two_servers_with_one_seed_answer_the_same_bytes(tmp_path):
    answers = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        server = Emulator(folder, "--clock", "frozen", "--now", "2026-01-01T00:00:00Z", "--seed", "7")
        runtime = server.client("bedrock-runtime")
        server.rule(latency={"uniform": [200, 900]})
        calls = [runtime.converse(modelId=NOVA, messages=user(str(number))) for number in range(5)]
        answers.append(
            [(call["output"], call["metrics"], call["ResponseMetadata"]["RequestId"]) for call in calls]
        )
        assert server.stop() == 0
    assert answers[0] == answers[1]


def test_the_log_tells_a_person_what_was_refused_and_what_was_not_delivered(server, runtime):
    server.rule(id="refund", match={"prompt": "refund"}, respond={"text": "no"})
    server.rule(id="busy", match={"prompt": "busy"}, error={"name": "ThrottlingException"})
    logs = server.client("logs")
    with pytest.raises(ClientError):
        logs.get_log_events(logGroupName="absent", logStreamName="s")
    with pytest.raises(ClientError):
        runtime.converse(modelId="amazon.unheard-of", messages=user("x"))
    with pytest.raises(ClientError):
        server.client("bedrock-runtime", **NO_RETRIES).converse(modelId=NOVA, messages=user("busy"))
    sns = server.client("sns")
    topic = sns.create_topic(Name="oncall")["TopicArn"]
    sns.publish(TopicArn=topic, Message="help")
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/hook")
    server.advance(300)
    server.control("POST", "reset", {"scopes": ["calls"]})
    lines = server.log().splitlines()
    (refused,) = [line for line in lines if "logs GetLogEvents 400 for 000000000000 in us-east-1" in line]
    assert refused.endswith("ResourceNotFoundException: The specified log group does not exist.")
    assert any("bedrock-runtime Converse 400" in line and "ValidationException" in line for line in lines)
    assert not any("ThrottlingException" in line for line in lines)  # a rule asked for it
    assert any(f"to {topic} stays here, at /_rockwatch/deliveries" in line for line in lines)
    assert any("to http://127.0.0.1:9/hook failed and will be tried again" in line for line in lines)
    assert any("to http://127.0.0.1:9/hook was given up after 4 attempts" in line for line in lines)
    assert any(line.endswith("reset of calls") for line in lines)
