//! As whom a project is reached.

use std::{collections::BTreeMap, net::IpAddr};

use firestore::gcloud_sdk::{
    GCP_DEFAULT_SCOPES, GoogleAuthHeaders,
    google_cloud_auth::{
        credentials::{CacheableResource, Credentials, CredentialsProvider, EntityTag},
        errors::CredentialsError,
    },
};
use http::{Extensions, HeaderMap, HeaderValue, Uri, header::AUTHORIZATION};
use secrecy::ExposeSecret;
use tenancy_core::{Error, ProjectId, Result, SecretRef};

const CLOUD: &str = "https://firestore.googleapis.com";

/// As whom a project's databases are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectAccess {
    /// As the machine says: workload identity, or what `gcloud` left for a developer (Application Default Credentials).
    Ambient,
    /// With a service account's key file. Read when a client is made, so a rotated one is seen by the next.
    Key(SecretRef),
}

/// Where requests go, and as whom.
#[derive(Debug)]
pub(super) enum Endpoint {
    Cloud(BTreeMap<ProjectId, ProjectAccess>),
    Emulator(String),
}

impl Endpoint {
    pub(super) fn emulator(url: &str) -> Result<Self> {
        let parsed: Uri = url.parse().map_err(|_| off_machine())?;
        let host = parsed.host().unwrap_or_default().trim_matches(['[', ']']);
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let plain = parsed.scheme_str() == Some("http") && matches!(parsed.path(), "" | "/");
        match here && plain && !url.contains('@') {
            true => Ok(Self::Emulator(url.trim_end_matches('/').to_owned())),
            false => Err(off_machine()),
        }
    }

    pub(super) fn knows(&self, project: &ProjectId) -> bool {
        match self {
            Self::Cloud(projects) => projects.contains_key(project),
            Self::Emulator(_) => true,
        }
    }

    pub(super) fn url(&self) -> &str {
        match self {
            Self::Cloud(_) => CLOUD,
            Self::Emulator(url) => url,
        }
    }

    /// What proves to the project who asks.
    pub(super) async fn proof(&self, project: &ProjectId) -> Result<GoogleAuthHeaders> {
        let access = match self {
            Self::Emulator(_) => return Ok(Credentials::from(Owner(EntityTag::new())).into()),
            Self::Cloud(projects) => projects.get(project),
        };
        let proof = match access {
            Some(ProjectAccess::Ambient) => {
                GoogleAuthHeaders::from_adc_with_scopes(GCP_DEFAULT_SCOPES.clone()).await
            }
            Some(ProjectAccess::Key(reference)) => {
                GoogleAuthHeaders::from_service_account_key(key(reference)?, GCP_DEFAULT_SCOPES.clone()).await
            }
            None => return Err(Error::not_found("this deployment has no access to the project")),
        };
        proof
            .map_err(|_| Error::internal("the credentials for a project of document databases can't be used"))
    }
}

fn off_machine() -> Error {
    Error::internal(
        "an emulator's URL is `http://127.0.0.1:{port}`: it asks nobody who he is, so it stays on this machine",
    )
}

fn key(reference: &SecretRef) -> Result<serde_json::Value> {
    let text = reference.reveal().map_err(|error| {
        Error::internal("the key of a project's service account can't be read").with_source(error)
    })?;
    serde_json::from_str(text.expose_secret())
        .map_err(|_| Error::internal("the key of a project's service account is no JSON"))
}

/// The word by which the emulator lets rules be.
#[derive(Debug)]
struct Owner(EntityTag);

impl CredentialsProvider for Owner {
    async fn headers(
        &self,
        extensions: Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        if extensions.get::<EntityTag>() == Some(&self.0) {
            return Ok(CacheableResource::NotModified);
        }
        let owner = (AUTHORIZATION, HeaderValue::from_static("Bearer owner"));
        Ok(CacheableResource::New {
            entity_tag: self.0.clone(),
            data: HeaderMap::from_iter([owner]),
        })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_stays_on_this_machine() {
        let check = |url, legal| assert_eq!(Endpoint::emulator(url).is_ok(), legal, "{url}");
        for url in [
            "http://127.0.0.1:8085",
            "http://localhost:8085/",
            "http://[::1]:8085",
        ] {
            check(url, true);
        }
        for url in [
            "https://firestore.googleapis.com",
            "http://firestore.googleapis.com",
            "http://10.0.0.7:8085",
            "http://0.0.0.0:8085",
            "http://127.0.0.1@example.com:80",
            "http://user@127.0.0.1:80",
            "http://127.0.0.1.example.com",
            "https://127.0.0.1:8085",
            "127.0.0.1:8085",
            "",
        ] {
            check(url, false);
        }
    }
}
