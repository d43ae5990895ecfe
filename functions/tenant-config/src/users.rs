//! `/v1/users`: who of the company may sign in, and what they may do.

use axum::{body::Bytes, extract::State, http::HeaderMap};
use domain::{ids::UserId, principal::Action};
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
    user_view::{InvitationTakenBack, PatchedUser, PostedUser, UserList, UserShown},
};

/// Lists the company's users by address.
///
/// Those being invited are among them. Who was made directly in the user pool is not.
#[utoipa::path(
    get,
    path = "/v1/users",
    operation_id = "listUsers",
    tag = "Users",
    params(Part),
    responses(
        (status = 200, body = Enveloped<UserList>, description = "A page of users"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadUsers)))),
)]
pub async fn list_users(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(part): Query<Part>,
) -> Outcome<UserList> {
    let principal = caller.may(Action::ReadUsers)?;
    let place = part.place(&principal, "users")?;
    let after = place.after.as_deref();
    let page = app.users().list(&principal, after, place.limit).await?;
    Ok(Success::ok(UserList {
        items: page.items.into_iter().map(UserShown::from).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Invites somebody into the company.
///
/// They are mailed a first password, which they change when they sign in. What fails half-way is finished by
/// the same request. An address that signs in already, for whatever company, is refused with `EMAIL_TAKEN`; a
/// key that came with another invitation with `IDEMPOTENCY_KEY_REUSED`, and one whose invitation was taken back
/// since with `INVITATION_TAKEN_BACK`.
#[utoipa::path(
    post,
    path = "/v1/users",
    operation_id = "inviteUser",
    tag = "Users",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Names this request: sent again, it makes no second user")),
    request_body(content = PostedUser, example = json!({
        "email": "mona@acme.example", "name": "Mona Example", "role": "agent"
    })),
    responses(
        (status = 201, body = Enveloped<UserShown>, description = "The user"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageUsers)))),
)]
pub async fn invite_user(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<UserShown> {
    let principal = caller.may(Action::ManageUsers)?;
    let key = idempotency_key("POST /v1/users", &headers, &body)?;
    let invitation = parse::<PostedUser>(&body)?.invitation()?;
    let invited = app
        .users()
        .invite(&principal, &invitation, key.as_ref())
        .await?;
    Ok(Success::created(UserShown::from(invited)))
}

/// Reads a user.
#[utoipa::path(
    get,
    path = "/v1/users/{id}",
    operation_id = "readUser",
    tag = "Users",
    params(("id" = String, Path, description = "The user")),
    responses(
        (status = 200, body = Enveloped<UserShown>, description = "The user"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadUsers)))),
)]
pub async fn read_user(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Outcome<UserShown> {
    let principal = caller.may(Action::ReadUsers)?;
    let found = app.users().read(&principal, &UserId::new(&id)).await?;
    Ok(Success::ok(UserShown::from(found)).tagged_by_content())
}

/// Gives a user another role, shuts them out or lets them in again.
///
/// It counts at once: their next request with a token of before is refused with 401, and they sign in again
/// where they may. Nobody changes themselves. If sign-in could not be told, the user is let in nowhere until
/// the same change is asked for again (`settled`).
#[utoipa::path(
    patch,
    path = "/v1/users/{id}",
    operation_id = "changeUser",
    tag = "Users",
    params(("id" = String, Path, description = "The user")),
    request_body(content = PatchedUser, examples(
        ("role" = (summary = "Another role", value = json!({"role": "viewer"}))),
        ("out" = (summary = "Shut out", value = json!({"active": false}))),
    )),
    responses(
        (status = 200, body = Enveloped<UserShown>, description = "The user as they are now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageUsers)))),
)]
pub async fn change_user(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Outcome<UserShown> {
    let principal = caller.may(Action::ManageUsers)?;
    let edit = parse::<PatchedUser>(&body)?.edit()?;
    let changed = app
        .users()
        .edit(&principal, &UserId::new(&id), edit)
        .await?;
    Ok(Success::ok(UserShown::from(changed)))
}

/// Mails an invitation again.
///
/// To somebody who has not signed in yet: they get another first password, and another seven days. Not within
/// ten minutes of the last mail (`MAILED_JUST_NOW`, with `next_at`), not when they have signed in
/// (`INVITATION_USED`), are shut out (`INACTIVE`), or the invitation itself was never finished (`INVITING`:
/// repeat that).
#[utoipa::path(
    post,
    path = "/v1/users/{id}/invitation",
    operation_id = "mailInvitationAgain",
    tag = "Users",
    params(("id" = String, Path, description = "The user")),
    responses(
        (status = 200, body = Enveloped<UserShown>, description = "It is mailed"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageUsers)))),
)]
pub async fn mail_invitation_again(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Outcome<UserShown> {
    let principal = caller.may(Action::ManageUsers)?;
    let mailed = app
        .users()
        .mail_again(&principal, &UserId::new(&id))
        .await?;
    Ok(Success::ok(UserShown::from(mailed)))
}

/// Takes an invitation back.
///
/// Of somebody who has not signed in yet: the user is gone, and their address may be invited again, by any
/// company. Who has signed in is refused (`INVITATION_USED`): shut them out instead. What fails half-way lets
/// nobody in and shows `withdrawing`; the same request ends it.
#[utoipa::path(
    delete,
    path = "/v1/users/{id}/invitation",
    operation_id = "takeInvitationBack",
    tag = "Users",
    params(("id" = String, Path, description = "The user")),
    responses(
        (status = 200, body = Enveloped<InvitationTakenBack>, description = "It is taken back"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageUsers)))),
)]
pub async fn take_invitation_back(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Outcome<InvitationTakenBack> {
    let principal = caller.may(Action::ManageUsers)?;
    app.users().take_back(&principal, &UserId::new(&id)).await?;
    Ok(Success::ok(InvitationTakenBack {
        id,
        taken_back: true,
    }))
}
