//! A configuration that is wrong is refused at start: the message names the key and the remedy, and never the secret.

use demo::world::{Service, Target};

use crate::harness::{Settings, on_trips};

const SECRET: &str = "hunter2";
const URL: &str = "postgres://app:hunter2@db.internal/core";
const CELL: &str = "cell-free-1.core";

/// A change, the key and words of the remedy.
type Case = (fn(Settings) -> Settings, &'static str, &'static str);

const CASES: &[Case] = &[
    // unknown keys
    (
        |s| s.set(&["sql", "pasword"], SECRET),
        "sql.pasword",
        "unknown field",
    ),
    (
        |s| s.set(&["deployment", "tier"], "free"),
        "deployment.tier",
        "unknown field",
    ),
    (|s| s.set(&["secrets", "key"], SECRET), "secrets", "unknown field"),
    // values that are none
    (
        |s| s.set(&["deployment", "mode"], "shred"),
        "deployment.mode",
        "`shared` or `pinned`",
    ),
    (
        |s| s.set(&["deployment", "listen"], "everywhere"),
        "deployment.listen",
        "address",
    ),
    (
        |s| s.set(&["sql", "max_connections"], 0),
        "sql.max_connections",
        "1 to 1000",
    ),
    (
        |s| s.set(&["sql", "max_connections"], SECRET),
        "sql.max_connections",
        "u32",
    ),
    (
        |s| s.set(&["deployment", "tenant"], "acme"),
        "deployment.tenant",
        "UUID",
    ),
    (
        |s| s.set(&["deployment", "mode"], "pinned"),
        "deployment.tenant",
        "names its tenant",
    ),
    (
        |s| s.set(&["identity", "project"], "Not A Project"),
        "identity.project",
        "",
    ),
    (|s| s.without("identity"), "identity", "missing"),
    (|s| s.without("registry"), "registry.url", "missing"),
    (
        |s| s.set(&["sql", "locations", "Cell 1"], "env:CORE"),
        "sql.locations",
        "a location",
    ),
    // URLs that are none
    (
        |s| s.set(&["identity", "keys"], "keys.example.com"),
        "identity.keys",
        "https",
    ),
    (
        |s| s.set(&["identity", "keys"], "http://keys.example.com/jwks"),
        "identity.keys",
        "https",
    ),
    (
        |s| s.set(&["identity", "keys"], "https://user:hunter2@keys.example.com/"),
        "identity.keys",
        "",
    ),
    (
        |s| s.secret(&["registry", "url"], &"mysql://app:hunter2@db/core".into()),
        "registry.url",
        "postgres://",
    ),
    (
        |s| s.secret(&["sql", "locations", CELL], &"db.internal hunter2".into()),
        CELL,
        "postgres://",
    ),
    // secrets where a reference belongs, references that lead nowhere
    (|s| s.set(&["registry", "url"], URL), "registry.url", "reference"),
    (
        |s| s.set(&["sql", "locations", CELL], URL),
        "sql.locations",
        "reference",
    ),
    (
        |s| s.set(&["registry", "url"], SECRET),
        "registry.url",
        "reference",
    ),
    (
        |s| s.set(&["registry", "url"], "file:/nowhere/registry"),
        "registry.url",
        "/nowhere/registry",
    ),
    (
        |s| s.set(&["sql", "locations", CELL], "env:NO_SUCH_VARIABLE"),
        CELL,
        "NO_SUCH_VARIABLE",
    ),
    (
        |s| s.set(&["objects", "root"], "/nowhere/objects"),
        "objects.root",
        "create it",
    ),
];

#[test]
fn a_wrong_configuration_is_refused_by_key_and_remedy_and_without_its_secret() {
    on_trips(async |trips| {
        let mut wrong = Vec::new();
        for (change, key, remedy) in CASES {
            let refusal = change(Settings::of(trips, Target::Shared, Service::Itineraries))
                .refusal()
                .await;
            if !refusal.contains(key) || !refusal.contains(remedy) || refusal.contains(SECRET) {
                wrong.push(format!("{key} ({remedy}): {refusal}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn text_that_is_no_toml_is_refused_by_its_line() {
    on_trips(async |trips| {
        let settings = Settings::of(trips, Target::Shared, Service::Itineraries);
        let path = settings.folder().join("broken.toml");
        std::fs::write(&path, "[deployment]\nmode = \"shared\"\npassword = hunter2\n").unwrap();
        let error = tenancy::Tenancy::from_config(&path).await.map(drop).unwrap_err();
        let text = crate::harness::reasons(&error);
        assert!(
            text.contains("line 3") && text.contains("broken.toml") && !text.contains(SECRET),
            "{text}"
        );
        let missing = settings.folder().join("missing.toml");
        let error = tenancy::Tenancy::from_config(&missing)
            .await
            .map(drop)
            .unwrap_err();
        assert!(crate::harness::reasons(&error).contains("missing.toml"));
    });
}

#[test]
fn the_settings_that_the_cases_change_are_good() {
    on_trips(async |trips| {
        Settings::of(trips, Target::Shared, Service::Itineraries)
            .boot()
            .await
            .unwrap();
    });
}
