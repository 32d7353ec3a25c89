"""Sentences of control-api.md that no other file has: resets scope by scope, the clock in every mode, who gets what."""

import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import pytest
from emulator import NOVA, ControlError, Emulator, user

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def names(answer, list_name, member):
    return [one[member] for one in answer.get(list_name, [])]


STATE = {
    "logs": lambda s: names(s.client("logs").describe_log_groups(), "logGroups", "logGroupName"),
    "metrics": lambda s: names(s.client("cloudwatch").list_metrics(Namespace="N"), "Metrics", "MetricName"),
    "alarms": lambda s: names(s.client("cloudwatch").describe_alarms(), "MetricAlarms", "AlarmName")
    + names(s.client("cloudwatch").list_dashboards(), "DashboardEntries", "DashboardName"),
    "rules": lambda s: s.control("GET", "rules")["rules"] + s.control("GET", "quotas")["quotas"],
    "calls": lambda s: s.control("GET", "calls?operation=CreateLogGroup")["calls"],
    "deliveries": lambda s: s.control("GET", "deliveries")["deliveries"],
    "sns": lambda s: s.client("sns").list_topics()["Topics"],
    "sqs": lambda s: s.client("sqs").list_queues().get("QueueUrls", []),
    "iam": lambda s: names(s.client("iam").list_roles(), "Roles", "RoleName"),
    "bedrock": lambda s: list(s.client("bedrock").get_model_invocation_logging_configuration().get("loggingConfig", {})),
    # Frozen in 2026: a reset goes back to the wall clock.
    "clock": lambda s: [True] if s.control("GET", "clock")["mode"] == "frozen" else [],
}


def fill(server):
    server.client("logs").create_log_group(logGroupName="g")
    cloudwatch = server.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Value": 1}])
    server.alarm("a")
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets":[]}')
    server.rule(id="r", latency=1)
    server.control("PUT", "quotas", {"quotas": [{"requestsPerMinute": 100}]})
    topic = server.client("sns").create_topic(Name="t")["TopicArn"]
    server.client("sns").publish(TopicArn=topic, Message="nobody listens")
    server.client("sqs").create_queue(QueueName="q")
    server.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(TRUST))
    server.client("bedrock").put_model_invocation_logging_configuration(
        loggingConfig={
            "cloudWatchConfig": {"logGroupName": "g", "roleArn": "arn:aws:iam::000000000000:role/unknown"},
        }
    )


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.mark.parametrize("scope", STATE)
def test_a_reset_of_one_scope_empties_that_one_alone(server, scope):
    fill(server)
    assert server.control("POST", "reset", {"scopes": [scope]}) == {"reset": [scope]}
    left = {name: bool(state(server)) for name, state in STATE.items()}
    if scope == "clock":  # ListMetrics names what had data within two weeks, and the wall clock is far ahead
        left.pop("metrics")
    assert left == {name: name != scope for name in left}


@pytest.mark.parametrize("path, body", [("reset", None), ("reset", {}), ("reset", {"scopes": []})])
def test_a_reset_without_scopes_empties_everything(server, path, body):
    fill(server)
    done = server.control("POST", path, body)["reset"]
    assert set(done) == {*STATE, "s3"}
    assert {name: bool(state(server)) for name, state in STATE.items()} == {name: False for name in STATE}


def test_motos_reset_is_a_full_one(server):
    fill(server)
    request = urllib.request.Request(f"{server.url}/moto-api/reset", method="POST")
    assert json.loads(urllib.request.urlopen(request).read()) == {"status": "ok"}
    assert not any(state(server) for state in STATE.values())


def test_rules_of_the_start_come_back_with_rules_and_set_up_calls_with_everything(tmp_path):
    (tmp_path / "rules.json").write_text('{"rules": [{"id": "kept", "latency": 5}]}')
    call = {"service": "logs", "operation": "CreateLogGroup", "input": {"logGroupName": "made"}, "region": "eu-west-1"}
    (tmp_path / "setup.json").write_text(json.dumps([call, call]))  # "already exists" is fine
    flags = ("--rules", str(tmp_path / "rules.json"), "--setup", str(tmp_path / "setup.json"))
    server = Emulator(tmp_path, *flags)
    try:
        logs = server.client("logs", region_name="eu-west-1")
        made = lambda: names(logs.describe_log_groups(), "logGroups", "logGroupName")  # noqa: E731
        assert made() == ["made"]
        server.control("DELETE", "rules")
        logs.delete_log_group(logGroupName="made")
        server.control("POST", "reset", {"scopes": ["rules"]})
        assert names(server.control("GET", "rules"), "rules", "id") == ["kept"]
        assert made() == []
        server.control("POST", "reset")
        assert made() == ["made"]
    finally:
        assert server.stop() == 0


def now_of(answer):
    return datetime.fromisoformat(answer["now"].replace("Z", "+00:00"))


