#!/usr/bin/env python3
"""Distils the service models of botocore into emulator/models/<service>.json.

    python3 emulator/models/distil.py

Takes names, shapes, constraints, HTTP bindings, errors and protocols; takes no prose. What botocore's files do not
say, or no longer say, stands in the overlays below, each with its reason. The form of the result is described in
emulator/protocol/model.hpp and read by emulator/protocol/model.cpp.
"""
import gzip
import json
import pathlib

import botocore

HERE = pathlib.Path(__file__).parent
DATA = pathlib.Path(botocore.__file__).parent / "data"
SERVICES = ["bedrock", "bedrock-runtime", "cloudwatch", "iam", "logs", "s3", "sns", "sqs", "sts"]

PROTOCOLS = {"rest-json": "rest-json", "rest-xml": "rest-xml", "query": "query", "json": "json",
             "smithy-rpc-v2-cbor": "cbor"}

# The code of a broken constraint, and how the service words it (facts: logs.md 0.1, cloudwatch.md 1.3).
#   coral      "1 validation error detected: Value '...' at '...' failed to satisfy constraint: ..."
#   parameter  "The parameter X is required." with a code of its own for what is missing
#   queue      SQS: "The request must contain the parameter X."
#   object     S3: MalformedXML for the body, InvalidArgument for the rest
VALIDATION = {
    "bedrock": {"form": "coral", "code": "ValidationException"},
    "bedrock-runtime": {"form": "coral", "code": "ValidationException"},
    "cloudwatch": {"form": "coral", "code": "ValidationError"},
    "iam": {"form": "coral", "code": "ValidationError"},
    "logs": {"form": "coral", "code": "InvalidParameterException"},
    "s3": {"form": "object", "code": "InvalidArgument"},
    "sns": {"form": "coral", "code": "ValidationError"},
    "sqs": {"form": "queue", "code": "InvalidParameterValue", "missingCode": "MissingParameter"},
    "sts": {"form": "coral", "code": "ValidationError"},
}
# Facts: logs.md 2.2, recorded for these three alone.
LOGS_LONG_NAMES = {"members": ["logGroupName", "logStreamName", "logStreamNames"],
                   "message": "Invalid LogGroup or LogStream, both must have length less than or equal to 512."}
CLOUDWATCH_PARAMETERS = {"form": "parameter", "code": "InvalidParameterValue", "missingCode": "MissingParameter"}

# Before # in __type (facts: cloudwatch.md 1.2, protocols.md 6.7). Logs and Bedrock send the bare name.
ERROR_NAMESPACES = {"cloudwatch": "com.amazonaws.cloudwatch.v2010_08_01", "sqs": "com.amazonaws.sqs"}

# After the name in x-amzn-ErrorType (facts: bedrock.md 1.6).
ERROR_TYPE_SUFFIXES = {"bedrock": ":http://internal.amazon.com/coral/com.amazon.bedrock/",
                       "bedrock-runtime": ":http://internal.amazon.com/coral/com.amazon.bedrock/"}

