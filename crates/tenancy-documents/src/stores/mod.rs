//! The databases that a process can reach.

mod access;
mod clients;
mod options;

use std::{fmt, sync::Arc};

use tenancy_core::{Error, ProjectId, Result, StoreName, TenantContext};

use self::{access::Endpoint, clients::Clients};
pub use self::{access::ProjectAccess, options::DocumentOptions};
use crate::{DocumentHandle, deadline::Deadline, place::Place, wire::Wire};

/// The document databases that a process can reach. Cheap to clone.
///
/// One client (an HTTP/2 connection) is kept for each database, up to a bound; the one that was used least recently goes first.
#[derive(Clone)]
pub struct DocumentStores {
    inner: Arc<Inner>,
}

struct Inner {
    clients: Clients,
    options: DocumentOptions,
}

impl DocumentStores {
    /// The databases of these projects. A tenant whose placement names another is not served. Opens nothing.
    ///
    /// The environment changes nothing: `FIRESTORE_EMULATOR_HOST` is not looked at.
    #[must_use]
    pub fn new(
        projects: impl IntoIterator<Item = (ProjectId, ProjectAccess)>,
        options: DocumentOptions,
    ) -> Self {
        Self::at(Endpoint::Cloud(projects.into_iter().collect()), options)
    }

    /// The databases of an emulator on this machine, for tests and demonstrations: it has any project and any database that is
    /// asked for, and asks nobody who he is. `url` is `http://127.0.0.1:{port}`.
    ///
    /// # Errors
    ///
    /// `Internal` when `url` leads off this machine.
    pub fn emulator(url: &str, options: DocumentOptions) -> Result<Self> {
        Ok(Self::at(Endpoint::emulator(url)?, options))
    }

    fn at(endpoint: Endpoint, options: DocumentOptions) -> Self {
        let clients = Clients::new(endpoint, &options);
        Self {
            inner: Arc::new(Inner { clients, options }),
        }
    }

    /// A handle to a logical store. Opens nothing: the tenant's placement says where it is when it is used.
    #[must_use]
    pub fn handle(&self, name: StoreName) -> DocumentHandle {
        DocumentHandle::new(self.clone(), name)
    }

    pub(crate) fn options(&self) -> &DocumentOptions {
        &self.inner.options
    }

    pub(crate) fn deadline(&self, ctx: &TenantContext) -> Deadline {
        Deadline::of(ctx, self.inner.options.call_timeout)
    }

    /// Whether this process reaches the place's project.
    pub(crate) fn reaches(&self, place: &Place) -> Result<()> {
        match self.inner.clients.knows(&place.project) {
            true => Ok(()),
            false => Err(Error::not_found(
                "this deployment has no access to the project that the placement names",
            )),
        }
    }

    pub(crate) async fn wire(&self, place: Place, deadline: Deadline) -> Result<Wire> {
        self.reaches(&place)?;
        let client = self.inner.clients.client(&place.project, &place.database);
        Ok(Wire::new(deadline.within(client).await?, place))
    }
}

impl fmt::Debug for DocumentStores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentStores")
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}
