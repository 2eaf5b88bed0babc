//! Identity Platform tokens, signing keys and memberships.
#![allow(missing_docs, unused, clippy::todo)]
use async_trait::async_trait;
use std::str::FromStr;
use tenancy_core::{
    Membership, MembershipKey, Memberships, Result, VerifiedIdentity, registry::RegistryClient,
};

/// Installs the crypto providers of rustls and jsonwebtoken. A second call changes nothing.
pub fn install_crypto() {}

#[derive(Clone, Debug)]
pub struct Project(Box<str>);
#[derive(Debug, thiserror::Error)]
#[error("a project")]
pub struct ParseProjectError;
impl FromStr for Project {
    type Err = ParseProjectError;
    fn from_str(t: &str) -> Result<Self, ParseProjectError> {
        todo!()
    }
}

#[derive(Clone, Debug)]
pub struct KeyUrl(Box<str>);
#[derive(Debug, thiserror::Error)]
#[error("a url")]
pub struct ParseUrlError;
impl FromStr for KeyUrl {
    type Err = ParseUrlError;
    fn from_str(t: &str) -> Result<Self, ParseUrlError> {
        todo!()
    }
}

pub struct KeySource;
impl KeySource {
    pub fn google() -> Self {
        todo!()
    }
    pub fn at(url: KeyUrl) -> Self {
        todo!()
    }
}
pub struct IdTokenVerifier;
impl IdTokenVerifier {
    pub fn new(project: Project, keys: KeySource) -> Self {
        todo!()
    }
    pub async fn verify(&self, token: &str) -> Result<VerifiedIdentity> {
        todo!()
    }
}
#[async_trait]
impl tenancy_core::http::Authenticate for IdTokenVerifier {
    async fn authenticate(&self, token: &str) -> Result<VerifiedIdentity> {
        self.verify(token).await
    }
}
pub struct PgMemberships;
impl PgMemberships {
    pub fn new(registry: RegistryClient) -> Self {
        todo!()
    }
}
#[async_trait]
impl Memberships for PgMemberships {
    async fn membership(&self, key: &MembershipKey) -> Result<Option<Membership>> {
        todo!()
    }
}
