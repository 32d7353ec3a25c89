"""Invocation logging: the switch, the permission check, the records."""

import json

import pytest
from botocore.exceptions import ClientError
from emulator import CLAUDE, NO_RETRIES, NOVA, TITAN, code_of, message_of, text_of, user

ROLE = "arn:aws:iam::000000000000:role/bedrock-logs"


def config(group="bedrock", **switches):
    return {"cloudWatchConfig": {"logGroupName": group, "roleArn": ROLE}, **switches}


def test_a_missing_log_group_is_refused_in_awss_words_with_the_cause(server):
    bedrock = server.client("bedrock")
    with pytest.raises(ClientError) as error:
        bedrock.put_model_invocation_logging_configuration(loggingConfig=config("absent"))
    assert code_of(error) == "ValidationException"
    assert message_of(error) == (
        f"Failed to validate permissions for log group: absent, with role: {ROLE}. "
        "Verify the IAM role permissions are correct. The specified log group does not exist."
    )
    assert "loggingConfig" not in bedrock.get_model_invocation_logging_configuration()


def test_a_role_that_bedrock_may_not_use_is_refused(server):
    server.client("logs").create_log_group(logGroupName="bedrock")
    iam = server.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="bedrock-logs", AssumeRolePolicyDocument=document)
    with pytest.raises(ClientError) as error:
        server.client("bedrock").put_model_invocation_logging_configuration(loggingConfig=config())
    assert code_of(error) == "ValidationException"
    assert message_of(error).startswith("Failed to validate permissions for log group: bedrock, with role: " + ROLE)


def test_the_configuration_is_read_back_and_deleted(server):
    server.client("logs").create_log_group(logGroupName="bedrock")
    bedrock = server.client("bedrock")
    bedrock.put_model_invocation_logging_configuration(loggingConfig=config(imageDataDeliveryEnabled=False))
    stored = bedrock.get_model_invocation_logging_configuration()["loggingConfig"]
    assert stored["cloudWatchConfig"] == {"logGroupName": "bedrock", "roleArn": ROLE}
    assert stored["imageDataDeliveryEnabled"] is False
    assert stored["textDataDeliveryEnabled"] is True
    bedrock.delete_model_invocation_logging_configuration()
    assert "loggingConfig" not in bedrock.get_model_invocation_logging_configuration()


def test_every_door_leaves_one_record_that_tells_its_call(runtime, logging_on):
    answer = runtime.converse(modelId=CLAUDE, messages=user("one"))
    stream = runtime.converse_stream(modelId=CLAUDE, messages=user("two"))
    list(stream["stream"])
    native = runtime.invoke_model(modelId=TITAN, body=json.dumps({"inputText": "three"}))
    native_body = json.loads(native["body"].read())
    chunks = runtime.invoke_model_with_response_stream(modelId=TITAN, body=json.dumps({"inputText": "four"}))
    decoded = [json.loads(event["chunk"]["bytes"]) for event in chunks["body"]]

    records = logging_on()
    assert [record["operation"] for record in records] == [
        "Converse",
        "ConverseStream",
        "InvokeModel",
        "InvokeModelWithResponseStream",
    ]
    calls = [answer, stream, native, chunks]
    assert [record["requestId"] for record in records] == [call["ResponseMetadata"]["RequestId"] for call in calls]
    first, second, third, fourth = records
    assert (first["schemaType"], first["schemaVersion"]) == ("ModelInvocationLog", "1.0")
    assert (first["accountId"], first["region"]) == ("000000000000", "us-east-1")
    assert first["timestamp"] == "2026-01-01T00:00:00Z"
    assert first["input"]["inputBodyJson"]["messages"] == user("one")
    assert first["output"]["outputBodyJson"]["output"] == answer["output"]
    assert first["input"]["inputTokenCount"] == answer["usage"]["inputTokens"]
    assert first["output"]["outputTokenCount"] == answer["usage"]["outputTokens"]
    assert second["output"]["outputBodyJson"]["output"]["message"]["role"] == "assistant"
    assert third["output"]["outputBodyJson"] == native_body
    assert fourth["output"]["outputBodyJson"] == decoded


def test_a_call_that_failed_is_recorded_with_its_error(server, logging_on):
    runtime = server.client("bedrock-runtime", **NO_RETRIES)
    server.rule(error={"name": "ThrottlingException"})
    with pytest.raises(runtime.exceptions.ThrottlingException):
        runtime.converse(modelId=NOVA, messages=user("x"))
    (record,) = logging_on()
    assert record["errorCode"] == "ThrottlingException"
    assert record["modelId"] == NOVA


def test_switched_off_text_leaves_the_bodies_out_and_the_counts_in(server, runtime, logging_on):
    server.client("bedrock").put_model_invocation_logging_configuration(
        loggingConfig=config(textDataDeliveryEnabled=False)
    )
    runtime.converse(modelId=NOVA, messages=user("secret"))
    events = server.client("logs").filter_log_events(logGroupName="bedrock", filterPattern="ModelInvocationLog")["events"]
    (message,) = [event["message"] for event in events]
    assert "secret" not in message
    assert json.loads(message)["output"]["outputTokenCount"] > 0


def test_without_a_configuration_nothing_is_recorded(server, runtime, logging_on):
    server.client("bedrock").delete_model_invocation_logging_configuration()
    runtime.converse(modelId=NOVA, messages=user("x"))
    assert logging_on() == []


def test_records_of_one_region_stay_there(server, logging_on):
    elsewhere = server.client("bedrock-runtime", region_name="us-west-2")
    assert text_of(elsewhere.converse(modelId=NOVA, messages=user("x")))
    assert logging_on() == []


def test_a_body_over_100_kb_is_left_out_of_the_record(runtime, logging_on):
    runtime.converse(modelId=NOVA, messages=user("word " * 25_000))
    (record,) = logging_on()
    assert "inputBodyJson" not in record["input"]
    assert record["input"]["inputTokenCount"] > 10_000
    assert "outputBodyJson" in record["output"]