# The statuses are the query protocol's alone: over JSON each is 400 (facts: protocols.md 6.7).
# SQS lost its query protocol's words when its model moved to JSON; older clients still speak it.
SQS_NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/"
SQS_QUERY_ERRORS = {
    "BatchEntryIdsNotDistinct": ("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400),
    "BatchRequestTooLong": ("AWS.SimpleQueueService.BatchRequestTooLong", 400),
    "EmptyBatchRequest": ("AWS.SimpleQueueService.EmptyBatchRequest", 400),
    "InvalidAddress": ("InvalidAddress", 404),
    "InvalidBatchEntryId": ("AWS.SimpleQueueService.InvalidBatchEntryId", 400),
    "InvalidSecurity": ("InvalidSecurity", 403),
    "KmsAccessDenied": ("KMS.AccessDeniedException", 400),
    "KmsDisabled": ("KMS.DisabledException", 400),
    "KmsInvalidKeyUsage": ("KMS.InvalidKeyUsageException", 400),
    "KmsInvalidState": ("KMS.InvalidStateException", 400),
    "KmsNotFound": ("KMS.NotFoundException", 400),
    "KmsOptInRequired": ("KMS.OptInRequired", 403),
    "KmsThrottled": ("KMS.ThrottlingException", 400),
    "MessageNotInflight": ("AWS.SimpleQueueService.MessageNotInflight", 400),
    "OverLimit": ("OverLimit", 403),
    "PurgeQueueInProgress": ("AWS.SimpleQueueService.PurgeQueueInProgress", 403),
    "QueueDeletedRecently": ("AWS.SimpleQueueService.QueueDeletedRecently", 400),
    "QueueDoesNotExist": ("AWS.SimpleQueueService.NonExistentQueue", 400),
    "QueueNameExists": ("QueueAlreadyExists", 400),
    "ReceiptHandleIsInvalid": ("ReceiptHandleIsInvalid", 404),
    "RequestThrottled": ("RequestThrottled", 403),
    "ResourceNotFoundException": ("ResourceNotFoundException", 404),
    "TooManyEntriesInBatchRequest": ("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400),
    "UnsupportedOperation": ("AWS.SimpleQueueService.UnsupportedOperation", 400),
}
SQS_QUERY_NAMES = {  # of members, by the member's name
    "AWSAccountIds": "AWSAccountId", "Actions": "ActionName", "AttributeNames": "AttributeName",
    "Attributes": "Attribute", "BinaryListValues": "BinaryListValue", "MessageAttributeNames": "MessageAttributeName",
    "MessageAttributes": "MessageAttribute", "MessageSystemAttributeNames": "MessageSystemAttributeName",
    "MessageSystemAttributes": "MessageSystemAttribute", "Messages": "Message", "QueueUrls": "QueueUrl",
    "queueUrls": "QueueUrl", "StringListValues": "StringListValue", "TagKeys": "TagKey", "Tags": "Tag", "tags": "Tag",
    "Results": "ListMessageMoveTasksResultEntry", "Failed": "BatchResultErrorEntry",
}
SQS_ENTRY_NAMES = {  # members whose query name is the name of what they list
    "Entries": "RequestEntry", "Successful": "ResultEntry",
}
SQS_MAPS = {  # the names of key and value in the query protocol
    "MessageBodyAttributeMap": ("Name", "Value"), "MessageBodySystemAttributeMap": ("Name", "Value"),
    "MessageSystemAttributeMap": ("Name", "Value"), "QueueAttributeMap": ("Name", "Value"), "TagMap": ("Key", "Value"),
}
# SQS answers an unknown attribute with InvalidAttributeName, in words of its own: the service checks them.
SQS_OPEN_ENUMS = ["MessageSystemAttributeName", "MessageSystemAttributeNameForSends", "QueueAttributeName"]

# The model calls both GET /; AWS tells them apart by the endpoint, clients by x-id.
S3_URIS = {"ListDirectoryBuckets": "/?x-id=ListDirectoryBuckets"}
# Statuses of success that the model leaves out (facts: protocols.md 7.7).
S3_STATUSES = {"PutBucketPolicy": 204}
# Root elements of S3 answers that are not named after the shape.
S3_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult", "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CreateSession": "CreateSessionResult", "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration", "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration", "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint", "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration", "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration", "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy", "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsOutput",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult", "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult", "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult", "ListObjectsV2": "ListBucketResult", "ListParts": "ListPartsResult",
}

# Logs' model gives no statuses; these two are failures of the service (facts: logs.md 0).
LOGS_STATUSES = {"InternalServerException": 500, "ServiceUnavailableException": 503}

# Bedrock reads it though the model does not name it (facts: bedrock.md 1.4). Its header holds JSON text.
REQUEST_METADATA = {"shape": "RequestMetadata", "location": "header", "json": True,
                    "name": "X-Amzn-Bedrock-Request-Metadata"}


def load(service):
    path = sorted(DATA.glob(f"{service}/*/service-2.json.gz"))[-1]
    with gzip.open(path) as file:
        return json.load(file), path.relative_to(DATA.parent)


def distil_member(name, member):
    result = {"shape": member["shape"]}
    for source, target in [("location", "location"), ("timestampFormat", "timestampFormat")]:
        if source in member:
            result[target] = member[source]
    if member.get("locationName", name) != name:
        result["name"] = member["locationName"]
    for source, target in [("flattened", "flattened"), ("xmlAttribute", "xmlAttribute"),
                           ("eventpayload", "eventPayload"), ("streaming", "streaming")]:
        if member.get(source):
            result[target] = True
    if "xmlNamespace" in member:
        result["xmlNamespace"] = member["xmlNamespace"]["uri"]
    return result["shape"] if len(result) == 1 else result


def distil_error(shape, result):
    result["exception"] = True
    error = shape.get("error", {})
    if "httpStatusCode" in error:
        result["status"] = error["httpStatusCode"]
    if "code" in error:
        result["code"] = error["code"]
    if shape.get("fault") or error.get("httpStatusCode", 400) >= 500:
        result["fault"] = True
        result.setdefault("status", 500)


def distil_shape(shape):
    result = {"type": shape["type"]}
    if shape["type"] == "structure":
        if shape.get("required"):
            result["required"] = shape["required"]
        result["members"] = {name: distil_member(name, member) for name, member in shape["members"].items()}
        if shape.get("exception"):
            distil_error(shape, result)
    if "member" in shape:
        result["element"] = shape["member"]["shape"]
        if shape["member"].get("locationName", "member") != "member":
            result["elementName"] = shape["member"]["locationName"]
    for part in ("key", "value"):
        if part in shape:
            result[part] = shape[part]["shape"]
            if "locationName" in shape[part]:
                result[part + "Name"] = shape[part]["locationName"]
    for word in ("min", "max", "pattern", "enum", "payload", "timestampFormat"):
        if word in shape:
            result[word] = shape[word]
    for source, target in [("union", "union"), ("eventstream", "eventStream"), ("document", "document"),
                           ("flattened", "flattened"), ("sensitive", "sensitive")]:
        if shape.get(source):
            result[target] = True
    return result


def distil_operation(operation):
    http = operation["http"]
    result = {"http": [http["method"], http["requestUri"], http.get("responseCode", 200)]}
    for part in ("input", "output"):
        if part in operation:
            result[part] = operation[part]["shape"]
    if "locationName" in operation.get("input", {}):
        result["inputRoot"] = operation["input"]["locationName"]
    if "resultWrapper" in operation.get("output", {}):
        result["wrapper"] = operation["output"]["resultWrapper"]
    if operation.get("errors"):
        result["errors"] = [error["shape"] for error in operation["errors"]]
    return result


# Facts: cloudwatch.md 3.1, 6.1. Chosen: the bytes count inflated, which AWS says of PutMetricAlarm alone; clients that
# compress metric data have been refused for as many (aws/amazon-cloudwatch-agent #1437).
CLOUDWATCH_BODY_MAXIMA = {"PutMetricData": 1 << 20, "PutMetricAlarm": 120 << 10}


def overlay_cloudwatch(model):
    model["shapes"]["ValidationException"] = {
        "type": "structure", "members": {"message": "ErrorMessage"}, "exception": True, "code": "ValidationError",
        "status": 400, "namespace": "com.amazon.coral.validate"}
    # Facts: cloudwatch.md 1.3. Alarms, their rules and GetMetricData speak coral, the rest of parameters.
    for name, operation in model["operations"].items():
        if "Alarm" not in name and name != "GetMetricData":
            operation["validation"] = CLOUDWATCH_PARAMETERS
    for name, size in CLOUDWATCH_BODY_MAXIMA.items():
        model["operations"][name]["bodyMax"] = size
    # AWS's own order of the set (facts: cloudwatch.md 1.3, test of LocalStack).
    model["shapes"]["Statistic"]["enum"] = ["Maximum", "SampleCount", "Sum", "Minimum", "Average"]
    model["shapes"]["StateValue"]["enum"] = ["INSUFFICIENT_DATA", "ALARM", "OK"]


def overlay_logs(model):
    shapes = model["shapes"]
    for name, status in LOGS_STATUSES.items():
        shapes[name]["status"] = status
    for name in ("FilterLogEvents", "GetLogEvents", "PutLogEvents"):
        model["operations"][name]["validation"] = {**VALIDATION["logs"], "longNames": LOGS_LONG_NAMES}
    # AWS leaves the value out for this one shape, as it does for sensitive ones (facts: logs.md 0.1).
    shapes["LogGroupIdentifier"]["sensitive"] = True
    # Java's toString of a transformation ends with the dimensions (facts: logs.md 0.1).
    members = shapes["MetricTransformation"]["members"]
    members["dimensions"] = members.pop("dimensions")


def overlay_bedrock_runtime(model):
    shapes = model["shapes"]
    for name in ("InvokeModelRequest", "InvokeModelWithResponseStreamRequest"):
        shapes[name]["members"]["requestMetadata"] = REQUEST_METADATA
    # The OpenAI-compatible routes stand in no model of AWS (facts: bedrock.md 8); model and stream are in the body.
    taken = ("body", "trace", "guardrailIdentifier", "guardrailVersion", "performanceConfigLatency", "serviceTier",
             "requestMetadata")
    members = {name: shapes["InvokeModelRequest"]["members"][name] for name in taken}
    shapes["ChatCompletionsRequest"] = {"type": "structure", "members": members, "payload": "body"}
    invoke = model["operations"]["InvokeModel"]
    model["operations"]["ChatCompletions"] = {
        "http": ["POST", "/openai/v1/chat/completions", 200], "protocol": "openai", "input": "ChatCompletionsRequest",
        "errors": invoke["errors"]}
    model["operations"]["ListModels"] = {
        "http": ["GET", "/openai/v1/models", 200], "protocol": "openai",
        "errors": ["AccessDeniedException", "ThrottlingException", "InternalServerException"]}


def overlay_s3(model):
    for name, uri in S3_URIS.items():
        model["operations"][name]["http"][1] = uri
    for name, status in S3_STATUSES.items():
        model["operations"][name]["http"][2] = status
    for name, root in S3_ROOTS.items():
        model["operations"][name]["wrapper"] = root
    for name in ("NoSuchKey", "NoSuchBucket", "NoSuchUpload"):
        model["shapes"][name]["status"] = 404
    for name in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou"):
        model["shapes"][name]["status"] = 409


def overlay_sqs(model):
    model["protocols"].append("query")
    model["xmlNamespace"] = SQS_NAMESPACE
    shapes = model["shapes"]
    for name, (code, status) in SQS_QUERY_ERRORS.items():
        shapes[name].update(code=code, queryStatus=status)
    for name, (key, value) in SQS_MAPS.items():
        shapes[name].update(keyName=key, valueName=value)
    for name in SQS_OPEN_ENUMS:
        shapes[name].pop("enum", None)
    for name, operation in model["operations"].items():
        if "output" in operation:
            operation["wrapper"] = f"{name}Result"
    for shape in shapes.values():
        members = shape.get("members", {})
        for name, member in members.items():
            member = {"shape": member} if isinstance(member, str) else member
            if name in SQS_ENTRY_NAMES:
                member["name"] = shapes[member["shape"]]["element"]
                assert member["name"].endswith(SQS_ENTRY_NAMES[name])
            elif name in SQS_QUERY_NAMES:
                member["name"] = SQS_QUERY_NAMES[name]
            members[name] = member["shape"] if len(member) == 1 else member


OVERLAYS = {"cloudwatch": overlay_cloudwatch, "logs": overlay_logs, "bedrock-runtime": overlay_bedrock_runtime,
            "s3": overlay_s3, "sqs": overlay_sqs}


def distil(service):
    source, path = load(service)
    metadata = source["metadata"]
    model = {"source": f"botocore {botocore.__version__} {path}, Apache-2.0; distilled by distil.py"}
    model["signingName"] = metadata.get("signingName", metadata["endpointPrefix"])
    model["endpointPrefix"] = metadata["endpointPrefix"]
    for word in ("targetPrefix", "jsonVersion", "apiVersion"):
        if word in metadata:
            model[word] = metadata[word]
    namespace = metadata.get("xmlNamespace", {})
    model["xmlNamespace"] = namespace if isinstance(namespace, str) else namespace.get("uri", "")
    if service == "s3":
        model["xmlNamespace"] = "http://s3.amazonaws.com/doc/2006-03-01/"
    model["protocols"] = [PROTOCOLS[name] for name in metadata["protocols"]]
    if "awsQueryCompatible" in metadata:
        model["queryCompatible"] = True
    if service in ERROR_NAMESPACES:
        model["errorNamespace"] = ERROR_NAMESPACES[service]
    if service in ERROR_TYPE_SUFFIXES:
        model["errorTypeSuffix"] = ERROR_TYPE_SUFFIXES[service]
    model["validation"] = VALIDATION[service]
    # S3's deprecated operations share their URIs with those that took their place.
    model["operations"] = {name: distil_operation(operation) for name, operation in source["operations"].items()
                           if not (service == "s3" and operation.get("deprecated"))}
    model["shapes"] = {name: distil_shape(shape) for name, shape in source["shapes"].items()}
    if service in OVERLAYS:
        OVERLAYS[service](model)
    return model


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def write(path, model):
    """One operation and one shape a line, so that a new botocore shows as a readable difference."""
    lines = []
    for key, value in model.items():
        if key in ("operations", "shapes"):
            rows = ",\n".join(f"{compact(name)}:{compact(row)}" for name, row in value.items())
            lines.append(f"{compact(key)}:{{\n{rows}\n}}")
        else:
            lines.append(f"{compact(key)}:{compact(value)}")
    path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


for service_name in SERVICES:
    write(HERE / f"{service_name}.json", distil(service_name))
