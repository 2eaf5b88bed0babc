//! The fields of a span or an event, as JSON.

use std::fmt::{self, Debug};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};

use super::escape::{quoted, shown};

/// What the fields of a request's span take, about.
const ROOM: usize = 320;

/// The fields of a span, written once, when they are recorded: `"a":1,"b":"x"`.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) text: String,
    /// Which of the span's fields are in the text; a span has no more than 32.
    there: u64,
}

impl Fields {
    /// Of a new span. The room that a request's span takes is made at once.
    pub(super) fn new(record: impl FnOnce(&mut dyn Visit)) -> Self {
        let mut fields = Self {
            text: String::with_capacity(ROOM),
            there: 0,
        };
        fields.record(record);
        fields
    }

    /// Adds what `record` records. A field that is there already is replaced.
    pub(super) fn record(&mut self, record: impl FnOnce(&mut dyn Visit)) {
        let mut new = Written::into(std::mem::take(&mut self.text));
        record(&mut new);
        self.text = if self.there & new.there == 0 {
            new.text
        } else {
            once_each(&new.text)
        };
        self.there |= new.there;
    }
}

/// The seldom case: of the fields that are there twice, the later ones.
fn once_each(text: &str) -> String {
    let all: Map<String, Value> = serde_json::from_str(&format!("{{{text}}}")).unwrap_or_default();
    let text = Value::Object(all).to_string();
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    inner.unwrap_or_default().to_owned()
}

/// Writes fields one after the other.
#[derive(Default)]
pub(super) struct Written {
    pub(super) text: String,
    there: u64,
    /// Where a line of the `log` crate says it comes from.
    pub(super) logged_by: Option<String>,
}

impl Written {
    /// Into a buffer that was used before.
    pub(super) fn into(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// The field's name and what separates it; false for what other subscribers are told.
    fn begin(&mut self, field: &Field) -> bool {
        let name = field.name();
        if name.starts_with("log.") || name.starts_with("otel.") {
            return false;
        }
        self.there |= 1_u64
            .checked_shl(u32::try_from(field.index()).unwrap_or(u32::MAX))
            .unwrap_or(0);
        if !self.text.is_empty() && !self.text.ends_with(',') {
            self.text.push(',');
        }
        quoted(&mut self.text, name.strip_prefix("r#").unwrap_or(name));
        self.text.push(':');
        true
    }

    fn shown(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.begin(field) {
            shown(&mut self.text, value);
        }
    }

    /// A value that is its own JSON.
    fn bare(&mut self, field: &Field, value: &str) {
        if self.begin(field) {
            self.text.push_str(value);
        }
    }
}

impl Visit for Written {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.logged_by = Some(value.to_owned());
        }
        if self.begin(field) {
            quoted(&mut self.text, value);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, itoa::Buffer::new().format(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, itoa::Buffer::new().format(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, if value { "true" } else { "false" });
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.bare(field, &format!("{value:?}"));
        } else {
            self.bare(field, "null");
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.shown(field, format_args!("{value:?}"));
    }
}
