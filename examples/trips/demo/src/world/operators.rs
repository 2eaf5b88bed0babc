//! Who lets operators of the platform in: the control plane, with a key for nothing else.

use std::path::Path;

use tenancy::ServiceSigner;
use tenancy_auth::OperatorGranter;
use tenancy_core::SecretRef;
use tenancy_testkit::ServiceKey;

use super::{
    Result,
    failure::While,
    secrets::{folder, write},
};

/// The control plane's side of operators' grants.
pub struct Operators {
    key: ServiceKey,
    granter: OperatorGranter,
}

impl Operators {
    /// The control plane's name.
    pub const ISSUER: &str = "control";

    /// `at` is the control plane's own folder, which no deployment reads.
    pub(super) fn new(at: &Path) -> Result<Self> {
        let what = || "make a key for operators' grants".to_owned();
        let key = ServiceKey::ed25519();
        folder(at)?;
        let file = at.join("operators.key");
        write(&file, key.pem())?;
        let name = Self::ISSUER.parse().during(what)?;
        let signer = ServiceSigner::new(name, [SecretRef::File(file)]).during(what)?;
        Ok(Self {
            key,
            granter: OperatorGranter::new(signer),
        })
    }

    /// What signs grants.
    #[must_use]
    pub fn granter(&self) -> &OperatorGranter {
        &self.granter
    }

    /// Its key: for grants that it would not sign.
    #[must_use]
    pub fn key(&self) -> &ServiceKey {
        &self.key
    }
}
