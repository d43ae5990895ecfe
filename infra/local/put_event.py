"""Puts one event on the bus of the local stack, as a company's own system would."""

import argparse
import json
import sys

import boto3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("endpoint", "region", "access-key", "bus", "source", "type", "detail"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    events = boto3.client(
        "events",
        endpoint_url=arguments.endpoint,
        region_name=arguments.region,
        aws_access_key_id=arguments.access_key,
        aws_secret_access_key="test",
    )
    entry = {
        "EventBusName": arguments.bus,
        "Source": arguments.source,
        "DetailType": arguments.type,
        "Detail": arguments.detail,
    }
    answer = events.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        print(json.dumps(answer["Entries"]), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
