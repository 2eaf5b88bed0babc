//! Where an instance is, and the secret that opens it.

use neo4rs::{Config, ConfigBuilder};
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use tenancy_core::{Error, GraphDatabase, Result};

use crate::{GraphInstance, GraphOptions, GraphOptions as Options};

/// How much longer than a statement the driver waits for an answer: its own time-out must never come first, for it says nothing
/// of what became of the statement.
const BEYOND: std::time::Duration = std::time::Duration::from_secs(30);
/// How many rows the server sends at a time.
const FETCH: usize = 500;

/// Where an instance is, and the secret that opens it, when it was read.
pub(crate) struct Target {
    instance: GraphInstance,
    password: Mutex<Option<SecretString>>,
}

impl Target {
    pub(crate) fn new(instance: GraphInstance) -> Self {
        Self {
            instance,
            password: Mutex::new(None),
        }
    }

    /// What the driver needs to reach one database. Reads the secret when it was not yet.
    pub(super) fn config(&self, database: Option<&GraphDatabase>, options: &GraphOptions) -> Result<Config> {
        let password = self.password()?;
        let mut builder = ConfigBuilder::new()
            .uri(self.instance.url.as_str())
            .user(self.instance.user.as_str())
            .password(password.expose_secret())
            .max_connections(1)
            .fetch_size(FETCH)
            .connection_timeout(beyond(options));
        if let Some(database) = database {
            builder = builder.db(database.as_str());
        }
        if self.instance.url.is_tls() {
            builder = self.verified(builder)?;
        }
        builder
            .build()
            .map_err(|error| Error::internal("the graph's configuration is incomplete").with_source(error))
    }

    /// The driver would panic without a provider, and skip certificates that it can't read.
    fn verified(&self, builder: ConfigBuilder) -> Result<ConfigBuilder> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(Error::internal(
                "no TLS provider is installed: call `rustls::crypto::aws_lc_rs::default_provider().install_default()` at \
                 start",
            ));
        }
        let Some(ca) = &self.instance.ca else {
            return Ok(builder);
        };
        let unreadable = || {
            Error::internal(format!(
                "the file of the graph's certificate authorities, `{}`, holds no certificate, or one that can't be read",
                ca.display()
            ))
        };
        use rustls::pki_types::{CertificateDer, pem::PemObject};
        let certificates = CertificateDer::pem_file_iter(ca).map_err(|_| unreadable())?;
        let read: std::result::Result<Vec<_>, _> = certificates.collect();
        let mut roots = rustls::RootCertStore::empty();
        for certificate in read.map_err(|_| unreadable())? {
            roots.add(certificate).map_err(|_| unreadable())?;
        }
        if roots.is_empty() {
            return Err(unreadable());
        }
        Ok(builder.with_client_certificate(ca))
    }

    fn password(&self) -> Result<SecretString> {
        let mut known = self.password.lock();
        if let Some(password) = known.as_ref() {
            return Ok(password.clone());
        }
        let read = self.read()?;
        Ok(known.insert(read).clone())
    }

    /// Reads the secret once more: whether it has changed. One that can't be read changes nothing.
    pub(super) fn refresh(&self) -> bool {
        let read = match self.read() {
            Ok(read) => read,
            Err(error) => {
                tracing::warn!(
                    "a graph's secret can't be read again: {}",
                    error.log().unwrap_or_default()
                );
                return false;
            }
        };
        let mut known = self.password.lock();
        let before = known.replace(read);
        let after = known.as_ref().map(ExposeSecret::expose_secret);
        before.as_ref().map(ExposeSecret::expose_secret) != after
    }

    /// The reason names the reference and never what is behind it.
    fn read(&self) -> Result<SecretString> {
        let reference = &self.instance.password;
        let unread = |error| {
            Error::unavailable(format!(
                "a graph's password can't be read: `{reference}`: {error}"
            ))
        };
        reference.reveal().map_err(unread)
    }
}

fn beyond(options: &Options) -> std::time::Duration {
    options
        .statement_timeout
        .max(options.transaction_timeout)
        .saturating_add(BEYOND)
}

#[cfg(test)]
mod tests {
    use tenancy_core::SecretRef;

    use super::*;

    fn target(file: &std::path::Path, url: &str, ca: Option<&std::path::Path>) -> Target {
        Target::new(GraphInstance {
            url: url.parse().unwrap(),
            user: "neo4j".to_owned(),
            password: SecretRef::File(file.to_owned()),
            ca: ca.map(Into::into),
        })
    }

    #[test]
    fn a_secret_is_read_again_when_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let target = target(&file, "bolt://127.0.0.1", None);
        let options = GraphOptions::default();
        let error = target.config(None, &options).unwrap_err();
        assert!(error.log().unwrap().contains("file:"), "{error:?}");
        std::fs::write(&file, "old").unwrap();
        assert!(target.config(None, &options).is_ok());
        assert!(!target.refresh());
        std::fs::write(&file, "new").unwrap();
        assert_eq!(target.password().unwrap().expose_secret(), "old");
        assert!(target.refresh() && !target.refresh());
        assert_eq!(target.password().unwrap().expose_secret(), "new");
        std::fs::remove_file(&file).unwrap();
        assert!(!target.refresh());
        assert_eq!(target.password().unwrap().expose_secret(), "new");
    }

    #[test]
    fn tls_without_what_verifies_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "x").unwrap();
        let options = GraphOptions::default();
        // nothing else in this process may have installed one
        let bare = target(&file, "bolt+s://db.internal", None);
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            assert!(
                bare.config(None, &options)
                    .unwrap_err()
                    .log()
                    .unwrap()
                    .contains("install_default")
            );
        }
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        assert!(bare.config(None, &options).is_ok());
        let ca = folder.path().join("ca.pem");
        let with = target(&file, "bolt+s://db.internal", Some(&ca));
        for content in [
            None,
            Some(""),
            Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ] {
            if let Some(content) = content {
                std::fs::write(&ca, content).unwrap();
            }
            assert!(with.config(None, &options).is_err(), "{content:?}");
        }
    }
}
