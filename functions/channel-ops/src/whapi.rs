//! `/v1/platform/whapi`: the platform's account at WHAPI, which managed channels are made with; and the
//! notices of its days.

use axum::{body::Bytes, extract::State};
use domain::principal::Action;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Part, Query, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};

use crate::{
    app::App,
    random,
    whapi_view::{BalanceShown, PostedNotices, PutWhapi, WhapiSettingsShown, WhapiTested},
};

/// What the pages of notices are called inside their cursors.
const LIST: &str = "partner balance";

/// Reads what may be seen of the platform's account at WHAPI.
///
/// `banner` is what the page shows on top while the partner token is missing or refused; null otherwise.
#[utoipa::path(
    get,
    path = "/v1/platform/whapi",
    operation_id = "readPlatformWhapi",
    tag = "Platform",
    responses(
        (status = 200, body = Enveloped<WhapiSettingsShown>, description = "The settings, without their secrets"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn read_whapi(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Outcome<WhapiSettingsShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let settings = app.partner().settings(&principal).await?;
    Ok(Success::ok(WhapiSettingsShown::new(settings, app.webhooks())).tagged_by_content())
}

/// Changes the platform's account at WHAPI: its partner token, its project, its name, the secret of notices.
///
/// Secrets go in and never come out. What is left out stays. A new token counts at once; whether WHAPI
/// takes it is what the test tells. A new secret of notices counts beside the one before it.
#[utoipa::path(
    put,
    path = "/v1/platform/whapi",
    operation_id = "setPlatformWhapi",
    tag = "Platform",
    request_body(content = PutWhapi, example = json!({
        "partner_token": "…", "project_id": "Xk2mProject", "partner_name": "waypost"
    })),
    responses(
        (status = 200, body = Enveloped<WhapiSettingsShown>, description = "The settings as they are now, without their secrets"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn set_whapi(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<WhapiSettingsShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let change = parse::<PutWhapi>(&body)?.into();
    let key = random::fresh()?.key;
    let set = app.partner().set(&principal, change, key).await?;
    Ok(Success::ok(WhapiSettingsShown::new(set, app.webhooks())))
}

/// Asks WHAPI whether it takes the partner token, and which projects that opens.
///
/// Without a token it is 409, with one that WHAPI refuses 502, both with `details.reason` `PARTNER_TOKEN`
/// and the words of the banner in `details.banner`. 503 when WHAPI does not answer.
#[utoipa::path(
    post,
    path = "/v1/platform/whapi/test",
    operation_id = "testPlatformWhapi",
    tag = "Platform",
    responses(
        (status = 200, body = Enveloped<WhapiTested>, description = "WHAPI takes the token"),
        Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn test_whapi(State(app): State<App>, Caller(caller): Caller) -> Outcome<WhapiTested> {
    let principal = caller.may(Action::ManagePlatform)?;
    let tested = app.partner().test(&principal).await?;
    Ok(Success::ok(WhapiTested::new(tested, app.webhooks())))
}

/// Tells WHAPI where to send notices when the partner's days fall below a limit.
///
/// A fresh secret goes into a header of theirs; the one before it still counts until the next. Needs the
/// partner's name. Safe to repeat.
#[utoipa::path(
    post,
    path = "/v1/platform/whapi/notices",
    operation_id = "registerPartnerNotices",
    tag = "Platform",
    request_body(content = PostedNotices, example = json!({"days_limit": 30})),
    responses(
        (status = 200, body = Enveloped<WhapiSettingsShown>, description = "WHAPI took the address"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn register_notices(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<WhapiSettingsShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let PostedNotices { days_limit } = parse(&body)?;
    let secret = random::fresh()?.verify_token;
    let address = |key: &_| app.webhooks().of_partner(key);
    let set = app
        .partner()
        .register_notices(&principal, secret, days_limit, address)
        .await?;
    Ok(Success::ok(WhapiSettingsShown::new(set, app.webhooks())))
}

/// Reads the partner's latest balance of days and the notices that told it, newest first.
#[utoipa::path(
    get,
    path = "/v1/platform/partner-balance",
    operation_id = "readPartnerBalance",
    tag = "Platform",
    params(Part),
    responses(
        (status = 200, body = Enveloped<BalanceShown>, description = "The latest balance, and a page of notices"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn read_balance(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(part): Query<Part>,
) -> Outcome<BalanceShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let place = part.place(&principal, LIST)?;
    let balance = app.balance();
    let page = balance
        .notices(&principal, place.after.as_deref(), place.limit)
        .await?;
    let latest = match &place.after {
        None => page.items.first().cloned(),
        Some(_) => {
            let first = balance.notices(&principal, None, 1).await?;
            first.items.into_iter().next()
        }
    };
    let next = place.next(&principal, page.next);
    Ok(Success::ok(BalanceShown::new(latest, page.items, next)).tagged_by_content())
}
