//! Waiting for a place.

use std::sync::Arc;

use tenancy_core::{Error, Place, Result};
use tokio::{
    sync::oneshot::Receiver,
    time::{Instant, timeout_at},
};

use super::gate::{Gate, Held};

/// A request that waits. Dropping it leaves no hole in the queue: it is taken out, or the place it just got goes on.
pub(super) struct Ticket {
    gate: Arc<Gate>,
    number: u64,
    answer: Receiver<Held>,
    since: Instant,
}

impl Ticket {
    pub(super) fn new(gate: Arc<Gate>, number: u64, answer: Receiver<Held>) -> Self {
        Self {
            gate,
            number,
            answer,
            since: Instant::now(),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.gate.cancel(self.number);
    }
}

/// Waits for a place, until `deadline`.
pub(super) async fn wait(mut ticket: Ticket, deadline: Instant) -> Result<Place> {
    let given = timeout_at(deadline, &mut ticket.answer).await;
    // one that came in the last moment is a place, too
    let place = match given {
        Ok(place) => place.ok(),
        Err(_) => ticket.answer.try_recv().ok(),
    };
    let meters = Arc::clone(&ticket.gate.meters);
    match place {
        Some(place) => {
            meters.waited(ticket.since.elapsed().as_secs_f64());
            Ok(Place::holding(place))
        }
        None => {
            meters.too_late.increment(1);
            Err(Error::unavailable("no place was free in time"))
        }
    }
}
