//! Which database a verb works on.

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::{SecretRef, registry::connect_options};

use crate::failure::Failure;

/// The database a verb works on, named by a reference: a URL on a command line is read by everybody on the machine.
#[derive(clap::Args)]
pub(crate) struct DatabaseArg {
    /// Where the database's URL is: `env:NAME` or `file:/path`.
    #[arg(long, value_name = "REFERENCE", default_value = "env:DATABASE_URL")]
    database: SecretRef,
}

impl DatabaseArg {
    /// How to connect. TLS is verified off loopback, unless the URL says otherwise.
    pub(crate) fn options(&self) -> Result<PgConnectOptions, Failure> {
        Ok(connect_options(&self.database.reveal()?)?)
    }

    /// Connects.
    pub(crate) async fn connect(&self) -> Result<PgConnection, Failure> {
        Ok(self.options()?.connect().await?)
    }
}
