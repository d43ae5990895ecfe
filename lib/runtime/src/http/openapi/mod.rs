//! The HTTP API as an OpenAPI document: what all operations have in common, and the one list from
//! which a function's router and its document both come (docs/decisions/0008).
//!
//! Only `cargo xtask openapi` builds documents. A function's program calls `router` alone, and the
//! linker leaves the rest out.

mod complete;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter},
};
use domain::principal::Action;
use utoipa::{
    IntoResponses, Path, ToSchema,
    openapi::{HttpMethod, RefOr, Response},
};

pub use self::complete::completed;
use self::complete::refusal;
pub use axum::Router;
#[doc(hidden)]
pub use pastey::paste;

/// The extension that names the action an operation asks for.
pub const ACTION: &str = "x-waypost-action";

/// What stands there when nobody is asked who they are.
pub const PUBLIC: &str = "Public";

/// Makes a function's `router(state)` and `openapi()` from one list of handlers, so that neither can
/// know a route that the other does not. Method and path stand on the handler, in `#[utoipa::path]`.
///
/// ```text
/// runtime::routes! { App; handler { accept, retry, cancel } }
/// ```
#[macro_export]
macro_rules! routes {
    ($state:ty; $($module:ident { $($handler:ident),+ $(,)? })+) => {
        $crate::http::openapi::paste! {
            /// The routes of this function.
            pub fn router(state: $state) -> $crate::http::openapi::Router {
                let router = $crate::http::openapi::Router::new();
                $($(
                    let router = $crate::http::openapi::serve::<$module::[<__path_ $handler>], _, _>(
                        router,
                        $module::$handler,
                    );
                )+)+
                router.with_state(state)
            }
        }

        /// The same routes as a document, for `cargo xtask openapi`.
        #[must_use]
        pub fn openapi() -> utoipa::openapi::OpenApi {
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($($module::$handler,)+)+))]
            struct Document;
            $crate::http::openapi::completed(<Document as utoipa::OpenApi>::openapi())
        }
    };
}

/// Adds a handler at the method and the path that its documentation names. Called by [`routes!`].
///
/// [`routes!`]: crate::routes
#[doc(hidden)]
pub fn serve<P, S, T>(router: Router<S>, handler: impl Handler<T, S>) -> Router<S>
where
    P: Path,
    S: Clone + Send + Sync + 'static,
    T: 'static,
{
    let methods = P::methods()
        .iter()
        .fold(MethodRouter::new(), |methods, method| {
            methods.on(filter(method), handler.clone())
        });
    router.route(&P::path(), methods)
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}

/// The value of [`ACTION`] for an action: its name in `domain`.
#[must_use]
pub fn asks(action: Action) -> String {
    format!("{action:?}")
}

/// The envelope of a good answer. A schema only: `http` writes the envelope itself.
#[derive(Debug, ToSchema)]
pub struct Enveloped<T> {
    /// Always `true`; `false` comes with `error` instead of `data`.
    #[schema(example = true)]
    pub success: bool,
    /// What was asked for.
    pub data: T,
    /// Names this request in our logs; quote it to support.
    #[schema(example = "JKJaXmPLvHcESHA=")]
    pub request_id: String,
}

/// The machine-readable part of a failure. A schema only; more names than these may be there.
#[derive(ToSchema)]
#[schema(as = FailureDetails)]
#[expect(dead_code, reason = "a schema only")]
pub(crate) struct Details {
    /// Why, where a code has more than one reason: `DAILY_LIMIT`.
    reason: Option<String>,
    /// Every field that is wrong.
    fields: Option<Vec<Problem>>,
}

#[derive(ToSchema)]
#[schema(as = FieldProblem)]
#[expect(dead_code, reason = "a schema only")]
struct Problem {
    /// The field as the caller wrote it: `interactive.buttons[1].title`.
    field: String,
    /// A machine code: `TOO_LONG`.
    code: String,
    /// What is wrong and what to do, in one sentence.
    message: String,
}

/// The refusal with this status, in `responses(…)`: `Refuses<404>`. 401, 403, 500 and 503 need no
/// mention.
#[derive(Debug)]
pub struct Refuses<const STATUS: u16>;

impl<const STATUS: u16> IntoResponses for Refuses<STATUS> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([(STATUS.to_string(), refusal(STATUS))])
    }
}

/// 304, in `responses(…)` of an operation whose answer is tagged. Brings `If-None-Match` and `ETag`.
#[derive(Debug)]
pub struct NotModified;

impl IntoResponses for NotModified {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let response =
            Response::new("The caller has this very answer already: no body, the same `ETag`.");
        BTreeMap::from([("304".to_owned(), response.into())])
    }
}
