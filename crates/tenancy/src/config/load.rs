//! Reads a configuration.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::{Table, Value};

use super::{Config, ConfigError};
use crate::telemetry::TelemetryOptions;

/// A variable `TENANCY__SQL__MAX_CONNECTIONS` overrides `sql.max_connections`.
const OVERLAY: &str = "TENANCY__";

impl Config {
    /// Reads a configuration file, with the environment laid over it.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], when anything in it is wrong.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let mut table = read(path.as_ref())?;
        overlay(
            &mut table,
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))),
        )?;
        typed::<Self>(table)?.check()
    }

    /// What [`telemetry::start`](crate::telemetry::start) begins: `[telemetry]`, under the name of the service.
    #[must_use]
    pub fn telemetry(&self) -> TelemetryOptions {
        let name = self.service.as_ref().map(|service| service.name.as_str());
        self.telemetry.options(name.unwrap_or("service"))
    }
}

/// Reads a TOML file; a syntax error names the line and does not repeat it.
pub(super) fn read(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    text.parse::<Table>().map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|&b| b == b'\n').count() + 1;
        ConfigError::Syntax {
            path: path.to_owned(),
            line,
            problem: error.message().to_owned(),
        }
    })
}

/// Gives a table its type; an error names the key.
pub(super) fn typed<T: DeserializeOwned>(table: Table) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let key = without_secrets(error.path());
        ConfigError::key(
            if key.is_empty() { "configuration" } else { &key },
            without_values(error.inner().message()),
        )
    })
}

/// The path of a key. What is no name of a key is left out: it may be a secret in the wrong place.
fn without_secrets(path: &serde_path_to_error::Path) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Map { key } | Segment::Enum { variant: key } if !is_name(key) => "…".to_owned(),
        named => named.to_string(),
    });
    segments.collect::<Vec<_>>().join(".")
}

fn is_name(key: &str) -> bool {
    key.len() <= 63
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-. ".contains(&b))
}

/// The sentence of a type error without the value: it may be a secret in the wrong place.
fn without_values(message: &str) -> String {
    if let Some((field, _)) = message
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.rsplit_once("`, expected "))
        && !is_name(field)
    {
        return "unknown field".to_owned();
    }
    let value = message
        .strip_prefix("invalid type: string ")
        .or_else(|| message.strip_prefix("invalid value: string "))
        .or_else(|| message.strip_prefix("unknown variant `"));
    match value.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((_, expected)) => format!("a text, where {expected} belongs"),
        None => message.to_owned(),
    }
}

fn overlay(table: &mut Table, variables: impl Iterator<Item = (String, String)>) -> Result<(), ConfigError> {
    for (name, text) in variables {
        let Some(path) = name.strip_prefix(OVERLAY) else {
            continue;
        };
        let keys: Vec<String> = path.split("__").map(str::to_ascii_lowercase).collect();
        let Some((last, sections)) = keys.split_last() else {
            continue;
        };
        let mut at = &mut *table;
        for section in sections {
            let entry = at
                .entry(section.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            at = entry
                .as_table_mut()
                .ok_or_else(|| ConfigError::key(&name, format!("`{section}` is no section")))?;
        }
        at.insert(last.clone(), value(text));
    }
    Ok(())
}

/// Numbers, booleans, lists and quoted texts are what they are in TOML; everything else is text as it stands.
fn value(text: String) -> Value {
    let parsed = format!("value = {text}").parse::<Table>();
    let only = parsed.ok().filter(|table| table.len() == 1);
    match only.and_then(|mut table| table.remove("value")) {
        Some(value @ (Value::Integer(_) | Value::Boolean(_) | Value::Array(_) | Value::String(_))) => value,
        _ => Value::String(text),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::refusals::GOOD, *};

    #[test]
    fn the_environment_overrides() {
        let mut table: Table = GOOD.parse().unwrap();
        let variables = [
            ("TENANCY__SQL__MAX_CONNECTIONS", "3"),
            ("TENANCY__IDENTITY__PROJECT", "other"),
            ("TENANCY__DEPLOYMENT__HOSTS", "[\"trips\", \"127.0.0.1\"]"),
            ("TENANCY__SQL__LOCATIONS__CELL-1.CORE", "env:CORE"),
            ("PATH", "/"),
        ];
        overlay(
            &mut table,
            variables.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())),
        )
        .unwrap();
        let config = typed::<Config>(table).unwrap();
        assert_eq!(
            (config.sql.max_connections, config.identity.project.as_str()),
            (3, "other")
        );
        assert_eq!(config.deployment.hosts, ["trips", "127.0.0.1"]);
        assert_eq!(config.sql.locations.len(), 1);
    }

    #[test]
    fn the_examples_of_the_readme_are_good() {
        let readme = include_str!("../../README.md");
        let mut examples = readme.split("```toml\n").skip(1);
        let mut next = || -> Table {
            let text = examples.next().unwrap().split("```").next().unwrap();
            text.parse().unwrap()
        };
        typed::<Config>(next()).unwrap().check().unwrap();
        let directory = typed::<super::super::DirectoryFile>(next()).unwrap();
        assert_eq!(
            (directory.members().unwrap().len(), directory.tenants.len()),
            (1, 1)
        );
    }

    #[test]
    fn a_variable_is_one_value() {
        for (text, expect) in [
            ("-3", Value::Integer(-3)),
            ("true", Value::Boolean(true)),
            ("\"7\"", Value::String("7".to_owned())),
            ("a\nb = 1", Value::String("a\nb = 1".to_owned())),
            ("1\nb = 1", Value::String("1\nb = 1".to_owned())),
            ("2026-01-01", Value::String("2026-01-01".to_owned())),
            ("", Value::String(String::new())),
        ] {
            assert_eq!(value(text.to_owned()), expect, "{text:?}");
        }
    }

    #[test]
    fn a_syntax_error_names_the_line_and_not_what_stands_there() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (text, says) in [
            ("a = 1\nb = hunter2", "line 2"),
            ("[sql]\na = 1\na = \"hunter2\"", "line 3: duplicate key"),
        ] {
            std::fs::write(file.path(), text).unwrap();
            let error = read(file.path()).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("hunter2"), "{error}");
        }
    }
}
