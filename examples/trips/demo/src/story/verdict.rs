//! Whether what came back is what must come back.

use std::collections::BTreeSet;

use super::{client::Answer, step::Expect};

/// The bodies that refusals are compared with: what a stranger sees.
#[derive(Clone, Debug, Default)]
pub(super) struct Strangers {
    /// Of an id that nobody has.
    pub(super) absent: Vec<u8>,
    /// Of a request without a token.
    pub(super) no_proof: Vec<u8>,
}

/// What came back, in a word or two; and what is wrong with it, when it is not what must come back.
pub(super) fn check(expect: &Expect, answer: &Answer, strangers: &Strangers) -> (String, Option<String>) {
    let outcome = match answer.code() {
        Some(code) => format!("{} {code}", answer.status),
        None => answer.status.to_string(),
    };
    (outcome, problem(expect, answer, strangers))
}

fn problem(expect: &Expect, answer: &Answer, strangers: &Strangers) -> Option<String> {
    match expect {
        Expect::Status(status) => differs(answer, *status, None),
        Expect::Refused(status, code) => differs(answer, *status, Some(code)),
        Expect::Absent => differs(answer, 404, Some("not_found"))
            .or_else(|| tells(answer, &strangers.absent, "an unknown id")),
        Expect::NoProof => differs(answer, 401, Some("unauthenticated"))
            .or_else(|| tells(answer, &strangers.no_proof, "a request without a token")),
        Expect::Items(ids) => differs(answer, 200, None).or_else(|| others(answer, ids)),
        Expect::Says(field, value) => differs(answer, 200, None).or_else(|| {
            let said = answer.json().get(*field).cloned().unwrap_or_default();
            (said != *value).then(|| format!("`{field}` is {said}, expected {value}"))
        }),
        Expect::Content(content) => differs(answer, 200, None)
            .or_else(|| (answer.body != *content).then(|| "other bytes than were uploaded".to_owned())),
    }
}

fn differs(answer: &Answer, status: u16, code: Option<&str>) -> Option<String> {
    let same = answer.status == status && (code.is_none() || answer.code().as_deref() == code);
    (!same).then(|| {
        format!("expected {status} {}", code.unwrap_or_default())
            .trim_end()
            .to_owned()
    })
}

fn tells(answer: &Answer, stranger: &[u8], of: &str) -> Option<String> {
    (answer.body != stranger).then(|| format!("the body differs from that of {of}"))
}

fn others(answer: &Answer, expect: &BTreeSet<String>) -> Option<String> {
    let json = answer.json();
    let items = json
        .get("items")
        .and_then(|items| items.as_array())
        .map(Vec::as_slice)
        .unwrap_or_default();
    let id = |item: &serde_json::Value| item.get("id").and_then(|id| id.as_str()).map(str::to_owned);
    let seen: BTreeSet<String> = items.iter().filter_map(id).collect();
    (seen != *expect).then(|| {
        format!(
            "expected {} items, saw {} and not the same",
            expect.len(),
            seen.len()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(expect: &Expect, status: u16, body: &str) -> bool {
        let answer = Answer {
            request: tenancy_core::RequestId::new(),
            status,
            tag: None,
            limit: None,
            body: body.as_bytes().to_vec(),
        };
        let strangers = Strangers {
            absent: NOT_FOUND.into(),
            no_proof: NO_PROOF.into(),
        };
        check(expect, &answer, &strangers).1.is_none()
    }

    const NOT_FOUND: &str = r#"{"type":"urn:tenancy:problem:not_found"}"#;
    const NO_PROOF: &str = r#"{"type":"urn:tenancy:problem:unauthenticated"}"#;

    #[test]
    fn only_what_must_come_back_is_right() {
        let items = |ids: &[&str]| Expect::Items(ids.iter().map(|id| (*id).to_owned()).collect());
        for (expect, status, body, right) in [
            (Expect::Status(201), 201, "{}", true),
            (Expect::Status(201), 200, "{}", false),
            (
                Expect::Refused(403, "forbidden"),
                403,
                r#"{"type":"urn:tenancy:problem:forbidden"}"#,
                true,
            ),
            (
                Expect::Refused(403, "forbidden"),
                403,
                r#"{"type":"urn:tenancy:problem:suspended"}"#,
                false,
            ),
            (Expect::Refused(403, "forbidden"), 403, "", false),
            (Expect::Absent, 404, NOT_FOUND, true),
            (
                Expect::Absent,
                404,
                r#"{"type":"urn:tenancy:problem:not_found","of":"bob"}"#,
                false,
            ),
            (Expect::Absent, 200, NOT_FOUND, false),
            (Expect::NoProof, 401, NO_PROOF, true),
            (
                Expect::NoProof,
                401,
                r#"{"type":"urn:tenancy:problem:unauthenticated","why":"kid"}"#,
                false,
            ),
            (items(&["a"]), 200, r#"{"items":[{"id":"a"}]}"#, true),
            (items(&["a"]), 200, r#"{"items":[{"id":"a"},{"id":"b"}]}"#, false),
            (items(&["a"]), 200, r#"{"items":[]}"#, false),
            (items(&[]), 200, r#"{"items":[]}"#, true),
            (Expect::Says("a", 1.into()), 200, r#"{"a":1}"#, true),
            (Expect::Says("a", 1.into()), 200, r#"{"a":2}"#, false),
            (Expect::Says("a", 1.into()), 200, "{}", false),
            (Expect::Says("a", 1.into()), 404, r#"{"a":1}"#, false),
            (Expect::Content(b"x"), 200, "x", true),
            (Expect::Content(b"x"), 200, "y", false),
        ] {
            assert_eq!(judge(&expect, status, body), right, "{expect:?} {status} {body}");
        }
    }
}
