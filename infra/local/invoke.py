"""Invokes a function of the local stack with a JSON event, as its schedule would, and prints its answer."""

import argparse
import sys

import boto3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("endpoint", "region", "access-key", "function", "event"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    functions = boto3.client(
        "lambda",
        endpoint_url=arguments.endpoint,
        region_name=arguments.region,
        aws_access_key_id=arguments.access_key,
        aws_secret_access_key="test",
    )
    answer = functions.invoke(FunctionName=arguments.function, Payload=arguments.event.encode())
    text = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        print(f"{arguments.function} failed: {text}", file=sys.stderr)
        return 1
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
