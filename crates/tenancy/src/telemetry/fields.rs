//! The fields of a span or an event, as JSON.

use std::fmt::{self, Debug, Write};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};

use super::escape::{quoted, shown};

/// The fields of a span, written once, when they are recorded: `"a":1,"b":"x"`.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) text: String,
    /// Which of the span's fields are in the text; a span has no more than 32.
    there: u64,
}

impl Fields {
    /// Adds what `record` records. A field that is there already is replaced.
    pub(super) fn record(&mut self, record: impl FnOnce(&mut dyn Visit)) {
        let mut new = Written::default();
        record(&mut new);
        if self.there & new.there != 0 {
            self.text = replaced(&self.text, &new.text);
        } else if self.text.is_empty() {
            self.text = new.text;
        } else if !new.text.is_empty() {
            self.text.push(',');
            self.text.push_str(&new.text);
        }
        self.there |= new.there;
    }
}

/// The seldom case: the fields of both, the later one's where they share one.
fn replaced(old: &str, new: &str) -> String {
    let parse =
        |text: &str| serde_json::from_str::<Map<String, Value>>(&format!("{{{text}}}")).unwrap_or_default();
    let (mut all, new) = (parse(old), parse(new));
    all.extend(new);
    let text = Value::Object(all).to_string();
    text.strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
        .unwrap_or_default()
        .to_owned()
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
    fn bare(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.begin(field) {
            // writing to a string does not fail
            let _ = self.text.write_fmt(value);
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
        self.bare(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, format_args!("{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.bare(field, format_args!("{value:?}"));
        } else {
            self.bare(field, format_args!("null"));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.shown(field, format_args!("{value:?}"));
    }
}
