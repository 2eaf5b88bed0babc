#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod bounded;
mod cookie;
mod crypto;
mod envelope;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod keys;
mod memberships;
mod operator;
mod outbound;
mod outgoing;
mod project;
mod proof;
mod revocation;
mod room;
mod service;
mod token;
mod verifier;

pub use cookie::{ParseCookieNameError, SessionCookie};
pub use crypto::install_crypto;
pub use envelope::{
    DeadReason, EnvelopeTooLong, JobKind, JobOpener, JobOutcome, JobRunner, JobSealer, LocalJobLedger,
    OpenError, OpenedJob, ParseJobKindError, RetryReason, TenantEnvelope,
};
pub use keys::{KeySource, KeyUrl};
pub use memberships::PgMemberships;
pub use operator::{GrantRequest, OperatorGranter, OperatorTrust, OperatorVerifier};
pub use outbound::ParseUrlError;
pub use outgoing::{Outgoing, OutgoingError, OutgoingFuture, OutgoingLayer, TraceParent};
pub use project::{ParseProjectError, Project};
pub use revocation::{AccessToken, AccountsUrl, Revocation};
pub use service::{
    Authenticator, KeyWatch, LocalReplayGuard, ParseServiceKeysError, ServiceKeys, ServiceSigner,
    ServiceTenants, ServiceVerifier, Sessions, SignerError, TrustError, TrustedService, UserVerifier,
};
pub use verifier::{CheckedVerifier, IdTokenVerifier, SessionCookieVerifier};
