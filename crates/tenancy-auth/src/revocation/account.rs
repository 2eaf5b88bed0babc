//! A user's account, as far as it decides who gets in.

use serde::Deserialize;
use tenancy_core::VerifiedIdentity;

use crate::token::{Object, Refusal};

/// An account at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// There is none.
    Absent,
    Disabled,
    Active {
        /// Tokens of who signed in before are revoked, in seconds since 1970.
        valid_since: i64,
    },
}

impl Account {
    /// Whether who signed in at that time may in.
    pub(crate) fn admit(self, auth_time: i64) -> Result<(), Refusal> {
        match self {
            Self::Absent => Err(Refusal::NoUser),
            Self::Disabled => Err(Refusal::Disabled),
            Self::Active { valid_since } if auth_time < valid_since => Err(Refusal::Revoked),
            Self::Active { .. } => Ok(()),
        }
    }

    /// The account that an answer tells of. Nothing when the answer tells of another one, or of nothing that we know.
    pub(super) fn read(answer: &[u8], user: &VerifiedIdentity) -> Option<Self> {
        let Object(answer): Object<Answer> = serde_json::from_slice(answer).ok()?;
        let account = match &answer.users[..] {
            [] => return Some(Self::Absent),
            [Object(account)] => account,
            _ => return None,
        };
        let same = account.local_id == user.subject().as_str()
            && account.tenant_id.as_deref() == Some(user.tenant().as_str());
        if !same {
            return None;
        }
        if account.disabled {
            return Some(Self::Disabled);
        }
        let valid_since = account.valid_since.as_deref().map_or(Ok(i64::MIN), str::parse);
        Some(Self::Active {
            valid_since: valid_since.ok()?,
        })
    }
}

/// Reads an answer, for the fuzz target.
#[cfg(fuzzing)]
pub(crate) fn read(answer: &[u8], user: &VerifiedIdentity) {
    Account::read(answer, user);
}

/// The answer of `accounts:lookup`.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    users: Vec<Object<User>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    local_id: String,
    tenant_id: Option<String>,
    #[serde(default)]
    disabled: bool,
    /// Seconds since 1970, as a text. Absent when nothing was ever revoked.
    valid_since: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "a test of what follows from an identity"
    )]
    fn alice() -> VerifiedIdentity {
        let expires_at = jiff::Timestamp::MAX;
        tenancy_core::trust::token_verified("alice".parse().unwrap(), "T-free".parse().unwrap(), expires_at)
    }

    fn check(answer: &Value, expect: Option<Account>) {
        let account = Account::read(answer.to_string().as_bytes(), &alice());
        assert_eq!(account, expect, "{answer}");
    }

    fn check_user(member: &str, value: Value, expect: Option<Account>) {
        let mut user =
            json!({ "localId": "alice", "tenantId": "T-free", "validSince": "7", "email": "a@example.com" });
        user[member] = value;
        check(&json!({ "kind": "k", "users": [user] }), expect);
    }

    #[test]
    fn an_answer_is_of_the_user_asked_for_or_of_nobody() {
        let active = |valid_since| Some(Account::Active { valid_since });
        check_user("disabled", json!(false), active(7));
        check_user("disabled", json!(true), Some(Account::Disabled));
        check_user("disabled", json!("true"), None);
        check_user("disabled", Value::Null, None);
        check_user("validSince", Value::Null, active(i64::MIN));
        check_user("validSince", json!("1600000000"), active(1_600_000_000));
        check_user("validSince", json!(1_600_000_000), None);
        check_user("validSince", json!("soon"), None);
        check_user("validSince", json!(""), None);
        check_user("localId", json!("bob"), None);
        check_user("localId", Value::Null, None);
        check_user("tenantId", json!("T-other"), None);
        check_user("tenantId", Value::Null, None);
    }

    #[test]
    fn an_answer_without_users_says_that_there_is_none() {
        check(&json!({ "kind": "k" }), Some(Account::Absent));
        check(&json!({ "users": [] }), Some(Account::Absent));
        let alice = json!({ "localId": "alice", "tenantId": "T-free" });
        check(&json!({ "users": [alice, alice] }), None);
        check(&json!({ "users": {} }), None);
        check(&json!({ "users": null }), None);
        check(&json!([]), None);
        check(&json!({ "users": [["alice", "T-free", false, "7"]] }), None);
        assert_eq!(Account::read(b"<html>", &self::alice()), None);
        assert_eq!(Account::read(b"", &self::alice()), None);
    }

    #[test]
    fn who_signed_in_before_sessions_were_revoked_is_refused() {
        let account = Account::Active { valid_since: 100 };
        assert_eq!(account.admit(99), Err(Refusal::Revoked));
        assert_eq!(account.admit(100), Ok(()));
        assert_eq!(Account::Disabled.admit(100), Err(Refusal::Disabled));
        assert_eq!(Account::Absent.admit(100), Err(Refusal::NoUser));
    }
}
