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
