"""--auth verify: who may call, who may not, and that no secret shows up anywhere."""

import base64
import datetime
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from unittest import mock

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.compat
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from emulator import BINARY, NO_RETRIES, NOVA, Emulator, code_of, message_of, text_of, user
from program import refusal, surroundings, write_json

KEY, SECRET = "AKIDMARKER0000000001", "MARKERsecretkeyMARKER/with+signs0000000A"
SESSION_KEY, SESSION_SECRET, SESSION_TOKEN = "ASIAMARKER0000000002", "MARKERsessionsecretMARKER", "MARKERsessiontoken/MARKER=="
TOKEN = "bedrock-api-key-MARKERbearerMARKER"
ACCOUNT = "111122223333"
FILE = {
    "credentials": [
        {"accessKeyId": KEY, "secretAccessKey": SECRET, "account": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/ada"},
        {"accessKeyId": SESSION_KEY, "secretAccessKey": SESSION_SECRET, "sessionToken": SESSION_TOKEN},
    ],
    "bearerTokens": [{"token": TOKEN, "account": "444455556666", "region": "eu-west-1"}],
}
MISMATCH = "The request signature we calculated does not match the signature you provided."


@pytest.fixture
def server(tmp_path):
    keys = write_json(tmp_path / "keys.json", FILE)
    keys.chmod(0o600)
    folder = tmp_path / "server"
    folder.mkdir()
    running = Emulator(folder, "--auth", "verify", "--credentials", str(keys), "--log-level", "trace")
    yield running
    assert running.stop() == 0, running.log()


def client(server, service, key=KEY, secret=SECRET, token=None, **config):
    return boto3.client(service, endpoint_url=server.url, region_name="us-east-1", aws_access_key_id=key,
                        aws_secret_access_key=secret, aws_session_token=token, config=Config(**NO_RETRIES, **config))  # fmt: skip


CALLS = {
    "logs": lambda c: c.describe_log_groups(),
    "cloudwatch": lambda c: c.list_metrics(),
    "bedrock": lambda c: c.list_foundation_models(),
    "bedrock-runtime": lambda c: c.converse(modelId=NOVA, messages=user("hello")),
    "sns": lambda c: c.list_topics(),
    "sqs": lambda c: c.list_queues(),
    "iam": lambda c: c.list_roles(),
    "sts": lambda c: c.get_caller_identity(),
}
QUERY = {"sns", "iam", "sts"}


def refused(service, caller):
    with pytest.raises(ClientError) as error:
        CALLS[service](caller)
    return error


@pytest.mark.parametrize("service", CALLS)
def test_a_right_signature_is_taken_and_others_are_refused_by_aws_own_errors(server, service):
    CALLS[service](client(server, service))
    is_query = service in QUERY

    error = refused(service, client(server, service, secret="another"))
    assert code_of(error) == ("SignatureDoesNotMatch" if is_query else "InvalidSignatureException")
    assert message_of(error).startswith(MISMATCH)
    error = refused(service, client(server, service, key="AKIDUNKNOWN"))
    assert code_of(error) == ("InvalidClientTokenId" if is_query else "UnrecognizedClientException")
    assert message_of(error) == "The security token included in the request is invalid."
    error = refused(service, client(server, service, token="not mine"))
    assert code_of(error) == ("InvalidClientTokenId" if is_query else "UnrecognizedClientException")

    unsigned = client(server, service, signature_version=botocore.UNSIGNED)
    error = refused(service, unsigned)
    assert code_of(error) == ("MissingAuthenticationToken" if is_query else "MissingAuthenticationTokenException")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_who_signed_is_who_calls(server):
    identity = client(server, "sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada")
    other = client(server, "sts", SESSION_KEY, SESSION_SECRET, SESSION_TOKEN).get_caller_identity()
    assert (other["Account"], other["Arn"]) == ("000000000000", "arn:aws:iam::000000000000:root")
    client(server, "logs").create_log_group(logGroupName="mine")
    assert client(server, "logs", SESSION_KEY, SESSION_SECRET, SESSION_TOKEN).describe_log_groups()["logGroups"] == []
    error = refused("logs", client(server, "logs", SESSION_KEY, SESSION_SECRET))
    assert code_of(error) == "UnrecognizedClientException"


def test_a_signature_is_judged_before_the_input_is(server):
    with pytest.raises(ClientError) as error:
        client(server, "logs", secret="another", parameter_validation=False).create_log_group(logGroupName="a b")
    assert code_of(error) == "InvalidSignatureException"
    with pytest.raises(ClientError) as error:
        client(server, "logs", secret="another").describe_deliveries()  # not supported
    assert code_of(error) == "InvalidSignatureException"


def skewed(**difference):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**difference)
    return mock.patch.object(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: moment.replace(tzinfo=None))


