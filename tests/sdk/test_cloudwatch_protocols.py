"""CloudWatch through its three protocols: the same calls bring the same answers."""

import math
import struct
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conftest import FROZEN
from emulator import Emulator
from one_protocol import PROTOCOLS, client

START = datetime(2026, 1, 1, tzinfo=timezone.utc)  # where the frozen clock stands
HOUR = timedelta(hours=1)
ARN = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"
WINDOW = {"StartTime": START - HOUR, "EndTime": START}


def put(*data, namespace="App"):
    return "PutMetricData", {"Namespace": namespace, "MetricData": list(data)}


def datum(name="m", **rest):
    return {"MetricName": name, "Timestamp": START - HOUR / 2, **rest}


def statistics(name, *wanted, **rest):
    asked = {"Namespace": "App", "MetricName": name, "Period": 60, **WINDOW, **rest}
    return "GetMetricStatistics", asked if not wanted else {**asked, "Statistics": list(wanted)}


def alarm(name, **changes):
    return "PutMetricAlarm", {
        "AlarmName": name,
        "Namespace": "App",
        "MetricName": "m",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 0.1,
        "ComparisonOperator": "GreaterThanThreshold",
        **changes,
    }


def query(identity, name, stat="Sum", **rest):
    metric = {"Namespace": "App", "MetricName": name}
    return {"Id": identity, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}, **rest}


def data(*queries, **rest):
    return "GetMetricData", {**WINDOW, "MetricDataQueries": list(queries), **rest}


