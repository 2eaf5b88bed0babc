//! The claims: read into a type of our own, checked one by one.

use jiff::Timestamp;
use serde::Deserialize;
use tenancy_core::{IdentityTenant, Subject};

use super::{
    Refusal, TokenKind,
    object::{Object, read},
};
use crate::Project;

/// How far the issuer's clock and ours may be apart, in seconds.
const LEEWAY: i64 = 60;

const MEMBERS: [&str; 9] = [
    "iss",
    "aud",
    "sub",
    "exp",
    "iat",
    "auth_time",
    "nbf",
    "firebase",
    "firebase.tenant",
];

/// What a token must say of who made it and for whom.
#[derive(Debug)]
pub(crate) struct Audience {
    kind: TokenKind,
    issuer: String,
    project: Project,
}

impl Audience {
    pub(crate) fn new(kind: TokenKind, project: &Project) -> Self {
        Self {
            kind,
            issuer: kind.issuer(project),
            project: project.clone(),
        }
    }
}

/// A struct and never a map: a map keeps the last of two members of one name, this refuses both.
#[derive(Deserialize)]
pub(crate) struct Claims {
    iss: Option<String>,
    aud: Option<String>,
    sub: Option<String>,
    exp: Option<i64>,
    iat: Option<i64>,
    auth_time: Option<i64>,
    nbf: Option<i64>,
    firebase: Option<Object<Firebase>>,
}

#[derive(Deserialize)]
struct Firebase {
    tenant: Option<String>,
}

/// Claims that passed every check.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) subject: Subject,
    pub(crate) tenant: IdentityTenant,
    pub(crate) expires_at: Timestamp,
    /// When the user signed in, in seconds since 1970.
    pub(crate) auth_time: i64,
}

impl Claims {
    pub(super) fn read(segment: &str) -> Result<Self, Refusal> {
        read(segment, "claims", &MEMBERS)
    }

    /// Checks all claims against the audience and the time, in seconds since 1970.
    pub(crate) fn check(self, audience: &Audience, now: i64) -> Result<Checked, Refusal> {
        exactly("iss", self.iss.as_deref(), &audience.issuer)?;
        exactly("aud", self.aud.as_deref(), audience.project.as_str())?;
        let (expires_at, auth_time) = self.times(audience.kind, now)?;
        let subject = required("sub", self.sub)?
            .parse()
            .map_err(|_| Refusal::claim("sub", "is not 1 to 128 bytes without control characters"))?;
        // issuer and audience are the same for all tenants of a project: this claim alone tells them apart
        let Object(firebase) = required("firebase", self.firebase)?;
        let tenant = required("firebase.tenant", firebase.tenant)?
            .parse()
            .map_err(|_| Refusal::claim("firebase.tenant", "is no identity tenant"))?;
        Ok(Checked {
            subject,
            tenant,
            expires_at,
            auth_time,
        })
    }

    /// RFC 7519 section 4.1.4 to 4.1.6, and `auth_time` as Google asks of verifiers.
    fn times(&self, kind: TokenKind, now: i64) -> Result<(Timestamp, i64), Refusal> {
        let exp = required("exp", self.exp)?;
        let iat = required("iat", self.iat)?;
        let auth_time = required("auth_time", self.auth_time)?;
        if exp <= now.saturating_sub(LEEWAY) {
            return Err(Refusal::claim("exp", "is past"));
        }
        let begins = [
            ("iat", iat),
            ("auth_time", auth_time),
            ("nbf", self.nbf.unwrap_or(iat)),
        ];
        for (name, time) in begins {
            if time > now.saturating_add(LEEWAY) {
                return Err(Refusal::claim(name, "is in the future"));
            }
        }
        kind.check_lifetime(exp.saturating_sub(iat))?;
        let expires_at = Timestamp::from_second(exp).map_err(|_| Refusal::claim("exp", "is no time"))?;
        Ok((expires_at, auth_time))
    }
}

fn required<T>(name: &'static str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or(Refusal::claim(name, "is missing"))
}

