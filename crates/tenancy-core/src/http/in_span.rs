//! Work within a span that its caller keeps.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tracing::Span;

pin_project! {
    /// A future that is polled, and dropped, within a span: what `tracing::Instrument` does, with a span that is borrowed, so that
    /// none is counted for it, and that is entered no further time to drop what has ended.
    pub(super) struct InSpan<'a, F> {
        span: &'a Span,
        #[pin]
        work: Option<F>,
    }

    impl<F> PinnedDrop for InSpan<'_, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.work.is_some() {
                let _in = this.span.enter();
                this.work.set(None);
            }
        }
    }
}

impl<'a, F> InSpan<'a, F> {
    pub(super) fn new(span: &'a Span, work: F) -> Self {
        Self {
            span,
            work: Some(work),
        }
    }
}

impl<F: Future> Future for InSpan<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let _in = this.span.enter();
        let Some(work) = this.work.as_mut().as_pin_mut() else {
            // polled after its end
            return Poll::Pending;
        };
        let output = ready!(work.poll(cx));
        this.work.set(None);
        Poll::Ready(output)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::{Arc, Mutex},
    };

    use futures::FutureExt;
    use tracing::{
        Event, Metadata, Subscriber,
        span::{Attributes, Id, Record},
    };

    use super::*;

    /// What a subscriber is told, in order.
    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<&'static str>>>);

    impl Subscriber for Told {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {
            self.0.lock().unwrap().push("event");
        }

        fn enter(&self, _: &Id) {
            self.0.lock().unwrap().push("enter");
        }

        fn exit(&self, _: &Id) {
            self.0.lock().unwrap().push("exit");
        }
    }

    struct LogsItsEnd;

    impl Drop for LogsItsEnd {
        fn drop(&mut self) {
            tracing::error!("dropped");
        }
    }

    fn check<F: Future>(work: impl FnOnce(LogsItsEnd) -> F, expect: &[&str]) {
        let told = Told::default();
        tracing::subscriber::with_default(told.clone(), || {
            let span = tracing::error_span!("request");
            let work = pin!(InSpan::new(&span, work(LogsItsEnd)));
            let _ = work.now_or_never();
        });
        assert_eq!(*told.0.lock().unwrap(), expect);
    }

    #[test]
    fn work_is_polled_and_dropped_within_the_span() {
        let ends = |end: LogsItsEnd| async {
            tracing::error!("polled");
            drop(end);
        };
        check(ends, &["enter", "event", "event", "exit"]);
        let never = |end: LogsItsEnd| async {
            std::future::pending::<()>().await;
            drop(end);
        };
        check(never, &["enter", "exit", "enter", "event", "exit"]);
    }
}
