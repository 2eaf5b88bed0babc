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

/// A refusal a line: the key that it names | what it says | what of the good one is replaced, or `+` for a line of its own | by
/// what, `-` for nothing; `\n` is the end of a line.
const BAD: &str = r#"
deployment.mode | `shared` or `pinned` | mode = "shared" | mode = "shred"
identity.projekt | unknown field `projekt` | project | projekt
deployment.tenant | names its tenant | mode = "shared" | mode = "pinned"
registry.url | reference | env:REGISTRY_URL | postgres://u:hunter2@db/registry
sql.locations | reference | file:/run/secrets/core | postgres://u:hunter2@db/core
sql.max_connections | text | + | [sql]\nmax_connections = "hunter2"
sql.max_connections | 1 to 1000 | + | [sql]\nmax_connections = 0
sql.connection_budget | 2 to 10000 | + | [sql]\nconnection_budget = 1
sql.idle_seconds | 1 to 86400 | + | [sql]\nidle_seconds = 0
sql.seal | bound to a session | + | [sql]\nseal = "env:SEAL"\npool_mode = "transaction"
sql.replicas.cell-2.core | does not name | + | [sql.replicas]\n"cell-2.core" = ["env:REPLICA"]
sql.replicas.cell-1.core | 0 are not 1 to 8 | + | [sql.replicas]\n"cell-1.core" = []
sql.replicas | a standby can't be sealed | + | [sql]\nseal = "env:SEAL"\n[sql.replicas]\n"cell-1.core" = ["env:REPLICA"]
sql.replicas | reference | + | [sql.replicas]\n"cell-1.core" = ["postgres://u:hunter2@db/core"]
sql.seal | reference | + | [sql]\nseal = "hunter2"
sql.password | unknown field | + | [sql]\npassword = "hunter2"
deployment.domain | without scheme | app.example.com | https://app.example.com
deployment.hosts | `127.0.0.1:80` is no host | domain = | hosts = ["127.0.0.1:80"], domain =
deployment.listen | `127.0.0.1:8080` | domain = | listen = "8080", domain =
deployment.hosts | `acme.APP.example.com` is the host of a tenant `acme` | domain = | hosts = ["acme.APP.example.com"], domain =
deployment.trusted_proxies | begins at `10.0.0.0` | domain = | trusted_proxies = ["10.0.0.1/8"], domain =
deployment.trusted_proxies | such as `10.0.0.0/8` | domain = | trusted_proxies = ["hunter2"], domain =
resolution.host | `ignore`, `agree`, `require` | + | [resolution]\nhost = "hunter2"
resolution.host | leave one of them at `agree` | + | [resolution]\nhost = "ignore"\nheader = "ignore"\npath = "ignore"
deployment.hosts | `trips` names no tenant | domain = "app.example.com" } | hosts = ["trips"], domain = "app.example.com" }\nresolution = { host = "require" }
limits.redis | reference | + | limits = { redis = "hunter2" }
limits.replicas | there is none | + | limits = { replicas = 3 }
limits.address_per_minute | from 1 on | + | limits = { address_per_minute = 0 }
limits.address_at_once | from 1 on | + | limits = { address_at_once = 0 }
limits.wait_seconds | 1 to 60 | + | limits = { wait_seconds = 61 }
limits.redis_prefix | 1 to 63 | + | limits = { redis_prefix = "a b" }
limits.shadow | `address`, `tenant`, `user` | + | limits = { shadow = ["hunter2"] }
telemetry.trace_ratio | 0 to 1 | + | telemetry = { trace_ratio = 1.5 }
telemetry.tenant_labels | 1 to 1000 | + | telemetry = { tenant_labels = 0 }
plans | `free`, `standard`, `enterprise` | + | plans = { gold = {} }
plans | an allowance is a number | + | plans = { free = { seats = "hunter2" } }
service.name | a service's name | + | service = { name = "Trips" }
service.keys | reference | + | service = { name = "a", keys = ["hunter2"] }
service.permissions | without wildcards | + | service = { name = "a", permissions = ["tenant:*"] }
service.trusted.a | the service itself | + | service = { name = "a", trusted = { a = { keys = "env:KEYS" } } }
service.operators.longest_minutes | 1 to 480 | + | service = { name = "a", operators = { issuer = "c", keys = "env:K", longest_minutes = 481 } }
registry.url | missing | registry = { url = "env:REGISTRY_URL" } | -
sql.locations | a location | "cell-1.core" | "Cell 1"
sql.locations | a location | "cell-1.core" | "postgres://u:hunter2@db/core"
identity | unknown field | project | "postgres://u:hunter2@db/core"
deployment.mode | `shared` or `pinned` | mode = "shared" | mode = "hunter2"
identity.revocation.fresh_seconds | 1 to 3600 | "demo-trips" | "demo-trips", revocation = { access_token = "env:TOKEN", fresh_seconds = 0 }
identity.revocation.stale_seconds | not less than | "demo-trips" | "demo-trips", revocation = { access_token = "env:TOKEN", stale_seconds = 30 }
limits.redis | for shared deployments only | deployment = { mode = "shared" | limits = { redis = "env:REDIS" }\ndeployment = { mode = "pinned", tenant = "01a20c44-1eb8-76ed-9b4f-8986dd4b314e"
limits.address_connections | 1 to 10000 | + | limits = { address_connections = 0 }
limits.unread_seconds | 1 to 300 | + | limits = { unread_seconds = 301 }
service.peers.b | `http://b.internal` would send | + | service = { name = "a", peers = { b = "http://b.internal:8080" } }
service.peers.b | set `service.peer_transport` to `mesh` | + | service = { name = "a", peers = { b = "http://10.0.0.7" } }
service.peers.b | clear text | + | service = { name = "a", peers = { b = "HTTP://localhost.example" } }
service.peers.b | clear text | + | service = { name = "a", peers = { b = "http://127.0.0.1.example" } }
service.peers.b | clear text | + | service = { name = "a", peer_transport = "mesh", peers = { b = "ftp://b" } }
service.peers.b | no address such as | + | service = { name = "a", peers = { b = "https://u:hunter2@b" } }
service.peers.b | no address such as | + | service = { name = "a", peers = { b = "/hunter2" } }
service.peer_transport | `https` or `mesh` | + | service = { name = "a", peer_transport = "hunter2" }
"#;

/// Lines of their own that are as good.
const AS_GOOD: &[&str] = &[
    r#"service = { name = "a", peers = { b = "https://b.internal", c = "http://localhost:80", d = "http://[::1]:80/x", e = "http://127.9.9.9" } }"#,
    r#"service = { name = "a", peer_transport = "mesh", peers = { b = "http://b.internal:8080", c = "https://c" } }"#,
    "limits = { address_connections = 10000, unread_seconds = 300 }",
    "[sql.replicas]\n\"cell-1.core\" = [\"env:REPLICA\", \"file:/run/secrets/replica\"]",
];

fn load(text: &str) -> Result<Config, ConfigError> {
    typed::<Config>(text.parse().unwrap())?.check()
}

/// The good one, changed.
fn changed(what: &str, by: &str) -> String {
    let table = "[sql.locations]";
    let by = by.replace("\\n", "\n");
    match (what, by.as_str()) {
        ("+", line) => GOOD.replace(table, &format!("{line}\n{table}")),
        (what, "-") => GOOD.replace(what, ""),
        (what, by) => GOOD.replace(what, by),
    }
}

fn check(row: &str) {
    let [key, says, what, by] = row.split(" | ").collect::<Vec<_>>()[..] else {
        panic!("no row: {row}")
    };
    let text = changed(what, by);
    assert_ne!(text, GOOD, "the change changes nothing: {row}");
    let error = load(&text).unwrap_err().to_string();
    assert!(error.contains(key) && error.contains(says), "{row}: {error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_good_one_loads() {
    load(GOOD).unwrap();
    for line in AS_GOOD {
        load(&changed("+", line)).unwrap();
    }
}

#[test]
fn a_bad_one_is_refused_with_key_and_remedy() {
    BAD.lines().filter(|line| !line.is_empty()).for_each(check);
}
