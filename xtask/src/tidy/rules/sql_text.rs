//! SQL that is put together at run time is looked at by a person first.

use crate::tidy::{
    code::{code, lines_with},
    finding::Finding,
    repository::Repository,
};

const WORD: &str = "AssertSqlSafe";

/// Files whose texts were looked at: names that were parsed, values that are bound. A file that joins
/// it is looked at in review, and one that no longer needs it is a finding.
const LOOKED_AT: [&str; 25] = [
    "crates/tenancy-sql/src/additions.rs",
    "crates/tenancy-sql/src/audit/auditor.rs",
    "crates/tenancy-sql/src/audit/catalog.rs",
    "crates/tenancy-sql/src/audit/probe/foreign.rs",
    "crates/tenancy-sql/src/audit/probe/forge.rs",
    "crates/tenancy-sql/src/audit/probe/reach.rs",
    "crates/tenancy-sql/src/audit/probe/target.rs",
    "crates/tenancy-sql/src/audit_log.rs",
    "crates/tenancy-sql/src/fleet/step.rs",
    "crates/tenancy-sql/src/migrate.rs",
    "crates/tenancy-sql/src/pool/canceller.rs",
    "crates/tenancy-sql/src/pool/slot.rs",
    "crates/tenancy-sql/src/pool/sweep.rs",
    "crates/tenancy-sql/src/pool/unclean.rs",
    "crates/tenancy-sql/src/rls/apply/text.rs",
    "crates/tenancy-sql/src/seal/injection.rs",
    "crates/tenancy-sql/src/seal/install.rs",
    "crates/tenancy-sql/src/seal/proof.rs",
    "crates/tenancy-sql/src/seal/verify.rs",
    "crates/tenancy-testkit/src/isolation/held_out.rs",
    "crates/tenancy-testkit/src/isolation/seeds.rs",
    "crates/tenancy-testkit/src/isolation/session.rs",
    "crates/tenancy-testkit/src/postgres/admin.rs",
    "examples/trips/demo/src/world/role.rs",
    "examples/trips/demo/src/world/rows.rs",
];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let found = repository.ending(".rs").flat_map(|(path, text)| file(path, text));
    found.collect()
}

fn file(path: &str, text: &str) -> Vec<Finding> {
    if ["tests/", "benches/"]
        .iter()
        .any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
    {
        return vec![];
    }
    let lines = lines_with(&code(text), WORD);
    match (LOOKED_AT.contains(&path), lines.first()) {
        (true, None) => {
            vec![Finding::new(
                path,
                0,
                "no text of SQL is put together here any more: take the file off the list",
            )]
        }
        (false, Some(line)) => vec![Finding::new(
            path,
            *line,
            "write the statement as a literal and bind its values; what must be put together belongs to a file \
             that xtask/src/tidy/rules/sql_text.rs lists",
        )],
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    #[test]
    fn a_text_put_together_elsewhere_is_found() {
        let text = "use sqlx::Row;\nfn f() { AssertSqlSafe(x) }\n";
        assert_eq!(
            places(check, &[("crates/a/src/b.rs", text)]),
            [at("crates/a/src/b.rs", 2)]
        );
        assert_eq!(
            places(
                check,
                &[("crates/a/tests/it/b.rs", text), ("tests/it/b.rs", text)]
            ),
            []
        );
        let [listed, ..] = LOOKED_AT;
        assert_eq!(places(check, &[(listed, text)]), []);
        assert_eq!(places(check, &[(listed, "// AssertSqlSafe")]), [at(listed, 0)]);
    }
}
