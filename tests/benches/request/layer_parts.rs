//! Stand-ins for what other crates bring.

use std::{collections::HashMap, net::IpAddr, sync::Mutex, time::Duration};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use tenancy_auth::{IdTokenVerifier, KeySource};
use tenancy_core::{
    Entry, Limits, Place, Principal, Rate, TenantContext, TenantId, UserId, Verdict,
    http::{Authenticate, Credentials},
};
use tenancy_testkit::{KeyServer, TokenMint};

/// Verified tokens, by their hash.
pub(crate) struct Remembered {
    verifier: IdTokenVerifier,
    known: HashMap<[u8; 32], Principal>,
}

impl Remembered {
    pub(crate) async fn new(mint: &TokenMint, token: &str) -> Self {
        let server = KeyServer::start(mint).await.unwrap();
        let keys = KeySource::at(server.url().parse().unwrap());
        let verifier = IdTokenVerifier::new(mint.project().parse().unwrap(), keys);
        let principal = Principal::User(verifier.verify(token).await.unwrap());
        Self {
            verifier,
            known: HashMap::from([(Sha256::digest(token).into(), principal)]),
        }
    }
}

#[async_trait]
impl Authenticate for Remembered {
    async fn authenticate(&self, credentials: Credentials<'_>) -> tenancy_core::Result<Principal> {
        self.verifier.authenticate(credentials).await
    }

    fn known(&self, credentials: Credentials<'_>) -> Option<Principal> {
        let hash: [u8; 32] = Sha256::digest(credentials.bearer).into();
        self.known.get(&hash).cloned()
    }
}

/// Counts, and never refuses.
#[derive(Default)]
pub(crate) struct Counting {
    addresses: Mutex<HashMap<IpAddr, u64>>,
    tenants: Mutex<HashMap<TenantId, u64>>,
    users: Mutex<HashMap<(TenantId, Option<UserId>), u64>>,
}

impl Limits for Counting {
    fn address(&self, peer: IpAddr) -> Verdict {
        *self.addresses.lock().unwrap().entry(peer).or_default() += 1;
        Verdict::Allowed(None)
    }

    fn request(&self, ctx: &TenantContext) -> Verdict {
        let (tenant, user) = (ctx.tenant_id(), ctx.user_id());
        *self.tenants.lock().unwrap().entry(tenant).or_default() += 1;
        *self.users.lock().unwrap().entry((tenant, user)).or_default() += 1;
        Verdict::Allowed(Some(Rate {
            policy: "tenant",
            limit: 1000,
            window: Duration::from_secs(60),
            remaining: 999,
            reset: Duration::from_secs(1),
        }))
    }

    fn enter(&self, _: &TenantContext) -> Entry {
        Entry::Now(Place::holding(1_u64))
    }
}
