//! Operators' grants: for one service, one tenant, one reason, until their end.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tenancy_auth::{GrantRequest, OperatorGranter, ServiceSigner};
use tenancy_core::{
    AuditEvent, AuditSink, DataRead, DataWrite, Deployment, Hints, HostPolicy, OperatorAccess, Permit,
    RequestId, Resolver, StaticMemberships, TenantDelete, TenantId, Tier,
    directory::StaticDirectory,
    http::{Authenticate, Credentials, Means},
};
use tenancy_testkit::{ServiceKey, tenant};

use super::{
    parties::{Call, OPERATOR, Parties, name, now, seen, without},
    rotation::secret,
};

struct Draft<'a> {
    header: Value,
    claims: Value,
    key: &'a ServiceKey,
}

type Spoil = for<'a> fn(&'a Parties, &mut Draft<'a>);

const ROWS: &[(&str, Spoil, Result<&str, &str>)] = &[
    ("nothing", |_, _| {}, Ok("operator:eve@platform of acme")),
    (
        "another tenant",
        |p, d| d.claims["tenant"] = json!(p.globex.id),
        Ok("operator:eve@platform of globex"),
    ),
    (
        "a tenant that is none",
        |_, d| d.claims["tenant"] = json!(TenantId::new()),
        Err("the proof names no tenant"),
    ),
    (
        "another service",
        |_, d| d.claims["aud"] = "other".into(),
        Err("claims: `aud` is another"),
    ),
    (
        "another issuer",
        |_, d| d.claims["iss"] = "trips".into(),
        Err("claims: `iss` is another"),
    ),
    (
        "a service's key",
        |p, d| d.key = &p.trips,
        Err("signature: not made with the key of that `kid`"),
    ),
    (
        "a service's key and name",
        |p, d| {
            d.key = &p.trips;
            d.header = p.trips.header(OPERATOR);
            d.claims["iss"] = "trips".into();
        },
        Err("claims: `iss` is another"),
    ),
    (
        "a service's key, as the control plane",
        |p, d| {
            d.key = &p.trips;
            d.header = p.trips.header(OPERATOR);
        },
        Err("signature: no key of that `kid`"),
    ),
    (
        "for an hour",
        |_, d| d.claims["exp"] = json!(d.claims["iat"].as_i64().unwrap() + 3600),
        Ok("operator:eve@platform of acme"),
    ),
    (
        "for longer",
        |_, d| d.claims["exp"] = json!(d.claims["iat"].as_i64().unwrap() + 3601),
        Err("claims: `exp` is too long after `iat`, or before it"),
    ),
    (
        "ended",
        |_, d| {
            d.claims["iat"] = json!(now() - 120);
            d.claims["exp"] = json!(now() - 60);
        },
        Err("claims: `exp` is past"),
    ),
    (
        "not yet",
        |_, d| d.claims["iat"] = json!(now() + 30),
        Err("claims: `iat` is in the future"),
    ),
    (
        "no reason",
        |_, d| without(&mut d.claims, "reason"),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "a short reason",
        |_, d| d.claims["reason"] = "because".into(),
        Err("claims: `reason` has the wrong shape"),
    ),
    (
        "a reason of two lines",
        |_, d| d.claims["reason"] = "ticket 4711:\nINFO all is well".into(),
        Err("claims: `reason` has the wrong shape"),
    ),
    (
        "more access than there is",
        |_, d| d.claims["access"] = "owner".into(),
        Err("claims: `access` has the wrong shape"),
    ),
    (
        "nobody",
        |_, d| d.claims["sub"] = "".into(),
        Err("claims: `sub` has the wrong shape"),
    ),
    (
        "the type of a call",
        |_, d| d.header["typ"] = "tenancy-service+jwt".into(),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "the type of a job",
        |_, d| d.header["typ"] = "tenancy-job+jwt".into(),
        Err("a proof of a kind that is not taken here"),
    ),
];

fn draft(parties: &Parties) -> Draft<'_> {
    Draft {
        header: parties.control.header(OPERATOR),
        claims: json!({
            "iss": "control", "aud": "social", "sub": "eve@platform", "tenant": parties.acme.id, "access": "read",
            "reason": "ticket 4711: a trip is lost", "iat": now(), "exp": now() + 600, "jti": RequestId::new(),
        }),
        key: &parties.control,
    }
}

fn bearer(token: &str) -> Call {
    Call {
        bearer: token.to_owned(),
        actor: None,
        method: "GET".to_owned(),
        path: "/anything".to_owned(),
    }
}

