//! Path and query parameters.

use axum::extract::{
    FromRequestParts, RawPathParams,
    path::ErrorKind,
    rejection::{PathRejection, QueryRejection},
};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{Error, FieldError, Result};

/// Path parameters: axum's `Path`, with a 400 that names the parameter.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(path_error(rejection, parts).await),
        }
    }
}

async fn path_error(rejection: PathRejection, parts: &mut Parts) -> Error {
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
        return Error::internal("the route has no path parameters");
    };
    let (key, problem) = match failed.kind() {
        ErrorKind::ParseErrorAtKey {
            key, expected_type, ..
        } => (Some(key.clone()), format!("not a {expected_type}")),
        ErrorKind::DeserializeError { key, message, .. } => (Some(key.clone()), message.clone()),
        ErrorKind::InvalidUtf8InPathParam { key } => (Some(key.clone()), "not UTF-8".to_owned()),
        ErrorKind::WrongNumberOfParameters { .. } => {
            return Error::internal("the route has other path parameters");
        }
        other => (None, other.to_string()),
    };
    let field = match key {
        Some(key) => key,
        None => last_parameter(parts).await,
    };
    Error::malformed(
        "a path parameter can't be read",
        vec![FieldError::new(field, problem)],
    )
}

/// A handler that takes one parameter takes the last.
async fn last_parameter(parts: &mut Parts) -> String {
    let parameters = RawPathParams::from_request_parts(parts, &()).await;
    let last = parameters
        .ok()
        .and_then(|all| all.iter().last().map(|(name, _)| name.to_owned()));
    last.unwrap_or_default()
}

/// Query parameters: axum's `Query`, with a 400 that names the parameter.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| query_error(&rejection))
    }
}

fn query_error(rejection: &QueryRejection) -> Error {
    let text = rejection.body_text();
    let text = text
        .strip_prefix("Failed to deserialize query string: ")
        .unwrap_or(&text);
    let (field, problem) = text.split_once(": ").unwrap_or(("query", text));
    tracing::debug!(status = %rejection.status(), "query refused");
    Error::malformed(
        "a query parameter can't be read",
        vec![FieldError::new(field, problem)],
    )
}
