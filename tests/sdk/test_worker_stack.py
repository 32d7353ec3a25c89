"""What nests as deeply as it may, on the small stacks of real workers: the server answers and lives."""

import json
import urllib.error
import urllib.request

import pytest
from emulator import CLAUDE, NOVA, TITAN, ControlError

SIGNED = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
ROLE = "arn:aws:iam::000000000000:role/bedrock-logs"


def deep(levels):
    """JSON of so many levels."""
    return '{"a":' * levels + "1" + "}" * levels


def nested_anything_but(levels):
    condition = '"x"'
    for _ in range(levels // 2):
        condition = '{"anything-but":[%s]}' % condition
    return '{"color":[%s]}' % condition


def send(server, service, target, body, **headers):
    headers["Authorization"] = SIGNED.format(service)
    request = urllib.request.Request(server.url + target, body.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        refused.read()
        return refused.code


def send_json(server, service, operation, body):
    headers = {"X-Amz-Target": operation, "Content-Type": "application/x-amz-json-1.1"}
    return send(server, service, "/", body, **headers)


def send_model(server, model, door, body):
    return send(server, "bedrock", f"/model/{model}/{door}", body, **{"Content-Type": "application/json"})


def check_health(server):
    assert server.control("GET", "health")["status"] == "ok"


@pytest.mark.parametrize("pattern", ["{" + "(" * 1020, "{" + "($.a=1&&" * 120, "[" + "(" * 1000, "?" * 1024])
def test_a_filter_pattern_of_nothing_but_openings_is_refused(server, pattern):
    logs = server.client("logs")
    logs.create_log_group(logGroupName="group")
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.filter_log_events(logGroupName="group", filterPattern=pattern)
    check_health(server)


def test_the_deepest_filter_pattern_finds_its_events(server):
    logs = server.client("logs")
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    message = '{"a":' * 126 + '{"b":1}' + "}" * 126
    event = {"timestamp": 1_767_225_600_000, "message": message}
    logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=[event])
    pattern = "{" + "($.x=1||" * 64 + "$" + ".a" * 126 + ".b=1" + ")" * 64 + "}"
    assert len(pattern) <= 1024
    (found,) = logs.filter_log_events(logGroupName="group", filterPattern=pattern)["events"]
    assert found["message"] == message
    check_health(server)


def test_documents_as_deep_as_they_may_be_go_through_every_door(server, logging_on):
    server.rule(match={"body": {"/additionalModelRequestFields" + "/a" * 100: json.loads(deep(24))}}, respond={"text": "x"})
    text = '"messages":[{"role":"user","content":[{"text":"x"}]}]'
    converse = '{%s,"additionalModelRequestFields":%s}' % (text, deep(124))
    tools = '{%s,"toolConfig":{"tools":[{"toolSpec":{"name":"t","inputSchema":{"json":%s}}}]}}' % (text, deep(120))
    for body in (converse, tools):
        for door in ("converse", "converse-stream"):
            assert send_model(server, CLAUDE, door, body) == 200
    claude = (
        '{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"x"}],'
        '"tools":[{"name":"t","input_schema":%s}]}' % deep(120)
    )
    assert send_model(server, CLAUDE, "invoke", claude) == 200
    assert send_model(server, CLAUDE, "invoke-with-response-stream", claude) == 200
    for model in (NOVA, TITAN):
        assert send_model(server, model, "invoke", deep(128)) == 400
    chat = (
        '{"model":"openai.gpt-oss-20b-1:0","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function",'
        '"function":{"name":"t","parameters":%s}}]}' % deep(120)
    )
    assert send(server, "bedrock", "/openai/v1/chat/completions", chat, **{"Content-Type": "application/json"}) == 200
    assert len(logging_on()) == 9
    assert len(server.control("GET", "calls")["calls"]) >= 9
    check_health(server)


def test_documents_inside_of_texts_may_be_as_deep(server):
    iam, sns = server.client("iam"), server.client("sns")
    statement = '{"Effect":"Allow","Principal":{"Service":"bedrock.amazonaws.com"},"Action":"sts:AssumeRole"'
    trust = '{"Statement":[%s,"Condition":{"StringEquals":{"aws:SourceAccount":%s}}}]}' % (statement, deep(120))
    iam.create_role(RoleName="bedrock-logs", AssumeRolePolicyDocument=trust)
    server.client("logs").create_log_group(logGroupName="bedrock")
    config = {"cloudWatchConfig": {"logGroupName": "bedrock", "roleArn": ROLE}}
    with pytest.raises(server.client("bedrock").exceptions.ValidationException):
        server.client("bedrock").put_model_invocation_logging_configuration(loggingConfig=config)

    server.client("sqs").create_queue(QueueName="queue")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    for policy, scope in ((nested_anything_but(124), "MessageAttributes"), (deep(120).replace("1", "[1]"), "MessageBody")):
        subscription = {"FilterPolicy": policy, "FilterPolicyScope": scope}
        try:
            sns.subscribe(
                TopicArn=topic,
                Protocol="sqs",
                Endpoint="arn:aws:sqs:us-east-1:000000000000:queue",
                Attributes=subscription,
            )
        except sns.exceptions.InvalidParameterException:
            pass
    colour = {"color": {"DataType": "String", "StringValue": "x"}}
    sns.publish(TopicArn=topic, Message=deep(128), MessageAttributes=colour)
    server.client("cloudwatch").put_dashboard(DashboardName="d", DashboardBody='{"widgets":[],"x":%s}' % deep(126))
    check_health(server)


def test_bodies_as_deep_as_they_may_be_are_read_in_every_format(server):
    assert send_json(server, "logs", "Logs_20140328.DescribeLogGroups", '{"x":%s}' % deep(127)) == 200
    assert send_json(server, "logs", "Logs_20140328.DescribeLogGroups", '{"x":%s}' % deep(100_000)) == 400
    form = "Action=ListTopics&Version=2010-03-31&a" + ".a" * 126 + "=1"
    assert send(server, "sns", "/", form, **{"Content-Type": "application/x-www-form-urlencoded"}) == 200
    assert send(server, "s3", "/b?delete", "<a>" * 128 + "</a>" * 128) in (400, 501)
    check_health(server)


def test_a_rule_whose_expression_nests_as_deeply_as_it_may_is_judged(server, runtime):
    for prompt in ("(" * 900 + "x" + ")" * 900, "(x|" * 900 + "y" + ")" * 900, "(" * 2000 + "x" + ")*" * 1000):
        try:
            server.rule(match={"prompt": prompt}, respond={"text": "found"})
        except ControlError as refused:
            assert refused.status == 400
        runtime.converse(modelId=NOVA, messages=[{"role": "user", "content": [{"text": "xy"}]}])
    check_health(server)
