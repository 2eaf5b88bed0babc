//! What no route answers.

use tenancy::Error;

/// No such path.
pub(crate) async fn not_found() -> Error {
    Error::not_found("no such route")
}

/// The path has no such method; axum adds `Allow`.
pub(crate) async fn method_not_allowed() -> Error {
    Error::method_not_allowed()
}
