//! The vendor's signing process V4 (`GOOG4-RSA-SHA256`), without I/O.
//!
//! The canonical request (method, path, query, headers, payload) is hashed; the hash, the time and the scope are what is
//! signed. See "V4 signing process" and "Canonical requests" of Cloud Storage's documentation.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;

use super::{
    ServiceAccount, UrlEndpoint, UrlLifetime,
    encode::{hex, percent},
};

const ALGORITHM: &str = "GOOG4-RSA-SHA256";

/// What is to be signed.
pub(super) struct Draft<'a> {
    pub(super) method: &'static str,
    pub(super) endpoint: &'a UrlEndpoint,
    pub(super) bucket: &'a str,
    /// The object's name in the bucket, as it is.
    pub(super) object: &'a str,
    /// In lower case, beside `host`. Values have no white space but single spaces.
    pub(super) headers: &'a [(&'static str, String)],
    /// Beside the signature's own.
    pub(super) query: &'a [(&'static str, String)],
    pub(super) account: &'a ServiceAccount,
    pub(super) at: Timestamp,
    pub(super) lifetime: UrlLifetime,
}

/// What lacks the signature.
pub(super) struct Unsigned {
    url: String,
    /// What the signature is over.
    pub(super) message: String,
}

impl Draft<'_> {
    pub(super) fn unsigned(&self) -> Unsigned {
        let (day, time) = (
            self.at.strftime("%Y%m%d").to_string(),
            self.at.strftime("%Y%m%dT%H%M%SZ").to_string(),
        );
        let scope = format!("{day}/auto/storage/goog4_request");
        let headers = self.headers();
        let names = joined(headers.keys().map(|name| (*name).to_owned()), ";");
        let query = self.query(&scope, &time, &names);
        let path = format!("/{}/{}", percent(self.bucket, b""), percent(self.object, b"/"));
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let request = format!(
            "{}\n{path}\n{query}\n{lines}\n{names}\nUNSIGNED-PAYLOAD",
            self.method
        );
        let hash = hex(digest(&SHA256, request.as_bytes()).as_ref());
        Unsigned {
            url: format!("{}{path}?{query}", self.endpoint.origin()),
            message: format!("{ALGORITHM}\n{time}\n{scope}\n{hash}"),
        }
    }

    fn headers(&self) -> BTreeMap<&str, &str> {
        let given = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        given.chain([("host", self.endpoint.authority())]).collect()
    }

    fn query(&self, scope: &str, time: &str, names: &str) -> String {
        let mut all = BTreeMap::from([
            ("X-Goog-Algorithm", ALGORITHM.to_owned()),
            ("X-Goog-Credential", format!("{}/{scope}", self.account)),
            ("X-Goog-Date", time.to_owned()),
            ("X-Goog-Expires", self.lifetime.seconds().to_string()),
            ("X-Goog-SignedHeaders", names.to_owned()),
        ]);
        all.extend(self.query.iter().cloned());
        joined(
            all.iter()
                .map(|(name, value)| format!("{name}={}", percent(value, b""))),
            "&",
        )
    }
}

impl Unsigned {
    pub(super) fn with(self, signature: &[u8]) -> String {
        format!("{}&X-Goog-Signature={}", self.url, hex(signature))
    }
}

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

#[cfg(test)]
#[path = "v4_tests.rs"]
mod tests;
