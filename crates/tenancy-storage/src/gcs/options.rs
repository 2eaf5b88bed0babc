//! How to reach the cloud's object store.

use google_cloud_auth::credentials::{Credentials, anonymous, mds, service_account};
use reqwest::Url;
use secrecy::ExposeSecret;
use tenancy_core::{Error, Result, SecretRef};

const ENDPOINT: &str = "https://storage.googleapis.com";
/// What the store's calls need, and nothing else of the cloud.
const SCOPE: &str = "https://www.googleapis.com/auth/devstorage.read_write";

/// Who the service is to Google Cloud Storage. Held by reference: this is safe to log.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum GcsCredentials {
    /// The service account of the machine or the workload, from the metadata server: nothing to keep or to rotate.
    MetadataServer,
    /// A service account's key file (JSON), read once.
    Key(SecretRef),
    /// Nobody. For a test server: refused unless the endpoint is on loopback.
    Anonymous,
}

/// How to reach Google Cloud Storage, or a server with its API.
#[derive(Clone, Debug)]
pub struct GcsOptions {
    endpoint: String,
    credentials: GcsCredentials,
}

impl GcsOptions {
    /// The public endpoint.
    #[must_use]
    pub fn new(credentials: GcsCredentials) -> Self {
        Self {
            endpoint: ENDPOINT.to_owned(),
            credentials,
        }
    }

    /// Another endpoint: scheme, host and port, as in `https://storage.me-central2.rep.googleapis.com`.
    #[must_use]
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = url.into();
        self
    }

    /// The endpoint, when a token may be sent there: by TLS only. Nobody has no token, and stays on loopback.
    pub(super) fn checked_endpoint(&self) -> Result<Url> {
        let url: Url = self
            .endpoint
            .parse()
            .map_err(|_| Error::internal("the endpoint of the object store is no URL; correct it"))?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let anonymous = matches!(self.credentials, GcsCredentials::Anonymous);
        let safe = match anonymous {
            true => on_loopback(&url),
            false => url.scheme() == "https",
        };
        if bare && safe && url.has_host() {
            return Ok(url);
        }
        Err(Error::internal(
            "the endpoint of the object store must be `https://` and a host; anonymous access is for loopback only",
        ))
    }

    pub(super) fn credentials(&self) -> Result<Credentials> {
        let made = match &self.credentials {
            GcsCredentials::Anonymous => return Ok(anonymous::Builder::new().build()),
            GcsCredentials::MetadataServer => mds::Builder::default().with_scopes([SCOPE]).build(),
            GcsCredentials::Key(reference) => {
                let unreadable =
                    || Error::internal("the key of the object store can't be read; correct its reference");
                let text = reference
                    .reveal()
                    .map_err(|error| unreadable().with_source(error))?;
                // the parser's own error quotes the text
                let key = serde_json::from_str(text.expose_secret()).map_err(|_| unreadable())?;
                let access = service_account::AccessSpecifier::from_scopes([SCOPE]);
                service_account::Builder::new(key)
                    .with_access_specifier(access)
                    .build()
            }
        };
        made.map_err(|_| Error::internal("the credentials of the object store can't be used; replace them"))
    }
}

fn on_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    matches!(url.scheme(), "http" | "https")
        && address.is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_over_tls_and_nobody_stays_on_loopback() {
        let check = |credentials: GcsCredentials, endpoint: &str, legal: bool| {
            let options = GcsOptions::new(credentials).endpoint(endpoint);
            assert_eq!(options.checked_endpoint().is_ok(), legal, "{options:?}");
        };
        let (token, nobody) = (GcsCredentials::MetadataServer, GcsCredentials::Anonymous);
        check(token.clone(), ENDPOINT, true);
        check(token.clone(), "http://storage.googleapis.com", false);
        check(token.clone(), "http://127.0.0.1:80", false);
        check(token.clone(), "https://storage.example/o", false);
        check(token.clone(), "https://a:b@storage.example", false);
        check(token, "storage.example", false);
        check(nobody.clone(), "http://127.0.0.1:80", true);
        check(nobody.clone(), "http://[::1]:80", true);
        check(nobody.clone(), "http://localhost:80", false);
        check(nobody.clone(), "http://127.0.0.1.storage.example", false);
        check(nobody, ENDPOINT, false);
    }

    #[test]
    fn a_key_that_is_none_is_refused_and_not_repeated() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{secret").unwrap();
        let reference: SecretRef = format!("file:{}", file.path().display()).parse().unwrap();
        let error = GcsOptions::new(GcsCredentials::Key(reference))
            .credentials()
            .unwrap_err();
        assert!(!format!("{error:?}").contains("secret"));
    }
}
