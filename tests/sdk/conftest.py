import json

import pytest
from emulator import Emulator

FROZEN = ("--clock", "frozen", "--now", "2026-01-01T00:00:00Z")


@pytest.fixture
def server(tmp_path, request):
    """A fresh server on a clock that stands still; @pytest.mark.options(...) gives it another command line."""
    marker = request.node.get_closest_marker("options")
    running = Emulator(tmp_path, *(marker.args if marker else FROZEN))
    yield running
    code = running.stop()
    if code not in (0, -9):  # -9: the test killed it
        pytest.fail(f"the server ended with {code}: {running.log()}")


@pytest.fixture
def runtime(server):
    return server.client("bedrock-runtime")


@pytest.fixture
def logging_on(server):
    """Invocation logging into the group `bedrock`; gives a function that reads the records."""
    logs = server.client("logs")
    logs.create_log_group(logGroupName="bedrock")
    role = "arn:aws:iam::000000000000:role/bedrock-logs"
    server.client("bedrock").put_model_invocation_logging_configuration(
        loggingConfig={"cloudWatchConfig": {"logGroupName": "bedrock", "roleArn": role}}
    )

    def records():
        events = logs.get_log_events(
            logGroupName="bedrock", logStreamName="aws/bedrock/modelinvocations", startFromHead=True
        )["events"]
        assert events[0]["message"] == "Permissions are correctly set for Amazon Bedrock logs."
        return [json.loads(event["message"]) for event in events[1:]]

    return records
