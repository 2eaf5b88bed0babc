//! Events as lines of JSON, for a tenant's SIEM.

use std::{
    fmt,
    io::{self, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread,
    time::Duration,
};

use serde_json::json;

use super::{AUDIT_SCHEMA, AuditEvent, AuditSink};

/// How long the last events may take to be written when the stream is dropped.
const FAREWELL: Duration = Duration::from_secs(2);

/// Writes each event as a line of JSON, an [`AuditRecord`](super::AuditRecord), on a thread of its own.
///
/// # Guarantees
///
/// Taking an event never waits. What the writer is too slow for is lost and counted: the stream says so where the lost ones
/// would stand (`{"schema":"tenancy.audit/1","lost":17}`), [`lost`](Self::lost) says how many in all.
pub struct AuditStream {
    queue: Option<SyncSender<AuditEvent>>,
    losses: Arc<Losses>,
    ended: Mutex<Receiver<()>>,
}

#[derive(Default)]
struct Losses {
    untold: AtomicU64,
    all: AtomicU64,
}

impl Losses {
    fn count(&self) {
        self.untold.fetch_add(1, Ordering::Relaxed);
        self.all.fetch_add(1, Ordering::Relaxed);
    }
}

impl AuditStream {
    /// A stream to `writer`. At most `capacity` events wait.
    ///
    /// # Errors
    ///
    /// When the thread can't be started.
    pub fn to(writer: impl Write + Send + 'static, capacity: usize) -> io::Result<Self> {
        let (queue, events) = mpsc::sync_channel(capacity);
        let (end, ended) = mpsc::channel::<()>();
        let losses = Arc::new(Losses::default());
        let lost = Arc::clone(&losses);
        thread::Builder::new().name("audit".to_owned()).spawn(move || {
            write_all(writer, &events, &lost);
            drop(end);
        })?;
        Ok(Self {
            queue: Some(queue),
            losses,
            ended: Mutex::new(ended),
        })
    }

    /// How many events were lost so far.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.losses.all.load(Ordering::Relaxed)
    }
}

impl AuditSink for AuditStream {
    fn record(&self, event: &AuditEvent) {
        let Some(queue) = &self.queue else { return };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = queue.try_send(event.clone()) {
            self.losses.count();
        }
    }
}

/// Until the stream is dropped and its queue is empty.
fn write_all(mut writer: impl Write, events: &Receiver<AuditEvent>, losses: &Losses) {
    while let Ok(first) = events.recv() {
        let mut next = Some(first);
        while let Some(event) = next {
            tell_losses(&mut writer, losses);
            line(&mut writer, &event.record(), losses);
            next = events.try_recv().ok();
        }
        flush(&mut writer);
    }
    tell_losses(&mut writer, losses);
    flush(&mut writer);
}

fn tell_losses(writer: &mut impl Write, losses: &Losses) {
    let lost = losses.untold.swap(0, Ordering::Relaxed);
    if lost > 0 {
        tracing::warn!(
            lost,
            "audit events were lost: the stream's writer is too slow, or fails"
        );
        let told = json!({ "schema": AUDIT_SCHEMA, "lost": lost });
        if write(writer, &told).is_err() {
            losses.untold.fetch_add(lost, Ordering::Relaxed);
        }
    }
}

fn line(writer: &mut impl Write, record: &impl serde::Serialize, losses: &Losses) {
    if write(writer, record).is_err() {
        losses.count();
    }
}

fn write(writer: &mut impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    writer.write_all(&line)
}

fn flush(writer: &mut impl Write) {
    if let Err(error) = writer.flush() {
        tracing::error!(%error, "the audit stream can't be flushed");
    }
}

/// Waits, within a bound, until what is queued is written.
impl Drop for AuditStream {
    fn drop(&mut self) {
        drop(self.queue.take());
        // the end of the thread is the answer
        if let Ok(ended) = self.ended.get_mut() {
            let _ = ended.recv_timeout(FAREWELL);
        }
    }
}

impl fmt::Debug for AuditStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditStream")
            .field("lost", &self.lost())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