#[tokio::test]
async fn a_grant_is_for_one_service_and_one_tenant() {
    for key in [ServiceKey::es256, ServiceKey::ed25519] {
        let parties = Parties::new(key).await;
        for (what, spoil, expect) in ROWS {
            let mut draft = draft(&parties);
            spoil(&parties, &mut draft);
            let call = bearer(&draft.key.sign(&draft.header, &draft.claims));
            let outcome = seen(parties.context(&call).await);
            assert_eq!(outcome.as_deref().map_err(String::as_str), *expect, "{what}");
        }
    }
}

#[tokio::test]
async fn what_the_control_plane_grants_is_taken_and_bounded() {
    let parties = Parties::new(ServiceKey::es256).await;
    let (secret, _file) = secret(&parties.control);
    let granter = OperatorGranter::new(ServiceSigner::new(name("control"), [secret]).unwrap());
    let request = |access, lasts| GrantRequest {
        operator: "eve@platform".parse().unwrap(),
        tenant: parties.acme.id,
        reason: "ticket 4711: a trip is lost".parse().unwrap(),
        access,
        audience: name("social"),
        lasts: Duration::from_secs(lasts),
    };
    use secrecy::ExposeSecret;
    for (access, reads, writes) in [
        (OperatorAccess::Read, true, false),
        (OperatorAccess::Write, true, true),
    ] {
        let token = granter.grant(&request(access, 60)).unwrap();
        let context = parties.context(&bearer(token.expose_secret())).await.unwrap();
        assert_eq!(Permit::<DataRead>::check(&context).is_ok(), reads);
        assert_eq!(Permit::<DataWrite>::check(&context).is_ok(), writes);
        assert!(Permit::<TenantDelete>::check(&context).is_err());
    }
    for (lasts, granted) in [
        (0, false),
        (1, true),
        (28_800, true),
        (28_801, false),
        (u64::MAX, false),
    ] {
        assert_eq!(
            granter.grant(&request(OperatorAccess::Read, lasts)).is_ok(),
            granted,
            "{lasts}"
        );
    }
}

/// Keeps what it is told.
#[derive(Default)]
struct Told(Mutex<Vec<(String, &'static str, bool)>>);

impl AuditSink for Told {
    fn record(&self, event: &AuditEvent) {
        let record = (event.actor.to_string(), event.action, event.decision.allowed);
        self.0.lock().unwrap().push(record);
    }
}

#[tokio::test]
async fn an_operator_is_told_of_whatever_the_tenant_bought() {
    let parties = Parties::new(ServiceKey::es256).await;
    // a Free tenant: its plan has no audit log
    let free = tenant("ada", Tier::Free);
    let told = Arc::new(Told::default());
    let resolver = Resolver::new(
        Arc::new(StaticDirectory::new([free.clone()]).unwrap()),
        Arc::new(StaticMemberships::default()),
        Deployment::Shared,
        HostPolicy::default(),
    )
    .with_audit(Arc::clone(&told) as _);
    let mut draft = draft(&parties);
    draft.claims["tenant"] = json!(free.id);
    let token = draft.key.sign(&draft.header, &draft.claims);
    let credentials = Credentials {
        means: Means::Header,
        bearer: &token,
        actor: None,
        method: &http::Method::GET,
        path: "/",
    };
    let principal = parties.authenticator.authenticate(credentials).await.unwrap();
    let context = resolver
        .resolve(&principal, &Hints::default(), RequestId::new(), None)
        .await
        .unwrap();
    let _ = Permit::<DataRead>::check(&context);
    let _ = Permit::<DataWrite>::check(&context);
    let eve = "operator:eve@platform".to_owned();
    assert_eq!(
        *told.0.lock().unwrap(),
        [
            (eve.clone(), "operator:enter", true),
            (eve.clone(), "tenant:data:read", true),
            (eve, "tenant:data:write", false),
        ]
    );
}

#[tokio::test]
async fn a_deployment_that_trusts_no_operator_takes_no_grant() {
    let parties = Parties::new(ServiceKey::es256).await;
    let alone = tenancy_auth::Authenticator::new(parties.users.clone());
    let draft = draft(&parties);
    let token = draft.key.sign(&draft.header, &draft.claims);
    let credentials = Credentials {
        means: Means::Header,
        bearer: &token,
        actor: None,
        method: &http::Method::GET,
        path: "/",
    };
    let error = alone.authenticate(credentials).await.unwrap_err();
    assert_eq!(error.log(), Some("a proof of a kind that is not taken here"));
}
