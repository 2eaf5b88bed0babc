//! A service account's key, as the cloud hands it out.

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;
use tenancy_core::{Error, Result, SecretRef};

use super::ServiceAccount;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// An account and its private key. Lives as long as one signature takes.
pub(super) struct KeyFile {
    pub(super) account: ServiceAccount,
    pair: KeyPair,
}

/// The part of the file that is needed.
#[derive(Deserialize)]
struct Content {
    #[serde(rename = "type")]
    kind: String,
    client_email: String,
    private_key: String,
}

impl KeyFile {
    /// Reads it; blocks.
    pub(super) fn read(reference: &SecretRef) -> Result<Self> {
        let text = reference.reveal().map_err(|error| {
            Error::unavailable("the key that signs URLs can't be read").with_source(error)
        })?;
        Self::parse(&text).ok_or_else(|| {
            Error::internal(
                "the key that signs URLs is no key of a service account (JSON, PKCS #8, RSA): make a new one",
            )
        })
    }

    /// Without a word of what is wrong: an error of a parser can quote the key.
    fn parse(text: &SecretString) -> Option<Self> {
        let content: Content = serde_json::from_str(text.expose_secret()).ok()?;
        let pem = SecretString::from(content.private_key);
        let der = der(pem.expose_secret())?;
        let pair = KeyPair::from_pkcs8(der.expose_secret()).ok()?;
        let account = content.client_email.parse().ok()?;
        (content.kind == "service_account").then_some(Self { account, pair })
    }

    pub(super) fn sign(&self, message: &str) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .map_err(|_| Error::internal("the key can't sign; make a new one"))?;
        Ok(signature)
    }
}

fn der(pem: &str) -> Option<SecretSlice<u8>> {
    let (_, rest) = pem.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    let body = SecretString::from(body.split_ascii_whitespace().collect::<String>());
    STANDARD.decode(body.expose_secret()).ok().map(SecretSlice::from)
}
