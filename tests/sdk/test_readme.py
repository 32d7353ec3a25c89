"""Every command of the README is run as it stands there, and its tables are the program's own."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from emulator import BINARY, NOVA, user

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()

# Blocks that begin so are not run, and why.
NOT_HERE = {
    "./tests/run.sh": "it is what runs this",
    "./emulator/run.sh": "the server is the fixture's",
    "sudo apt-get install -y curl python3-venv": "the machine's packages are tests/run.sh's, the clients requirements.lock's",
}
LANGUAGES = ("sh", "console", "python", "sql", "json")


def blocks(language):
    all_ = re.findall(rf"```{language}\n(.*?)```", README, re.S)
    return [block for block in all_ if block.split("\n")[0] not in NOT_HERE]


def run(server, arguments, text=None):
    environment = {
        **os.environ,
        # The AWS CLI that requirements.lock names, not one that the machine may have.
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return subprocess.run(arguments, input=text, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("block", blocks("sh"))
def test_a_shell_command_of_the_readme_succeeds(server, block):
    done = run(server, ["bash", "-euo", "pipefail"], block.replace("http://127.0.0.1:4566", server.url))
    assert done.returncode == 0, done.stderr
    assert '{"error":{"code"' not in done.stdout, done.stdout


def test_every_block_of_the_readme_is_of_a_kind_that_is_run():
    marks = re.findall(r"(?m)^```(.*)$", README)
    assert set(marks[0::2]) == set(LANGUAGES) and set(marks[1::2]) == {""}
    assert not re.search(r"\n\n    \S", re.sub(r"(?ms)^```.*?^```$", "", README)), "an indented block is run by nobody"


def test_the_clients_that_the_readme_installs_are_those_that_it_is_tested_with():
    named = re.search(r"\npip install (.*)\n", README).group(1).split()
    tested = re.findall(r"(?m)^([a-z0-9]+)==", (ROOT / "tests" / "sdk" / "requirements.in").read_text())
    assert set(named) <= set(tested)


def test_the_alarm_of_the_readme_fires_on_the_spike_and_recovers(server):
    (block,) = [block for block in blocks("sh") if "rules/spike" in block]
    done = run(server, ["bash", "-euo", "pipefail"], block.replace("http://127.0.0.1:4566", server.url))
    assert re.findall(r'"to": ?"(\w+)"', done.stdout) == ["ALARM", "OK"], done.stdout + done.stderr
    assert re.findall(r'"latencyMs": (\d+)', done.stdout) == ["8000", "1"]
    clock = server.control("GET", "clock")
    assert clock["mode"] == "real" and abs(clock["offsetMs"]) < 1000


@pytest.mark.parametrize("block", blocks("console"))
def test_a_command_of_the_readme_that_goes_on_tells_of_an_alarm(server, block):
    server.alarm("slow")
    command = block.removeprefix("$ ").replace("http://127.0.0.1:4566", server.url)
    following = subprocess.Popen(["bash", "-c", f"exec {command}"], stdout=subprocess.PIPE, text=True)
    limit = threading.Timer(60, following.kill)
    limit.start()
    try:
        assert following.stdout.readline() == ":\n"  # from here on nothing is missed
        server.client("cloudwatch").set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="to see it")
        assert "event: alarm\n" in iter(following.stdout.readline, "")
    finally:
        limit.cancel()
        following.kill()
        following.communicate()


@pytest.mark.parametrize("block", blocks("json"))
def test_a_file_of_the_readme_is_valid(tmp_path, block):
    file = tmp_path / "file.json"
    file.write_text(block)
    file.chmod(0o600)
    done = subprocess.run([BINARY, "validate", file], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("block", blocks("python"))
def test_a_program_of_the_readme_succeeds(server, block):
    done = run(server, ["python3", "-c", block.replace("http://127.0.0.1:4566", server.url)])
    assert done.returncode == 0 and done.stdout.strip(), done.stderr


@pytest.mark.parametrize("block", blocks("sql"))
def test_the_queries_of_the_readme_show_what_happened(server, runtime, logging_on, block):
    server.rule(latency=4038)
    runtime.converse(modelId=NOVA, messages=user("x"))
    topic = server.client("sns").create_topic(Name="oncall")["TopicArn"]
    server.client("sns").publish(TopicArn=topic, Message="help")
    server.alarm("slow")
    server.advance(60)
    database = sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)
    calls, samples, alarms, deliveries = (database.execute(query).fetchall() for query in block.split(";")[:-1])
    database.close()
    assert [(model, latency, error) for _, model, latency, _, _, error in calls] == [(NOVA, 4038, None)]
    assert (4038, 1) in [(value, weight) for _, value, weight in samples]
    assert [(name, state) for name, state, _, _ in alarms] == [("slow", "ALARM")]
    assert [(source, target, status) for _, source, target, status, _ in deliveries] == [("sns", topic, "captured")]


def test_the_tables_of_operations_are_the_programs_own():
    told = subprocess.run([BINARY, "coverage"], capture_output=True, text=True, check=True).stdout
    marked = re.search(r"<!-- coverage: .*? -->\n(.*?)<!-- /coverage -->", README, re.S).group(1)
    assert marked.strip() == told.strip(), "run: build/release/rockwatch coverage, and put it between the marks"


def test_the_map_of_the_house_names_every_table_and_view(server):
    database = sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)
    there = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")}
    database.close()
    told = (ROOT / "emulator" / "README.md").read_text()
    section = told[told.index("## What the database holds") : told.index("## Where does it go?")]
    own = {name for name in there if not name.startswith("sqlite_")}
    assert own == {name for name in re.findall(r"`([a-z_]+)`", section) if name not in ("configuration", "_ms")}
