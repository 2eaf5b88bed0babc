//! Who this service is to others, and whom it trusts.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tenancy_auth::{
    Authenticator, JobOpener, KeyWatch, OperatorTrust, OperatorVerifier, ServiceKeys, ServiceSigner,
    ServiceTenants, ServiceVerifier, Sessions, TrustedService, UserVerifier,
};
use tenancy_core::{Deployment, OwnService, PermissionNames, ReplayGuard, SecretRef};

use crate::{
    config::{Config, ConfigError, ServiceSection, TrustedSection},
    users::sessions,
};

/// What a service signs with, and whose proofs it takes.
pub(crate) struct Services {
    pub(crate) users: UserVerifier,
    sessions: Option<Sessions>,
    signing: Option<Signing>,
    calls: Option<ServiceVerifier>,
    jobs: Option<ServiceVerifier>,
    operators: Option<OperatorVerifier>,
}

struct Signing {
    signer: ServiceSigner,
    permissions: PermissionNames,
    _watch: KeyWatch,
}

impl Services {
    pub(crate) fn new(
        config: &Config,
        users: UserVerifier,
        guard: Arc<dyn ReplayGuard>,
    ) -> Result<Self, ConfigError> {
        let mut services = Self {
            users,
            sessions: sessions(config)?,
            signing: None,
            calls: None,
            jobs: None,
            operators: None,
        };
        if let Some(section) = &config.service {
            services.signing = signing(section)?;
            services.take_word_of(section, config.deployment.deployment(), guard)?;
            services.operators = operators(section)?;
        }
        Ok(services)
    }

    fn take_word_of(
        &mut self,
        section: &ServiceSection,
        deployment: Deployment,
        guard: Arc<dyn ReplayGuard>,
    ) -> Result<(), ConfigError> {
        let trusted = section.trusted.iter();
        let trusted = trusted.map(|(name, entry)| {
            let key = format!("service.trusted.{name}.keys");
            Ok(TrustedService {
                issuer: name.clone(),
                keys: keys(&key, &entry.keys)?,
                tenants: tenants(entry, deployment),
                audiences: BTreeSet::from([section.name.clone()]),
                permissions: entry.permissions.clone(),
            })
        });
        let trusted = trusted.collect::<Result<Vec<_>, ConfigError>>()?;
        let verifier = |trusted: Vec<TrustedService>| {
            let verifier = ServiceVerifier::new(section.name.clone(), trusted, Arc::clone(&guard));
            verifier.map_err(|error| ConfigError::key("service.trusted", error.to_string()))
        };
        let own = self.signing.as_ref().map(|signing| TrustedService {
            issuer: section.name.clone(),
            keys: ServiceKeys::own(&signing.signer),
            tenants: all(deployment),
            audiences: BTreeSet::from([section.name.clone()]),
            permissions: signing.permissions.clone(),
        });
        self.jobs = Some(verifier(trusted.iter().cloned().chain(own).collect())?);
        self.calls = Some(verifier(trusted)?);
        Ok(())
    }

    /// What turns a request's credentials into who asks.
    pub(crate) fn authenticator(&self) -> Authenticator {
        let mut authenticator = Authenticator::new(self.users.clone());
        if let Some(sessions) = &self.sessions {
            authenticator = authenticator.with_sessions(sessions.clone());
        }
        if let Some(calls) = &self.calls {
            authenticator = authenticator.with_services(calls.clone());
        }
        if let Some(operators) = &self.operators {
            authenticator = authenticator.with_operators(operators.clone());
        }
        match &self.signing {
            Some(_) => authenticator.keeping_user_tokens(),
            None => authenticator,
        }
    }

    /// What verifies the jobs of this service's own queue.
    pub(crate) fn opener(&self) -> Option<JobOpener> {
        let jobs = self.jobs.clone()?;
        Some(JobOpener::new(jobs, self.users.clone()).keeping_user_tokens())
    }

    pub(crate) fn signer(&self) -> Option<&ServiceSigner> {
        self.signing.as_ref().map(|signing| &signing.signer)
    }

    /// The service in its own name.
    pub(crate) fn own(&self) -> Option<OwnService> {
        let signing = self.signing.as_ref()?;
        Some(signing.signer.own_service(signing.permissions.clone()))
    }
}

fn signing(section: &ServiceSection) -> Result<Option<Signing>, ConfigError> {
    if section.keys.is_empty() {
        return Ok(None);
    }
    let signer = ServiceSigner::new(section.name.clone(), section.keys.iter().cloned());
    let signer = signer.map_err(|error| ConfigError::key("service.keys", error.to_string()))?;
    Ok(Some(Signing {
        permissions: section.permissions.clone(),
        _watch: signer.watch(),
        signer,
    }))
}

fn operators(section: &ServiceSection) -> Result<Option<OperatorVerifier>, ConfigError> {
    let Some(operators) = &section.operators else {
        return Ok(None);
    };
    let keys = keys("service.operators.keys", &operators.keys)?;
    let mut terms = OperatorTrust::new(operators.issuer.clone(), keys);
    terms.longest = Duration::from_secs(operators.longest_minutes.saturating_mul(60));
    Ok(Some(OperatorVerifier::new(section.name.clone(), terms)))
}

/// A service of a pinned deployment's speaks for its tenant and no other, whatever its entry says.
fn tenants(entry: &TrustedSection, deployment: Deployment) -> ServiceTenants {
    match (&entry.tenants, deployment) {
        (Some(tenants), Deployment::Shared) => ServiceTenants::Only(tenants.iter().copied().collect()),
        _ => all(deployment),
    }
}

fn all(deployment: Deployment) -> ServiceTenants {
    match deployment {
        Deployment::Shared => ServiceTenants::All,
        Deployment::Pinned(pin) => ServiceTenants::Only(BTreeSet::from([pin])),
    }
}

/// Public keys: at an address, or a set of them behind a reference.
fn keys(key: &str, text: &str) -> Result<ServiceKeys, ConfigError> {
    let refuse = |problem: String| ConfigError::key(key, problem);
    if let Ok(reference) = text.parse::<SecretRef>() {
        let set = reference.reveal().map_err(|error| refuse(error.to_string()))?;
        let keys = ServiceKeys::fixed(secrecy::ExposeSecret::expose_secret(&set));
        return keys.map_err(|error| refuse(error.to_string()));
    }
    match text.parse() {
        Ok(url) => Ok(ServiceKeys::at(url)),
        Err(error) => Err(refuse(format!(
            "neither an address nor a reference, `file:/path` or `env:NAME`: {error}"
        ))),
    }
}
