"""Grants that stand in for what the emulator judges otherwise than AWS.

The local stack runs with IAM enforced, so that a missing permission fails on the laptop and not in production. The
emulator treats a condition key it does not know as not met, though, and would refuse what AWS allows. Each such
statement is granted once more without its condition, and batches of messages under the emulator's name for them;
everything else stays exactly as the template says.
"""

import json

# It does not see the encryption context of a KMS call (KMS itself does compare contexts, here as on AWS), nor
# the partitions a call to DynamoDB is about.
BLIND_KEYS = ("kms:EncryptionContext", "dynamodb:LeadingKeys")
# It checks SES v2 calls against every resource, not against the identity.
BLIND_ACTION = "ses:SendEmail"
# It asks for an action of this name. AWS has none: whoever may send a message may send several at once
# (Amazon SQS API permissions reference).
SEND, SEND_BATCH = "sqs:SendMessage", "sqs:SendMessageBatch"


def close(iam, cloudformation, s3, stack: str) -> None:
    for resource in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]:
        name = resource["PhysicalResourceId"]
        if resource["ResourceType"] == "AWS::IAM::Role":
            close_role(iam, name)
        elif resource["ResourceType"] == "AWS::S3::BucketPolicy":
            drop_tls_only(cloudformation, s3, stack)


def close_role(iam, role: str) -> None:
    statements = []
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        for statement in statements_of(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]):
            condition = json.dumps(statement.get("Condition", {}))
            if any(key in condition for key in BLIND_KEYS):
                statements.append({key: value for key, value in statement.items() if key != "Condition"})
            elif BLIND_ACTION in statement["Action"]:
                statements.append({"Effect": "Allow", "Action": BLIND_ACTION, "Resource": "*"})
            elif SEND in statement["Action"]:
                statements.append({"Effect": "Allow", "Action": SEND_BATCH, "Resource": statement["Resource"]})
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=role, PolicyName="emulator-gaps", PolicyDocument=document)


def drop_tls_only(cloudformation, s3, stack: str) -> None:
    """The emulator speaks plain HTTP, which the bucket rightly refuses."""
    bucket = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId="Bucket")
    s3.delete_bucket_policy(Bucket=bucket["StackResourceDetail"]["PhysicalResourceId"])


def statements_of(document) -> list[dict]:
    document = json.loads(document) if isinstance(document, str) else document
    return document["Statement"]
