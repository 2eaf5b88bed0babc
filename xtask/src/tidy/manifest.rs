//! A member's `Cargo.toml`.

use toml::{Table, Value};

/// A member's `Cargo.toml`.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// Its path from the workspace's folder.
    pub(crate) path: String,
    /// Its text, to say in which line something is.
    pub(crate) text: String,
    /// Its content.
    pub(crate) table: Table,
}

impl Manifest {
    /// `None` when the text is no manifest of a package; cargo itself says more about that.
    pub(crate) fn parse(path: &str, text: &str) -> Option<Self> {
        let table: Table = text.parse().ok()?;
        table.contains_key("package").then(|| Self {
            path: path.to_owned(),
            text: text.to_owned(),
            table,
        })
    }

    /// The package's name.
    pub(crate) fn name(&self) -> &str {
        let name = self.table.get("package").and_then(|package| package.get("name"));
        name.and_then(Value::as_str).unwrap_or_default()
    }

    /// The dependencies of one kind: `dependencies`, `dev-dependencies` or `build-dependencies`.
    pub(crate) fn dependencies(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        let table = self.table.get(kind).and_then(Value::as_table);
        table
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The first line that begins with `start`, from 1; 0 when there is none.
    pub(crate) fn line(&self, start: &str) -> usize {
        let at = self
            .text
            .lines()
            .position(|line| line.trim_start().starts_with(start));
        at.map_or(0, |at| at + 1)
    }
}

/// The kinds of dependencies.
pub(crate) const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Whether a value says `workspace = true`.
pub(crate) fn inherited(value: Option<&Value>) -> bool {
    value
        .and_then(|value| value.get("workspace"))
        .and_then(Value::as_bool)
        == Some(true)
}
