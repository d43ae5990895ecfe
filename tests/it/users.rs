//! Companies that the platform makes, people whom their managers invite, and tokens that count no more.

use std::sync::Arc;

use domain::{
    ids::{TenantId, UserId},
    ports::{Saved, UserBook},
};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;
use xtask::{
    client::{Answer, Api},
    stack::{SignedIn, User},
};

use crate::{Case, world::World};

const PASSWORD: &str = "Test-Password-1";

/// One route of each function that people reach.
const EVERYWHERE: [(Method, &str); 5] = [
    (Method::GET, "/v1/conversations"),
    (Method::GET, "/v1/messages"),
    (Method::GET, "/v1/channels"),
    (Method::GET, "/v1/users"),
    (Method::POST, "/v1/preflight"),
];

pub fn cases() -> Vec<Case> {
    vec![
        (
            "users::a_new_companys_people_are_invited_and_shut_out",
            people,
        ),
        ("users::a_company_that_is_off_lets_nobody_in", switched),
        (
            "users::an_invitation_is_mailed_again_and_taken_back",
            invitations,
        ),
    ]
}

/// A mail address nobody has; logs must not hold it.
fn address(world: &World, name: &str) -> String {
    let address = format!("{name}-{}@tests.example", Uuid::new_v4().simple());
    world.plant(&address);
    address
}

/// Signs somebody in who was invited, or whom an operator makes now.
fn sign_in(world: &World, email: &str, tenant: &str, role: &str) -> Option<SignedIn> {
    let user = User {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        tenant: tenant.to_owned(),
        role: role.to_owned(),
    };
    let signed_in = world.stack.sign_in(&[user]).ok()?.pop()?;
    world.plant(&signed_in.id_token);
    Some(signed_in)
}

/// Somebody who runs the service.
pub fn operator(world: &World) -> Api {
    let email = address(world, "operator");
    let own = TenantId::fresh().to_string();
    let signed_in = sign_in(world, &email, &own, "platform_admin").unwrap();
    world.api(Some(signed_in.id_token))
}

async fn ask(api: &Api, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let body = body.map(Value::to_string);
    api.call(method, path, &[], body).await.unwrap()
}

async fn patch(api: &Api, path: &str, body: &Value) -> Value {
    let answer = ask(api, Method::PATCH, path, Some(body)).await;
    answer.data().unwrap().clone()
}

/// Makes a company; answers with its id and its manager's record.
async fn make(operator: &Api, name: &str, manager: &str) -> (String, Value) {
    let body = json!({"name": name, "zone": "Asia/Bahrain",
        "manager": {"email": manager, "name": "Noor Example"}});
    let made = operator.post("/v1/platform/tenants", &body).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.data().unwrap().clone();
    let id = made["tenant"]["id"].as_str().unwrap().to_owned();
    (id, made["manager"].clone())
}

/// Refused everywhere, whatever is asked for.
async fn assert_out(api: &Api, reason: &str) {
    for (method, path) in EVERYWHERE {
        let body = (method == Method::POST).then(|| json!({"to": "+97300000606"}));
        let answer = ask(api, method, path, body.as_ref()).await;
        let said = &answer.body["error"]["details"]["reason"];
        assert_eq!((answer.status, said), (401, &json!(reason)), "{path}");
    }
}

/// Signs in until the token counts: one of the very second of the change does not.
async fn back(world: &World, email: &str, tenant: &str) -> Api {
    world
        .until("the new token counts", async || {
            let token = sign_in(world, email, tenant, "")?.id_token;
            let api = world.api(Some(token));
            let answer = ask(&api, Method::GET, "/v1/conversations", None).await;
            (answer.status == 200).then_some(api)
        })
        .await
}

