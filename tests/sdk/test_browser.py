"""A web page cannot use the emulator: shown by a real browser, and by what the same page does where it may.

browser/attack.html makes the attempts, by forms, blind posts, pictures, frames, scripts and links; each test then looks
at the emulator. Of a page that may call, the attempts must succeed: else nothing would have been shown.
"""

import queue
from urllib.parse import urlencode

import pytest
from browser_room import Browser, PageServer, Rebound, chromium
from conftest import FROZEN
from emulator import Emulator

pytestmark = pytest.mark.skipif(
    not chromium(), reason="no chromium on this machine (Debian's package chromium): the browser tests did NOT run"
)

SECONDS_MAX = 180
ALARMS = {f"by-{way}" for way in ("form", "fetch", "beacon", "image", "frame", "link", "target")}
NAMES = {"evil.example": Rebound.ADDRESS, "attacker.example": "127.0.0.1", "attacker.localhost": "127.0.0.1"}
ATTEMPTS = 25


@pytest.fixture
def pages():
    server = PageServer()
    yield server
    server.close()


def furnish(server):
    """Alarms to delete, a rule to replace and a log group that a reset would take."""
    cloudwatch = server.client("cloudwatch")
    for name in ALARMS:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="App",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    server.client("logs").create_log_group(logGroupName="kept")
    server.rule(id="mine", respond={"text": "as it was"})
    server.control("DELETE", "calls")


@pytest.fixture
def furnished(server):
    furnish(server)
    return server


@pytest.fixture
def rebound(furnished):
    """The emulator's origin under a name that an attacker holds."""
    attacker = Rebound(furnished.port)
    yield f"http://evil.example:{furnished.port}"
    attacker.close()


@pytest.fixture
def allowing(pages, tmp_path):
    """An emulator that was told of the page's origin."""
    running = Emulator(tmp_path, *FROZEN, "--cors-origin", f"http://attacker.localhost:{pages.port}")
    furnish(running)
    yield running
    assert running.stop() == 0


def visit(folder, pages, page, target, without=None):
    """What the page at `page` found out about `target`."""
    asked = {"target": target, "report": pages.report} | ({"without": without} if without else {})
    with Browser(folder, f"{page}/page?{urlencode(asked)}", NAMES) as browser:
        try:
            return pages.findings(SECONDS_MAX)
        except queue.Empty:
            pytest.fail(f"the page told nothing: {browser.log()}")


def state(server):
    """All that a page may have changed, and the calls that were acted upon."""
    # A browser asks each window's server for its icon by itself: to the emulator a bucket that it does not have.
    calls = [call for call in server.control("GET", "calls")["calls"] if call["error"] is None]
    alarms = server.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {
        "alarms": {alarm["AlarmName"] for alarm in alarms},
        "groups": [group["logGroupName"] for group in server.client("logs").describe_log_groups()["logGroups"]],
        "rules": [(rule["id"], rule["hits"]) for rule in server.control("GET", "rules")["rules"]],
        "clock": server.control("GET", "clock")["mode"],
        "calls": [call["operation"] for call in calls],
    }


UNTOUCHED = {"alarms": ALARMS, "groups": ["kept"], "rules": [("mine", 0)], "clock": "frozen", "calls": []}


def what_was_read(findings):
    return {name: outcome for name, outcome in findings.items() if outcome.startswith("read")}


# Another site, another site without Chromium's trust in localhost, and another port of the very address (same-site).
@pytest.mark.parametrize("host", ["attacker.localhost", "attacker.example", "127.0.0.1"])
def test_a_page_of_another_origin_changes_nothing_and_reads_nothing(furnished, pages, host, tmp_path):
    findings = visit(tmp_path, pages, f"http://{host}:{pages.port}", furnished.url)
    assert len(findings) == ATTEMPTS
    assert what_was_read(findings) == {}
    assert state(furnished) == UNTOUCHED


def test_under_a_name_rebound_to_this_machine_a_page_changes_nothing_and_reads_only_its_refusal(
    furnished, rebound, pages, tmp_path
):
    findings = visit(tmp_path, pages, rebound, rebound)
    assert len(findings) == ATTEMPTS
    told = what_was_read(findings)
    assert told and all("Host evil.example" in outcome for outcome in told.values()), told
    assert state(furnished) == UNTOUCHED


@pytest.mark.options(*FROZEN, "--host-name", "evil.example")
def test_under_a_name_that_the_emulator_was_given_every_attempt_succeeds(furnished, rebound, pages, tmp_path):
    findings = visit(tmp_path, pages, rebound, rebound, without="reset")
    now = state(furnished)
    assert now["alarms"] == set(), findings
    assert now["calls"].count("DeleteAlarms") == len(ALARMS)
    assert now["calls"].count("Converse") == 2
    assert (now["clock"], now["rules"]) == ("real", [])
    assert '"services"' in findings["read health"]
    assert "DescribeAlarmsResult" in findings["read alarms"]


def test_a_page_of_an_allowed_origin_uses_aws_and_not_the_control_api(allowing, pages, tmp_path):
    findings = visit(tmp_path, pages, f"http://attacker.localhost:{pages.port}", allowing.url, without="reset")
    now = state(allowing)
    # Neither pictures nor frames nor links say whose they are.
    assert now["alarms"] == {"by-image", "by-frame", "by-link"}, findings
    assert now["calls"].count("Converse") == 2
    assert {name for name in what_was_read(findings)} == {"json converse", "json target", "read alarms", "read models"}
    assert "as it was" in findings["json converse"]
    unchanged = {name: UNTOUCHED[name] for name in ("groups", "clock")}
    assert {name: now[name] for name in unchanged} == unchanged
    assert [rule for rule, _ in now["rules"]] == ["mine"]
