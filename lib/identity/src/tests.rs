mod invitations;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_cognitoidentityprovider::config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use domain::{
    ids::{InvitationId, TenantId},
    user::Email,
};
use serde_json::{Value, json};

use super::*;

const ID: &str = "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5";
const SUB: &str = "0d9f3e0c-7f0e-4a55-8a71-0a2f3b1c4d5e";

fn pool(answers: &[(u16, Value)]) -> (CognitoIdentities, StaticReplayClient) {
    let events = answers.iter().map(|(status, answer)| {
        let request = http::Request::builder()
            .uri("https://cognito-idp.example")
            .body(Vec::<u8>::new().into());
        let response = http::Response::builder()
            .status(*status)
            .body(answer.to_string().into());
        ReplayEvent::new(request.unwrap(), response.unwrap())
    });
    let client = StaticReplayClient::new(events.collect());
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("me-south-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKID", "secret", None, None, "test",
        )))
        // In production it tries again, which nothing here minds; a test does not wait for it.
        .retry_config(RetryConfig::disabled())
        .http_client(client.clone())
        .build();
    (CognitoIdentities::new(&config, "me-south-1_sample"), client)
}

fn new() -> NewIdentity {
    NewIdentity {
        tenant: TenantId::parse(ID).unwrap(),
        invitation: InvitationId::parse(ID).unwrap(),
        email: Email::parse("mona@acme.example").unwrap(),
        name: Some("Mona Example".into()),
    }
}

fn asked(client: &StaticReplayClient) -> Vec<(String, Value)> {
    let requests = client.actual_requests();
    let read = requests.map(|request| {
        let target = request.headers().get("x-amz-target").unwrap();
        let action = target.rsplit('.').next().unwrap().to_owned();
        (
            action,
            serde_json::from_slice(request.body().bytes().unwrap()).unwrap(),
        )
    });
    read.collect()
}

fn attributes(tenant: &str, invitation: &str) -> Value {
    json!([
        {"Name": "sub", "Value": SUB},
        {"Name": "custom:tenant", "Value": tenant},
        {"Name": "custom:invitation", "Value": invitation},
    ])
}

fn exists() -> (u16, Value) {
    (400, json!({"__type": "UsernameExistsException"}))
}

#[tokio::test]
async fn a_new_user_carries_tenant_and_invitation() {
    let made = json!({"User": {"Username": SUB, "Attributes": attributes(ID, ID)}});
    let (pool, client) = pool(&[(200, made)]);
    let created = pool.create(&new()).await.unwrap();
    assert_eq!(created, Created::Done(UserId::new(SUB)));
    let asked = asked(&client);
    assert_eq!(
        asked,
        [(
            "AdminCreateUser".to_owned(),
            json!({
                "UserPoolId": "me-south-1_sample",
                "Username": "mona@acme.example",
                "DesiredDeliveryMediums": ["EMAIL"],
                "UserAttributes": [
                    {"Name": "email", "Value": "mona@acme.example"},
                    {"Name": "email_verified", "Value": "true"},
                    {"Name": "custom:tenant", "Value": ID},
                    {"Name": "custom:invitation", "Value": ID},
                    {"Name": "name", "Value": "Mona Example"},
                ],
            })
        )]
    );
}

/// The first answer was lost: the same invitation finds its own user, and only that one.
#[tokio::test]
async fn an_invitation_finds_its_own_user_again() {
    let other = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    for (tenant, invitation, expected) in [
        (ID, ID, Created::Done(UserId::new(SUB))),
        (other, ID, Created::Taken),
        (ID, other, Created::Taken),
    ] {
        let found = json!({"Username": SUB, "UserAttributes": attributes(tenant, invitation)});
        let (pool, client) = pool(&[exists(), (200, found)]);
        assert_eq!(pool.create(&new()).await.unwrap(), expected);
        let asked = asked(&client);
        assert_eq!(asked[1].0, "AdminGetUser");
        assert_eq!(asked[1].1["Username"], "mona@acme.example");
    }
    let by_hand = json!({"Username": SUB, "UserAttributes": [{"Name": "sub", "Value": SUB}]});
    let (pool, _) = pool(&[exists(), (200, by_hand)]);
    assert_eq!(pool.create(&new()).await.unwrap(), Created::Taken);
}

/// X37: one group of a company at a time; the platform's is not ours to touch.
#[tokio::test]
async fn a_role_is_one_group() {
    let (pool, client) = pool(&[(200, json!({})), (200, json!({})), (200, json!({}))]);
    let known = pool.set_role(&UserId::new(SUB), Role::Agent).await.unwrap();
    assert_eq!(known, Known::Done);
    let asked: Vec<(String, String)> = asked(&client)
        .into_iter()
        .map(|(action, body)| {
            assert_eq!(body["Username"], SUB);
            (action, body["GroupName"].as_str().unwrap().to_owned())
        })
        .collect();
    let pair = |action: &str, group: &str| (action.to_owned(), group.to_owned());
    assert_eq!(
        asked,
        [
            pair("AdminRemoveUserFromGroup", "manager"),
            pair("AdminRemoveUserFromGroup", "viewer"),
            pair("AdminAddUserToGroup", "agent"),
        ]
    );
}

#[tokio::test]
async fn what_shuts_out_and_lets_in() {
    let (pool, client) = pool(&[(200, json!({})), (200, json!({})), (200, json!({}))]);
    let user = UserId::new(SUB);
    assert_eq!(pool.disable(&user).await.unwrap(), Known::Done);
    assert_eq!(pool.enable(&user).await.unwrap(), Known::Done);
    assert_eq!(pool.sign_out(&user).await.unwrap(), Known::Done);
    let actions: Vec<String> = asked(&client).into_iter().map(|(one, _)| one).collect();
    assert_eq!(
        actions,
        [
            "AdminDisableUser",
            "AdminEnableUser",
            "AdminUserGlobalSignOut"
        ]
    );
}

#[tokio::test]
async fn what_went_wrong_is_told_apart() {
    for (status, code, kind) in [
        (400, "TooManyRequestsException", StoreFailureKind::Throttled),
        (500, "InternalErrorException", StoreFailureKind::Unavailable),
        (
            400,
            "CodeDeliveryFailureException",
            StoreFailureKind::Unavailable,
        ),
        (400, "InvalidParameterException", StoreFailureKind::Refused),
        (400, "NotAuthorizedException", StoreFailureKind::Refused),
    ] {
        let answer = (
            status,
            json!({"__type": code, "message": "mona@acme.example is odd"}),
        );
        let (pool, _) = pool(&[answer]);
        let failure = pool.create(&new()).await.unwrap_err();
        assert_eq!(failure.kind(), kind, "{code}");
        assert!(!format!("{failure:?}").contains("mona"), "{failure:?}");
    }
    let gone = (400, json!({"__type": "UserNotFoundException"}));
    let (pool, _) = pool(&[gone]);
    let known = pool.enable(&UserId::new(SUB)).await.unwrap();
    assert_eq!(known, Known::Gone);
}
