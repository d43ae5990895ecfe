//! Invitations that stand: how, mailed again, taken away.

use super::*;

const OTHER: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

/// Whom Cognito has under the address.
fn found(invitation: &str, status: &str) -> (u16, Value) {
    let found = json!({
        "Username": SUB, "UserAttributes": attributes(ID, invitation), "UserStatus": status,
    });
    (200, found)
}

fn nobody() -> (u16, Value) {
    (400, json!({"__type": "UserNotFoundException"}))
}

fn by_hand() -> (u16, Value) {
    let attributes = json!([{"Name": "sub", "Value": SUB}]);
    let found = json!({
        "Username": SUB, "UserAttributes": attributes, "UserStatus": "FORCE_CHANGE_PASSWORD",
    });
    (200, found)
}

fn actions(client: &StaticReplayClient) -> Vec<String> {
    asked(client)
        .into_iter()
        .map(|(action, _)| action)
        .collect()
}

/// Open until the first password was changed, and only to the invitation that made them.
#[tokio::test]
async fn an_invitation_is_open_until_its_user_signs_in() {
    for (answer, expected) in [
        (found(ID, "FORCE_CHANGE_PASSWORD"), Invited::Open),
        (found(ID, "CONFIRMED"), Invited::Used),
        (found(ID, "RESET_REQUIRED"), Invited::Used),
        (found(OTHER, "FORCE_CHANGE_PASSWORD"), Invited::Gone),
        (found(OTHER, "CONFIRMED"), Invited::Gone),
        (by_hand(), Invited::Gone),
        (nobody(), Invited::Gone),
    ] {
        let case = answer.1.to_string();
        let (pool, client) = pool(&[answer]);
        assert_eq!(pool.invited(&new()).await.unwrap(), expected, "{case}");
        let asked = asked(&client);
        assert_eq!(asked[0].0, "AdminGetUser");
        assert_eq!(asked[0].1["Username"], "mona@acme.example");
    }
}

#[tokio::test]
async fn an_invitation_is_mailed_again_by_its_address() {
    let (pool, client) = pool(&[(200, json!({"User": {"Username": SUB}}))]);
    assert_eq!(pool.mail_again(&new()).await.unwrap(), Invited::Open);
    assert_eq!(
        asked(&client),
        [(
            "AdminCreateUser".to_owned(),
            json!({
                "UserPoolId": "me-south-1_sample",
                "Username": "mona@acme.example",
                "MessageAction": "RESEND",
                "DesiredDeliveryMediums": ["EMAIL"],
            })
        )]
    );
}

#[tokio::test]
async fn who_signed_in_meanwhile_is_mailed_nothing() {
    for (code, expected) in [
        ("UnsupportedUserStateException", Ok(Invited::Used)),
        ("UserNotFoundException", Ok(Invited::Gone)),
        ("TooManyRequestsException", Err(StoreFailureKind::Throttled)),
    ] {
        let (pool, _) = pool(&[(400, json!({"__type": code}))]);
        let mailed = pool.mail_again(&new()).await;
        assert_eq!(mailed.map_err(|failure| failure.kind()), expected, "{code}");
    }
}

/// Taken away by their id, whether they came or not; whoever else has the address stays.
#[tokio::test]
async fn only_whom_the_invitation_made_is_taken_away() {
    for status in ["FORCE_CHANGE_PASSWORD", "CONFIRMED"] {
        for deleted in [(200, json!({})), nobody()] {
            let (pool, client) = pool(&[found(ID, status), deleted]);
            pool.remove(&new()).await.unwrap();
            let asked = asked(&client);
            assert_eq!(asked[1].0, "AdminDeleteUser");
            assert_eq!(asked[1].1["Username"], SUB);
        }
    }
    for stays in [found(OTHER, "FORCE_CHANGE_PASSWORD"), by_hand(), nobody()] {
        let (pool, client) = pool(&[stays]);
        pool.remove(&new()).await.unwrap();
        assert_eq!(actions(&client), ["AdminGetUser"]);
    }
}

/// An address is one invitation's at a time: whom another one left behind, and who never signed in, makes way.
#[tokio::test]
async fn who_was_left_behind_makes_way() {
    let made =
        json!({"User": {"Username": "new", "Attributes": [{"Name": "sub", "Value": "new"}]}});
    let left = found(OTHER, "FORCE_CHANGE_PASSWORD");
    let (pool, client) = pool(&[exists(), left, (200, json!({})), (200, made)]);
    let created = pool.create(&new()).await.unwrap();
    assert_eq!(created, Created::Done(UserId::new("new")));
    let asked = asked(&client);
    assert_eq!(asked[2].0, "AdminDeleteUser");
    assert_eq!(asked[2].1["Username"], SUB);
    assert_eq!(asked[3], asked[0]);
}

#[tokio::test]
async fn who_is_somebody_does_not_make_way() {
    for stays in [found(OTHER, "CONFIRMED"), by_hand()] {
        let (pool, client) = pool(&[exists(), stays]);
        assert_eq!(pool.create(&new()).await.unwrap(), Created::Taken);
        assert_eq!(actions(&client), ["AdminCreateUser", "AdminGetUser"]);
    }
}