/// S1.12, S1.154, X37: the platform makes a company, its manager invites, and shutting somebody out counts on
/// their next request, with a token that is still good.
fn people(world: Arc<World>) {
    world.clone().block_on(async {
        let operator = operator(&world);
        let (noor, mona) = (address(&world, "noor"), address(&world, "mona"));
        let (tenant, record) = make(&operator, "Heron Travel", &noor).await;
        let manager = sign_in(&world, &noor, &tenant, "manager").unwrap();
        assert_eq!(record["id"], manager.subject.as_str());
        assert_eq!(
            (&record["first"], &record["role"]),
            (&json!(true), &json!("manager"))
        );
        let noor = world.api(Some(manager.id_token));
        let settings = noor.get("/v1/settings").await.unwrap();
        assert_eq!(settings.data().unwrap()["zone"], "Asia/Bahrain");

        let invitation = json!({"email": mona, "name": "Mona Example", "role": "agent"});
        let invited = noor.post("/v1/users", &invitation).await.unwrap();
        assert_eq!(invited.status, 201, "{}", invited.body);
        let record = invited.data().unwrap().clone();
        let stranger = world.company("no-neighbours", json!([])).await;
        for api in [&noor, &stranger.api] {
            let again = api.post("/v1/users", &invitation).await.unwrap();
            let reason = &again.body["error"]["details"]["reason"];
            assert_eq!((again.status, reason), (409, &json!("EMAIL_TAKEN")));
        }
        let page = noor.get("/v1/users").await.unwrap();
        assert_eq!(page.data().unwrap()["items"].as_array().unwrap().len(), 2);

        let agent = sign_in(&world, &mona, &tenant, "agent").unwrap();
        assert_eq!(record["id"], agent.subject.as_str());
        let agent = world.api(Some(agent.id_token));
        let read = ask(&agent, Method::GET, "/v1/conversations", None).await;
        assert_eq!(read.status, 200, "{}", read.body);
        let path = format!("/v1/users/{}", record["id"].as_str().unwrap());
        let theirs = stranger.api.get(&path).await.unwrap();
        assert_eq!(theirs.status, 404);

        let out = patch(&noor, &path, &json!({"active": false})).await;
        assert_eq!(
            (&out["status"], &out["settled"]),
            (&json!("inactive"), &json!(true))
        );
        assert_out(&agent, "SIGNED_OUT").await;
        assert!(sign_in(&world, &mona, &tenant, "agent").is_none());

        patch(&noor, &path, &json!({"active": true})).await;
        assert_out(&agent, "SIGNED_OUT").await;
        let again = back(&world, &mona, &tenant).await;
        let changed = patch(&noor, &path, &json!({"role": "viewer"})).await;
        assert_eq!(changed["role"], "viewer");
        assert_out(&again, "SIGNED_OUT").await;
        let viewer = back(&world, &mona, &tenant).await;
        let channels = ask(&viewer, Method::GET, "/v1/channels", None).await;
        assert_eq!(
            channels.status, 200,
            "what agents may not: {}",
            channels.body
        );

        let own = format!("/v1/users/{}", manager.subject);
        let refused = ask(&noor, Method::PATCH, &own, Some(&json!({"active": false}))).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        let lines = noor.get("/v1/audit").await.unwrap();
        let lines = lines.data().unwrap()["items"].as_array().unwrap().clone();
        let actions: Vec<&str> = lines.iter().filter_map(|l| l["action"].as_str()).collect();
        assert_eq!(
            actions,
            [
                "change_role",
                "reactivate",
                "deactivate",
                "invite",
                "invite",
                "create"
            ]
        );
    });
}

/// A company that is switched off: its people's good tokens are refused, and count again when it is on.
fn switched(world: Arc<World>) {
    world.clone().block_on(async {
        let operator = operator(&world);
        let noor = address(&world, "noor");
        let (tenant, _) = make(&operator, "Kite Tours", &noor).await;
        let manager = sign_in(&world, &noor, &tenant, "manager").unwrap();
        let api = world.api(Some(manager.id_token));
        let path = format!("/v1/platform/tenants/{tenant}");
        for active in [false, true] {
            let switched = patch(&operator, &path, &json!({"active": active})).await;
            assert_eq!(switched["active"], active);
            if active {
                let answer = ask(&api, Method::GET, "/v1/users", None).await;
                assert_eq!(answer.status, 200, "{}", answer.body);
            } else {
                assert_out(&api, "TENANT_INACTIVE").await;
            }
        }
        let list = operator
            .get("/v1/platform/tenants?limit=100")
            .await
            .unwrap();
        let items = list.data().unwrap()["items"].as_array().unwrap().clone();
        assert!(!items.is_empty());
        let shown = operator.get(&path).await.unwrap();
        let shown = shown.data().unwrap().clone();
        assert_eq!(
            (&shown["name"], &shown["plan"]),
            (&json!("Kite Tours"), &Value::Null)
        );
        let refused = api.get(&path).await.unwrap();
        assert_eq!(refused.status, 403, "{}", refused.body);
    });
}