fn exactly(name: &'static str, value: Option<&str>, expect: &str) -> Result<(), Refusal> {
    if required(name, value)? == expect {
        Ok(())
    } else {
        Err(Refusal::claim(name, "is another"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const DAY: i64 = 24 * 3600;

    fn check(exp: i64, iat: i64, auth_time: i64, nbf: Option<i64>, expect: Result<(), &'static str>) {
        check_kind(TokenKind::IdToken, [exp, iat, auth_time], nbf, expect);
    }

    fn check_kind(kind: TokenKind, times: [i64; 3], nbf: Option<i64>, expect: Result<(), &'static str>) {
        let audience = Audience::new(kind, &"demo-trips".parse().unwrap());
        let [exp, iat, auth_time] = times;
        let claims = Claims {
            iss: Some(audience.issuer.clone()),
            aud: Some("demo-trips".into()),
            sub: Some("alice".into()),
            exp: Some(NOW + exp),
            iat: Some(NOW + iat),
            auth_time: Some(NOW + auth_time),
            nbf: nbf.map(|nbf| NOW + nbf),
            firebase: Some(Object(Firebase {
                tenant: Some("T-free".into()),
            })),
        };
        let outcome = claims.check(&audience, NOW).map(|_| ());
        let expect = expect.map_err(str::to_owned);
        let case = format!("{kind:?}: exp {exp}, iat {iat}, auth_time {auth_time}, nbf {nbf:?}");
        assert_eq!(outcome.map_err(|refusal| refusal.to_string()), expect, "{case}");
    }

    #[test]
    fn times_are_held_to_the_second_with_a_minute_s_leeway() {
        let past = Err("claims: `exp` is past");
        let long = Err("claims: `exp` is more than a day after `iat`");
        check(3600, 0, 0, None, Ok(()));
        check(1, -3599, -3599, None, Ok(()));
        check(0, -3600, -3600, None, Ok(()));
        check(-59, -3659, -3659, None, Ok(()));
        check(-60, -3660, -3660, None, past);
        check(-61, -3661, -3661, None, past);
        check(3660, 60, 60, None, Ok(()));
        check(3661, 61, 0, None, Err("claims: `iat` is in the future"));
        check(3600, 0, 60, None, Ok(()));
        check(3600, 0, 61, None, Err("claims: `auth_time` is in the future"));
        check(3600, 0, 0, Some(60), Ok(()));
        check(3600, 0, 0, Some(61), Err("claims: `nbf` is in the future"));
        check(DAY, 0, 0, None, Ok(()));
        check(DAY + 1, 0, 0, None, long);
        check(3600, -DAY, 0, None, long);
        check(10, 10, 0, None, Ok(()));
        check(9, 10, 0, None, Err("claims: `exp` is before `iat`"));
        // signed in a month ago, and refreshed since
        check(3600, 0, -30 * 24 * 3600, None, Ok(()));
    }

    #[test]
    fn a_session_cookie_lives_from_five_minutes_to_fourteen_days() {
        let cookie = |exp, iat, expect| check_kind(TokenKind::SessionCookie, [exp, iat, 0], None, expect);
        let short = Err("claims: `exp` is less than five minutes after `iat`");
        let long = Err("claims: `exp` is more than 14 days after `iat`");
        cookie(300, 0, Ok(()));
        cookie(299, 0, short);
        cookie(1, -298, short);
        cookie(14 * DAY, 0, Ok(()));
        cookie(14 * DAY + 1, 0, long);
        cookie(1, 1 - 14 * DAY, Ok(()));
        cookie(1, -14 * DAY, long);
        cookie(-60, -3600, Err("claims: `exp` is past"));
    }

    #[test]
    fn times_at_the_ends_of_the_range_do_not_overflow() {
        let max = i64::MAX - NOW;
        check(
            max,
            0,
            0,
            None,
            Err("claims: `exp` is more than a day after `iat`"),
        );
        check(max, max, 0, None, Err("claims: `iat` is in the future"));
        check(
            3600,
            i64::MIN,
            0,
            None,
            Err("claims: `exp` is more than a day after `iat`"),
        );
        check(i64::MIN, 0, 0, None, Err("claims: `exp` is past"));
    }
}