# Each line: what is asked, and the code, status and message when it is refused (None: whatever it is, it is the
# same everywhere). Pages are read to their end. All lines run in this order on a fresh server, once in each protocol.
CALLS = {
    # What may be published: every form a number has.
    "one value": put(datum(Value=1.5, Unit="Count")),
    "a value with a dimension": put(datum("d", Value=1.0, Dimensions=[{"Name": "a", "Value": "b & <c>"}])),
    "zero": put(datum("zero", Value=0.0)),
    "a whole number": put(datum("whole", Value=3)),
    "a negative number": put(datum("negative", Value=-2.25)),
    "the largest": put(datum("huge", Value=2.0**360)),
    "the lowest": put(datum("low", Value=-(2.0**360))),
    "the smallest": put(datum("tiny", Value=5e-324)),
    "a third": put(datum("third", Value=1 / 3)),
    "values with their counts": put(datum("many", Values=[1.0, 2.5, 0.1], Counts=[1.0, 2.0, 3.0])),
    "a statistic set": put(
        datum("set", StatisticValues={"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 4.0})
    ),
    "high resolution": put(datum("fine", Value=1.0, StorageResolution=1)),
    "no time": put({"MetricName": "now", "Value": 1.0}),
    "several": put(datum("x", Value=1.0), datum("x", Value=2.0), datum("y", Value=4.0)),
    # What is refused, in the words of the query protocol wherever it comes from.
    "not a number": (
        *put(datum(Value=math.nan)),
        ("InvalidParameterValue", 400, "The value NaN for parameter MetricData.member.1.Value is invalid."),
    ),
    "infinity": (
        *put(datum(Value=math.inf)),
        ("InvalidParameterValue", 400, "The value Infinity for parameter MetricData.member.1.Value is invalid."),
    ),
    "minus infinity": (
        *put(datum(Values=[1.0, -math.inf])),
        ("InvalidParameterValue", 400, "The value -Infinity for parameter MetricData.member.1.Values is invalid."),
    ),
    "beyond the largest": (*put(datum(Value=2.0**361)), ("InvalidParameterValue", 400, None)),
    "two kinds of value": (
        *put(datum(Value=1.0, Values=[1.0])),
        (
            "InvalidParameterCombination",
            400,
            "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you"
            " have specified both.",
        ),
    ),
    "sizes differ": (
        *put(datum(Values=[1.0, 2.0], Counts=[1.0])),
        (
            "InvalidParameterValue",
            400,
            "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.",
        ),
    ),
    "too old": (
        *put({"MetricName": "m", "Value": 1.0, "Timestamp": START - timedelta(days=15)}),
        (
            "InvalidParameterValue",
            400,
            "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.",
        ),
    ),
    "a namespace with a colon in front": (*put(datum(Value=1.0), namespace=":x"), ("InvalidParameterValue", 400, None)),
    "an unknown unit": (*put(datum(Value=1.0, Unit="Parsec")), ("InvalidParameterValue", 400, None)),
    # Reading what was published.
    "list": ("ListMetrics", {"Namespace": "App"}),
    "list by dimension": ("ListMetrics", {"Dimensions": [{"Name": "a"}]}),
    "list nothing": ("ListMetrics", {"Namespace": "Empty"}),
    "a token that nobody gave": ("ListMetrics", {"NextToken": "x"}, (None, 400, None)),
    **{
        f"statistics of {name}": statistics(name, "Sum", "Average", "Minimum", "Maximum", "SampleCount")
        for name in ("m", "zero", "whole", "negative", "huge", "low", "tiny", "third", "many", "set", "fine", "x")
    },
    "percentiles": statistics("many", ExtendedStatistics=["p50", "p99.9", "tm10"]),
    "statistics of nothing": statistics("none", "Sum"),
    "an odd period": (*statistics("m", "Sum", Period=61), ("InvalidParameterValue", 400, None)),
    "no statistics": (*statistics("m"), (None, 400, None)),
    "data": data(query("a", "x"), query("b", "many", "p90")),
    "data of nothing": data(query("a", "none")),
    "data without queries": (*data(), ("ValidationError", 400, None)),
    "data with a broken expression": (*data({"Id": "c", "Expression": "a +"}), ("ValidationError", 400, None)),
    "data page by page": data(query("a", "x"), query("b", "y"), MaxDatapoints=1),
    # Alarms: made, described, set, switched, tagged, told about, deleted.
    "an alarm": alarm(
        "first",
        AlarmDescription="a < b & c > é 漢 😀\n\ttab \"quoted\"",
        AlarmActions=["arn:aws:sns:us-east-1:000000000000:t"],
        Dimensions=[{"Name": "a", "Value": "b"}],
        Tags=[{"Key": "team", "Value": "ü"}],
        TreatMissingData="notBreaching",
        Unit="Count",
    ),
    "an alarm of a percentile": alarm("second", Statistic="Sum", Threshold=1e300, DatapointsToAlarm=2),
    "an alarm without a metric": (
        "PutMetricAlarm",
        {"AlarmName": "x", "EvaluationPeriods": 1, "ComparisonOperator": "LessThanThreshold"},
        ("ValidationError", 400, None),
    ),
    "an alarm that compares oddly": (*alarm("x", ComparisonOperator="Unlike"), ("ValidationError", 400, None)),
    "an alarm of no periods": (*alarm("x", EvaluationPeriods=0), ("ValidationError", 400, None)),
    "describe": ("DescribeAlarms", {}),
    "describe one": ("DescribeAlarms", {"AlarmNames": ["first"]}),
    "describe page by page": ("DescribeAlarms", {"MaxRecords": 2}),
    "describe from an unknown page": ("DescribeAlarms", {"NextToken": "x"}, ("InvalidNextToken", 400, None)),
    "describe too much": ("DescribeAlarms", {"MaxRecords": 101}, ("ValidationError", 400, None)),
    "describe for a metric": ("DescribeAlarmsForMetric", {"Namespace": "App", "MetricName": "m"}),
    "set the state": (
        "SetAlarmState",
        {"AlarmName": "first", "StateValue": "ALARM", "StateReason": "why <not>", "StateReasonData": '{"a":[1]}'},
    ),
    "set the state of nobody": (
        "SetAlarmState",
        {"AlarmName": "nobody", "StateValue": "OK", "StateReason": "r"},
        ("ResourceNotFound", 404, ""),
    ),
    "set an unknown state": (
        "SetAlarmState",
        {"AlarmName": "first", "StateValue": "Fine", "StateReason": "r"},
        ("ValidationError", 400, None),
    ),
    "set a reason that is not JSON": (
        "SetAlarmState",
        {"AlarmName": "first", "StateValue": "OK", "StateReason": "r", "StateReasonData": "{"},
        ("InvalidFormat", 400, None),
    ),
    "switch off": ("DisableAlarmActions", {"AlarmNames": ["first"]}),
    "switch on": ("EnableAlarmActions", {"AlarmNames": ["first"]}),
    "history": ("DescribeAlarmHistory", {"AlarmName": "first"}),
    "history page by page": ("DescribeAlarmHistory", {"AlarmName": "first", "MaxRecords": 1}),
    "tag": ("TagResource", {"ResourceARN": ARN + "first", "Tags": [{"Key": "b", "Value": ""}]}),
    "tags": ("ListTagsForResource", {"ResourceARN": ARN + "first"}),
    "untag": ("UntagResource", {"ResourceARN": ARN + "first", "TagKeys": ["b"]}),
    "tags after that": ("ListTagsForResource", {"ResourceARN": ARN + "first"}),
    "tag nobody": (
        "TagResource",
        {"ResourceARN": ARN + "nobody", "Tags": [{"Key": "b", "Value": ""}]},
        ("ResourceNotFoundException", 404, None),
    ),
    "delete": ("DeleteAlarms", {"AlarmNames": ["first"]}),
    "delete nobody": ("DeleteAlarms", {"AlarmNames": ["nobody"]}, ("ResourceNotFound", 404, "")),
    "describe after that": ("DescribeAlarms", {"AlarmNames": ["first"]}),
    # Dashboards: text inside text.
    "a dashboard": ("PutDashboard", {"DashboardName": "d", "DashboardBody": '{"widgets":[]}'}),
    "a dashboard read": ("GetDashboard", {"DashboardName": "d"}),
    "dashboards": ("ListDashboards", {}),
    "a dashboard of nothing": (
        "PutDashboard",
        {"DashboardName": "d", "DashboardBody": "["},
        ("InvalidParameterInput", 400, None),
    ),
    "a dashboard of nobody": ("GetDashboard", {"DashboardName": "n"}, ("ResourceNotFound", 404, None)),
    "dashboards deleted": ("DeleteDashboards", {"DashboardNames": ["d"]}),
}
# What the query protocol calls an error, and what its shape is called; the other errors have one name.
SHAPES = {
    "InvalidParameterValue": "InvalidParameterValueException",
    "InvalidParameterCombination": "InvalidParameterCombinationException",
    "MissingParameter": "MissingRequiredParameterException",
    "InvalidFormat": "InvalidFormatFault",
    "ValidationError": "ValidationException",
    "InvalidParameterInput": "DashboardInvalidInputError",
}


def outcome(connection, operation, parameters):
    """The parsed answer without the request's id, or what is said of the error."""
    try:
        answer = connection._make_api_call(operation, parameters)
    except ClientError as refused:
        response = refused.response
        return {
            "refused": response["Error"]["Code"],
            "status": response["ResponseMetadata"]["HTTPStatusCode"],
            "message": response["Error"].get("Message") or "",
            "type": response["Error"].get("Type"),
            "shape": response["Error"].get("QueryErrorCode"),
        }
    answer.pop("ResponseMetadata")
    return answer


def all_pages(connection, operation, parameters):
    """The answers of a call and of the calls with its tokens."""
    pages = [outcome(connection, operation, parameters)]
    while pages[-1].get("NextToken") and len(pages) < 10:
        pages.append(outcome(connection, operation, {**parameters, "NextToken": pages[-1].pop("NextToken")}))
    return pages


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """{protocol: {line: the pages of its answer}}"""
    found = {}
    for protocol in PROTOCOLS["cloudwatch"]:
        server = Emulator(tmp_path_factory.mktemp("protocol"), *FROZEN)
        connection = client(server.url, "cloudwatch", protocol, parameter_validation=False)
        found[protocol] = {line: all_pages(connection, *call[:2]) for line, call in CALLS.items()}
        assert server.stop() == 0, server.log()
    return found


@pytest.mark.parametrize("line", CALLS)
def test_an_answer_is_the_same_in_query_json_and_cbor(answers, line):
    in_json, in_cbor, in_query = ([dict(page) for page in answers[p][line]] for p in PROTOCOLS["cloudwatch"])
    shapes = [page.pop("shape", None) for page in (in_json[0], in_cbor[0], in_query[0])]
    assert in_json == in_cbor
    assert in_json == in_query
    expected = CALLS[line][2] if len(CALLS[line]) > 2 else None
    refused = in_json[0]
    if expected is None:
        assert "refused" not in refused
        return
    code, status, message = expected
    assert (refused["status"], refused["type"]) == (status, "Sender" if status < 500 else "Receiver")
    assert code in (None, refused["refused"])
    assert message in (None, refused["message"])
    code = refused["refused"]
    shape = "DashboardNotFoundError" if line == "a dashboard of nobody" else SHAPES.get(code, code)
    assert shapes == [shape, shape, None]  # older clients know the code alone


@pytest.mark.parametrize("protocol", PROTOCOLS["cloudwatch"])
def test_numbers_come_back_as_they_were_published(answers, protocol):
    def sums(name):
        return [point["Sum"] for point in answers[protocol][f"statistics of {name}"][0]["Datapoints"]]

    assert sums("m") == [1.5]
    assert sums("whole") == [3.0]
    assert sums("negative") == [-2.25]
    assert sums("huge") == [2.0**360]
    assert sums("low") == [-(2.0**360)]
    assert sums("tiny") == [5e-324]
    assert sums("third") == [1 / 3]
    assert sums("set") == [10.0]
    assert sums("x") == [3.0]
    first = answers[protocol]["statistics of m"][0]["Datapoints"][0]
    assert first["Timestamp"] == START - HOUR / 2


@pytest.mark.parametrize("protocol", PROTOCOLS["cloudwatch"])
def test_lists_are_read_page_by_page_by_their_tokens(answers, protocol):
    history = answers[protocol]["history page by page"]
    assert len(history) > 1 and all(len(page["AlarmHistoryItems"]) == 1 for page in history)
    assert [page["AlarmHistoryItems"][0] for page in history] == answers[protocol]["history"][0]["AlarmHistoryItems"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Emulator(tmp_path_factory.mktemp("raw"), *FROZEN)
    yield running
    assert running.stop() == 0, running.log()


class Watched:
    """A client that keeps the requests it sends."""

    def __init__(self, server, protocol, **config):
        self.sent = []
        self.client = client(server.url, "cloudwatch", protocol, **config)
        self.client.meta.events.register("before-send", lambda request, **_: self.sent.append(request))


@pytest.mark.parametrize("protocol", PROTOCOLS["cloudwatch"])
@pytest.mark.parametrize("count, config", [(900, {}), (3, {"request_min_compression_size_bytes": 64})])
def test_compressed_metrics_are_read(server, protocol, count, config):
    watched = Watched(server, protocol, **config)
    namespace = f"Gzip/{protocol}/{count}"
    points = [datum(f"m{index}", Value=float(index)) for index in range(count)]
    watched.client.put_metric_data(Namespace=namespace, MetricData=points)
    assert watched.sent[0].headers["Content-Encoding"] in ("gzip", b"gzip")
    assert watched.sent[0].body.startswith(b"\x1f\x8b")
    pages = watched.client.get_paginator("list_metrics").paginate(Namespace=namespace)
    assert {metric["MetricName"] for page in pages for metric in page["Metrics"]} == {f"m{i}" for i in range(count)}


class Raw:
    """Requests as their bytes, for what no client of ours would send."""

    def __init__(self, server):
        self.url = server.url

    def send(self, path, headers, body):
        request = urllib.request.Request(self.url + path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read()

    def json(self, operation, body, **headers):
        target = f"GraniteServiceVersion20100801.{operation}"
        return self.send("/", {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target, **headers}, body)

    def cbor(self, operation, body, path="/service/GraniteServiceVersion20100801/operation/", **headers):
        headers = {"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor", **headers}
        return self.send(path + operation, headers, body)

    def form(self, body):
        return self.send("/", {"Content-Type": "application/x-www-form-urlencoded"}, body)


@pytest.fixture
def raw(server):
    return Raw(server)


UNKNOWN_ALARM = {
    "json": b'{"AlarmNames":["nobody"]}',
    "cbor": b"\xa1\x6aAlarmNames\x81\x66nobody",
}


@pytest.mark.parametrize("protocol", UNKNOWN_ALARM)
def test_without_the_query_mode_every_client_error_is_a_400_with_the_shapes_name(raw, protocol):
    status, headers, body = getattr(raw, protocol)("DeleteAlarms", UNKNOWN_ALARM[protocol])
    assert status == 400
    assert headers["x-amzn-query-error"] is None
    assert b"com.amazonaws.cloudwatch.v2010_08_01#ResourceNotFound" in body


@pytest.mark.parametrize("protocol", UNKNOWN_ALARM)
def test_in_the_query_mode_errors_have_the_query_protocols_status_and_code(raw, protocol):
    mode = {"x-amzn-query-mode": "true"}
    status, headers, body = getattr(raw, protocol)("DeleteAlarms", UNKNOWN_ALARM[protocol], **mode)
    assert status == 404
    assert headers["x-amzn-query-error"] == "ResourceNotFound;Sender"
    assert b"com.amazonaws.cloudwatch.v2010_08_01#ResourceNotFound" in body


def test_a_time_means_the_same_in_every_form_that_clients_write(server, raw):
    """2025-12-31T23:30:00Z, half an hour before the clock; fractions of a second do not leave its minute."""

    def metric(name, time):
        point = b"\xa3\x6aMetricName" + name + b"\x65Value\x01\x69Timestamp" + time
        return b"\xa2\x69Namespace\x64Time\x6aMetricData\x81" + point

    in_json = {"a": b"1767223800", "b": b"1767223800.25", "c": b"1.7672238e9", "d": b'"2025-12-31T23:30:00Z"'}
    for name, time in in_json.items():
        point = b'{"MetricName":"%s","Value":1,"Timestamp":%s}' % (name.encode(), time)
        assert raw.json("PutMetricData", b'{"Namespace":"Time","MetricData":[%s]}' % point)[0] == 200, time
    whole = struct.pack(">I", 1767223800)
    double = struct.pack(">d", 1767223800.25)
    single = struct.pack(">f", 1767223800.0)  # 1767223808 is the nearest
    in_cbor = {
        b"\x61e": b"\xc1\x1a" + whole,
        b"\x61f": b"\xc1\xfb" + double,
        b"\x61g": b"\x1a" + whole,
        b"\x61h": b"\xfb" + double,
        b"\x61i": b"\xc1\xfa" + single,
        b"\x61j": b"\xc1\x1b\0\0\0\0" + whole,
    }
    for name, time in in_cbor.items():
        assert raw.cbor("PutMetricData", metric(name, time))[0] == 200, time
    in_forms = {"k": b"2025-12-31T23:30:00Z", "l": b"2025-12-31T23%3A30%3A00.250Z", "m": b"2026-01-01T01:30:00%2B02:00"}
    for name, time in in_forms.items():
        body = b"Action=PutMetricData&Version=2010-08-01&Namespace=Time&MetricData.member.1.Value=1"
        body += b"&MetricData.member.1.MetricName=%s&MetricData.member.1.Timestamp=%s" % (name.encode(), time)
        assert raw.form(body)[0] == 200, time
    reader = client(server.url, "cloudwatch", "json")
    for name in "abcdefghijklm":
        points = reader.get_metric_statistics(
            Namespace="Time", MetricName=name, Period=60, Statistics=["Sum"], StartTime=START - HOUR, EndTime=START
        )["Datapoints"]
        assert [(point["Timestamp"], point["Sum"]) for point in points] == [(START - HOUR / 2, 1.0)], name


NESTED = b"\x81" * 129
FORMS = {
    "definite": (b"\xa1\x69Namespace\x63App", 200),
    "indefinite map and text": (b"\xbf\x7f\x64Name\x65space\xff\x7f\x62Ap\x61p\xff\xff", 200),
    "lengths longer than they need to be": (b"\xb9\0\x01\x78\x09Namespace\x7a\0\0\0\x03App", 200),
    "null and undefined": (b"\xa2\x69Namespace\xf6\x6aMetricName\xf7", 200),
    "unknown members of every kind": (
        b"\xa6\x61a\xfb\x7f\xf0\0\0\0\0\0\0\x61b\x3b\xff\xff\xff\xff\xff\xff\xff\xff\x61c\x5f\x41\0\xff"
        b"\x61d\x9f\xbf\xff\xff"
        b"\x61e\xf9\x7e\x00\x61f\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
        200,
    ),
    "no body": (b"", 200),
    "a list": (b"\x80", 400),
    "cut": (b"\xa1\x69Namespace", 400),
    "something behind it": (b"\xa0\xa0", 400),
    "an unknown tag": (b"\xa1\x69Namespace\xc2\x41a", 400),
    "a text of four exabytes": (b"\xa1\x69Namespace\x7b\x3f\xff\xff\xff\xff\xff\xff\xffa", 400),
    "a list of as many": (b"\xa1\x6aDimensions\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 400),
    "nested too deep": (b"\xa1\x61x" + NESTED, 400),
}


@pytest.mark.parametrize("form", FORMS)
def test_cbor_is_read_in_every_form_and_refused_when_broken(raw, form):
    body, expected = FORMS[form]
    status, headers, answer = raw.cbor("ListMetrics", body)
    assert status == expected, answer
    assert headers["Smithy-Protocol"] == "rpc-v2-cbor"
    assert headers["Content-Type"] == "application/cbor"
    assert (b"SerializationException" in answer) == (expected == 400)


SERVICE = "/service/GraniteServiceVersion20100801"
LIST = f"{SERVICE}/operation/ListMetrics"


@pytest.mark.parametrize(
    "path, headers, expected, error",
    [
        (LIST, {}, 200, b""),
        (f"/some/prefix{LIST}", {}, 200, b""),
        ("/service/com.amazonaws.cloudwatch.GraniteServiceVersion20100801/operation/ListMetrics", {}, 200, b""),
        (LIST, {"Smithy-Protocol": "RPC-V2-CBOR"}, 200, b""),
        (LIST, {"Content-Type": "application/cbor; x=y"}, 200, b""),
        (LIST, {"Content-Type": "application/json"}, 415, b"UnsupportedMediaTypeException"),
        (LIST, {"X-Amz-Target": "GraniteServiceVersion20100801.ListMetrics"}, 400, b"SerializationException"),
        (LIST, {"X-Amzn-Target": "x"}, 400, b"SerializationException"),
        (f"{SERVICE}/operation/Nothing", {}, 400, b"UnknownOperationException"),
        ("/service/Logs_20140328/operation/DescribeLogGroups", {}, 404, b"UnknownOperationException"),
        ("/operation/ListMetrics", {}, 404, b"UnknownOperationException"),
        (LIST, {"Smithy-Protocol": "rpc-v2-json"}, 404, b"UnknownOperationException"),
    ],
)
def test_a_cbor_call_is_named_by_its_protocol_and_the_last_four_parts_of_its_path(raw, path, headers, expected, error):
    status, _, answer = raw.cbor("", b"\xa0", path=path, **headers)
    assert status == expected, answer
    assert error in answer
