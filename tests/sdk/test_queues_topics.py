"""SNS and SQS through boto3."""

import json

import pytest
from botocore.exceptions import ClientError
from emulator import code_of


@pytest.fixture
def sqs(server):
    return server.client("sqs")


@pytest.fixture
def sns(server):
    return server.client("sns")


@pytest.fixture
def queue(sqs):
    return sqs.create_queue(QueueName="work")["QueueUrl"]


def arn_of(sqs, queue):
    return sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def test_a_message_is_received_once_and_gone_when_deleted(server, sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"] == "hello"
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)  # not visible for 30 seconds
    server.advance(31)
    (again,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert again["MessageId"] == message["MessageId"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])
    server.advance(31)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_batches_and_counts(sqs, queue):
    entries = [{"Id": str(number), "MessageBody": f"m{number}"} for number in range(3)]
    assert len(sqs.send_message_batch(QueueUrl=queue, Entries=entries)["Successful"]) == 3
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "3"
    sqs.purge_queue(QueueUrl=queue)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_a_queue_that_is_not_there(sqs):
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as error:
        sqs.get_queue_url(QueueName="absent")
    assert code_of(error) == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_published_message_reaches_its_queues(sns, sqs, queue):
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(sqs, queue))
    published = sns.publish(TopicArn=topic, Subject="s", Message="m")
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(message["Body"])
    assert (body["Type"], body["MessageId"]) == ("Notification", published["MessageId"])
    assert (body["Subject"], body["Message"], body["TopicArn"]) == ("s", "m", topic)


def test_raw_delivery_and_a_filter_policy(sns, sqs, queue):
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn_of(sqs, queue),
        Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"kind": ["alarm"]})},
    )
    for kind in ("alarm", "chatter"):
        attribute = {"DataType": "String", "StringValue": kind}
        sns.publish(TopicArn=topic, Message=f"a {kind}", MessageAttributes={"kind": attribute})
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in messages] == ["a alarm"]


def test_a_topic_that_is_not_there(sns):
    with pytest.raises(ClientError) as error:
        sns.publish(TopicArn="arn:aws:sns:us-east-1:000000000000:absent", Message="x")
    assert code_of(error) == "NotFound"
