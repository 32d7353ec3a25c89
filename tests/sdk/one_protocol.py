"""botocore clients held to one protocol: what older and other SDKs speak, from the models of this one."""

import copy
import json
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

MODELS = Path(__file__).parents[2] / "emulator" / "models"
# What each service's clients speak; botocore's names.
PROTOCOLS = {
    "bedrock": ["rest-json"],
    "bedrock-runtime": ["rest-json"],
    "logs": ["json"],
    "cloudwatch": ["json", "smithy-rpc-v2-cbor", "query"],
    "sns": ["query"],
    "sqs": ["json", "query"],
    "s3": ["rest-xml"],
    "iam": ["query"],
    "sts": ["query"],
}


def with_query_names(model, service):
    """SQS's model has lost what its query protocol needs; the emulator's model still has it."""
    ours = json.loads((MODELS / f"{service}.json").read_text())
    model["metadata"]["xmlNamespace"] = ours["xmlNamespace"]
    for name, operation in model["operations"].items():
        if "output" in operation:
            operation["output"]["resultWrapper"] = f"{name}Result"
    for name, shape in model["shapes"].items():
        for member, known in ours["shapes"].get(name, {}).get("members", {}).items():
            if isinstance(known, dict) and "name" in known and member in shape.get("members", {}):
                shape["members"][member]["locationName"] = known["name"]
    return model


class OneProtocol(Loader):
    """Botocore's models, each said to speak `protocol` alone."""

    def __init__(self, loader, protocol):
        super().__init__()
        self._loader = loader
        self._protocol = protocol

    def load_service_model(self, service_name, type_name, api_version=None):
        model = self._loader.load_service_model(service_name, type_name, api_version)
        if type_name != "service-2":
            return model
        model = copy.deepcopy(model)
        if self._protocol == "query" and "xmlNamespace" not in model["metadata"]:
            with_query_names(model, service_name)
        model["metadata"]["protocol"] = self._protocol
        model["metadata"]["protocols"] = [self._protocol]
        return model


_session = botocore.session.Session()
_session.set_credentials("test", "test")


def client(url, service, protocol, **config):
    """A client with botocore's defaults but for the protocol; no retries, no host prefix, no validation of shapes."""
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    session.register_component("data_loader", OneProtocol(_session.get_component("data_loader"), protocol))
    config = {"retries": {"max_attempts": 0}, "inject_host_prefix": False, "read_timeout": 60, **config}
    return session.create_client(service, region_name="us-east-1", endpoint_url=url, config=Config(**config))
