//! Dependencies between our crates point one way.

use crate::tidy::{finding::Finding, manifest::KINDS, repository::Repository};

const STORES: &[&str] = &["tenancy-core"];
const SERVICE: &[&str] = &["tenancy", "paging"];

/// What each crate of ours may depend on, tests aside. What is not listed may depend on anything.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("tenancy-core", &[]),
    ("tenancy-auth", STORES),
    ("tenancy-graph", STORES),
    // itself, for the tests of its features
    ("tenancy-documents", &["tenancy-core", "tenancy-documents"]),
    ("tenancy-limits", STORES),
    ("tenancy-sql", STORES),
    ("tenancy-storage", STORES),
    ("tenancy-control", STORES),
    ("tenancy-testkit", STORES),
    ("tenancy-cli", &["tenancy-core", "tenancy-sql", "tenancy-control"]),
    (
        "tenancy",
        &[
            // itself, for the tests of its features
            "tenancy",
            "tenancy-core",
            "tenancy-auth",
            "tenancy-documents",
            "tenancy-graph",
            "tenancy-limits",
            "tenancy-sql",
            "tenancy-storage",
        ],
    ),
    ("paging", &["tenancy"]),
    ("itineraries", SERVICE),
    ("social", SERVICE),
    ("xtask", &[]),
];

/// What may depend on anything: it binds the others together.
const FREE: [&str; 2] = ["demo", "tests"];
const SERVICES: [&str; 2] = ["itineraries", "social"];
const TESTKIT: &str = "tenancy-testkit";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let members: Vec<_> = repository.members().collect();
    let ours: Vec<&str> = members.iter().map(|member| member.name()).collect();
    let mut findings = vec![];
    for member in members.iter().filter(|member| !FREE.contains(&member.name())) {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == member.name()) else {
            let remedy = "the crate has no layer: list it in xtask/src/tidy/rules/layering.rs";
            findings.push(Finding::new(&member.path, 0, remedy));
            continue;
        };
        for kind in KINDS {
            let named = member.dependencies(kind).map(|(name, _)| name);
            for name in named.filter(|name| ours.contains(name)) {
                let in_tests = kind == "dev-dependencies" && for_tests(member.name(), name);
                if !in_tests && !allowed.contains(&name) {
                    findings.push(Finding::new(
                        &member.path,
                        member.line(name),
                        remedy(member.name(), name, kind),
                    ));
                }
            }
        }
    }
    findings
}

/// A service's tests make contexts and databases, which is the work of the facade's parts.
fn for_tests(member: &str, name: &str) -> bool {
    (name == TESTKIT && member != "tenancy-core") || SERVICES.contains(&member)
}

fn remedy(member: &str, name: &str, kind: &str) -> String {
    match name {
        TESTKIT => format!("`{member}` may use the testkit in its dev-dependencies only"),
        _ => format!(
            "`{member}` may not depend on `{name}` ({kind}): what one needs of the other is a trait in tenancy-core"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    fn member(name: &str, rest: &str) -> String {
        format!("[package]\nname = \"{name}\"\n{rest}")
    }

    fn check_sql(rest: &str) -> Vec<(String, usize)> {
        let (sql, auth, kit) = (
            member("tenancy-sql", rest),
            member("tenancy-auth", ""),
            member(TESTKIT, ""),
        );
        let files = [
            ("crates/tenancy-sql/Cargo.toml", sql.as_str()),
            ("crates/tenancy-auth/Cargo.toml", auth.as_str()),
            ("crates/tenancy-testkit/Cargo.toml", kit.as_str()),
        ];
        places(check, &files)
    }

    #[test]
    fn a_store_depends_on_core_and_in_tests_on_the_testkit() {
        let sql = "crates/tenancy-sql/Cargo.toml";
        assert_eq!(
            check_sql("[dependencies]\ntenancy-auth.workspace = true"),
            [at(sql, 4)]
        );
        assert_eq!(
            check_sql("[dev-dependencies]\ntenancy-auth.workspace = true"),
            [at(sql, 4)]
        );
        assert_eq!(
            check_sql("[dependencies]\ntenancy-testkit.workspace = true"),
            [at(sql, 4)]
        );
        assert_eq!(
            check_sql("[dev-dependencies]\ntenancy-testkit.workspace = true"),
            []
        );
        assert_eq!(check_sql("[dependencies]\nsqlx.workspace = true"), []);
    }

    #[test]
    fn a_service_reaches_a_store_in_its_tests_only() {
        let path = "examples/trips/social/Cargo.toml";
        let sql = member("tenancy-sql", "");
        for (kind, expect) in [("dependencies", vec![at(path, 4)]), ("dev-dependencies", vec![])] {
            let social = member("social", &format!("[{kind}]\ntenancy-sql.workspace = true"));
            let files = [
                (path, social.as_str()),
                ("crates/tenancy-sql/Cargo.toml", sql.as_str()),
            ];
            assert_eq!(places(check, &files), expect, "{kind}");
        }
    }

    #[test]
    fn a_crate_without_a_layer_is_found() {
        let text = member("tenancy-new", "");
        let path = "crates/tenancy-new/Cargo.toml";
        assert_eq!(places(check, &[(path, &text)]), [at(path, 0)]);
    }
}
