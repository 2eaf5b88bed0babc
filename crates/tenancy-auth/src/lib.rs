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

mod crypto;
mod envelope;
mod keys;
mod memberships;
mod operator;
mod outgoing;
mod project;
mod proof;
mod service;
mod token;
mod verifier;

pub use crypto::install_crypto;
pub use envelope::{
    DeadReason, EnvelopeTooLong, JobKind, JobLedger, JobOpener, JobOutcome, JobRunner, JobSealer, JobTurn,
    LocalJobLedger, OpenError, OpenedJob, ParseJobKindError, RetryReason, TenantEnvelope,
};
pub use keys::{KeySource, KeyUrl, ParseUrlError};
pub use memberships::PgMemberships;
pub use operator::{GrantRequest, OperatorGranter, OperatorTrust, OperatorVerifier};
pub use outgoing::{Outgoing, OutgoingError, OutgoingFuture, OutgoingLayer, TraceParent};
pub use project::{ParseProjectError, Project};
pub use proof::ProofId;
pub use service::{
    Authenticator, KeyWatch, LocalReplayGuard, ParseServiceKeysError, ReplayGuard, ServiceKeys,
    ServiceSigner, ServiceTenants, ServiceVerifier, SignerError, TrustError, TrustedService,
};
pub use verifier::IdTokenVerifier;
