//! `/v1/festivals`: days on which customers are greeted.

use axum::{body::Bytes, extract::State, http::HeaderMap};
use domain::{ids::FestivalId, principal::Action};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Part, Path, Query, Success, idempotency_key,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};

use crate::{
    app::App,
    festival_given::{PostedFestival, PutFestival},
    festival_view::{FestivalDeleted, FestivalList, FestivalShown},
};

/// Lists the company's festivals by name.
#[utoipa::path(
    get,
    path = "/v1/festivals",
    operation_id = "listFestivals",
    tag = "Festivals",
    params(Part),
    responses(
        (status = 200, body = Enveloped<FestivalList>, description = "A page of festivals"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn list_festivals(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(part): Query<Part>,
) -> Outcome<FestivalList> {
    let principal = caller.may(Action::ReadSettings)?;
    let place = part.place(&principal, "festivals")?;
    let after = place.after.as_deref();
    let page = app.festivals().list(&principal, after, place.limit).await?;
    Ok(Success::ok(FestivalList {
        items: page.items.into_iter().map(FestivalShown::from).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Makes a festival.
///
/// On its day, from its time on in the company's zone, every contact with a number is greeted once: all of
/// them, or those with a tag. Who sleeps is greeted in their own morning. A day that was missed is not made
/// up for. With an `Idempotency-Key` a repeated request answers with the same festival.
#[utoipa::path(
    post,
    path = "/v1/festivals",
    operation_id = "makeFestival",
    tag = "Festivals",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Names this request: sent again, it makes no second festival")),
    request_body(content = PostedFestival, examples(
        ("text" = (summary = "A text of its own, every year", value = json!({
            "name": "National Day", "date": "2026-12-16", "yearly": true,
            "text": {"content": "Dear {customerName}, we wish you a happy {festivalName}!"}
        }))),
        ("tag" = (summary = "Once, some customers, by the provider's template", value = json!({
            "name": "Anniversary", "date": "2027-03-01", "time": "10:30", "tag": "wholesale",
            "provider_template": {"name": "greeting", "language": "en", "body": ["customerName", "festivalName"]}
        }))),
    )),
    responses(
        (status = 201, body = Enveloped<FestivalShown>, description = "The festival"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageSettings)))),
)]
pub async fn make_festival(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<FestivalShown> {
    let principal = caller.may(Action::ManageSettings)?;
    let key = idempotency_key("POST /v1/festivals", &headers, &body)?;
    let given = parse::<PostedFestival>(&body)?.read()?;
    let made = app
        .festivals()
        .make(&principal, given, key.as_ref())
        .await?;
    Ok(Success::created(FestivalShown::from(made)))
}

/// Reads a festival, with how its last greetings went.
#[utoipa::path(
    get,
    path = "/v1/festivals/{id}",
    operation_id = "readFestival",
    tag = "Festivals",
    params(("id" = String, Path, format = Uuid, description = "The festival")),
    responses(
        (status = 200, body = Enveloped<FestivalShown>, description = "The festival"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn read_festival(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<FestivalId>,
) -> Outcome<FestivalShown> {
    let principal = caller.may(Action::ReadSettings)?;
    let found = app.festivals().read(&principal, id).await?;
    Ok(Success::ok(FestivalShown::from(found)).tagged_by_content())
}

/// Changes a festival; what is left out stays.
///
/// What is changed before the day counts on it. While its greetings go on, those who were greeted stay
/// so, and the others hear the new words.
#[utoipa::path(
    put,
    path = "/v1/festivals/{id}",
    operation_id = "changeFestival",
    tag = "Festivals",
    params(("id" = String, Path, format = Uuid, description = "The festival")),
    request_body(content = PutFestival, example = json!({"version": 1, "date": "2026-12-17", "tag": null})),
    responses(
        (status = 200, body = Enveloped<FestivalShown>, description = "The festival as it is now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageSettings)))),
)]
pub async fn change_festival(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<FestivalId>,
    body: Bytes,
) -> Outcome<FestivalShown> {
    let principal = caller.may(Action::ManageSettings)?;
    let edit = parse::<PutFestival>(&body)?.read()?;
    let changed = app.festivals().edit(&principal, id, edit).await?;
    Ok(Success::ok(FestivalShown::from(changed)))
}

/// Takes a festival away: nobody is greeted any more. Greetings that were accepted stay.
#[utoipa::path(
    delete,
    path = "/v1/festivals/{id}",
    operation_id = "deleteFestival",
    tag = "Festivals",
    params(("id" = String, Path, format = Uuid, description = "The festival")),
    responses(
        (status = 200, body = Enveloped<FestivalDeleted>, description = "It is gone"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageSettings)))),
)]
pub async fn delete_festival(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<FestivalId>,
) -> Outcome<FestivalDeleted> {
    let principal = caller.may(Action::ManageSettings)?;
    app.festivals().delete(&principal, id).await?;
    Ok(Success::ok(FestivalDeleted {
        id: id.to_string(),
        deleted: true,
    }))
}
