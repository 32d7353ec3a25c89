"""Every command of the README is run as it stands there, and its tables are the program's own."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from emulator import BINARY, NOVA, user

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()

# The build and the test run are what runs this; the server is the fixture's.
NOT_HERE = ("./tests/run.sh", "./emulator/run.sh")


def blocks(language):
    return [block for block in re.findall(rf"```{language}\n(.*?)```", README, re.S) if block.strip() not in NOT_HERE]


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
