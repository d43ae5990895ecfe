"""Prints every line the functions of the local stack have logged, oldest first within a function."""

import argparse
import sys

import boto3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("endpoint", "region", "access-key", "prefix"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    logs = boto3.client(
        "logs",
        endpoint_url=arguments.endpoint,
        region_name=arguments.region,
        aws_access_key_id=arguments.access_key,
        aws_secret_access_key="test",
    )
    groups = logs.describe_log_groups(logGroupNamePrefix=arguments.prefix)["logGroups"]
    for group in groups:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            for event in page["events"]:
                print(event["message"].rstrip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
