//! The matrix: checked in, made by the code, and equal to the specification.

use std::path::Path;

use tenancy_core::PLATFORM;

use super::{
    specification,
    subject::{DATA, Door, WHO, heard, permissions},
};

/// A change of what a role may do is a change of this file. `TENANCY_BLESS=1` writes it anew.
const GOLDEN: &str = "it/golden/matrix.txt";

/// The matrix as the code has it, each cell compared with the specification.
async fn matrix() -> String {
    let (door, columns) = (Door::new(), DATA.map(|data| format!("{data:<16}")).join(" "));
    let mut text = format!("{:<10} {:<24} {}\n", "who", "permission", columns.trim_end());
    for who in WHO {
        let context = door.context(who).await;
        for (permission, ask) in permissions() {
            let mut cells = Vec::new();
            for data in DATA {
                let outcome = context.as_ref().map_or_else(heard, |context| ask(context, data));
                assert_eq!(
                    outcome,
                    specification::outcome(who, permission, data),
                    "{who} {permission} {data}"
                );
                cells.push(format!("{:<16}", format!("{outcome:?}")));
            }
            text += &format!("{who:<10} {permission:<24} {}\n", cells.join(" ").trim_end());
        }
    }
    text
}

#[tokio::test]
async fn the_golden_matrix_is_the_specification() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    let seen = matrix().await;
    if std::env::var_os("TENANCY_BLESS").is_some() {
        std::fs::write(&file, &seen).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        seen, golden,
        "\n{seen}\nif this is right, run the test with TENANCY_BLESS=1"
    );
}

#[test]
fn the_matrix_has_every_permission_of_the_platform() {
    let rows = permissions();
    for def in PLATFORM {
        assert!(rows.iter().any(|(name, _)| *name == def.name()), "{def}");
    }
    assert_eq!(rows.len(), PLATFORM.len() + 1);
}
