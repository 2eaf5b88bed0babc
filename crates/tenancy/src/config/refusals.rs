//! What a configuration is refused for: with the key, and what to do, and never a secret.

use super::{Config, ConfigError, load::typed};

/// One that is good.
pub(super) const GOOD: &str = r#"
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
        let change = format!("\"demo-trips\", revocation = {{ access_token = \"env:TOKEN\", {revocation} }}");
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
