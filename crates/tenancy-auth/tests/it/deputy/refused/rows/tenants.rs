//! For which tenant.

use serde_json::json;
use tenancy_core::TenantId;

use super::super::Row;
use crate::deputy::parties::without;

pub(super) const ROWS: &[Row] = &[
    (
        "another tenant than the user's",
        |p, d| d.claims["tenant"] = json!(p.globex.id),
        Err("the service's user is of another tenant"),
    ),
    (
        "a tenant that is none",
        |_, d| d.claims["tenant"] = json!(TenantId::new()),
        Err("the proof names no tenant"),
    ),
    (
        "a tenant by its slug",
        |_, d| d.claims["tenant"] = "acme".into(),
        Err("claims: `tenant` has the wrong shape"),
    ),
    (
        "no tenant",
        |_, d| without(&mut d.claims, "tenant"),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "a pinned service for another tenant, with that tenant's user",
        |p, d| {
            d.claims["iss"] = "pinned".into();
            d.signed_by(&p.pinned);
            d.header = p.pinned.header("tenancy-service+jwt");
        },
        Err("claims: `tenant` is none that the service may speak for"),
    ),
    (
        "a pinned service for its tenant, with another tenant's user",
        |p, d| {
            d.claims["iss"] = "pinned".into();
            d.claims["tenant"] = json!(p.globex.id);
            d.signed_by(&p.pinned);
            d.header = p.pinned.header("tenancy-service+jwt");
        },
        Err("the service's user is of another tenant"),
    ),
];
