//! `/v1/templates`: a company's own texts; `/v1/provider-templates`: those its providers approved.

use axum::{body::Bytes, extract::State};
use domain::{ids::TemplateId, principal::Action};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Part, Path, Query, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};

use crate::{
    app::App,
    given::{DraftTemplate, GivenUse, GivenValues, PostedTemplate, PutTemplate},
    list::{OwnTemplates, ProviderTemplates},
    template_view::{
        OwnTemplateList, PreviewShown, ProviderPreviewShown, ProviderTemplateList,
        ProviderTemplateShown, TemplateDeleted, TemplateShown,
    },
};

/// Lists the company's own templates by name.
#[utoipa::path(
    get,
    path = "/v1/templates",
    operation_id = "listTemplates",
    tag = "Templates",
    params(OwnTemplates),
    responses(
        (status = 200, body = Enveloped<OwnTemplateList>, description = "A page of templates"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn list_templates(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(list): Query<OwnTemplates>,
) -> Outcome<OwnTemplateList> {
    let principal = caller.may(Action::ReadSettings)?;
    let filter = list.filter()?;
    let place = list.place(&principal, filter)?;
    let after = place.after.as_deref();
    let page = app
        .templates()
        .list(&principal, filter, after, place.limit)
        .await?;
    Ok(Success::ok(OwnTemplateList {
        items: page.items.iter().map(TemplateShown::from).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Makes a template.
///
/// Everything that is wrong with it is named at once. 409 `NAME_TAKEN` when another one has its name, so a
/// repeated request makes no second one.
#[utoipa::path(
    post,
    path = "/v1/templates",
    operation_id = "makeTemplate",
    tag = "Templates",
    request_body(content = PostedTemplate, example = json!({
        "name": "Invoice, short", "message_type": "invoice",
        "content": "Dear {customerName}, invoice {invoiceNumber} is here: {invoiceLink}",
        "defaults": {"customerName": "customer"}
    })),
    responses(
        (status = 201, body = Enveloped<TemplateShown>, description = "The template"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageSettings)))),
)]
pub async fn make_template(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<TemplateShown> {
    let principal = caller.may(Action::ManageSettings)?;
    let made = app
        .templates()
        .make(&principal, parse::<PostedTemplate>(&body)?.read()?)
        .await?;
    Ok(Success::created(TemplateShown::from(&made)))
}

/// Reads a template.
#[utoipa::path(
    get,
    path = "/v1/templates/{id}",
    operation_id = "readTemplate",
    tag = "Templates",
    params(("id" = String, Path, format = Uuid, description = "The template")),
    responses(
        (status = 200, body = Enveloped<TemplateShown>, description = "The template"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn read_template(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<TemplateId>,
) -> Outcome<TemplateShown> {
    let principal = caller.may(Action::ReadSettings)?;
    let found = app.templates().read(&principal, id).await?;
    Ok(Success::ok(TemplateShown::from(&found)).tagged_by_content())
}

/// Changes a template; what is left out stays. Every change is a version that is kept.
#[utoipa::path(
    put,
    path = "/v1/templates/{id}",
    operation_id = "changeTemplate",
    tag = "Templates",
    params(("id" = String, Path, format = Uuid, description = "The template")),
    request_body(content = PutTemplate, example = json!({"version": 1, "active": false})),
    responses(
        (status = 200, body = Enveloped<TemplateShown>, description = "The template as it is now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageSettings)))),
)]
pub async fn change_template(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<TemplateId>,
    body: Bytes,
) -> Outcome<TemplateShown> {
    let principal = caller.may(Action::ManageSettings)?;
    let changed = app
        .templates()
        .edit(&principal, id, parse::<PutTemplate>(&body)?.read()?)
        .await?;
    Ok(Success::ok(TemplateShown::from(&changed)))
}

/// Takes a template away. Its name is free then, and its versions stay readable.
#[utoipa::path(
    delete,
    path = "/v1/templates/{id}",
    operation_id = "deleteTemplate",
    tag = "Templates",
    params(("id" = String, Path, format = Uuid, description = "The template")),
    responses(
        (status = 200, body = Enveloped<TemplateDeleted>, description = "It is gone"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageSettings)))),
)]
pub async fn delete_template(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<TemplateId>,
) -> Outcome<TemplateDeleted> {
    let principal = caller.may(Action::ManageSettings)?;
    app.templates().delete(&principal, id).await?;
    Ok(Success::ok(TemplateDeleted {
        id: id.to_string(),
        deleted: true,
    }))
}

/// Lists the versions of a template, newest first, also of one that was taken away.
#[utoipa::path(
    get,
    path = "/v1/templates/{id}/versions",
    operation_id = "listTemplateVersions",
    tag = "Templates",
    params(("id" = String, Path, format = Uuid, description = "The template"), Part),
    responses(
        (status = 200, body = Enveloped<OwnTemplateList>, description = "A page of versions"),
        NotModified, Refuses<404>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn list_template_versions(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<TemplateId>,
    Query(part): Query<Part>,
) -> Outcome<OwnTemplateList> {
    let principal = caller.may(Action::ReadSettings)?;
    let place = part.place(&principal, &format!("versions {}", id.key()))?;
    let after = place.after.as_deref();
    let page = app
        .templates()
        .versions(&principal, id, after, place.limit)
        .await?;
    Ok(Success::ok(OwnTemplateList {
        items: page.items.iter().map(TemplateShown::from).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Shows what a template will say, with sample data or with given values.
///
/// With values of one's own every placeholder needs one, or a default; those that are missing are named
/// at once (422). What the template has no place for is a warning.
#[utoipa::path(
    post,
    path = "/v1/templates/{id}/preview",
    operation_id = "previewTemplate",
    tag = "Templates",
    params(("id" = String, Path, format = Uuid, description = "The template")),
    request_body(content = GivenValues, example = json!({"variables": {"customerName": "Amal Heron"}})),
    responses(
        (status = 200, body = Enveloped<PreviewShown>, description = "What it will say"),
        Refuses<400>, Refuses<404>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn preview_template(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<TemplateId>,
    body: Bytes,
) -> Outcome<PreviewShown> {
    let principal = caller.may(Action::ReadSettings)?;
    let variables = parse::<GivenValues>(&body)?.read();
    let previewed = app
        .templates()
        .preview(&principal, id, variables.as_ref())
        .await?;
    Ok(Success::ok(PreviewShown::from(previewed)))
}

/// Shows what a template will say before it is stored, and everything that keeps it from being stored.
#[utoipa::path(
    post,
    path = "/v1/templates/preview",
    operation_id = "previewTemplateDraft",
    tag = "Templates",
    request_body(content = DraftTemplate, example = json!({"message_type": "welcome", "content": "Welcome, {customerName}!"})),
    responses(
        (status = 200, body = Enveloped<PreviewShown>, description = "What it will say"),
        Refuses<400>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn preview_template_draft(
    State(_app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<PreviewShown> {
    caller.may(Action::ReadSettings)?;
    let (template, variables) = parse::<DraftTemplate>(&body)?.read()?;
    let previewed = template.preview(variables.as_ref())?;
    Ok(Success::ok(PreviewShown::from(previewed)))
}

/// Lists the templates that the company's providers keep, by name and language.
#[utoipa::path(
    get,
    path = "/v1/provider-templates",
    operation_id = "listProviderTemplates",
    tag = "Templates",
    params(ProviderTemplates),
    responses(
        (status = 200, body = Enveloped<ProviderTemplateList>, description = "A page of templates"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn list_provider_templates(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(list): Query<ProviderTemplates>,
) -> Outcome<ProviderTemplateList> {
    let principal = caller.may(Action::ReadSettings)?;
    let place = list.place(&principal)?;
    let after = place.after.as_deref();
    let page = app
        .templates()
        .provider_templates(&principal, list.approved(), after, place.limit)
        .await?;
    Ok(Success::ok(ProviderTemplateList {
        items: page.items.iter().map(ProviderTemplateShown::from).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Shows what a provider's template will say when these variables fill its slots.
///
/// Lists and lines are flattened, as they are when it is sent. Every slot without a variable and every
/// missing value is named at once (422). 409 `NOT_SYNCED` while only webhooks told of the template.
#[utoipa::path(
    post,
    path = "/v1/provider-templates/preview",
    operation_id = "previewProviderTemplate",
    tag = "Templates",
    request_body(content = GivenUse, example = json!({
        "account_id": "207000000000042", "name": "order_ready", "language": "en_US",
        "body": ["customerName", "items"]
    })),
    responses(
        (status = 200, body = Enveloped<ProviderPreviewShown>, description = "What it will say"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn preview_provider_template(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<ProviderPreviewShown> {
    let principal = caller.may(Action::ReadSettings)?;
    let mut given = parse::<GivenUse>(&body)?;
    let (names, variables) = given.take();
    let template = (&*given.account_id, &*given.name, &*given.language);
    let previewed = app
        .templates()
        .preview_provider(&principal, template, &names, variables.as_ref())
        .await?;
    Ok(Success::ok(ProviderPreviewShown::from(previewed)))
}
