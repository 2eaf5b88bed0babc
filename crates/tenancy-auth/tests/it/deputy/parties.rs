//! Two tenants, their users, and services that are trusted to different extents.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tenancy_auth::{
    Authenticator, IdTokenVerifier, JobOpener, KeySource, LocalReplayGuard, OpenError, OpenedJob,
    OperatorTrust, OperatorVerifier, ServiceKeys, ServiceTenants, ServiceVerifier, TrustedService,
};
use tenancy_core::{
    Deployment, Error, Hints, HostPolicy, PermissionNames, RequestId, Resolver, Result, Role, ServiceName,
    StaticMember, StaticMemberships, TenantContext, TenantRecord, Tier, UserId,
    directory::StaticDirectory,
    http::{Authenticate, Credentials, Means},
};
use tenancy_testkit::{KeyServer, ServiceKey, TokenMint, tenant};

use crate::world::PROJECT;

pub(crate) const SERVICE: &str = "tenancy-service+jwt";
pub(crate) const JOB: &str = "tenancy-job+jwt";
pub(crate) const OPERATOR: &str = "tenancy-operator+jwt";

/// The service that is called is `social`, its queue is `social` as well.
pub(crate) struct Parties {
    pub(crate) mint: TokenMint,
    _server: KeyServer,
    /// Speaks for every tenant, in its own name reads.
    pub(crate) trips: ServiceKey,
    /// Speaks for `globex` only, and has no permission of its own.
    pub(crate) pinned: ServiceKey,
    /// Is trusted, and may not call `social`.
    pub(crate) stranger: ServiceKey,
    /// Is trusted by nobody.
    pub(crate) nobody: ServiceKey,
    /// Signs operators' grants.
    pub(crate) control: ServiceKey,
    pub(crate) acme: TenantRecord,
    pub(crate) globex: TenantRecord,
    pub(crate) users: IdTokenVerifier,
    pub(crate) services: ServiceVerifier,
    pub(crate) authenticator: Authenticator,
    pub(crate) resolver: Arc<Resolver>,
}

pub(crate) fn name(text: &str) -> ServiceName {
    text.parse().unwrap()
}

pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}

impl Parties {
    pub(crate) async fn new(key: fn() -> ServiceKey) -> Self {
        let mint = TokenMint::new(PROJECT);
        let server = KeyServer::start(&mint).await.unwrap();
        let users = IdTokenVerifier::new(
            PROJECT.parse().unwrap(),
            KeySource::at(server.url().parse().unwrap()),
        );
        let (trips, pinned, stranger, control) = (key(), key(), key(), key());
        let (acme, globex) = (
            tenant("acme", Tier::Enterprise),
            tenant("globex", Tier::Enterprise),
        );
        let trusted = [
            trust(
                "trips",
                &trips,
                ServiceTenants::All,
                "social",
                &["tenant:data:read"],
            ),
            trust(
                "pinned",
                &pinned,
                ServiceTenants::Only([globex.id].into()),
                "social",
                &[],
            ),
            trust("stranger", &stranger, ServiceTenants::All, "other", &[]),
        ];
        let guard = Arc::new(LocalReplayGuard::default());
        let services = ServiceVerifier::new(name("social"), trusted, guard).unwrap();
        let operators = OperatorTrust::new(name("control"), ServiceKeys::fixed(&control.jwks()).unwrap());
        let authenticator = Authenticator::new(users.clone())
            .with_services(services.clone())
            .with_operators(OperatorVerifier::new(name("social"), operators))
            .keeping_user_tokens();
        Self {
            resolver: Arc::new(resolver(&[&acme, &globex])),
            mint,
            _server: server,
            trips,
            pinned,
            stranger,
            nobody: key(),
            control,
            acme,
            globex,
            users,
            services,
            authenticator,
        }
    }

    /// A user's token: `alice` of acme and `bob` of globex are members, `carol` is none.
    pub(crate) fn token(&self, tenant: &TenantRecord, subject: &str) -> String {
        self.mint
            .token(&tenant.identity_tenant, &subject.parse().unwrap())
    }

    pub(crate) fn opener(&self) -> JobOpener {
        JobOpener::new(self.services.clone(), self.users.clone()).keeping_user_tokens()
    }

    /// What an envelope proves for a job.
    pub(crate) async fn open(&self, text: &str, kind: &str, payload: &[u8]) -> Result<OpenedJob, OpenError> {
        let (envelope, kind) = (text.parse().unwrap(), kind.parse().unwrap());
        self.opener().open(&envelope, &kind, payload).await
    }

