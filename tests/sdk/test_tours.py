"""The clients that a learner starts, on both clocks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from emulator import TITAN, Emulator, user

CLIENTS = Path(__file__).parents[2] / "clients"
TOURS = {
    "python": [sys.executable, str(CLIENTS / "python" / "tour.py")],
    "cli": ["bash", str(CLIENTS / "cli" / "tour.sh")],
}


def spike(server):
    """A call of the model that the tour watches, in the minute in which it may begin."""
    server.rule(id="before", latency={"ms": 9000, "sleep": False})
    server.client("bedrock-runtime").converse(modelId=TITAN, messages=user("before the tour"))
    server.control("DELETE", "rules/before")


def is_the_wall_clock(clock):
    return clock["mode"] == "real" and abs(clock["offsetMs"]) < 1000


@pytest.fixture(scope="module")
def tours(tmp_path_factory):
    """All tours at once, each against a server of its own: the CLI takes most of a second to start, each time."""
    running = {}
    for client, command in TOURS.items():
        for clock in ("real", "frozen"):
            server = Emulator(tmp_path_factory.mktemp(f"{client}-{clock}"))
            spike(server)
            environment = {
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "AWS_ENDPOINT_URL": server.url,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
            }
            process = subprocess.Popen(
                [*command, "--clock", clock],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=environment,
            )
            running[client, clock] = (server, process)
    yield running
    for server, process in running.values():
        process.kill()
        server.stop()


@pytest.mark.parametrize("clock", ["frozen", "real"])
@pytest.mark.parametrize("client", TOURS)
def test_the_tour_sees_what_it_says(tours, client, clock):
    server, process = tours[client, clock]
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0, output + server.log()
    assert "The tour is over; everything was as it should be." in output
    assert is_the_wall_clock(server.control("GET", "clock"))


def as_found(mode):
    """The options of a server whose clock is in that mode, and what its clock is after a tour."""
    return {
        "real": ([], is_the_wall_clock),
        "moved": (["--now", "2036-01-01T00:00:00Z"], lambda clock: clock["mode"] == "real" and clock["now"] > "2036-01-01T00:02"),
        "frozen": (["--clock", "frozen", "--now", "2026-01-01T00:00:00Z"], lambda clock: clock["mode"] == "frozen"),
        "scaled": (["--clock", "scaled:3"], lambda clock: (clock["mode"], clock["speed"]) == ("scaled", 3)),
    }[mode]


@pytest.mark.parametrize("mode", ["real", "moved", "frozen", "scaled"])
def test_the_tour_may_be_taken_twice_on_one_server_and_leaves_the_clock_as_it_was(tmp_path, mode):
    options, fits = as_found(mode)
    server = Emulator(tmp_path, *options)
    environment = {**os.environ, "AWS_ENDPOINT_URL": server.url, "AWS_DEFAULT_REGION": "us-east-1"}
    for _ in range(2):
        tour = subprocess.run(
            [*TOURS["python"], "--clock", "frozen"], capture_output=True, text=True, env=environment, timeout=60
        )
        assert tour.returncode == 0, tour.stdout + tour.stderr
        assert fits(server.control("GET", "clock"))
    assert server.stop() == 0
