//! The service of [`OutgoingLayer`](super::OutgoingLayer).

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tenancy_core::{Error, Result, TenantContext};
use tower::Service;
use uuid::Uuid;

use super::{
    OutgoingError,
    layer::{LIFE, Shared},
};
use crate::{
    proof::{ProofKind, sha256},
    service::{ServiceClaims, speaker},
};

const ACTOR_TOKEN: HeaderName = HeaderName::from_static("x-actor-token");
const TENANT: HeaderName = HeaderName::from_static("x-tenant-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACE_STATE: HeaderName = HeaderName::from_static("tracestate");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Whatever stood here is no word of this service: a receiver may believe it as a proxy, and a cookie is for who got it only.
const FOREIGN: [HeaderName; 11] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    header::FORWARDED,
    FORWARDED_FOR,
    FORWARDED_HOST,
    ACTOR_TOKEN,
    TENANT,
    REQUEST_ID,
    TRACE_PARENT,
    TRACE_STATE,
];

/// See [`OutgoingLayer`](super::OutgoingLayer).
#[derive(Clone, Debug)]
pub struct Outgoing<S> {
    pub(super) inner: S,
    pub(super) shared: Arc<Shared>,
}

/// The response of an [`Outgoing`].
#[must_use = "futures do nothing unless polled"]
pub struct OutgoingFuture<F> {
    state: State<F>,
}

enum State<F> {
    Refused(Option<Error>),
    Sent(Pin<Box<F>>),
}

impl<F, R, E> Future for OutgoingFuture<F>
where
    F: Future<Output = Result<R, E>>,
{
    type Output = Result<R, OutgoingError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.get_mut().state {
            State::Sent(future) => future.as_mut().poll(cx).map_err(OutgoingError::Client),
            State::Refused(error) => {
                let error = error.take();
                let again = || Error::internal("a call that was refused is asked again");
                Poll::Ready(Err(OutgoingError::Refused(error.unwrap_or_else(again))))
            }
        }
    }
}

impl<S, B> Service<Request<B>> for Outgoing<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = OutgoingError<S::Error>;
    type Future = OutgoingFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(OutgoingError::Client)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let state = match prove(&self.shared, &mut request) {
            Ok(()) => State::Sent(Box::pin(self.inner.call(request))),
            Err(error) => State::Refused(Some(error)),
        };
        OutgoingFuture { state }
    }
}

/// Puts the proof on a request, in place of whatever it carried.
fn prove<B>(shared: &Shared, request: &mut Request<B>) -> Result<()> {
    let context = request.extensions().get::<TenantContext>().cloned();
    let context = context.ok_or_else(|| {
        Error::internal("a call to another service needs the `TenantContext` as an extension of its request")
    })?;
    let user = speaker(&context, shared.signer.name(), shared.own_name)?;
    let claims = claims(shared, request, &context, user);
    let token = shared.signer.sign(ProofKind::Service, &claims)?;
    let headers = request.headers_mut();
    for name in &FOREIGN {
        headers.remove(name);
    }
    secret(headers, header::AUTHORIZATION, &format!("Bearer {token}"))?;
    if let Some(user) = user {
        secret(headers, ACTOR_TOKEN, user.expose_secret())?;
    }
    plain(headers, REQUEST_ID, &context.request_id().to_string())?;
    plain(headers, TRACE_PARENT, &shared.trace.of(&context))
}

fn claims<B>(
    shared: &Shared,
    request: &Request<B>,
    context: &TenantContext,
    user: Option<&SecretString>,
) -> ServiceClaims {
    let iat = Timestamp::now().as_second();
    ServiceClaims {
        iss: shared.signer.name().clone(),
        aud: shared.target.clone(),
        tenant: context.tenant_id(),
        iat,
        exp: iat.saturating_add(LIFE),
        jti: Uuid::now_v7(),
        htm: request.method().to_string(),
        htp: request.uri().path().to_owned(),
        ath: user.map(|token| sha256(token.expose_secret().as_bytes())),
    }
}

fn plain(headers: &mut HeaderMap, name: HeaderName, text: &str) -> Result<()> {
    headers.insert(name, value(text)?);
    Ok(())
}

/// Marked so that no client logs it or keeps it in a compression table.
fn secret(headers: &mut HeaderMap, name: HeaderName, text: &str) -> Result<()> {
    let mut value = value(text)?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|e| Error::internal("a header can't be written").with_source(e))
}