@pytest.mark.parametrize("service", ["logs", "sts", "bedrock-runtime"])
def test_a_clock_that_is_wrong_by_more_than_fifteen_minutes_is_refused(server, service):
    wanted = "SignatureDoesNotMatch" if service in QUERY else "InvalidSignatureException"
    with skewed(minutes=-16):
        error = refused(service, client(server, service))
    assert code_of(error) == wanted
    assert message_of(error).startswith("Signature expired: ") and "- 15 min.)" in message_of(error)
    with skewed(minutes=16):
        error = refused(service, client(server, service))
    assert message_of(error).startswith("Signature not yet current: ")
    with skewed(minutes=14):
        CALLS[service](client(server, service))


def test_the_emulators_clock_has_no_say_in_that(server):
    server.control("PUT", "clock", {"mode": "frozen", "now": "2031-01-01T00:00:00Z"})
    CALLS["logs"](client(server, "logs"))


def test_compressed_and_streamed_calls_are_verified(server):
    cloudwatch = client(server, "cloudwatch")
    many = [{"MetricName": f"metric-{number}", "Value": 1.0, "Dimensions": [{"Name": "n", "Value": "v" * 50}]} for number in range(200)]
    bodies = []
    cloudwatch.meta.events.register("before-send", lambda request, **_: bodies.append(bytes(request.headers.get("Content-Encoding") or b"")))
    cloudwatch.put_metric_data(Namespace="N", MetricData=many)
    assert bodies == [b"gzip"]
    with pytest.raises(ClientError) as error:
        client(server, "cloudwatch", secret="another").put_metric_data(Namespace="N", MetricData=many)
    assert code_of(error) == "InvalidSignatureException"
    stream = client(server, "bedrock-runtime").converse_stream(modelId=NOVA, messages=user("hello"))["stream"]
    assert any("contentBlockDelta" in event for event in stream)


BEDROCK = ("bedrock", "bedrock-runtime")


def with_token(server, service, token):
    """One call by an SDK that has the token and no key."""
    with mock.patch.dict(os.environ, {"AWS_BEARER_TOKEN_BEDROCK": token}):
        session = boto3.Session(region_name="us-east-1")
        return CALLS[service](session.client(service, endpoint_url=server.url, config=Config(**NO_RETRIES)))


def test_a_bearer_token_opens_bedrock(server):
    for service in BEDROCK:
        with_token(server, service, TOKEN)
        with pytest.raises(ClientError) as error:
            with_token(server, service, TOKEN + "x")
        assert code_of(error) == "AccessDeniedException"
        assert "API Key" in message_of(error)
    call = server.control("GET", "calls?operation=Converse")["calls"][0]
    assert (call["accountId"], call["region"]) == ("444455556666", "eu-west-1")


