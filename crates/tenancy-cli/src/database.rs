//! Which database a verb works on.

use sqlx::{ConnectOptions, postgres::PgConnection};
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
    /// Connects. TLS is verified off loopback, unless the URL says otherwise.
    pub(crate) async fn connect(&self) -> Result<PgConnection, Failure> {
        Ok(connect_options(&self.database.reveal()?)?.connect().await?)
    }
}