    /// Who that is, within which tenant.
    pub(crate) async fn context(&self, call: &Call) -> Result<TenantContext> {
        let method = call.method.parse().unwrap();
        let credentials = Credentials {
            means: Means::Header,
            bearer: &call.bearer,
            actor: call.actor.as_deref(),
            method: &method,
            path: &call.path,
        };
        let principal = self.authenticator.authenticate(credentials).await?;
        let hints = Hints::default();
        self.resolver
            .resolve(&principal, &hints, RequestId::new(), None)
            .await
    }
}

fn trust(
    issuer: &str,
    key: &ServiceKey,
    tenants: ServiceTenants,
    audience: &str,
    permissions: &[&str],
) -> TrustedService {
    TrustedService {
        issuer: name(issuer),
        keys: ServiceKeys::fixed(&key.jwks()).unwrap(),
        tenants,
        audiences: [name(audience)].into(),
        permissions: PermissionNames::parse(permissions.iter().copied()).unwrap(),
    }
}

/// A resolver of tenants whose owners are called alice (the first's) and bob (the second's).
pub(crate) fn resolver(tenants: &[&TenantRecord]) -> Resolver {
    let members = tenants
        .iter()
        .zip(["alice", "bob"])
        .map(|(tenant, subject)| StaticMember {
            tenant: tenant.id,
            pool: tenant.identity_tenant.clone(),
            subject: subject.parse().unwrap(),
            user: UserId::new(),
            role: Role::Owner.into(),
        });
    let directory = StaticDirectory::new(tenants.iter().map(|tenant| (*tenant).clone())).unwrap();
    Resolver::new(
        Arc::new(directory),
        Arc::new(StaticMemberships::new(members)),
        Deployment::Shared,
        HostPolicy::default(),
    )
}

/// What a request's head says.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) bearer: String,
    pub(crate) actor: Option<String>,
    pub(crate) method: String,
    pub(crate) path: String,
}

/// A call whose proof is not signed yet: a good one, until it is spoiled.
pub(crate) struct Draft<'a> {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) key: &'a ServiceKey,
    pub(crate) actor: Option<String>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) rewrite: fn(String) -> String,
}

impl<'a> Draft<'a> {
    /// `trips` calls `POST /comments` in the name of alice of acme.
    pub(crate) fn call(parties: &'a Parties) -> Self {
        let token = parties.token(&parties.acme, "alice");
        let mut draft = Self::of(parties, "trips", &parties.trips, &parties.acme);
        draft.claims["ath"] = ath(&token).into();
        draft.actor = Some(token);
        draft
    }

    /// A service calls `POST /comments` in its own name.
    pub(crate) fn of(_: &'a Parties, issuer: &str, key: &'a ServiceKey, tenant: &TenantRecord) -> Self {
        Self {
            header: key.header(SERVICE),
            claims: json!({
                "iss": issuer, "aud": "social", "tenant": tenant.id, "iat": now(), "exp": now() + 60,
                "jti": RequestId::new(), "htm": "POST", "htp": "/comments",
            }),
            key,
            actor: None,
            method: "POST".to_owned(),
            path: "/comments".to_owned(),
            rewrite: |text| text,
        }
    }

    pub(crate) fn signed_by(&mut self, key: &'a ServiceKey) {
        self.key = key;
    }

    pub(crate) fn sign(&self) -> Call {
        let claims = (self.rewrite)(self.claims.to_string());
        Call {
            bearer: self.key.sign_text(&self.header.to_string(), &claims),
            actor: self.actor.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
        }
    }
}

pub(crate) fn without(value: &mut Value, member: &str) {
    value.as_object_mut().unwrap().remove(member);
}

/// SHA-256 in base64url, by another library's hand than the one that checks it.
pub(crate) fn ath(token: &str) -> String {
    use aws_lc_rs::digest;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

/// What the log says; and the client gets the one body of its status, whatever it says.
pub(crate) fn seen(outcome: Result<TenantContext>) -> std::result::Result<String, String> {
    match outcome {
        Ok(context) => Ok(format!("{} of {}", short(&context), context.slug())),
        Err(error) => {
            let body = match error.problem().status() {
                401 => Error::unauthenticated("").problem().clone(),
                404 => Error::not_found("").problem().clone(),
                status => panic!("{status}: {error:?}"),
            };
            assert_eq!(*error.problem(), body, "{error:?}");
            Err(error.log().unwrap_or_default().to_owned())
        }
    }
}

/// The actor, without ids.
fn short(context: &TenantContext) -> String {
    match context.actor() {
        tenancy_core::Actor::User { subject, via, .. } => match via {
            Some(via) => format!("{subject} via {via}"),
            None => subject.to_string(),
        },
        other => other.to_string(),
    }
}
