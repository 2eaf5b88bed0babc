//! The right to one connection.

use std::sync::Arc;

use neo4rs::Graph;
use tenancy_core::{GraphDatabase, Result};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use super::Instance;
use crate::GraphOptions;

/// The right to one connection to one database. Dropped, the connection goes back when it is known to be clean, and is closed
/// else: then the server ends what ran over it.
pub(crate) struct Lease {
    instance: Arc<Instance>,
    database: Option<GraphDatabase>,
    graph: Option<Graph>,
    /// It was used before, so that the server may have closed it meanwhile.
    used: bool,
    clean: bool,
    /// After the connection: it counts until that is closed.
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    pub(super) fn new(
        instance: Arc<Instance>,
        database: Option<GraphDatabase>,
        graph: Option<Graph>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            instance,
            database,
            used: graph.is_some(),
            clean: graph.is_some(),
            graph,
            _permit: permit,
        }
    }

    pub(crate) fn options(&self) -> &GraphOptions {
        &self.instance.options
    }

    /// Begins work over a connection, opened when there is none that is clean. From now on it is unclean until
    /// [`cleaned`](Self::cleaned).
    pub(crate) async fn begin(&mut self, deadline: Instant) -> Result<Graph> {
        if !std::mem::take(&mut self.clean) {
            self.graph = None;
        }
        if self.graph.is_none() {
            self.used = false;
            self.graph = Some(self.instance.open(self.database.as_ref(), deadline).await?);
        }
        // the driver's handle: it is dropped with the work, and closes nothing while this one is there
        self.graph
            .clone()
            .ok_or_else(|| tenancy_core::Error::internal("a lease lost its connection"))
    }

    /// Whether a connection that fails now may have been closed before it was used.
    pub(crate) fn was_used(&self) -> bool {
        self.used
    }

    /// Closes the connection: the server ends what runs over it.
    pub(crate) fn discard(&mut self) {
        self.clean = false;
        self.graph = None;
    }

    /// What was begun has ended, and the server said so.
    pub(crate) fn cleaned(&mut self) {
        self.clean = true;
        self.used = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(graph) = self.graph.take().filter(|_| self.clean) {
            self.instance.put(self.database.take(), graph);
        }
    }
}
