//! Every route × every role × another company, generated from the API's own document: nobody keeps a
//! list that a new route could be missing from.

use std::{collections::BTreeSet, sync::Arc};

use domain::principal::{Action, Role};
use reqwest::Method;
use serde_json::{Value, json};
use xtask::client::Api;

use crate::{
    Case,
    world::{Company, World, text},
};

const DOCUMENT: &str = include_str!("../../docs/openapi.json");
const TO: &str = "+97300000505";

pub fn cases() -> Vec<Case> {
    vec![
        ("matrix::every_route_asks_who_you_are", strangers),
        ("matrix::every_route_minds_every_role", roles),
        ("matrix::every_route_minds_its_company", foreign),
    ]
}

struct Route {
    method: Method,
    /// The path's pattern.
    path: String,
    /// None for everybody.
    action: Option<Action>,
    body: Option<(String, String)>,
}

/// The route table: what the routers themselves are made from.
fn routes() -> Vec<Route> {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else {
                continue;
            };
            let Some(asks) = operation["x-waypost-action"].as_str() else {
                continue;
            };
            let action = Action::ALL.into_iter().find(|a| a.as_str() == asks);
            assert!(
                action.is_some() || asks == "Public",
                "{path} asks for {asks}"
            );
            routes.push(Route {
                method,
                path: path.clone(),
                action,
                body: example(&operation["requestBody"]["content"]),
            });
        }
    }
    assert!(routes.len() > 30, "only {} routes were found", routes.len());
    routes
}

/// The first example of a body, as the document gives it.
fn example(content: &Value) -> Option<(String, String)> {
    let (kind, media) = content.as_object()?.iter().next()?;
    let example = match media["examples"].as_object() {
        Some(examples) => examples.values().next()?["value"].clone(),
        None => media["example"].clone(),
    };
    assert!(!example.is_null(), "a body without an example: {content}");
    let text = example.as_str().map_or(example.to_string(), str::to_owned);
    Some((kind.clone(), text))
}

/// One thing of every kind, of one company.
struct Things {
    message: String,
    job: String,
    conversation: String,
    contact: String,
    channel: String,
    template: String,
    festival: String,
    event: String,
    user: String,
    tenant: String,
}

impl Things {
    async fn of(company: &Company) -> Self {
        let sent = company.send(&text(TO, "Hello")).await;
        let channel = company.seeded.channel.id.to_string();
        let conversation = company.conversation_with(&channel, "97300000505").await;
        let template = json!({"name": "Own welcome", "message_type": "welcome", "content": "Hello {customerName}"});
        let template = company.api.post("/v1/templates", &template).await.unwrap();
        let template = template.data().unwrap().clone();
        let festival = json!({"name": "Harvest Day", "date": "2099-12-16"});
        let festival = company.api.post("/v1/festivals", &festival).await.unwrap();
        let festival = festival.data().unwrap().clone();
        let event = json!({"id": "paid-0", "type": "invoice.paid", "data": {"invoice_id": "I-0"}});
        let event = company.api.post("/v1/events", &event).await.unwrap();
        assert_eq!(event.status, 202, "{}", event.body);
        let address = format!("{}@tests.example", uuid::Uuid::new_v4().simple());
        let user = json!({"email": address, "role": "viewer"});
        let user = company.api.post("/v1/users", &user).await.unwrap();
        let user = user.data().unwrap().clone();
        Self {
            message: sent["id"].as_str().unwrap().into(),
            job: sent["job_id"].as_str().unwrap().into(),
            conversation: conversation["id"].as_str().unwrap().into(),
            contact: conversation["contact"]["id"].as_str().unwrap().into(),
            channel,
            template: template["id"].as_str().unwrap().into(),
            festival: festival["id"].as_str().unwrap().into(),
            event: "paid-0".into(),
            user: user["id"].as_str().unwrap().into(),
            tenant: company.seeded.tenant.id.to_string(),
        }
    }

    fn fill(&self, pattern: &str) -> String {
        let id = match pattern.split('/').nth(2).unwrap_or_default() {
            "messages" => &self.message,
            "jobs" => &self.job,
            "conversations" => &self.conversation,
            "contacts" => &self.contact,
            "channels" => &self.channel,
            "templates" => &self.template,
            "festivals" => &self.festival,
            "events" => &self.event,
            "users" => &self.user,
            // Of its things only the companies have ids.
            "platform" => &self.tenant,
            // Every company has the same ones, each its own way.
            "workflows" => &self.message,
            other => {
                assert!(!pattern.contains('{'), "whose ids are those of {other}?");
                &self.message
            }
        };
        pattern
            .replace("{message_id}", &self.message)
            .replace("{name}", "welcome")
            .replace("{id}", id)
    }
}

