//! A connection to one database, as its owner.

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::{SecretRef, registry::connect_options};

use super::{Class, Failure, FleetOptions};

/// A connection whose every wait has an end, and whose names mean `public` and nothing else.
pub(super) async fn open(url: &SecretRef, options: &FleetOptions) -> Result<PgConnection, Failure> {
    let secret = url
        .reveal()
        .map_err(|error| Failure::new(Class::Secret, format!("`{url}`: {error}")))?;
    let connect =
        connect_options(&secret).map_err(|error| Failure::new(Class::Secret, format!("`{url}`: {error}")))?;
    let connect = with_settings(connect, options);
    match tokio::time::timeout(options.connect_timeout, connect.connect()).await {
        Ok(connected) => connected.map_err(|error| Failure::asking(&error)),
        Err(_) => Err(Failure::new(
            Class::Down,
            "it did not accept a connection in time",
        )),
    }
}

fn with_settings(connect: PgConnectOptions, options: &FleetOptions) -> PgConnectOptions {
    let millis = |bound: std::time::Duration| bound.as_millis().to_string();
    connect.application_name("tenancy migrate").options([
        ("search_path", "public,pg_temp".to_owned()),
        ("lock_timeout", millis(options.lock_timeout)),
        ("statement_timeout", millis(options.statement_timeout)),
        (
            "idle_in_transaction_session_timeout",
            millis(options.statement_timeout),
        ),
        // a migrator that was killed holds its database no longer
        ("client_connection_check_interval", "1000".to_owned()),
        // the driver logs what the server notices, and a migration may notice a row's values
        ("client_min_messages", "error".to_owned()),
    ])
}
