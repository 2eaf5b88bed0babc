//! Who swears that a token was verified is a short list.

use crate::tidy::{
    code::{code, lines_with},
    finding::Finding,
    repository::Repository,
};

const MAY: [&str; 3] = [
    "crates/tenancy-core/",
    "crates/tenancy-auth/",
    "crates/tenancy-testkit/",
];
const REMEDY: &str = "`tenancy_core::trust` is for tenancy-auth and the testkit: take a `VerifiedIdentity`";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let others = repository
        .ending(".rs")
        .filter(|(path, _)| !MAY.iter().any(|folder| path.starts_with(folder)));
    // modules of xtask and text about trust are not meant: the path of the module, or its function
    let found = others
        .filter(|(path, _)| !path.starts_with("xtask/"))
        .flat_map(|(path, text)| {
            let code = code(text);
            let lines = ["trust", "token_verified", "service_verified", "operator_granted"]
                .map(|word| lines_with(&code, word))
                .concat();
            lines
                .into_iter()
                .map(|line| Finding::new(path, line, REMEDY))
                .collect::<Vec<_>>()
        });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    #[test]
    fn who_may_not_swear_is_found() {
        let text = "// trust\nuse tenancy_core::{\n    Role,\n    trust,\n};\nfn f() { \"trust\"; }\n";
        assert_eq!(
            places(check, &[("crates/tenancy-sql/src/a.rs", text)]),
            [at("crates/tenancy-sql/src/a.rs", 4)]
        );
        let renamed = "use tenancy_core::trust::token_verified as x;";
        assert!(!places(check, &[("examples/a.rs", renamed)]).is_empty());
        assert_eq!(places(check, &[("crates/tenancy-auth/src/a.rs", text)]), []);
    }
}
