//! `/v1/settings`.

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

use crate::{
    app::App,
    view::{PutSettings, SettingsShown},
};

/// Reads the company's settings.
#[utoipa::path(
    get,
    path = "/v1/settings",
    operation_id = "readSettings",
    tag = "Settings",
    responses(
        (status = 200, body = Enveloped<SettingsShown>, description = "The settings"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn read_settings(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Outcome<SettingsShown> {
    let principal = caller.may(Action::ReadSettings)?;
    let settings = app.settings().read(&principal).await?;
    Ok(Success::ok(SettingsShown::from(&settings)).tagged_by_content())
}

/// Changes settings; what is left out stays as it is.
///
/// Every setting that cannot be is named at once, and then none is changed. The audit log keeps who
/// changed what, before and after.
#[utoipa::path(
    put,
    path = "/v1/settings",
    operation_id = "changeSettings",
    tag = "Settings",
    request_body(content = PutSettings, examples(
        ("reminders" = (summary = "Reminders one and two weeks after the due date", value = json!({
            "reminder_days": [7, 14], "reminder_basis": "due_date"
        }))),
        ("night" = (summary = "Nothing by itself at night; no festival greetings", value = json!({
            "quiet_hours": {"from": "21:00", "until": "08:00"}, "disabled_types": ["festival"]
        }))),
    )),
    responses(
        (status = 200, body = Enveloped<SettingsShown>, description = "The settings as they are now"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageSettings)))),
)]
pub async fn change_settings(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<SettingsShown> {
    let principal = caller.may(Action::ManageSettings)?;
    let put = parse::<PutSettings>(&body)?;
    let edit = put.edit()?;
    let settings = app.settings().change(&principal, &edit).await?;
    Ok(Success::ok(SettingsShown::from(&settings)))
}
