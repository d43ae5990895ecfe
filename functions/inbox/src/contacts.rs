//! Contacts: found, entered, changed, joined.

use axum::{body::Bytes, extract::State};
use domain::{
    failure::AppFailure,
    ids::ContactId,
    principal::Action,
    service::contacts::{ContactEdit, Entered, NewContact},
};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Query, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    list::Contacts,
    view::contact::{ContactPage, ContactShown},
};

/// Lists contacts by number, or those a search finds by name.
#[utoipa::path(
    get,
    path = "/v1/contacts",
    operation_id = "listContacts",
    tag = "Contacts",
    params(Contacts),
    responses(
        (status = 200, body = Enveloped<ContactPage>, description = "A page of contacts"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadInbox)))),
)]
pub async fn contacts(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(list): Query<Contacts>,
) -> Outcome<ContactPage> {
    let principal = caller.may(Action::ReadInbox)?;
    let search = list.search()?;
    let place = list.place(&principal, search.as_deref())?;
    let after = place.after.as_deref();
    let page = app
        .contacts()
        .contacts(&principal, search.as_deref(), after, place.limit)
        .await?;
    Ok(Success::ok(ContactPage {
        items: page.items.iter().map(ContactShown::from).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Reads a contact.
#[utoipa::path(
    get,
    path = "/v1/contacts/{id}",
    operation_id = "readContact",
    tag = "Contacts",
    params(("id" = String, Path, format = Uuid, description = "The contact")),
    responses(
        (status = 200, body = Enveloped<ContactShown>, description = "The contact. One that was joined to another is answered as that one"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadInbox)))),
)]
pub async fn contact(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ContactId>,
) -> Outcome<ContactShown> {
    let principal = caller.may(Action::ReadInbox)?;
    let contact = app.contacts().contact(&principal, id).await?;
    Ok(Success::ok(ContactShown::from(&contact)).tagged_by_content())
}

/// A contact as it is entered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactEntry {
    /// The number with its country code.
    #[schema(example = "+97333000017")]
    phone: String,
    #[schema(max_length = 128)]
    name: Option<String>,
    /// `unasked`, `given`, `no_marketing` or `stopped`. It never lifts a stop of somebody known.
    #[schema(example = "given")]
    consent: Option<String>,
}

/// Enters a contact by its number: a new one, or what is new about a known one.
#[utoipa::path(
    post,
    path = "/v1/contacts",
    operation_id = "enterContact",
    tag = "Contacts",
    request_body(content = ContactEntry, example = json!({"phone": "+97333000017", "name": "Amal Heron", "consent": "given"})),
    responses(
        (status = 201, body = Enveloped<ContactShown>, description = "It is new"),
        (status = 200, body = Enveloped<ContactShown>, description = "The number was known already; the contact as it is now"),
        Refuses<400>, Refuses<409>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageContacts)))),
)]
pub async fn enter(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<ContactShown> {
    let principal = caller.may(Action::ManageContacts)?;
    let new = parse::<ContactEntry>(&body)?;
    let new = NewContact::parse(&new.phone, new.name.as_deref(), new.consent.as_deref()).map_err(
        |problems| {
            let message = "The contact cannot be entered like this; see the fields.";
            AppFailure::validation(message, problems)
        },
    )?;
    let (entered, contact) = app.contacts().enter(&principal, &new).await?;
    let shown = ContactShown::from(&contact);
    Ok(match entered {
        Entered::New => Success::created(shown),
        Entered::Changed | Entered::Same => Success::ok(shown),
    })
}

/// What is to change about a contact; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactChange {
    /// An empty name takes it away.
    #[schema(max_length = 128)]
    name: Option<String>,
    /// `unasked`, `given`, `no_marketing` or `stopped`: what the person told you.
    #[schema(example = "stopped")]
    consent: Option<String>,
    /// A further number of theirs.
    #[schema(example = "+97333000018")]
    add_phone: Option<String>,
    /// The IANA time zone they live in, where the number's country does not tell; an empty one takes it
    /// away. Quiet hours are theirs.
    #[schema(example = "Asia/Dubai")]
    zone: Option<String>,
    /// All of your words for groups they belong to; greetings and campaigns can go to a group.
    #[schema(example = json!(["wholesale"]))]
    tags: Option<Vec<String>>,
}

/// Changes a contact.
#[utoipa::path(
    put,
    path = "/v1/contacts/{id}",
    operation_id = "changeContact",
    tag = "Contacts",
    params(("id" = String, Path, format = Uuid, description = "The contact")),
    request_body(content = ContactChange, example = json!({"name": "Amal Heron"})),
    responses(
        (status = 200, body = Enveloped<ContactShown>, description = "The contact as it is now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::EditContact)))),
)]
pub async fn edit(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ContactId>,
    body: Bytes,
) -> Outcome<ContactShown> {
    let principal = caller.may(Action::EditContact)?;
    let change = parse::<ContactChange>(&body)?;
    let edit = ContactEdit {
        name: change.name,
        consent: change.consent,
        add_phone: change.add_phone,
        zone: change.zone,
        tags: change.tags,
    };
    let contact = app.contacts().edit(&principal, id, &edit).await?;
    Ok(Success::ok(ContactShown::from(&contact)))
}

/// Who is the same person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SamePerson {
    /// The contact that becomes another name of this one.
    #[schema(value_type = String, format = Uuid)]
    contact_id: ContactId,
}

/// Joins another contact into this one: all its numbers lead here, and its conversations are read here.
#[utoipa::path(
    post,
    path = "/v1/contacts/{id}/merge",
    operation_id = "mergeContacts",
    tag = "Contacts",
    params(("id" = String, Path, format = Uuid, description = "The contact that stays")),
    request_body(content = SamePerson, example = json!({"contact_id": "0199a000-0000-7000-8000-000000000017"})),
    responses(
        (status = 200, body = Enveloped<ContactShown>, description = "The contact that stays, as it is now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageContacts)))),
)]
pub async fn merge(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ContactId>,
    body: Bytes,
) -> Outcome<ContactShown> {
    let principal = caller.may(Action::ManageContacts)?;
    let other = parse::<SamePerson>(&body)?;
    let contact = app
        .contacts()
        .merge(&principal, id, other.contact_id)
        .await?;
    Ok(Success::ok(ContactShown::from(&contact)))
}
