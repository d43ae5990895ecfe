//! The API's own documentation, as `cargo xtask openapi` wrote it. Anybody may read it.

use runtime::http::{Text, openapi::NotModified};

/// Shows this documentation as a page.
#[utoipa::path(
    get,
    path = "/docs",
    operation_id = "readDocs",
    tag = "Documentation",
    responses((status = 200, body = String, content_type = "text/html", description = "The page"), NotModified),
    extensions(("x-waypost-action" = json!("Public"))),
)]
pub async fn page() -> Text {
    Text::html(include_str!("../../../docs/api.html"))
}

/// Reads the OpenAPI document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "readOpenApi",
    tag = "Documentation",
    responses((status = 200, body = Object, description = "OpenAPI 3.1; not in the envelope"), NotModified),
    extensions(("x-waypost-action" = json!("Public"))),
)]
pub async fn document() -> Text {
    Text::json(include_str!("../../../docs/openapi.json"))
}
