//! Logs as JSON: one object a line, one write a line.

use std::{cell::RefCell, io::Write};

use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    fmt::MakeWriter,
    layer::Context,
    registry::{LookupSpan, Scope},
};

use super::{
    clock,
    escape::quoted,
    fields::{Fields, Written},
};

thread_local! {
    /// The line that a thread writes next; what it holds is used again.
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
}
/// A line that was longer than this leaves no buffer behind.
const KEEP: usize = 16 << 10;

/// Writes each event as a JSON object on a line of its own: time, level, the event's fields, target, and the spans it is in,
/// outermost first.
///
/// A span's fields are written when they are recorded, and copied into each line. The keys are those of
/// `tracing_subscriber`'s own JSON with flattened events.
#[derive(Clone, Debug)]
pub struct JsonLayer<W> {
    writer: W,
}

/// Logs as JSON into `writer`: for a subscriber of your own. [`start`](super::start) writes to standard error.
pub fn json<W: for<'a> MakeWriter<'a> + 'static>(writer: W) -> JsonLayer<W> {
    JsonLayer { writer }
}

impl<S, W> Layer<S> for JsonLayer<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else {
            return;
        };
        let fields = Fields::new(|visit| attributes.record(visit));
        span.extensions_mut().replace(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else {
            return;
        };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            fields.record(|visit| values.record(visit));
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        // what is logged while a line is written has a line of its own
        let mut line = LINE.with(|line| {
            line.try_borrow_mut()
                .map(|mut line| std::mem::take(&mut *line))
                .unwrap_or_default()
        });
        line.clear();
        let line = written(line, event, ctx.event_scope(event));
        // nobody is told when the log can't be written
        let _ = self
            .writer
            .make_writer_for(event.metadata())
            .write_all(line.as_bytes());
        if line.capacity() <= KEEP {
            LINE.with(|kept| {
                if let Ok(mut kept) = kept.try_borrow_mut() {
                    *kept = line;
                }
            });
        }
    }
}

fn written<'a, S>(mut line: String, event: &Event<'_>, scope: Option<Scope<'a, S>>) -> String
where
    S: Subscriber + LookupSpan<'a>,
{
    line.push_str("{\"timestamp\":\"");
    clock::now(&mut line);
    line.push_str("\",\"level\":\"");
    line.push_str(event.metadata().level().as_str());
    line.push_str("\",");
    let mut fields = Written::into(line);
    event.record(&mut fields);
    let logged_by = fields.logged_by;
    let mut line = fields.text;
    if !line.ends_with(',') {
        line.push(',');
    }
    line.push_str("\"target\":");
    quoted(
        &mut line,
        logged_by.as_deref().unwrap_or_else(|| event.metadata().target()),
    );
    if let Some(scope) = scope {
        spans(&mut line, scope);
    }
    line.push_str("}\n");
    line
}

fn spans<'a, S>(line: &mut String, scope: Scope<'a, S>)
where
    S: Subscriber + LookupSpan<'a>,
{
    line.push_str(",\"spans\":[");
    for (n, span) in scope.from_root().enumerate() {
        line.push_str(if n == 0 { "{\"name\":" } else { ",{\"name\":" });
        quoted(line, span.name());
        if let Some(fields) = span
            .extensions()
            .get::<Fields>()
            .filter(|fields| !fields.text.is_empty())
        {
            line.push(',');
            line.push_str(&fields.text);
        }
        line.push('}');
    }
    line.push(']');
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};
    use tracing_subscriber::{Registry, layer::SubscriberExt};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The one line that is logged, without its time.
    fn check(log: impl FnOnce(), expect: Value) {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = Registry::default().with(super::json(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, log);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let mut line: Value = serde_json::from_str(&text).unwrap();
        assert!(line.as_object_mut().unwrap().remove("timestamp").is_some());
        assert_eq!(line, expect);
    }

    #[test]
    fn a_line_is_an_object_with_its_spans() {
        let event = || tracing::info!(target: "t", n = -1, yes = true, ratio = 0.5, nan = f64::NAN, shown = ?"a\"b", "hello\n");
        let fields = json!({
            "level": "INFO", "message": "hello\n", "n": -1, "yes": true, "ratio": 0.5, "nan": null, "shown": "\"a\\\"b\"", "target": "t"
        });
        check(event, fields);
        check(
            || {
                let outer = tracing::info_span!(
                    "outer",
                    id = "1\"",
                    later = tracing::field::Empty,
                    otel.kind = "server"
                );
                let _in = outer.enter();
                tracing::info_span!("inner").in_scope(|| {
                    outer.record("later", 7);
                    // a field that is there already is replaced
                    outer.record("id", "2");
                    tracing::warn!(target: "t", "x");
                });
            },
            json!({
                "level": "WARN", "message": "x", "target": "t",
                "spans": [{ "name": "outer", "id": "2", "later": 7 }, { "name": "inner" }]
            }),
        );
        check(
            || tracing::error!(target: "t", a = 1),
            json!({ "level": "ERROR", "a": 1, "target": "t" }),
        );
    }

    #[test]
    fn what_is_logged_while_a_line_is_written_has_a_line_of_its_own() {
        struct Talks;
        impl std::fmt::Debug for Talks {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                tracing::info!("by the way");
                f.write_str("talks")
            }
        }
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = Registry::default().with(super::json(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, || tracing::info!(who = ?Talks, "hello"));
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        for line in text.lines() {
            serde_json::from_str::<Value>(line).unwrap();
        }
        assert!(text.contains("\"who\":\"talks\""), "{text}");
    }
}
