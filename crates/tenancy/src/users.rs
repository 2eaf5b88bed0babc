//! Who verifies users' tokens.

use std::time::Duration;

use tenancy_auth::{AccountsUrl, IdTokenVerifier, KeySource, Project, Revocation, UserVerifier};

use crate::config::{Config, ConfigError, RevocationSection};

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
        Some(section) => Ok(verifier.with_revocation(revocation(project, section)?).into()),
    }
}

fn revocation(project: Project, section: &RevocationSection) -> Result<Revocation, ConfigError> {
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
