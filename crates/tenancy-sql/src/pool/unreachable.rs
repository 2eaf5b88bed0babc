//! Why there is no connection, and what that says of the server.

use std::io::ErrorKind;

use rustls::{CertificateError, Error as TlsError};
use tenancy_core::Error;

use crate::{
    budget::{ENDING, Unit},
    seal::Refused,
};

/// The driver's words for a server that declines TLS.
const DECLINED: &str = "server does not support TLS";

const NO_TLS: &str = "the database speaks no TLS: turn it on there, or allow for it by `sslmode=disable` in the URL where \
                      nobody listens in between";
const NOBODY: &str = "nobody we know vouches for the database's certificate: name its authority's file by `sslrootcert` \
                      in the URL";
const NAME: &str =
    "the database's certificate is for another name than the URL's host: use the name that it is for";
const NO_FILE: &str = "a file that the database's URL names, such as `sslrootcert`, can't be read";
const SETTINGS: &str =
    "the TLS settings of the database's URL can't be used: look at its `sslrootcert` and its host";
const HANDSHAKE: &str =
    "the database and we agree on no TLS: it must speak 1.2 or 1.3, with a certificate that is valid";

/// A server that answered ends the session itself, as does one whose socket broke; one that took no connection, or has
/// closed it, has none.
pub(crate) fn give_back(unit: Unit, error: &sqlx::Error) {
    use ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, InvalidData, UnexpectedEof,
    };
    match error {
        sqlx::Error::Database(_) | sqlx::Error::Configuration(_) | sqlx::Error::Tls(_) => {
            unit.ends_within(ENDING);
        }
        sqlx::Error::Io(error) => match error.kind() {
            // were a login that the far end closed to count for longer, a few would take all connections from a database
            ConnectionRefused | UnexpectedEof => unit.let_go(),
            ConnectionReset | ConnectionAborted | BrokenPipe | InvalidData => {
                unit.ends_within(ENDING);
            }
            _ => drop(unit),
        },
        _ => drop(unit),
    }
}

/// Why there is no connection. A wrong password or database is a mistake of the deployment's, and still no answer to a
/// client beyond "unavailable".
pub(super) fn unreachable(error: sqlx::Error) -> Error {
    let log = match &error {
        sqlx::Error::Database(refused) => {
            let code = refused.code().unwrap_or_default();
            format!("the database refuses the connection: SQLSTATE {code}")
        }
        sqlx::Error::Configuration(refused) if refused.is::<Refused>() => refused.to_string(),
        _ => of_tls(&error)
            .unwrap_or("the database can't be reached")
            .to_owned(),
    };
    Error::unavailable(log).with_source(error)
}

fn of_tls(error: &sqlx::Error) -> Option<&'static str> {
    let error = match error {
        sqlx::Error::Tls(cause) if cause.to_string() == DECLINED => return Some(NO_TLS),
        sqlx::Error::Tls(_) => return Some(SETTINGS),
        sqlx::Error::Io(error) if error.kind() == ErrorKind::NotFound => return Some(NO_FILE),
        sqlx::Error::Io(error) => error.get_ref()?.downcast_ref()?,
        _ => return None,
    };
    use CertificateError::{NotValidForName, NotValidForNameContext, UnknownIssuer};
    Some(match error {
        TlsError::InvalidCertificate(UnknownIssuer) => NOBODY,
        TlsError::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => NAME,
        _ => HANDSHAKE,
    })
}
