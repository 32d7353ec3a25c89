"""CloudWatch Logs through boto3."""

import pytest
from botocore.exceptions import ClientError
from emulator import code_of, message_of

NOW = 1_767_225_600_000  # where the frozen clock stands


@pytest.fixture
def logs(server):
    return server.client("logs")


@pytest.fixture
def stream(logs):
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    return {"logGroupName": "group", "logStreamName": "stream"}


def put(logs, stream, messages, start=NOW):
    events = [{"timestamp": start + index, "message": message} for index, message in enumerate(messages)]
    return logs.put_log_events(**stream, logEvents=events)


def test_groups_are_made_found_and_deleted(logs):
    logs.create_log_group(logGroupName="/app/one", tags={"team": "search"})
    logs.create_log_group(logGroupName="/app/two")
    logs.put_retention_policy(logGroupName="/app/one", retentionInDays=14)
    (one, two) = logs.describe_log_groups(logGroupNamePrefix="/app/")["logGroups"]
    assert (one["logGroupName"], one["retentionInDays"]) == ("/app/one", 14)
    assert "retentionInDays" not in two
    logs.delete_log_group(logGroupName="/app/two")
    assert len(logs.describe_log_groups()["logGroups"]) == 1


def test_errors_are_those_that_the_sdk_knows(logs):
    logs.create_log_group(logGroupName="group")
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException) as error:
        logs.create_log_group(logGroupName="group")
    assert message_of(error) == "The specified log group already exists"
    with pytest.raises(logs.exceptions.ResourceNotFoundException) as error:
        logs.delete_log_group(logGroupName="absent")
    assert message_of(error) == "The specified log group does not exist."
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.put_retention_policy(logGroupName="group", retentionInDays=2)


def test_events_are_read_forward_and_backward_page_by_page(logs, stream):
    messages = [f"message {number}" for number in range(25)]
    put(logs, stream, messages)

    def walk(token_name, **start):
        pages, token = [], None
        while True:
            more = {"nextToken": token} if token else {}
            page = logs.get_log_events(**stream, limit=10, **start, **more)
            if page[token_name] == token:
                return pages
            token = page[token_name]
            pages.append([event["message"] for event in page["events"]])

    forward = walk("nextForwardToken", startFromHead=True)
    assert sum(forward, []) == messages
    backward = [page for page in walk("nextBackwardToken") if page]
    assert sum(reversed(backward), []) == messages


def test_events_are_filtered_over_streams_with_a_paginator(logs, stream):
    logs.create_log_stream(logGroupName="group", logStreamName="other")
    put(logs, stream, [f"ERROR {number}" if number % 3 == 0 else f"fine {number}" for number in range(30)])
    put(logs, {"logGroupName": "group", "logStreamName": "other"}, ["ERROR other"], NOW + 5)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName="group", filterPattern="ERROR", PaginationConfig={"PageSize": 4}
    )
    found = [event["message"] for page in pages for event in page["events"]]
    assert sorted(found) == sorted([f"ERROR {number}" for number in range(0, 30, 3)] + ["ERROR other"])


def test_json_patterns_select_by_value(logs, stream):
    put(logs, stream, ['{"latencyMs": 4038, "code": "x"}', '{"latencyMs": 10}', "no json"])
    events = logs.filter_log_events(logGroupName="group", filterPattern="{ $.latencyMs > 1000 }")["events"]
    assert [event["message"] for event in events] == ['{"latencyMs": 4038, "code": "x"}']


def test_an_event_too_old_or_from_the_future_is_told_and_the_others_are_taken(logs, stream):
    day = 24 * 3600 * 1000
    events = [{"timestamp": NOW - 15 * day, "message": "old"}, {"timestamp": NOW, "message": "now"}]
    answer = logs.put_log_events(**stream, logEvents=events)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert [event["message"] for event in logs.get_log_events(**stream)["events"]] == ["now"]


def test_events_out_of_order_are_refused(logs, stream):
    events = [{"timestamp": NOW, "message": "b"}, {"timestamp": NOW - 1, "message": "a"}]
    with pytest.raises(ClientError) as error:
        logs.put_log_events(**stream, logEvents=events)
    assert code_of(error) == "InvalidParameterException"
    assert message_of(error) == "Log events in a single PutLogEvents request must be in chronological order."


def test_streams_are_described_with_their_times(logs, stream):
    put(logs, stream, ["first", "last"])
    (described,) = logs.describe_log_streams(logGroupName="group")["logStreams"]
    assert described["logStreamName"] == "stream"
    assert (described["firstEventTimestamp"], described["lastEventTimestamp"]) == (NOW, NOW + 1)


def test_retention_takes_old_events_as_time_passes(server, logs, stream):
    put(logs, stream, ["gone in three days"])
    logs.put_retention_policy(logGroupName="group", retentionInDays=3)
    server.advance(5 * 24 * 3600)
    assert logs.filter_log_events(logGroupName="group")["events"] == []


def test_long_names_are_refused_in_words_of_their_own(logs):
    long = "x" * 513
    event = {"timestamp": NOW, "message": "m"}
    for call in (
        lambda: logs.put_log_events(logGroupName=long, logStreamName="s", logEvents=[event]),
        lambda: logs.get_log_events(logGroupName="g", logStreamName=long),
        lambda: logs.filter_log_events(logGroupName=long),
    ):
        with pytest.raises(logs.exceptions.InvalidParameterException) as error:
            call()
        assert code_of(error) == "InvalidParameterException"
        assert message_of(error) == "Invalid LogGroup or LogStream, both must have length less than or equal to 512."


@pytest.mark.parametrize("start", [9_999_999_999_999, NOW * 1000])
def test_a_reader_that_starts_in_the_far_future_keeps_its_token(logs, stream, start):
    put(logs, stream, ["now"])
    first = logs.get_log_events(**stream, startTime=start, startFromHead=True)
    again = logs.get_log_events(**stream, startTime=start, nextToken=first["nextForwardToken"])
    assert first["events"] == again["events"] == []
    assert again["nextForwardToken"] == first["nextForwardToken"]
