//! Looks after what idles, for as long as the databases are there.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::{runtime::Handle, task::AbortHandle};

/// A task that does something again and again until this is dropped. Started by the first use within a runtime, and again
/// when that runtime is gone.
#[derive(Default)]
pub(crate) struct Sweeper {
    task: Mutex<Option<AbortHandle>>,
}

impl Sweeper {
    /// Has `sweep` done each `tick`, until it says that there is nothing left to look after.
    pub(crate) fn ensure(&self, tick: Duration, sweep: impl Fn() -> bool + Send + 'static) {
        let mut task = self.task.lock();
        if task.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let looks = async move {
            loop {
                tokio::time::sleep(tick).await;
                if !sweep() {
                    return;
                }
            }
        };
        *task = Some(runtime.spawn(looks).abort_handle());
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut() {
            task.abort();
        }
    }
}
