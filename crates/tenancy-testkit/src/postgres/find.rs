//! Finds PostgreSQL's binaries on this machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::install;
use crate::machine::{Account, ServerError};

/// Names the folder of `initdb` and `postgres`, before anything else is looked at.
pub(super) const VARIABLE: &str = "TENANCY_POSTGRES_BIN";

/// The oldest major version whose features the schema needs (views with `security_invoker`, a `public` schema that
/// not everyone may create in).
const OLDEST: u32 = 15;

/// Where distributions put PostgreSQL; `*` is a version.
const USUAL: [&str; 7] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// The folder of `initdb` and `postgres`: from the environment, on the machine, or installed when that is allowed.
pub(super) fn binaries(account: Option<Account>) -> Result<PathBuf, ServerError> {
    if let Some(folder) = env::var_os(VARIABLE) {
        let folder = PathBuf::from(folder);
        return version(&folder).map(|_| folder.clone()).ok_or_else(|| {
            ServerError::Missing(format!(
                "{VARIABLE} is `{}`, which has no `initdb` and `postgres` that run: correct it or unset it",
                folder.display()
            ))
        });
    }
    if let Some(folder) = on_machine() {
        return Ok(folder);
    }
    install::install(account, on_machine)
}

fn on_machine() -> Option<PathBuf> {
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.and_then(|output| String::from_utf8(output.stdout).ok());
    let told = told.map(|text| PathBuf::from(text.trim()));
    let path = env::var_os("PATH").unwrap_or_default();
    told.into_iter()
        .chain(env::split_paths(&path))
        .chain(newest_first(
            USUAL.iter().flat_map(|pattern| expand(pattern)).collect(),
        ))
        .find(|folder| fit(folder))
}

/// Whether the folder holds a server that is new enough.
pub(super) fn fit(folder: &Path) -> bool {
    version(folder).is_some_and(|major| major >= OLDEST)
}

/// The major version of a folder that holds both programs.
fn version(folder: &Path) -> Option<u32> {
    if !folder.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().find_map(number)
}

/// The number that a text begins with.
fn number(text: &str) -> Option<u32> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The folders that a pattern with at most one `*` in one of its parts names.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![pattern.into()];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let names = fs::read_dir(parent).into_iter().flatten().flatten();
    names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(prefix))
        .map(|name| PathBuf::from(format!("{parent}/{name}{after}")))
        .collect()
}

/// By the first number in the path: 9.6 is older than 15.
fn newest_first(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let key = |folder: &PathBuf| {
        let text = folder.to_string_lossy().into_owned();
        text.find(|c: char| c.is_ascii_digit())
            .and_then(|at| number(text.get(at..)?))
    };
    folders.sort_by_key(|folder| std::cmp::Reverse(key(folder)));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_taken_by_number() {
        let folders = ["/opt/9.6/bin", "/opt/15/bin", "/opt/pg/bin", "/opt/17.2/bin"].map(PathBuf::from);
        let sorted = newest_first(folders.to_vec());
        assert_eq!(sorted.first(), Some(&PathBuf::from("/opt/17.2/bin")));
        assert_eq!(sorted.get(1), Some(&PathBuf::from("/opt/15/bin")));
        assert_eq!(sorted.last(), Some(&PathBuf::from("/opt/pg/bin")));
    }

    #[test]
    fn a_pattern_names_the_folders_that_are_there() {
        let base = env::temp_dir().join(format!("tenancy-expand-{}", std::process::id()));
        for name in ["pg-15", "pg-16", "other"] {
            fs::create_dir_all(base.join(name).join("bin")).unwrap();
        }
        let mut found = expand(&format!("{}/pg-*/bin", base.display()));
        found.sort();
        let expect = vec![base.join("pg-15/bin"), base.join("pg-16/bin")];
        fs::remove_dir_all(&base).unwrap();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_folder_without_a_server_does_not_fit() {
        assert!(!fit(Path::new("/nonexistent")));
        assert!(!fit(&env::temp_dir()));
    }
}