async fn call(api: &Api, route: &Route, path: &str) -> (u16, Value) {
    let mut headers = Vec::new();
    if let Some((kind, _)) = &route.body {
        headers.push(("content-type", kind.as_str()));
    }
    let body = route.body.as_ref().map(|(_, body)| body.clone());
    let answer = api
        .call(route.method.clone(), path, &headers, body)
        .await
        .unwrap();
    (answer.status, answer.body)
}

/// X37: without a good token there is no answer but 401; what is public answers.
fn strangers(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("closed", json!([])).await;
        let things = Things::of(&acme).await;
        for route in routes() {
            let path = things.fill(&route.path);
            for token in [
                None,
                Some("nonsense".to_owned()),
                Some(world.expired.clone()),
            ] {
                let api = acme.api.with_token(token.clone());
                let (status, body) = call(&api, &route, &path).await;
                let wanted = if route.action.is_some() { 401 } else { 200 };
                assert_eq!(status, wanted, "{} {path} {token:?}: {body}", route.method);
            }
        }
        assert_eq!(acme.taken().len(), 1, "nothing was sent");
    });
}

/// X37, S1.153: every role on every route; the role is asked before the body is read.
fn roles(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company_of_all_roles("matrix").await;
        let things = Things::of(&acme).await;
        let mut seen = BTreeSet::new();
        let mut people: Vec<(&str, Api)> = acme
            .others
            .iter()
            .map(|(role, user)| (*role, acme.api.with_token(Some(user.id_token.clone()))))
            .collect();
        people.push(("manager", acme.api.clone()));
        unreadable(&things, &people).await;
        for (name, api) in people {
            let role = Role::from_group(name).unwrap();
            for route in routes() {
                let Some(action) = route.action else { continue };
                let path = things.fill(&route.path);
                let (status, body) = call(&api, &route, &path).await;
                let refused = status == 403 && body["error"]["details"]["reason"] == "ROLE";
                assert_eq!(
                    refused,
                    !action.allows(role),
                    "{name} {} {path}: {status} {body}",
                    route.method
                );
                // Whatever else is wrong with a made-up request, it is never our fault.
                let provider = body["error"]["code"] == "PROVIDER_ERROR";
                assert!(status < 500 || provider, "{name} {path}: {status} {body}");
                seen.insert((name, refused));
            }
        }
        assert_eq!(
            seen.len(),
            8,
            "every role may do something and not all: {seen:?}"
        );
    });
}

/// Who may not do a thing is told so, whatever their body looks like; who may is told what is wrong with it.
async fn unreadable(things: &Things, people: &[(&str, Api)]) {
    let mut tried = 0;
    for mut route in routes() {
        let (Some(action), Some((kind, _))) = (route.action, route.body.take()) else {
            continue;
        };
        if kind != "application/json" {
            continue;
        }
        route.body = Some((kind, "{".into()));
        let path = things.fill(&route.path);
        for (name, api) in people {
            let role = Role::from_group(name).unwrap();
            let (status, body) = call(api, &route, &path).await;
            let wanted = if action.allows(role) { 400 } else { 403 };
            assert_eq!(status, wanted, "{name} {} {path}: {body}", route.method);
            tried += 1;
        }
    }
    assert!(tried > 40, "only {tried} bodies were tried");
}

/// S0.14, S4.12: another company's ids do not exist, on every route that takes one.
fn foreign(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("own-things", json!([])).await;
        let stranger = world.company("strange", json!([])).await;
        let things = Things::of(&acme).await;
        let before = acme
            .get(&format!("/v1/conversations/{}", things.conversation))
            .await;
        let mut tried = 0;
        for route in routes() {
            let own = matches!(route.action, Some(action) if action.allows(Role::Manager));
            // A workflow's name is no id: each company has its own of that name.
            if !own || !route.path.contains('{') || route.path.contains("{name}") {
                continue;
            }
            let path = things.fill(&route.path);
            let (status, body) = call(&stranger.api, &route, &path).await;
            assert_eq!(
                (status, &body["error"]["code"]),
                (404, &json!("NOT_FOUND")),
                "{} {path}: {body}",
                route.method
            );
            tried += 1;
        }
        assert!(tried > 15, "only {tried} routes take an id");
        for list in ["/v1/jobs", "/v1/conversations", "/v1/contacts"] {
            assert_eq!(stranger.get(list).await["items"], json!([]), "{list}");
        }
        let after = acme
            .get(&format!("/v1/conversations/{}", things.conversation))
            .await;
        assert_eq!(before, after, "nothing of theirs changed");
        assert!(stranger.taken().is_empty());
    });
}
