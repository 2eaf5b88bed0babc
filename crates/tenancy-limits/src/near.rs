//! Who comes near a limit.

use tenancy_core::{Rate, TenantId, UserId};
use tokio::sync::broadcast::{Receiver, Sender};

/// How many events wait for who listens; of more, the oldest are lost, and the listener is told how many.
const WAITING: usize = 256;

/// A tenant, or a user of it, has used four fifths of a rate: said once in a window and process.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NearLimit {
    /// Whose rate it is.
    pub tenant: TenantId,
    /// Whose of the tenant, where it is one user's own rate.
    pub user: Option<UserId>,
    /// The rate, and what is left of it.
    pub rate: Rate,
}

/// Tells who listens. Nobody is waited for.
pub(crate) struct Near(Sender<NearLimit>);

impl Near {
    pub(crate) fn new() -> Self {
        Self(Sender::new(WAITING))
    }

    pub(crate) fn listen(&self) -> Receiver<NearLimit> {
        self.0.subscribe()
    }

    pub(crate) fn tell(&self, near: NearLimit) {
        // that nobody listens is no error
        let _ = self.0.send(near);
    }
}
