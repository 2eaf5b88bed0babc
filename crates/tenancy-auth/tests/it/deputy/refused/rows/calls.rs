//! For which one call.

use super::super::Row;
use crate::deputy::parties::without;

pub(super) const ROWS: &[Row] = &[
    (
        "another method",
        |_, d| d.method = "DELETE".to_owned(),
        Err("claims: `htm` is another method"),
    ),
    (
        "a method in lower case",
        |_, d| d.claims["htm"] = "post".into(),
        Err("claims: `htm` is another method"),
    ),
    (
        "another path",
        |_, d| d.path = "/likes".to_owned(),
        Err("claims: `htp` is another path"),
    ),
    (
        "a longer path",
        |_, d| d.path = "/comments/1".to_owned(),
        Err("claims: `htp` is another path"),
    ),
    (
        "a path that means the same",
        |_, d| d.path = "//comments".to_owned(),
        Err("claims: `htp` is another path"),
    ),
    (
        "no path",
        |_, d| without(&mut d.claims, "htp"),
        Err("claims: no JSON object of the expected shape"),
    ),
    (
        "no method",
        |_, d| without(&mut d.claims, "htm"),
        Err("claims: no JSON object of the expected shape"),
    ),
];
