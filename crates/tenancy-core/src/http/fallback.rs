//! What no route answers, as problems: axum's own answers have no body.

use crate::Error;

/// A handler for `Router::fallback`: 404, with the body of everything else that does not exist.
pub async fn not_found() -> Error {
    Error::not_found("no such route")
}

/// A handler for `Router::method_not_allowed_fallback`: 405; axum adds `Allow`.
pub async fn method_not_allowed() -> Error {
    Error::method_not_allowed()
}
