//! Who verifies users' tokens and session cookies.

use std::time::Duration;

use tenancy_auth::{
    AccountsUrl, IdTokenVerifier, KeySource, Project, Revocation, SessionCookie, SessionCookieVerifier,
    Sessions, UserVerifier,
};

use crate::config::{Config, ConfigError, RevocationSection, SessionCookieSection};

/// What verifies users' tokens, with a look at their accounts when that is configured.
pub(crate) fn verifier(config: &Config) -> Result<UserVerifier, ConfigError> {
    let identity = &config.identity;
    let project: Project = parsed("identity.project", &identity.project)?;
    let keys = match &identity.keys {
        None => KeySource::google(),
        Some(url) => KeySource::at(parsed("identity.keys", url)?),
    };
    let verifier = IdTokenVerifier::new(project.clone(), keys).remembering(identity.remembered_tokens);
    match &identity.revocation {
        None => Ok(verifier.into()),
        Some(section) => Ok(verifier.with_revocation(revocation_of(project, section)?).into()),
    }
}

/// What verifies session cookies, where they are taken, with the same look at accounts.
pub(crate) fn sessions(config: &Config) -> Result<Option<Sessions>, ConfigError> {
    let identity = &config.identity;
    let Some(SessionCookieSection { name, keys }) = &identity.session_cookie else {
        return Ok(None);
    };
    let project: Project = parsed("identity.project", &identity.project)?;
    let cookie = SessionCookie::named(name)
        .map_err(|error| ConfigError::key("identity.session_cookie.name", error.to_string()))?;
    let keys = match keys {
        None => KeySource::google_session_cookies(),
        Some(url) => KeySource::at(parsed("identity.session_cookie.keys", url)?),
    };
    let verifier = SessionCookieVerifier::new(project.clone(), keys).remembering(identity.remembered_tokens);
    Ok(Some(match &identity.revocation {
        None => Sessions::new(cookie, verifier),
        Some(section) => {
            Sessions::checked(cookie, verifier.with_revocation(revocation_of(project, section)?))
        }
    }))
}

fn revocation_of(project: Project, section: &RevocationSection) -> Result<Revocation, ConfigError> {
    let revocation = Revocation::new(project, section.access_token.clone())
        .fresh_for(Duration::from_secs(section.fresh_seconds))
        .stale_for(Duration::from_secs(section.stale_seconds));
    match &section.accounts {
        None => Ok(revocation),
        Some(url) => Ok(revocation.at(parsed::<AccountsUrl>("identity.revocation.accounts", url)?)),
    }
}

fn parsed<T: std::str::FromStr<Err: std::error::Error>>(key: &str, text: &str) -> Result<T, ConfigError> {
    text.parse()
        .map_err(|error: T::Err| ConfigError::key(key, error.to_string()))
}
