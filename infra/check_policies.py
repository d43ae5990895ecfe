"""Fails on an Allow statement of template.yaml that is wider than it must be, on queue and stream settings under
which messages would be worked twice, dead-lettered while healthy, or lost (hazards: visibility, receives, poison records),
on routes that differ from docs/openapi.json, in what they are or in who may call them, and on alarms over log lines that
no function writes.

No wildcard action, no NotAction or NotResource, and no "*" resource except in a key policy, where it can only mean the
key itself. A Deny may be as wide as it likes. Run by `cargo xtask lint-template`.
"""

import json
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs/openapi.json"


class Template(yaml.SafeLoader):
    """YAML with CloudFormation's short functions, kept as {tag: value}."""


def function(loader: Template, tag: str, node: yaml.Node):
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    return {tag: loader.construct_scalar(node)}


Template.add_multi_constructor("!", function)


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        resources = yaml.load(file, Template)["Resources"]
    problems, seen = [], 0
    for name, resource in resources.items():
        for statement in statements(resource):
            seen += 1
            problems += [f"{path}: {name}: {problem}" for problem in judge(statement, resource["Type"])]
    problems += [f"{path}: {problem}" for problem in sources(resources)]
    problems += [f"{path}: {problem}" for problem in routes(resources, json.loads(DOCUMENT.read_text(encoding="utf-8")))]
    problems += [f"{path}: {problem}" for problem in alarms(resources)]
    sound = "none too wide; queues, streams, routes and alarms sound"
    print("\n".join(problems) if problems else f"{path}: {seen} policy statements, {sound}")
    return 1 if problems else 0


def statements(node):
    """Every policy statement below a node: a mapping that has an Effect."""
    if isinstance(node, dict):
        if "Effect" in node:
            yield node
        for value in node.values():
            yield from statements(value)
    elif isinstance(node, list):
        for value in node:
            yield from statements(value)


def judge(statement: dict, resource_type: str):
    if statement["Effect"] != "Allow":
        return
    for action in listed(statement.get("Action")):
        if "*" in str(action):
            yield f"wildcard action {action}"
    for name in ("NotAction", "NotResource"):
        if name in statement:
            yield f"{name} allows everything that is not named"
    if "*" in listed(statement.get("Resource")) and resource_type != "AWS::KMS::Key":
        yield f'resource "*" for {statement.get("Action")}'


def sources(resources: dict):
    """What the queue and the stream must be like; names of the template's own resources."""
    queues = {n: r["Properties"] for n, r in resources.items() if r["Type"] == "AWS::SQS::Queue"}
    lanes = [q for q in queues.values() if "RedrivePolicy" in q]
    if len(lanes) != 1:
        yield "exactly one queue with a dead-letter queue is expected"
        return
    timeout = resources["RetryFunction"]["Properties"]["Timeout"]
    if lanes[0]["VisibilityTimeout"] < 6 * timeout:
        yield f"the lanes' visibility must be at least six times the worker's timeout of {timeout} s"
    if lanes[0]["RedrivePolicy"]["maxReceiveCount"] < 5:
        yield "a lane's record must be received at least five times before it is dead-lettered"
    for name, mapping in mappings(resources):
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            yield f"{name}: one bad record must not fail its batch (ReportBatchItemFailures)"
        if "StartingPosition" in mapping:
            for setting in ("BisectBatchOnFunctionError", "MaximumRecordAgeInSeconds", "DestinationConfig"):
                if setting not in mapping:
                    yield f"{name}: a poison record must not block its shard ({setting})"


def mappings(resources: dict):
    found = 0
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            found += 1
            yield name, resource["Properties"]
        for event_name, event in (resource.get("Properties", {}).get("Events") or {}).items():
            if event["Type"] in ("SQS", "DynamoDB"):
                found += 1
                yield f"{name}.{event_name}", event["Properties"]
    if found < 2:
        yield "template", {"FunctionResponseTypes": []}


def routes(resources: dict, document: dict):
    """Every route is documented and the other way round; only what is documented as public needs no token; and the
    gateway may call the function behind each. Webhooks have the providers' contracts and prove themselves."""
    documented = {
        f"{method.upper()} {path}": operation["x-waypost-action"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    declared = {r["Properties"]["RouteKey"]: r["Properties"] for r in resources.values() if r["Type"].endswith("V2::Route")}
    webhooks = {key for key, route in declared.items() if behind(resources, route) == "WebhookIngestFunction"}
    for key in sorted(documented.keys() - declared.keys()):
        yield f"{key} is in docs/openapi.json and has no route"
    for key, route in sorted(declared.items()):
        if key not in webhooks and key not in documented:
            yield f"{key} has a route and is not in docs/openapi.json"
            continue
        public = key in webhooks or documented[key] == "Public"
        closed = route.get("AuthorizationType") == "JWT" and "AuthorizerId" in route
        opened = route.get("AuthorizationType") == "NONE" and "AuthorizerId" not in route
        if not (opened if public else closed):
            yield f"{key} is {'public' if public else 'not public'}; its AuthorizationType says otherwise"
        if not any(fnmatchcase(key.replace(" ", ""), allowed) for allowed in permitted(resources, behind(resources, route))):
            yield f"{key}: the gateway may not call its function"


def alarms(resources: dict):
    """What a metric filter looks for is in the code that logs it, and an alarm's own metric comes from a filter."""
    code = "".join(file.read_text(encoding="utf-8") for file in sorted(ROOT.glob("lib/domain/src/service/**/*.rs")))
    counted = set()
    for name, resource in resources.items():
        if resource["Type"] != "AWS::Logs::MetricFilter":
            continue
        pattern = resource["Properties"]["FilterPattern"]
        counted |= {metric["MetricName"] for metric in resource["Properties"]["MetricTransformations"]}
        for words in re.findall(r'"([^"]*)"', pattern):
            if f'"{words}"' not in code:
                yield f"{name}: no service logs `{words}`"
        for field in set(re.findall(r"\$\.(\w+)", pattern)) - {"message"}:
            if not re.search(rf"\b{field}\b( = [^;]*)?,", code):
                yield f"{name}: no service logs a field `{field}`"
    for name, resource in resources.items():
        if resource["Type"] != "AWS::CloudWatch::Alarm":
            continue
        for metric in metrics(resource["Properties"]):
            if metric["Namespace"] == {"Ref": "AWS::StackName"} and metric["MetricName"] not in counted:
                yield f"{name}: no filter counts {metric['MetricName']}"


def metrics(alarm: dict):
    if "MetricName" in alarm:
        yield alarm
    for part in alarm.get("Metrics", []):
        if "MetricStat" in part:
            yield part["MetricStat"]["Metric"]


def behind(resources: dict, route: dict) -> str:
    """The function behind a route."""
    integration = route["Target"]["Sub"].removeprefix("integrations/${").removesuffix("}")
    return resources[integration]["Properties"]["IntegrationUri"]["GetAtt"].removesuffix(".Arn")


def permitted(resources: dict, function: str):
    """`POST/v1/*` of every permission of a function."""
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::Permission" and properties["FunctionName"] == {"Ref": function}:
            yield str(properties.get("SourceArn", {}).get("Sub", "")).partition("/*/")[2]


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
