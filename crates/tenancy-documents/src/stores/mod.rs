//! The databases that a process can reach.

mod access;
mod clients;
mod options;
mod seats;

use std::{fmt, sync::Arc};

use tenancy_core::{Error, ProjectId, Result, StoreName, TenantContext, TenantId};

pub(crate) use self::seats::Seat;
use self::{access::Endpoint, clients::Clients, seats::Seats};
pub use self::{access::ProjectAccess, options::DocumentOptions};
use crate::{DocumentHandle, deadline::Deadline, place::Place, wire::Wire};

/// The document databases that a process can reach. Cheap to clone.
///
/// One client (an HTTP/2 connection) is kept for each database, and one more for each ninety that listen to it, up to a bound;
/// the one that was used least recently goes first.
#[derive(Clone)]
pub struct DocumentStores {
    inner: Arc<Inner>,
}

struct Inner {
    clients: Clients,
    seats: Arc<Seats>,
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
            inner: Arc::new(Inner {
                clients,
                seats: Arc::default(),
                options,
            }),
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
        self.over(None, place, deadline).await
    }

    /// A seat for one that listens.
    pub(crate) fn seat(&self, place: &Place, tenant: TenantId) -> Result<Seat> {
        let database = (place.project.clone(), place.database.clone());
        self.inner.seats.take(database, tenant, &self.inner.options)
    }

    /// For one that listens: what waits for streams of others is not on its connection.
    pub(crate) async fn wire_of(&self, connection: usize, place: Place, deadline: Deadline) -> Result<Wire> {
        self.reaches(&place)?;
        self.over(Some(connection), place, deadline).await
    }

    async fn over(&self, connection: Option<usize>, place: Place, deadline: Deadline) -> Result<Wire> {
        let key = (place.project.clone(), place.database.clone(), connection);
        let client = self.inner.clients.client(key);
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
