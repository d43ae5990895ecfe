"""Creates users of the local stack and signs them in.

Reads a JSON list of {email, password, tenant, role} from standard input and prints, in the same order, a JSON list of
{subject, id_token}. A user that exists keeps tenant and role and only signs in, which is how an expired token is renewed;
one who was invited first changes the password they were mailed into theirs.
"""

import argparse
import json
import sys
import time

import boto3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("endpoint", "region", "access-key", "pool", "client"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--expired", action="store_true", help="sign in for a second, and wait until it is over")
    arguments = parser.parse_args()
    cognito = boto3.client(
        "cognito-idp",
        endpoint_url=arguments.endpoint,
        region_name=arguments.region,
        aws_access_key_id=arguments.access_key,
        aws_secret_access_key="test",
    )
    wanted = json.load(sys.stdin)
    if arguments.expired:
        users = [sign_in_for_a_second(cognito, arguments, user) for user in wanted]
        time.sleep(2)
    else:
        users = [sign_in(cognito, arguments, user) for user in wanted]
    json.dump(users, sys.stdout)
    return 0


def sign_in(cognito, arguments: argparse.Namespace, user: dict[str, str]) -> dict[str, str]:
    pool, email = arguments.pool, user["email"]
    try:
        create(cognito, pool, user)
    except cognito.exceptions.UsernameExistsException:
        accept_invitation(cognito, pool, user)
    tokens = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=arguments.client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": user["password"]},
    )["AuthenticationResult"]
    attributes = cognito.admin_get_user(UserPoolId=pool, Username=email)["UserAttributes"]
    subject = next(attribute["Value"] for attribute in attributes if attribute["Name"] == "sub")
    return {"subject": subject, "id_token": tokens["IdToken"]}


def accept_invitation(cognito, pool: str, user: dict[str, str]) -> None:
    email = user["email"]
    if cognito.admin_get_user(UserPoolId=pool, Username=email)["UserStatus"] == "FORCE_CHANGE_PASSWORD":
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=user["password"], Permanent=True)


def sign_in_for_a_second(cognito, arguments: argparse.Namespace, user: dict[str, str]) -> dict[str, str]:
    client = {"UserPoolId": arguments.pool, "ClientId": arguments.client}
    kept = cognito.describe_user_pool_client(**client)["UserPoolClient"]
    readonly = ("CreationDate", "LastModifiedDate", "ClientSecret")
    kept = {name: value for name, value in kept.items() if name not in readonly and value not in ("", [], {}, None)}
    cognito.update_user_pool_client(**{**kept, "IdTokenValidity": 1, "TokenValidityUnits": {"IdToken": "seconds"}})
    try:
        return sign_in(cognito, arguments, user)
    finally:
        cognito.update_user_pool_client(**{"IdTokenValidity": 1, "TokenValidityUnits": {"IdToken": "hours"}, **kept})


def create(cognito, pool: str, user: dict[str, str]) -> None:
    email = user["email"]
    attributes = {"email": email, "email_verified": "true", "custom:tenant": user["tenant"]}
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=email,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
    )
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=user["password"], Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=user["role"])


if __name__ == "__main__":
    sys.exit(main())
