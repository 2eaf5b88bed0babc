//! One client a database, and more for who listens.

use std::sync::Arc;

use firestore::{FirestoreDb, FirestoreDbOptions};
use moka::future::Cache;
use tenancy_core::{DocumentDatabase, Error, ProjectId, Result};

use super::{DocumentOptions, access::Endpoint};

/// The database, and which of its connections for listeners; calls have one of their own.
pub(super) type Key = (ProjectId, DocumentDatabase, Option<usize>);

/// The clients that are open: bounded, and each opened once however many ask for it.
pub(super) struct Clients {
    endpoint: Endpoint,
    open: Cache<Key, FirestoreDb>,
}

impl Clients {
    pub(super) fn new(endpoint: Endpoint, options: &DocumentOptions) -> Self {
        let open = Cache::builder()
            .max_capacity(options.max_clients)
            .time_to_idle(options.client_idle)
            .build();
        Self { endpoint, open }
    }

    pub(super) fn knows(&self, project: &ProjectId) -> bool {
        self.endpoint.knows(project)
    }

    pub(super) async fn client(&self, key: Key) -> Result<FirestoreDb> {
        let connect = self.connect(key.0.clone(), key.1.clone());
        let opened = self.open.try_get_with(key, connect).await;
        opened.map_err(|shared: Arc<Error>| match Arc::try_unwrap(shared) {
            Ok(error) => error,
            // another waiter has it
            Err(shared) => Error::unavailable(
                shared
                    .log()
                    .unwrap_or("the document database can't be reached")
                    .to_owned(),
            ),
        })
    }

    async fn connect(&self, project: ProjectId, database: DocumentDatabase) -> Result<FirestoreDb> {
        let proof = self.endpoint.proof(&project).await?;
        // with a URL of its own the driver does not look at the environment
        let options = FirestoreDbOptions::new(project.to_string())
            .with_database_id(database.to_string())
            .with_firebase_api_url(self.endpoint.url().to_owned())
            .with_max_retries(0);
        FirestoreDb::with_options_auth(options, proof)
            .await
            .map_err(|_| Error::unavailable("the document database can't be reached"))
    }
}
