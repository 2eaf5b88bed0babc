//! A service in its own name.

use super::super::Row;
use crate::deputy::parties::{Draft, JOB, OPERATOR, without};

pub(super) const ROWS: &[Row] = &[
    (
        "in its own name",
        |p, d| *d = Draft::of(p, "trips", &p.trips, &p.acme),
        Ok("service:trips of acme"),
    ),
    (
        "pinned, in its own name",
        |p, d| *d = Draft::of(p, "pinned", &p.pinned, &p.globex),
        Ok("service:pinned of globex"),
    ),
    (
        "pinned, in its own name, for another tenant",
        |p, d| *d = Draft::of(p, "pinned", &p.pinned, &p.acme),
        Err("claims: `tenant` is none that the service may speak for"),
    ),
    (
        "in its own name, the type of a grant",
        |p, d| {
            *d = Draft::of(p, "trips", &p.trips, &p.acme);
            d.header["typ"] = OPERATOR.into();
        },
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "in its own name, the type of a job",
        |p, d| {
            *d = Draft::of(p, "trips", &p.trips, &p.acme);
            d.header["typ"] = JOB.into();
        },
        Err("a proof of a kind that is not taken here"),
    ),
    (
        "in its own name, no type",
        |p, d| {
            *d = Draft::of(p, "trips", &p.trips, &p.acme);
            without(&mut d.header, "typ");
        },
        Err("header: `alg` is not RS256"),
    ),
];