/// X37: an invitation that nobody answered is mailed again and taken back; its address is free, its key is not.
fn invitations(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("inviting", json!([])).await;
        let mona = address(&world, "mona");
        let key = [("idempotency-key", "invite-1")];
        let invite = async |api: &Api, email: &str, key: &[(&str, &str)]| {
            let body = json!({"email": email, "role": "agent"}).to_string();
            let answer = api.call(Method::POST, "/v1/users", key, Some(body)).await;
            answer.unwrap()
        };
        let why = |answer: &Answer| answer.body["error"]["details"]["reason"].clone();
        let first = invite(&acme.api, &mona, &key).await;
        assert_eq!(first.status, 201, "{}", first.body);
        let id = first.data().unwrap()["id"].as_str().unwrap().to_owned();
        let ada = address(&world, "ada");
        let other = invite(&acme.api, &ada, &key).await;
        assert_eq!(
            (other.status, why(&other)),
            (409, json!("IDEMPOTENCY_KEY_REUSED"))
        );

        let path = format!("/v1/users/{id}/invitation");
        let soon = ask(&acme.api, Method::POST, &path, None).await;
        assert_eq!((soon.status, why(&soon)), (409, json!("MAILED_JUST_NOW")));
        backdate(&world, acme.seeded.tenant.id, &id).await;
        let again = ask(&acme.api, Method::POST, &path, None).await;
        assert_eq!(again.status, 200, "{}", again.body);
        assert!(again.data().unwrap()["mailed_at"].is_string());

        let gone = ask(&acme.api, Method::DELETE, &path, None).await;
        assert_eq!(gone.status, 200, "{}", gone.body);
        for method in [Method::POST, Method::DELETE] {
            assert_eq!(ask(&acme.api, method, &path, None).await.status, 404);
        }
        let late = invite(&acme.api, &mona, &key).await;
        assert_eq!(
            (late.status, why(&late)),
            (409, json!("INVITATION_TAKEN_BACK"))
        );

        // The address is anybody's now; and who came is not taken back.
        let neighbour = world.company("inviting-too", json!([])).await;
        let anew = invite(&neighbour.api, &mona, &[]).await;
        assert_eq!(anew.status, 201, "{}", anew.body);
        let anew = anew.data().unwrap()["id"].as_str().unwrap().to_owned();
        assert_ne!(anew, id);
        let tenant = neighbour.seeded.tenant.id;
        let agent = sign_in(&world, &mona, &tenant.to_string(), "agent").unwrap();
        assert_eq!(agent.subject, anew);
        backdate(&world, tenant, &anew).await;
        let path = format!("/v1/users/{anew}/invitation");
        for method in [Method::POST, Method::DELETE] {
            let refused = ask(&neighbour.api, method, &path, None).await;
            assert_eq!(
                (refused.status, why(&refused)),
                (409, json!("INVITATION_USED"))
            );
        }
        let agent = world.api(Some(agent.id_token));
        let read = ask(&agent, Method::GET, "/v1/conversations", None).await;
        assert_eq!(read.status, 200, "{}", read.body);
        let lines = acme.get("/v1/audit").await;
        let lines = lines["items"].as_array().unwrap().clone();
        let actions: Vec<&str> = lines.iter().filter_map(|l| l["action"].as_str()).collect();
        assert!(
            actions.starts_with(&["take_back", "mail_again", "invite"]),
            "{actions:?}"
        );
    });
}

/// An invitation of yesterday: the next mail need not wait.
async fn backdate(world: &World, tenant: TenantId, id: &str) {
    let store = &world.worlds.store;
    let user = store.user(tenant, &UserId::new(id)).await.unwrap();
    let mut user = user.unwrap();
    user.invited_at -= SignedDuration::from_hours(24);
    assert_eq!(store.save_user(&mut user).await.unwrap(), Saved::Done);
}
