//! The claims: read into a type of our own, checked one by one.

use jiff::Timestamp;
use serde::Deserialize;
use tenancy_core::{IdentityTenant, Subject};

use super::{
    Refusal,
    object::{Object, read},
};
use crate::Project;

/// How far the issuer's clock and ours may be apart, in seconds.
const LEEWAY: i64 = 60;
/// How long a token may live, in seconds. Identity Platform's live for an hour.
const LIFETIME: i64 = 24 * 3600;

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
    issuer: String,
    project: Project,
}

impl Audience {
    pub(crate) fn new(project: &Project) -> Self {
        Self {
            issuer: project.issuer(),
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
}

impl Claims {
    pub(super) fn read(segment: &str) -> Result<Self, Refusal> {
        read(segment, "claims", &MEMBERS)
    }

    /// Checks all claims against the audience and the time, in seconds since 1970.
    pub(crate) fn check(self, audience: &Audience, now: i64) -> Result<Checked, Refusal> {
        exactly("iss", self.iss.as_deref(), &audience.issuer)?;
        exactly("aud", self.aud.as_deref(), audience.project.as_str())?;
        let expires_at = self.times(now)?;
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
        })
    }

    /// RFC 7519 section 4.1.4 to 4.1.6, and `auth_time` as Google asks of verifiers.
    fn times(&self, now: i64) -> Result<Timestamp, Refusal> {
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
        if exp.saturating_sub(iat) > LIFETIME {
            return Err(Refusal::claim("exp", "is more than a day after `iat`"));
        }
        Timestamp::from_second(exp).map_err(|_| Refusal::claim("exp", "is no time"))
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

    fn check(exp: i64, iat: i64, auth_time: i64, nbf: Option<i64>, expect: Result<(), &'static str>) {
        let claims = Claims {
            iss: Some("https://securetoken.google.com/demo-trips".into()),
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
        let audience = Audience::new(&"demo-trips".parse().unwrap());
        let outcome = claims.check(&audience, NOW).map(|_| ());
        let expect = expect.map_err(str::to_owned);
        let case = format!("exp {exp}, iat {iat}, auth_time {auth_time}, nbf {nbf:?}");
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
        check(LIFETIME, 0, 0, None, Ok(()));
        check(LIFETIME + 1, 0, 0, None, long);
        check(3600, -LIFETIME, 0, None, long);
        // signed in a month ago, and refreshed since
        check(3600, 0, -30 * 24 * 3600, None, Ok(()));
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
