//! Connection options with a safe default for TLS.

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};

/// Why a database URL is refused. Holds nothing of the URL, which has a password in it.
#[derive(Debug, thiserror::Error)]
#[error("a database URL is `postgres://user:password@host:port/database?sslmode=…`")]
pub struct ConnectOptionsError;

/// Reads a database URL. Without an `sslmode`, a host beyond loopback gets `verify-full`.
///
/// Statements are not logged: their text is the application's, their arguments are the tenant's.
///
/// # Errors
///
/// When the text is no URL of PostgreSQL's; the text itself is not repeated.
pub fn connect_options(url: &SecretString) -> Result<PgConnectOptions, ConnectOptionsError> {
    let text = url.expose_secret();
    if !(text.starts_with("postgres://") || text.starts_with("postgresql://")) {
        return Err(ConnectOptionsError);
    }
    let options: PgConnectOptions = text.parse().map_err(|_| ConnectOptionsError)?;
    let explicit = text
        .split_once('?')
        .is_some_and(|(_, query)| query.split('&').any(|part| part.starts_with("sslmode=")));
    let host = options.get_host();
    let local = options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    let options = match (explicit, local) {
        (true, _) => options,
        (false, true) => options.ssl_mode(PgSslMode::Prefer),
        (false, false) => options.ssl_mode(PgSslMode::VerifyFull),
    };
    Ok(options.disable_statement_logging())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expect: Option<&str>) {
        let mode = connect_options(&url.into())
            .ok()
            .map(|options| format!("{:?}", options.get_ssl_mode()));
        assert_eq!(mode.as_deref(), expect, "{url}");
    }

    #[test]
    fn tls_is_verified_beyond_loopback() {
        check("postgres://u:p@db.internal/core", Some("VerifyFull"));
        check("postgres://u:p@10.0.0.7/core", Some("VerifyFull"));
        check("postgres://u:p@127.0.0.1/core", Some("Prefer"));
        check("postgres://u:p@[::1]:5432/core", Some("Prefer"));
        check("postgres://u:p@localhost/core", Some("Prefer"));
        check("postgres://u:p@db.internal/core?sslmode=disable", Some("Disable"));
        check(
            "postgres://u:p@db.internal/core?application_name=sslmode=disable",
            Some("VerifyFull"),
        );
        check("mysql://u:p@db.internal/core", None);
        check("hunter2", None);
    }
}
