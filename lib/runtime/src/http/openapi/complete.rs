//! What every operation has in common: the token, the refusals, what a tagged answer brings.

use domain::failure::{AppFailure, FieldProblem, ProviderFailure, StoreFailure, StoreFailureKind};
use http::StatusCode;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, HeaderBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{ACTION, PUBLIC};
use crate::http::{Failed, failed::WireFailure, json::MAX_BODY};

const SCHEME: &str = "token";

/// Answers that every operation behind a token may give.
const ALWAYS: [u16; 4] = [401, 403, 500, 503];

const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// Completes a function's document: the token, the refusals every operation shares, what tags bring,
/// and the components all of these refer to.
#[must_use]
pub fn completed(mut document: OpenApi) -> OpenApi {
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(complete);
    }
    let components = document.components.get_or_insert_with(Components::new);
    add_schema::<WireFailure<'_>>(components);
    components.responses.extend(refusals().iter().map(response));
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The id token of a user of this company's pool."))
        .build();
    components.add_security_scheme(SCHEME, SecurityScheme::Http(token));
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        item.get.as_mut(),
        item.put.as_mut(),
        item.post.as_mut(),
        item.delete.as_mut(),
        item.options.as_mut(),
        item.head.as_mut(),
        item.patch.as_mut(),
        item.trace.as_mut(),
    ]
    .into_iter()
    .flatten()
}

fn complete(operation: &mut Operation) {
    let action = operation.extensions.as_ref().and_then(|e| e.get(ACTION));
    let public = action.and_then(Value::as_str) == Some(PUBLIC);
    let responses = &mut operation.responses.responses;
    if responses.contains_key("304") {
        if let Some(RefOr::T(ok)) = responses.get_mut("200") {
            let tag = HeaderBuilder::new()
                .description(Some("Names this very answer, for `If-None-Match`."))
                .build();
            ok.headers.insert("ETag".to_owned(), tag.into());
        }
        let known = ParameterBuilder::new()
            .name("If-None-Match")
            .parameter_in(ParameterIn::Header)
            .description(Some("The `ETag` of the answer the caller has already."))
            .schema(Some(String::schema()))
            .build();
        operation
            .parameters
            .get_or_insert_default()
            .push(known.into());
    }
    if public {
        return;
    }
    for status in ALWAYS {
        responses
            .entry(status.to_string())
            .or_insert_with(|| refusal(status));
    }
    operation.security = Some(vec![SecurityRequirement::new(SCHEME, Vec::<String>::new())]);
}

fn add_schema<T: ToSchema>(components: &mut Components) {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    components.schemas.extend(schemas);
}

fn response((description, failed): &(&'static str, Failed)) -> (String, RefOr<Response>) {
    let example: Value = serde_json::from_slice(&failed.body(REQUEST_ID)).unwrap_or_default();
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(WireFailure::name())))
        .example(Some(example))
        .build();
    let mut response = ResponseBuilder::new()
        .description(*description)
        .content("application/json", content);
    if failed.retry_after().is_some() {
        let wait = HeaderBuilder::new()
            .schema(Some(u32::schema()))
            .description(Some("Seconds to wait."))
            .build();
        response = response.header("Retry-After", wait);
    }
    (name(failed.status().as_u16()), response.build().into())
}

/// One refusal of each status, made by the code that makes the real ones.
fn refusals() -> [(&'static str, Failed); 10] {
    let throttled = StoreFailure::new("messages.read", StoreFailureKind::Throttled);
    let rejected = ProviderFailure::Unsupported {
        what: "this content",
    };
    let fields = vec![FieldProblem::new(
        "to",
        "PHONE",
        "write the number with its country code: +97300000001",
    )];
    let conflict = "The message cannot be cancelled: it was attempted already.";
    let role = AppFailure::forbidden("The role `viewer` does not allow this.");
    [
        (
            "The body is no JSON of the wanted shape.",
            AppFailure::unreadable("The body is no JSON.").into(),
        ),
        (
            "No valid token. The gateway refuses most of these itself, with a body of its own: \
             `{\"message\":\"Unauthorized\"}`.",
            AppFailure::unauthorized("The token is not valid.").into(),
        ),
        (
            "The role does not allow this, or a limit of the plan is reached: see `details.reason`.",
            role.with_detail("reason", "ROLE").into(),
        ),
        (
            "There is no such thing in this company. What another company has does not exist.",
            AppFailure::not_found("There is no such message.").into(),
        ),
        (
            "The state of things does not allow this: see `details.reason`.",
            AppFailure::conflict(conflict).into(),
        ),
        ("The body is too large.", Failed::too_large(MAX_BODY)),
        (
            "The request is understood and wrong; every wrong field is named at once.",
            AppFailure::validation("The recipient is no phone number.", fields).into(),
        ),
        (
            "Something nobody foresaw. The request id helps support to find it.",
            AppFailure::unknown("an example").into(),
        ),
        (
            "The provider refused, or its answer is not known.",
            rejected.into(),
        ),
        (
            "Our storage or the provider is busy: try again after `Retry-After` seconds.",
            throttled.into(),
        ),
    ]
}

/// A reference to the refusal with this status.
pub(super) fn refusal(status: u16) -> RefOr<Response> {
    Ref::from_response_name(name(status)).into()
}

/// `404` → `NotFound`.
fn name(status: u16) -> String {
    StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Other")
        .split([' ', '-'])
        .collect()
}