def test_credentials_that_the_emulator_issued_are_verified(server):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = client(server, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    issued = client(server, "sts").assume_role(RoleArn=role["Arn"], RoleSessionName="s1", DurationSeconds=900)["Credentials"]
    key, secret, token = issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"]
    assert client(server, "sts", key, secret, token).get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s1"
    assert code_of(refused("logs", client(server, "logs", key, secret, token[:-1]))) == "UnrecognizedClientException"
    assert code_of(refused("logs", client(server, "logs", key, secret[:-1], token))) == "InvalidSignatureException"
    # What STS handed out does not lie in the journal.
    journal = json.dumps(server.control("GET", "calls"))
    assert key in journal and secret not in journal and token not in journal
    server.restart()
    CALLS["logs"](client(server, "logs", key, secret, token))
    server.advance(901)
    assert code_of(refused("logs", client(server, "logs", key, secret, token))) == "ExpiredTokenException"
    assert code_of(refused("sts", client(server, "sts", key, secret, token))) == "ExpiredToken"


def presigned(server, expires=60, secret=SECRET):
    request = botocore.awsrequest.AWSRequest("GET", server.url + "/?Action=GetCallerIdentity&Version=2011-06-15")
    botocore.auth.SigV4QueryAuth(Credentials(KEY, secret), "sts", "us-east-1", expires=expires).add_auth(request)
    return request.url


def fetched(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_presigned_url_is_good_until_it_expires(server):
    status, body = fetched(presigned(server))
    assert status == 200 and ACCOUNT in body
    status, body = fetched(presigned(server, secret="another"))
    assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in body
    status, body = fetched(presigned(server).replace("GetCallerIdentity", "GetSessionToken"))
    assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in body
    with skewed(minutes=-2):
        status, body = fetched(presigned(server))
    assert status == 400 and "<Code>RequestExpired</Code>" in body
    with skewed(minutes=-30):  # presigned ones may be older than fifteen minutes
        status, body = fetched(presigned(server, expires=3600))
    assert status == 200


def test_s3_says_it_in_its_own_words(server):
    def code(caller):
        with pytest.raises(ClientError) as error:
            caller.list_buckets()
        return code_of(error)

    path = {"addressing_style": "path"}
    assert code(client(server, "s3", s3=path)) == "NotImplemented"  # admitted
    assert code(client(server, "s3", secret="another", s3=path)) == "SignatureDoesNotMatch"
    assert code(client(server, "s3", key="AKIDUNKNOWN", s3=path)) == "InvalidAccessKeyId"
    assert code(client(server, "s3", SESSION_KEY, SESSION_SECRET, "other", s3=path)) == "InvalidToken"
    assert code(client(server, "s3", signature_version="s3", s3=path)) == "InvalidRequest"  # the signature before SigV4
    status, body = fetched(f"{server.url}/bucket/key")
    assert status == 403 and "<Code>AccessDenied</Code>" in body
    with skewed(minutes=-16):
        assert code(client(server, "s3", s3=path)) == "RequestTimeTooSkewed"


def test_the_aws_cli_signs_as_well(server):
    aws = shutil.which("aws")
    if aws is None:
        pytest.skip("no AWS CLI here")
    variables = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}
    command = [aws, "--endpoint-url", server.url, "logs", "describe-log-groups"]
    done = subprocess.run(command, capture_output=True, text=True, env=surroundings(**variables))
    assert done.returncode == 0, done.stderr
    done = subprocess.run(command, capture_output=True, text=True, env=surroundings(**{**variables, "AWS_SECRET_ACCESS_KEY": "x"}))
    assert done.returncode != 0 and "InvalidSignatureException" in done.stderr


def test_http2_requests_are_verified(server):
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    request = botocore.awsrequest.AWSRequest("GET", server.url + "/foundation-models")
    botocore.auth.SigV4Auth(Credentials(KEY, SECRET), "bedrock", "us-east-1").add_auth(request)
    headers = [flag for name, value in request.headers.items() for flag in ("-H", f"{name}: {value}")]
    command = ["curl", "-s", "--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", request.url]
    assert subprocess.run([*command, *headers], capture_output=True, text=True).stdout == "2 200"
    broken = [flag.replace("Signature=", "Signature=0") for flag in headers]
    assert subprocess.run([*command, *broken], capture_output=True, text=True).stdout == "2 403"
    assert subprocess.run(command, capture_output=True, text=True).stdout == "2 403"


def test_our_own_paths_and_the_links_in_sns_messages_ask_for_no_signature(server):
    assert server.control("GET", "health")["status"] == "ok"
    server.rule(latency=1)
    status, body = fetched(f"{server.url}/?Action=ConfirmSubscription&Version=2010-03-31&Token=x&TopicArn=arn:aws:sns:us-east-1:{ACCOUNT}:t")
    assert "<Code>NotFound</Code>" in body or "<Code>InvalidParameter</Code>" in body
    assert fetched(f"{server.url}/?Action=ListTopics&Version=2010-03-31")[0] == 403


def test_no_secret_is_left_anywhere(server):
    for service in CALLS:
        CALLS[service](client(server, service))
        refused(service, client(server, service, secret=SECRET + "x"))
        refused(service, client(server, service, SESSION_KEY, SESSION_SECRET, SESSION_TOKEN + "x"))
        CALLS[service](client(server, service, SESSION_KEY, SESSION_SECRET, SESSION_TOKEN))
    for service in BEDROCK:
        with_token(server, service, TOKEN)
        with pytest.raises(ClientError):
            with_token(server, service, TOKEN + "x")
    url = presigned(server)
    fetched(url)
    fetched(url.replace("/?", "/nowhere/at/all?"))
    told = [json.dumps(server.control("GET", path)) for path in ("calls", "deliveries", "health", "rules")]
    refused_texts = [fetched(url.replace("Signature=", "Signature=0"))[1]]
    server.stop()
    stored = [path.read_bytes().decode("latin-1") for path in server.folder.iterdir() if path.is_file()]
    signature = url.split("X-Amz-Signature=")[1]
    for text in [*told, *refused_texts, *stored, server.log()]:
        for secret in ("MARKERsecret", "MARKERsession", "MARKERbearer", base64.b64encode(TOKEN.encode()).decode(), signature):
            assert secret not in text
    server.start()


def test_the_process_gives_no_core_and_the_banner_no_secret(server):
    banner = server.log()
    assert "callers    verified against" in banner and "(3 credentials)" in banner
    assert "AWS_SECRET" not in banner and "MARKER" not in banner
    # What the kernel does not dump belongs to root in /proc, whoever runs it.
    with tempfile.TemporaryDirectory() as folder:
        keys = write_json(Path(folder) / "keys.json", FILE)
        keys.chmod(0o600)
        nobody = 65534 if os.geteuid() == 0 else os.geteuid()
        for path in (folder, keys):
            os.chown(path, nobody, -1)
        for flags, owner in ((["--auth", "verify", "--credentials", str(keys)], 0), ([], nobody)):
            process = subprocess.Popen([BINARY, "--port", "0", "--db", ":memory:", *flags], env=surroundings(), cwd=folder,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, user=nobody)  # fmt: skip
            assert "Ready.\n" in iter(process.stdout.readline, "")
            assert os.stat(f"/proc/{process.pid}/mem").st_uid == owner
            process.terminate()
            assert process.wait(20) == 0


def test_aws_own_credentials_file_will_do(tmp_path):
    profiles = tmp_path / "credentials"
    profiles.write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    profiles.chmod(0o600)
    server = Emulator(tmp_path, "--auth", "verify", "--credentials", str(profiles))
    CALLS["logs"](client(server, "logs"))
    assert code_of(refused("logs", client(server, "logs", secret="another"))) == "InvalidSignatureException"
    assert server.stop() == 0


def test_a_credentials_file_that_others_may_read_stops_the_start(tmp_path):
    keys = write_json(tmp_path / "keys.json", FILE)
    keys.chmod(0o640)
    line = refusal("--auth", "verify", "--credentials", keys, "--db", ":memory:")
    assert line == f"{keys}: others than its owner may read it (mode 640): chmod 600 {keys}"
    keys.chmod(0o600)
    keys.write_text('{"credentials":[{"accessKeyId":"A","secretAccessKey":"MARKER')
    assert "MARKER" not in refusal("--auth", "verify", "--credentials", keys, "--db", ":memory:")


def test_without_it_anybody_may_call(tmp_path):
    server = Emulator(tmp_path)
    CALLS["logs"](client(server, "logs", secret="anything"))
    CALLS["logs"](client(server, "logs", signature_version=botocore.UNSIGNED))
    assert server.stop() == 0