def test_a_clock_goes_on_from_its_reading_in_another_mode_and_from_the_wall_after_a_reset(server):
    put = lambda **body: server.control("PUT", "clock", body)  # noqa: E731
    frozen = server.control("GET", "clock")
    assert (frozen["mode"], frozen["now"]) == ("frozen", "2026-01-01T00:00:00.000Z")
    real = put(mode="real")  # without `now`: from the present reading on
    assert timedelta(0) <= now_of(real) - START < timedelta(minutes=1)
    assert real["speed"] == 1
    offset = timedelta(milliseconds=real["offsetMs"])
    assert abs(now_of(real) - offset - datetime.now(timezone.utc)) < timedelta(minutes=1)
    scaled = put(mode="scaled", speed=600, now="2026-03-01T00:00:00.250Z")
    assert (scaled["mode"], scaled["speed"]) == ("scaled", 600)
    assert now_of(scaled) >= datetime(2026, 3, 1, 0, 0, 0, 250_000, tzinfo=timezone.utc)
    assert put(mode="frozen", now=1_777_777_777_777)["now"] == "2026-05-03T03:09:37.777Z"
    server.control("POST", "reset", {"scopes": ["clock"]})
    again = server.control("GET", "clock")
    assert (again["mode"], again["offsetMs"]) == ("real", 0)
    assert abs(now_of(again) - datetime.now(timezone.utc)) < timedelta(minutes=1)


@pytest.mark.parametrize("mode", [{"mode": "real"}, {"mode": "frozen"}, {"mode": "scaled", "speed": 60}])
def test_an_advance_works_in_any_mode_and_the_clock_goes_on_from_there(server, mode):
    server.control("PUT", "clock", {**mode, "now": "2026-01-01T00:00:00Z"})
    advanced = server.control("POST", "clock/advance", {"seconds": 900.5})
    assert now_of(advanced) >= START + timedelta(seconds=900.5)
    to = (START + timedelta(days=2)).isoformat().replace("+00:00", "Z")
    assert now_of(server.control("POST", "clock/advance", {"to": to})) >= START + timedelta(days=2)
    assert server.control("GET", "clock")["mode"] == mode["mode"]
    with pytest.raises(ControlError) as error:
        server.control("POST", "clock/advance", {"to": "2026-01-01T00:00:00Z"})
    assert (error.value.status, error.value.error["path"]) == (400, "/to")


@pytest.mark.options("--clock", "scaled:3600", "--now", "2026-01-01T00:00:00Z")
def test_as_time_passes_alarms_are_judged_without_an_advance(server, runtime):
    server.alarm("quiet", ComparisonOperator="LessThanThreshold", TreatMissingData="breaching")
    assert server.control("GET", "wait?alarm=quiet&state=ALARM&timeout=20")["state"] == "ALARM"


@pytest.mark.options("--clock", "frozen", "--now", "2026-01-01T00:00:00Z", "--journal", "3")
def test_the_journal_keeps_as_many_calls_as_it_is_told(server):
    logs = server.client("logs")
    for number in range(5):
        logs.create_log_group(logGroupName=f"g{number}")
    kept = server.control("GET", "calls")["calls"]
    assert [call["request"]["logGroupName"] for call in kept] == ["g2", "g3", "g4"]
    assert [call["id"] for call in kept] == [3, 4, 5]


def test_calls_are_filtered_and_paged(server, runtime):
    runtime.converse(modelId=NOVA, messages=user("one"))
    server.advance(60)
    with pytest.raises(runtime.exceptions.ValidationException):
        runtime.converse(modelId="amazon.unheard-of", messages=user("two"))
    server.client("logs").create_log_group(logGroupName="g")
    count = lambda query: len(server.control("GET", f"calls?{query}")["calls"])  # noqa: E731
    assert count("") == 3
    assert count("service=bedrock-runtime") == 2
    assert count("operation=CreateLogGroup") == 1
    assert count("modelId=amazon.nova-*") == 1
    assert count("status=400") == 1
    assert count("since=2026-01-01T00:00:30Z") == 2
    assert count("service=bedrock-runtime&status=200&since=2026-01-01T00:00:30Z") == 0
    first = server.control("GET", "calls?limit=2")
    rest = server.control("GET", f"calls?limit=2&after={first['next']}")
    assert [call["id"] for call in first["calls"] + rest["calls"]] == [1, 2, 3]
    assert "next" not in rest


def raw(server, method, path, headers=(), body=None):
    request = urllib.request.Request(server.url + path, body, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers


@pytest.mark.options("--cors-origin", "https://app.example")
def test_the_control_api_sends_no_cors_headers_not_even_to_origins_that_may_call(server):
    headers = {"Origin": "https://app.example"}
    status, answered = raw(server, "GET", "/_rockwatch/rules", headers)
    assert status == 200
    assert not [name for name in answered if name.lower().startswith("access-control-")]
    asks = {**headers, "Access-Control-Request-Method": "PUT"}
    _, preflight = raw(server, "OPTIONS", "/_rockwatch/clock", asks)
    assert not [name for name in preflight if name.lower().startswith("access-control-")]
    _, aws = raw(server, "GET", "/", headers)
    assert aws["Access-Control-Allow-Origin"] == "https://app.example"


@pytest.mark.parametrize("path", ["reset", "clock/advance", "alarms/evaluate"])
def test_nothing_is_changed_by_get(server, path):
    fill(server)
    for method in ("GET", "HEAD"):
        assert raw(server, method, f"/_rockwatch/{path}")[0] == 404
    assert all(state(server) for state in STATE.values())
