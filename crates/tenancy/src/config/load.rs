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
    use super::*;

    const GOOD: &str = r#"
        deployment = { mode = "shared", domain = "app.example.com" }
        identity = { project = "demo-trips" }
        registry = { url = "env:REGISTRY_URL" }
        [sql.locations]
        "cell-1.core" = "file:/run/secrets/core"
    "#;

    fn load(text: &str) -> Result<Config, ConfigError> {
        typed::<Config>(text.parse().unwrap())?.check()
    }

    fn refused(change: (&str, &str), key: &str, says: &str) {
        let text = GOOD.replace(change.0, change.1);
        assert_ne!(text, GOOD, "the change changes nothing: {change:?}");
        let error = load(&text).unwrap_err().to_string();
        assert!(error.contains(key) && error.contains(says), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_good_one_loads() {
        load(GOOD).unwrap();
    }

    #[test]
    fn a_bad_one_is_refused_with_key_and_remedy() {
        refused(
            ("mode = \"shared\"", "mode = \"shred\""),
            "deployment.mode",
            "`shared` or `pinned`",
        );
        refused(
            ("project", "projekt"),
            "identity.projekt",
            "unknown field `projekt`",
        );
        refused(
            ("mode = \"shared\"", "mode = \"pinned\""),
            "deployment.tenant",
            "names its tenant",
        );
        refused(
            ("env:REGISTRY_URL", "postgres://u:hunter2@db/registry"),
            "registry.url",
            "reference",
        );
        refused(
            ("file:/run/secrets/core", "postgres://u:hunter2@db/core"),
            "sql.locations",
            "reference",
        );
        refused(
            (
                "[sql.locations]",
                "[sql]\nmax_connections = \"hunter2\"\n[sql.locations]",
            ),
            "sql.max_connections",
            "text",
        );
        refused(
            ("[sql.locations]", "[sql]\nmax_connections = 0\n[sql.locations]"),
            "sql.max_connections",
            "1 to 1000",
        );
        refused(
            (
                "[sql.locations]",
                "[sql]\npassword = \"hunter2\"\n[sql.locations]",
            ),
            "sql.password",
            "unknown field",
        );
        refused(
            ("app.example.com", "https://app.example.com"),
            "deployment.domain",
            "without scheme",
        );
        refused(
            ("domain =", "hosts = [\"127.0.0.1:80\"], domain ="),
            "deployment.hosts",
            "`127.0.0.1:80` is no host",
        );
        refused(
            ("domain =", "listen = \"8080\", domain ="),
            "deployment.listen",
            "`127.0.0.1:8080`",
        );
        refused(
            ("domain =", "hosts = [\"acme.APP.example.com\"], domain ="),
            "deployment.hosts",
            "`acme.APP.example.com` is the host of a tenant `acme`",
        );
        refused(
            ("domain =", "trusted_proxies = [\"10.0.0.1/8\"], domain ="),
            "deployment.trusted_proxies",
            "begins at `10.0.0.0`",
        );
        refused(
            ("domain =", "trusted_proxies = [\"hunter2\"], domain ="),
            "deployment.trusted_proxies",
            "such as `10.0.0.0/8`",
        );
        refused(
            (
                "[sql.locations]",
                "[resolution]\nhost = \"hunter2\"\n[sql.locations]",
            ),
            "resolution.host",
            "`ignore`, `agree`, `require`",
        );
        refused(
            (
                "[sql.locations]",
                "[resolution]\nhost = \"ignore\"\nheader = \"ignore\"\npath = \"ignore\"\n[sql.locations]",
            ),
            "resolution.host",
            "leave one of them at `agree`",
        );
        refused(
            (
                "domain = \"app.example.com\" }",
                "hosts = [\"trips\"], domain = \"app.example.com\" }\nresolution = { host = \"require\" }",
            ),
            "deployment.hosts",
            "`trips` names no tenant",
        );
        for (section, key, says) in [
            ("limits = { redis = \"hunter2\" }", "limits.redis", "reference"),
            ("limits = { replicas = 3 }", "limits.replicas", "there is none"),
            (
                "limits = { address_per_minute = 0 }",
                "limits.address_per_minute",
                "from 1 on",
            ),
            (
                "limits = { address_at_once = 0 }",
                "limits.address_at_once",
                "from 1 on",
            ),
            ("limits = { wait_seconds = 61 }", "limits.wait_seconds", "1 to 60"),
            (
                "limits = { redis_prefix = \"a b\" }",
                "limits.redis_prefix",
                "1 to 63",
            ),
            (
                "limits = { shadow = [\"hunter2\"] }",
                "limits.shadow",
                "`address`, `tenant`, `user`",
            ),
            (
                "telemetry = { trace_ratio = 1.5 }",
                "telemetry.trace_ratio",
                "0 to 1",
            ),
            (
                "telemetry = { tenant_labels = 0 }",
                "telemetry.tenant_labels",
                "1 to 1000",
            ),
            (
                "plans = { gold = {} }",
                "plans",
                "`free`, `standard`, `enterprise`",
            ),
            (
                "plans = { free = { seats = \"hunter2\" } }",
                "plans",
                "an allowance is a number",
            ),
            (
                "service = { name = \"Trips\" }",
                "service.name",
                "a service's name",
            ),
            (
                "service = { name = \"a\", keys = [\"hunter2\"] }",
                "service.keys",
                "reference",
            ),
            (
                "service = { name = \"a\", permissions = [\"tenant:*\"] }",
                "service.permissions",
                "without wildcards",
            ),
            (
                "service = { name = \"a\", trusted = { a = { keys = \"env:KEYS\" } } }",
                "service.trusted.a",
                "the service itself",
            ),
            (
                "service = { name = \"a\", operators = { issuer = \"c\", keys = \"env:K\", longest_minutes = 481 } }",
                "service.operators.longest_minutes",
                "1 to 480",
            ),
        ] {
            let change = format!("{section}\n[sql.locations]");
            refused(("[sql.locations]", &change), key, says);
        }
        for (revocation, key) in [
            ("fresh_seconds = 0", "fresh_seconds"),
            ("stale_seconds = 30", "stale_seconds"),
        ] {
            let change =
                format!("\"demo-trips\", revocation = {{ access_token = \"env:TOKEN\", {revocation} }}");
            refused(
                ("\"demo-trips\"", &change),
                &format!("identity.revocation.{key}"),
                "",
            );
        }
        let pinned = "deployment = { mode = \"pinned\", tenant = \"01a20c44-1eb8-76ed-9b4f-8986dd4b314e\"";
        let redis = format!("limits = {{ redis = \"env:REDIS\" }}\n{pinned}");
        refused(
            ("deployment = { mode = \"shared\"", &redis),
            "limits.redis",
            "for shared deployments only",
        );
        refused(
            ("registry = { url = \"env:REGISTRY_URL\" }", ""),
            "registry.url",
            "missing",
        );
        refused(("\"cell-1.core\"", "\"Cell 1\""), "sql.locations", "a location");
        refused(
            ("\"cell-1.core\"", "\"postgres://u:hunter2@db/core\""),
            "sql.locations",
            "a location",
        );
        refused(
            ("project", "\"postgres://u:hunter2@db/core\""),
            "identity",
            "unknown field",
        );
        refused(
            ("mode = \"shared\"", "mode = \"hunter2\""),
            "deployment.mode",
            "`shared` or `pinned`",
        );
    }

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
