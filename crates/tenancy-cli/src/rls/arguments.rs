//! What is declared of a schema, from a file and from the command line.

use std::path::PathBuf;

use tenancy_sql::{
    RoleName,
    rls::{Declaration, Phase, Root},
};

use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct DeclarationArg {
    /// A TOML file: role, roots, global tables, skipped tables, paths, what is kept.
    #[arg(long, value_name = "FILE", required_unless_present_all = ["root", "role"])]
    declaration: Option<PathBuf>,
    /// A table whose rows are tenants; its primary key, a uuid, is the tenant. Besides those of the file.
    #[arg(long, value_name = "TABLE")]
    root: Vec<String>,
    /// The role that will serve. Instead of the file's.
    #[arg(long)]
    role: Option<RoleName>,
}

impl DeclarationArg {
    pub(super) fn read(self) -> Result<Declaration, Failure> {
        let mut declared = match (&self.declaration, &self.role) {
            (Some(file), _) => {
                let failed = |error: &dyn std::fmt::Display| {
                    Failure::Declaration(format!("`{}`: {error}", file.display()))
                };
                let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
                toml::from_str(&text).map_err(|error| failed(&error))?
            }
            (None, Some(role)) => Declaration::new(role.clone()),
            (None, None) => {
                return Err(Failure::Declaration(
                    "name a file, or a root and a role".to_owned(),
                ));
            }
        };
        if let Some(role) = self.role {
            declared.role = role;
        }
        let root = |table| Root {
            table,
            tenant: None,
            generate: false,
        };
        declared.roots.extend(self.root.into_iter().map(root));
        Ok(declared)
    }
}

pub(super) fn phase(text: &str) -> Result<Phase, String> {
    let mut all = Phase::ALL.into_iter();
    all.find(|phase| phase.as_str() == text)
        .ok_or_else(|| "it is prepare, backfill, validate, admit or enforce".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        role = "app"
        old_roles = ["web"]
        [[root]]
        table = "accounts"
        generate = true
        [[global]]
        table = "countries"
        reason = "the same for all"
        [[skip]]
        table = "jobs"
        reason = "the scheduler's"
        [[path]]
        table = "notes"
        via = "notes_trip_fkey"
        [[path]]
        table = "events"
        columns = ["account"]
        parent = "accounts"
        key = ["id"]
        [[keep]]
        table = "users"
        name = "users_email_key"
        reason = "the login comes before the tenant"
    "#;

    fn check(file: Option<&str>, root: &[&str], role: Option<&str>) -> Result<Declaration, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fence.toml");
        let declaration = file.map(|text| {
            std::fs::write(&path, text).unwrap();
            path
        });
        let root = root.iter().map(|it| (*it).to_owned()).collect();
        let role = role.map(|it| it.parse().unwrap());
        DeclarationArg {
            declaration,
            root,
            role,
        }
        .read()
    }

    #[test]
    fn a_file_and_the_command_line_add_up() {
        let declared = check(Some(FILE), &["partners"], Some("other")).unwrap();
        let roots: Vec<&str> = declared.roots.iter().map(|it| it.table.as_str()).collect();
        assert_eq!(
            (declared.role.as_str(), roots),
            ("other", vec!["accounts", "partners"])
        );
        assert_eq!(declared.paths.len(), 2);
        assert_eq!(check(None, &["a"], Some("app")).unwrap().roots.len(), 1);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (file, named) in [
            ("role = \"app\"\nroots = []", "unknown field `roots`"),
            ("role = \"pg_x\"", "a role has"),
            ("", "missing field `role`"),
        ] {
            let error = check(Some(file), &[], None).err().unwrap().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
