//! `/v1/platform/meta`: the platform's own app, which channels without an app of their own belong to.

use axum::{body::Bytes, extract::State};
use domain::principal::Action;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};

use crate::{app::App, edit::PutPlatformApp, view::PlatformAppShown};

/// Reads what may be seen of the platform's app at Meta.
#[utoipa::path(
    get,
    path = "/v1/platform/meta",
    operation_id = "readPlatformMeta",
    tag = "Platform",
    responses(
        (status = 200, body = Enveloped<PlatformAppShown>, description = "The app, without its secrets"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn read_meta(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Outcome<PlatformAppShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let found = app.desk().platform_app(&principal).await?;
    Ok(Success::ok(PlatformAppShown::new(found, app.webhooks())).tagged_by_content())
}

/// Gives the platform's app at Meta a new secret, a new verify token, or both.
///
/// The one before counts until the next comes, so nothing is refused while Meta changes over. Giving
/// the newest again changes nothing.
#[utoipa::path(
    put,
    path = "/v1/platform/meta",
    operation_id = "setPlatformMeta",
    tag = "Platform",
    request_body(content = PutPlatformApp, example = json!({"app_secret": "…", "verify_token": "…"})),
    responses(
        (status = 200, body = Enveloped<PlatformAppShown>, description = "The app as it is now, without its secrets"),
        Refuses<400>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn set_meta(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<PlatformAppShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let new = parse::<PutPlatformApp>(&body)?;
    let set = app
        .desk()
        .set_platform_app(
            &principal,
            new.app_secret.as_ref(),
            new.verify_token.as_ref(),
        )
        .await?;
    Ok(Success::ok(PlatformAppShown::new(set, app.webhooks())))
}
