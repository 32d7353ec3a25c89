"""STS and IAM: who calls, and what a role may do."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from emulator import code_of

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
)


def test_the_caller_is_the_accounts_root(server):
    identity = server.client("sts").get_caller_identity()
    assert identity["Account"] == "000000000000"
    assert identity["Arn"] == "arn:aws:iam::000000000000:root"


def test_a_key_of_twelve_digits_is_an_account_of_its_own(server):
    def logs_of(account):
        return boto3.client(
            "logs",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id=account,
            aws_secret_access_key="test",
        )

    logs_of("111111111111").create_log_group(logGroupName="mine")
    assert logs_of("222222222222").describe_log_groups()["logGroups"] == []
    (group,) = logs_of("111111111111").describe_log_groups()["logGroups"]
    assert ":111111111111:" in group["arn"]


def test_an_assumed_role_is_who_calls(server):
    iam, sts = server.client("iam"), server.client("sts")
    role = iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)["Role"]
    credentials = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="s1")["Credentials"]
    assumed = boto3.client(
        "sts",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    assert assumed.get_caller_identity()["Arn"] == "arn:aws:sts::000000000000:assumed-role/app/s1"


def test_roles_have_policies_and_are_deleted_when_empty(server):
    iam = server.client("iam")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="app", PolicyName="inline", PolicyDocument=json.dumps(policy))
    assert iam.get_role_policy(RoleName="app", PolicyName="inline")["PolicyDocument"] == policy
    with pytest.raises(ClientError) as error:
        iam.delete_role(RoleName="app")
    assert code_of(error) == "DeleteConflict"
    iam.delete_role_policy(RoleName="app", PolicyName="inline")
    iam.delete_role(RoleName="app")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="app")
