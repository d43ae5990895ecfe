//! Contacts from a file.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request, State},
};
use bytes::Bytes;
use domain::{
    principal::Action,
    service::import::{self, Manner},
};
use runtime::{
    auth::Caller,
    http::{
        Failed, Outcome, Query, Success,
        openapi::{Enveloped, Refuses, asks},
    },
};
use serde::Deserialize;

use crate::{app::App, view::import::ImportReport};

/// The largest file that is read; Lambda itself takes 6 MB.
const LARGEST_FILE: usize = 5 * 1024 * 1024;

/// A body that is no JSON. The content type is not asked: browsers give files all kinds of types.
#[derive(Debug)]
pub struct Upload(Bytes);

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Failed;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failed> {
        let read = to_bytes(request.into_body(), LARGEST_FILE).await;
        read.map(Self)
            .map_err(|_longer| Failed::too_large(LARGEST_FILE))
    }
}

/// How a file is imported.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// `true` only checks the file.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
    /// `true` stores good rows although others are bad.
    #[serde(default)]
    #[param(required = false)]
    partial: bool,
}

impl How {
    const fn manner(&self) -> Manner {
        match (self.dry_run, self.partial) {
            (true, _) => Manner::Check,
            (false, true) => Manner::Part,
            (false, false) => Manner::Whole,
        }
    }
}

/// Imports contacts from a CSV file of at most 2,000 rows and 5 MB.
///
/// The first line names the columns: `phone` (or `number`, `mobile`), and if wanted `name` and
/// `consent` (`unasked`, `given`, `no_marketing`, `stopped`). Commas, semicolons or tabs; UTF-8.
/// Every row with a problem is listed; without `partial` a file with any of them stores nothing, which
/// `outcome` says. An import never lifts a stop. Importing the same file again is harmless.
#[utoipa::path(
    post,
    path = "/v1/contacts/import",
    operation_id = "importContacts",
    tag = "Contacts",
    params(How),
    request_body(content = String, content_type = "text/csv", examples(
        ("contacts" = (value = json!("phone,name,consent\n+97333000017,Amal Heron,given\n"))),
    )),
    responses(
        (status = 200, body = Enveloped<ImportReport>, description = "What became of every row: look at `outcome`"),
        Refuses<400>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageContacts)))),
)]
pub async fn import(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(how): Query<How>,
    Upload(file): Upload,
) -> Outcome<ImportReport> {
    let principal = caller.may(Action::ManageContacts)?;
    let report = import::import(&app.contacts(), &principal, &file, how.manner()).await?;
    Ok(Success::ok(ImportReport::from(report)))
}
