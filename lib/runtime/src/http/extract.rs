//! Query strings and path parameters, refused in the same shape as bodies.

use axum::extract::{FromRequestParts, Path as AxumPath};
use domain::failure::AppFailure;
use http::request::Parts;
use serde::de::{DeserializeOwned, value::Error};
use serde_urlencoded::Deserializer;

use crate::http::{Failed, json};

/// The query string as a `T`; a wrong, unknown or repeated parameter is 422 with its name.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failed> {
        let query = parts.uri.query().unwrap_or_default();
        serde_path_to_error::deserialize(Deserializer::new(pairs(query)))
            .map(Self)
            .map_err(|bad: serde_path_to_error::Error<Error>| {
                let path = json::path(bad.path());
                Failed::from(json::wrong(&path, &bad.into_inner().to_string()))
            })
    }
}

fn pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

/// Path parameters as a `T`. What is no id names nothing: 404.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failed> {
        match AxumPath::from_request_parts(parts, state).await {
            Ok(AxumPath(value)) => Ok(Self(value)),
            Err(_odd) => Err(AppFailure::not_found(
                "There is no such thing: the id in the address is not one of ours.",
            )
            .into()),
        }
    }
}
