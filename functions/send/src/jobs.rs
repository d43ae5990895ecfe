//! Bulk jobs: `POST /v1/jobs`, what people do to one, uploads of recipients and the report of wrong rows.

use axum::{body::Bytes, extract::State};
use domain::{
    failure::AppFailure,
    ids::JobId,
    principal::Action,
    service::bulk::{UPLOAD_MOST_BYTES, upload_key},
};
use http::{HeaderMap, StatusCode};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Success, idempotency_key,
        openapi::{Enveloped, Refuses, asks},
        parse,
    },
};
use uuid::Uuid;

use crate::{
    app::App,
    handler::REPLAYED,
    new_job::NewJob,
    view_job::{JobState, Opened, ReportLink, Upload},
};

/// Sends one content to many.
///
/// Every row is judged first. Wrong rows refuse the job, with line, column and reason of the first
/// hundred, unless `keep_good_rows` leaves them out. The job counts against both limits at once and is
/// sent at its channel's pace.
#[utoipa::path(
    post,
    path = "/v1/jobs",
    operation_id = "openJob",
    tag = "Jobs",
    params(
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
            description = "Visible ASCII characters, for example a UUID; remembered for 48 hours"),
    ),
    request_body(content = NewJob, examples(
        ("inline" = (summary = "Two recipients", value = json!({
            "text": {"body": "Dear {name}, our new shop opens in {city} on Sunday."},
            "recipients": [
                {"to": "+97300000001", "name": "Ada Example", "parameters": {"city": "Riffa"}},
                {"to": "+97300000002", "name": "Noor Example", "parameters": {"city": "Isa Town"}}
            ]
        }))),
        ("file" = (summary = "The recipients of an uploaded file, later", value = json!({
            "text": {"body": "Dear {name}, our new shop opens in {city} on Sunday."},
            "upload_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
            "keep_good_rows": true, "priority": 1, "scheduled_for": "2026-12-01T06:00:00Z"
        }))),
    )),
    responses(
        (status = 202, body = Enveloped<Opened>, description = "Accepted; it is sent at its channel's pace"),
        (status = 200, body = Enveloped<Opened>, description = "Accepted by an earlier request with the same key; the job as it is now",
            headers(("Idempotent-Replayed" = String, description = "`true`"))),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn open(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<Opened> {
    let principal = caller.may(Action::Send)?;
    let draft = parse::<NewJob>(&body)?.draft()?;
    let key = idempotency_key("POST /v1/jobs", &headers, &body)?;
    let accepted = app.bulk().run(&principal, draft, key.as_ref()).await?;
    let opened = Opened::from(&accepted);
    Ok(if accepted.repeated {
        Success::with(StatusCode::OK, opened).header(REPLAYED, "true")
    } else {
        Success::accepted(opened)
    })
}

/// Holds a job back: nothing of it is sent until it is resumed.
#[utoipa::path(
    post,
    path = "/v1/jobs/{id}/pause",
    operation_id = "pauseJob",
    tag = "Jobs",
    params(("id" = String, Path, format = Uuid, description = "The job")),
    responses(
        (status = 200, body = Enveloped<JobState>, description = "It is paused"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn pause(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<JobId>,
) -> Outcome<JobState> {
    let principal = caller.may(Action::Send)?;
    let run = app.control().pause(&principal, id).await?;
    Ok(Success::ok(JobState::from(&run)))
}

/// Lets a paused job go on.
#[utoipa::path(
    post,
    path = "/v1/jobs/{id}/resume",
    operation_id = "resumeJob",
    tag = "Jobs",
    params(("id" = String, Path, format = Uuid, description = "The job")),
    responses(
        (status = 200, body = Enveloped<JobState>, description = "It goes on"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn resume(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<JobId>,
) -> Outcome<JobState> {
    let principal = caller.may(Action::Send)?;
    let run = app.control().resume(&principal, id).await?;
    Ok(Success::ok(JobState::from(&run)))
}

/// Gives up what was not attempted.
///
/// What was attempted is not touched. The places of the others in both limits are given back.
#[utoipa::path(
    post,
    path = "/v1/jobs/{id}/cancel",
    operation_id = "cancelJob",
    tag = "Jobs",
    params(("id" = String, Path, format = Uuid, description = "The job")),
    responses(
        (status = 200, body = Enveloped<JobState>, description = "It is cancelled"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn cancel(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<JobId>,
) -> Outcome<JobState> {
    let principal = caller.may(Action::Send)?;
    let run = app.control().cancel(&principal, id).await?;
    Ok(Success::ok(JobState::from(&run)))
}

/// Gives an address that takes a file of recipients.
///
/// Post the file there as a form: first every one of `fields`, then `file`. It is a CSV in UTF-8 whose
/// first line names the columns; one of them is `to`, and those besides `name` are values of
/// placeholders. It may have 100,000 rows and 16 MB.
#[utoipa::path(
    post,
    path = "/v1/uploads",
    operation_id = "makeUpload",
    tag = "Jobs",
    responses((status = 201, body = Enveloped<Upload>, description = "Where the file goes")),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn upload(State(app): State<App>, Caller(caller): Caller) -> Outcome<Upload> {
    let principal = caller.may(Action::Send)?;
    let id = Uuid::now_v7();
    let key = upload_key(principal.tenant(), id);
    let form = app
        .files()
        .upload(&key, "text/csv", UPLOAD_MOST_BYTES)
        .await?;
    Ok(Success::with(StatusCode::CREATED, Upload::new(id, form)))
}

/// Links to what is wrong with the rows that a job left out.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}/report",
    operation_id = "readJobReport",
    tag = "Jobs",
    params(("id" = String, Path, format = Uuid, description = "The job")),
    responses(
        (status = 200, body = Enveloped<ReportLink>, description = "A CSV: line, column, code, reason"),
        Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn report(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<JobId>,
) -> Outcome<ReportLink> {
    let principal = caller.may(Action::Send)?;
    let run = app.control().find(&principal, id).await?;
    let Some(key) = run.report else {
        return Err(AppFailure::not_found("No row of this job was left out.").into());
    };
    let link = app
        .files()
        .link(&key, "report.csv", files::LINK_LIFE)
        .await?;
    Ok(Success::ok(ReportLink::new(link)))
}
