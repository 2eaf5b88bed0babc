//! The public keys of a service, over HTTP.

use axum::{Json, http::header, response::IntoResponse, routing::MethodRouter};

use super::ServiceSigner;

/// Five minutes: half of the time that a key is published before it signs.
const CACHE: &str = "public, max-age=300";

impl ServiceSigner {
    /// Serves the public keys; put it at `/.well-known/jwks.json`, outside of the tenant layer.
    ///
    /// Who can answer at that address can speak for the service, so others reach it over TLS, or take the keys from a file.
    pub fn published<S: Clone + Send + Sync + 'static>(&self) -> MethodRouter<S> {
        let signer = self.clone();
        axum::routing::get(move || {
            let keys = signer.jwks();
            async move { ([(header::CACHE_CONTROL, CACHE)], Json(keys)).into_response() }
        })
    }
}
