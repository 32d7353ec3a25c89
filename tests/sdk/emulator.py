"""A server of a test's own, and the clients that talk to it."""

import json
import os
import resource
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

BINARY = os.environ.get("ROCKWATCH_BIN") or str(Path(__file__).parents[2] / "build" / "release" / "rockwatch")

# One session: the service models are read once, not for each server.
_session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


class ControlError(Exception):
    def __init__(self, status, error):
        super().__init__(f"{status} {error}")
        self.status = status
        self.error = error


class Emulator:
    """Starts on a free port over a database of its own; `flags` as on the command line. `open_files_max`: its limit
    of descriptors, for good; `variables`: what its environment has beside the test's."""

    open_files_max = None
    variables = {}
    fixed_port = 0  # set by a test whose clients outlive a restart

    def __init__(self, folder, *flags, open_files_max=None, variables=None):
        self.folder = Path(folder)
        self.flags = flags
        self.variables = variables or {}
        self.open_files_max = open_files_max
        self.database = self.folder / "rockwatch.db"
        self.process = None
        self.start()

    def start(self, *more):
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        command = [BINARY, "serve", "--port", str(self.fixed_port), "--port-file", str(port_file)]
        if "--db" not in self.flags and "ROCKWATCH_DB" not in self.variables:
            command += ["--db", str(self.database)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ROCKWATCH_"))}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*command, *self.flags, *more],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**environment, **self.variables},
                preexec_fn=self.open_files_max and self.lower_open_files,
            )
        deadline = time.monotonic() + 20
        while not (port_file.exists() and port_file.read_text().strip()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start: {self.log()}")
            time.sleep(0.002)
        self.port = int(port_file.read_text())
        self.url = f"http://127.0.0.1:{self.port}"

    def lower_open_files(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.open_files_max, self.open_files_max))

    def stop(self):
        """Asks it to end, as a person or a container does. Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=20)

    def restart(self):
        code = self.stop()
        assert code == 0, self.log()
        self.start()

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def client(self, service, **config):
        """A boto3 client with its defaults; `config` as botocore's Config takes it."""
        region = config.pop("region_name", None)
        return _session.client(service, endpoint_url=self.url, region_name=region, config=Config(**config))

    def control(self, method, path, body=None):
        """Rockwatch's own API: what it answers, or ControlError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_rockwatch/{path}", data, {"Content-Type": "application/json"})
        request.method = method
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            raise ControlError(refused.code, json.loads(refused.read())["error"]) from None
        return json.loads(text) if text else None

    def rule(self, **rule):
        return self.control("POST", "rules", rule)

    def alarm(self, name, **more):
        """An alarm over one minute's slowest invocation, or what `more` says."""
        usual = {
            "Namespace": "AWS/Bedrock",
            "MetricName": "InvocationLatency",
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1000,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        self.client("cloudwatch").put_metric_alarm(AlarmName=name, **{**usual, **more})

    def advance(self, seconds):
        return self.control("POST", "clock/advance", {"seconds": seconds})


NO_RETRIES = {"retries": {"max_attempts": 0}}
TITAN = "amazon.titan-text-express-v1"
CLAUDE = "anthropic.claude-3-haiku-20240307-v1:0"
NOVA = "amazon.nova-lite-v1:0"


def user(text):
    return [{"role": "user", "content": [{"text": text}]}]


def code_of(error):
    """The code of a botocore ClientError."""
    return error.value.response["Error"]["Code"]


def message_of(error):
    return error.value.response["Error"]["Message"]


def text_of(answer):
    return answer["output"]["message"]["content"][0]["text"]
