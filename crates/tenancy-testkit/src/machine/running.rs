//! A server that tests stop and start again.

use parking_lot::Mutex;

use super::{Leashed, ServerError, blocking};

/// The process of a server, when it runs.
#[derive(Default)]
pub(crate) struct Running(Mutex<Option<Leashed>>);

impl Running {
    /// Kills it, as `kill -9` does. Returns when it is gone.
    pub(crate) async fn kill(&self) -> Result<(), ServerError> {
        let running = self.0.lock().take();
        blocking(|| running.map(Leashed::stop)).await?;
        Ok(())
    }

    /// Starts it; one that runs is killed first.
    pub(crate) async fn restart(
        &self,
        start: impl FnOnce() -> Result<Leashed, ServerError> + Send + 'static,
    ) -> Result<(), ServerError> {
        self.kill().await?;
        let started = blocking(start).await??;
        *self.0.lock() = Some(started);
        Ok(())
    }
}
