"""Packages and deploys infra/template.yaml to the local emulator, then prints the stack's outputs as JSON.

What `sam package` and `sam deploy` do, without needing SAM's own Python environment: zip each function's folder,
upload it, point its CodeUri at the upload, create the stack, wait.
"""

import argparse
import hashlib
import io
import json
import pathlib
import re
import sys
import time
import zipfile

import boto3
from botocore.config import Config

import emulator_gaps

CODE_URI = re.compile(r"(?P<key>CodeUri: )(?P<folder>\.\./target/lambda/(?P<name>[a-z-]+)/)")
CODE_BUCKET = "waypost-local-code"


def main() -> int:
    arguments = parse_arguments()
    clients = boto3.session.Session(
        aws_access_key_id=arguments.access_key, aws_secret_access_key="test", region_name=arguments.region
    )

    def client(service: str):
        config = Config(retries={"max_attempts": 2}, s3={"addressing_style": "path"})
        return clients.client(service, endpoint_url=arguments.endpoint, config=config)

    s3 = client("s3")
    s3.create_bucket(Bucket=CODE_BUCKET)
    packaged = package(s3, arguments.template, arguments.code_dir)
    verify_sender(client("sesv2"), arguments.parameter["MailSender"])
    cloudformation = client("cloudformation")
    outputs = create_stack(cloudformation, s3, packaged, arguments)
    emulator_gaps.close(client("iam"), cloudformation, s3, arguments.stack)
    json.dump(outputs, sys.stdout)
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--access-key", required=True)
    parser.add_argument("--template", type=pathlib.Path, required=True)
    parser.add_argument("--code-dir", type=pathlib.Path, required=True, help="one folder per function, each a bootstrap")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    arguments.parameter = dict(pair.split("=", 1) for pair in arguments.parameter)
    return arguments


def package(s3, template: pathlib.Path, code_dir: pathlib.Path) -> str:
    """Uploads every function the template names and answers with the template pointing at the uploads."""

    def upload(match: re.Match) -> str:
        archive = zip_bootstrap(code_dir / match["name"] / "bootstrap")
        key = f"{match['name']}-{hashlib.sha256(archive).hexdigest()[:16]}.zip"
        s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=archive)
        return f"{match['key']}s3://{CODE_BUCKET}/{key}"

    return CODE_URI.sub(upload, template.read_text())


def zip_bootstrap(bootstrap: pathlib.Path) -> bytes:
    """A zip with one executable file; stored, because compressing costs seconds and the upload is local."""
    entry = zipfile.ZipInfo("bootstrap", date_time=(2026, 1, 1, 0, 0, 0))
    entry.external_attr = 0o755 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(entry, bootstrap.read_bytes())
    return buffer.getvalue()


def verify_sender(ses, sender: str) -> None:
    """A laptop has no mailbox to click a verification link in; the emulator verifies at once."""
    ses.create_email_identity(EmailIdentity=sender)


def create_stack(cloudformation, s3, template: str, arguments: argparse.Namespace) -> dict[str, str]:
    s3.put_object(Bucket=CODE_BUCKET, Key="template.yaml", Body=template.encode())
    cloudformation.create_stack(
        StackName=arguments.stack,
        TemplateURL=f"{arguments.endpoint}/{CODE_BUCKET}/template.yaml",
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in arguments.parameter.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    deadline = time.monotonic() + 120
    while True:
        stack = cloudformation.describe_stacks(StackName=arguments.stack)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        if not stack["StackStatus"].endswith("_IN_PROGRESS") or time.monotonic() > deadline:
            raise SystemExit(why_failed(cloudformation, arguments.stack, stack["StackStatus"]))
        time.sleep(0.1)


def why_failed(cloudformation, stack: str, status: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    reasons = [
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    ]
    return "\n".join([f"stack {stack} ended as {status}:", *reversed(reasons)])


if __name__ == "__main__":
    sys.exit(main())
