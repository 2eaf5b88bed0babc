//! Hears what is logged in a test.

use std::{cell::RefCell, fmt, sync::Once};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

thread_local! {
    static MESSAGES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The messages that this thread logs from now on: those of one test, which has a thread of its own.
///
/// One subscriber for all threads: with one for each, what a thread without logs first stays silent in all of them.
pub(crate) struct Heard(());

impl Heard {
    pub(crate) fn start() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Heard(())).unwrap());
        MESSAGES.with_borrow_mut(Vec::clear);
        Self(())
    }

    pub(crate) fn count(&self, part: &str) -> usize {
        MESSAGES.with_borrow(|all| all.iter().filter(|message| message.contains(part)).count())
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{}={value:?} ", field.name()));
    }
}

impl Subscriber for Heard {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        MESSAGES.with_borrow_mut(|all| all.push(text.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
