//! As whom a server runs: PostgreSQL refuses to run as root, and Redis has no need to.

use std::{
    env, fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use super::error::{ServerError, While};

/// The user a server runs as when this process is root's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// `None`: as the user who runs this process. As root: `postgres`, or else `nobody`.
    pub(crate) fn choose() -> Result<Option<Self>, ServerError> {
        if id(&["-u"]) != Some(0) {
            return Ok(None);
        }
        let named = |name: &str| {
            Some(Self {
                uid: id(&["-u", name])?,
                gid: id(&["-g", name])?,
            })
        };
        let account = named("postgres")
            .or_else(|| named("nobody"))
            .filter(|a| a.uid != 0);
        account.map(Some).ok_or_else(|| {
            ServerError::Missing(
                "a server does not run as root, and there is no user `postgres` or `nobody`: add one"
                    .to_owned(),
            )
        })
    }

    /// Makes `command` run as this user, without root's groups.
    pub(crate) fn apply(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Gives a file or folder to this user.
    pub(crate) fn own(self, path: &Path) -> Result<(), ServerError> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
            .during(|| format!("give `{}` to the server's user", path.display()))
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    let text = output.status.success().then_some(output.stdout)?;
    String::from_utf8(text).ok()?.trim().parse().ok()
}

/// Whether another user reaches `path`: every folder on the way lets everyone pass.
pub(crate) fn reachable(path: &Path) -> bool {
    path.ancestors().all(|folder| everyone(folder, 0o001))
}

/// Whether everyone has these rights. A folder that does not exist yet is made with the usual mode.
fn everyone(folder: &Path, rights: u32) -> bool {
    fs::metadata(folder).map_or(true, |data| data.permissions().mode() & rights == rights)
}

/// A folder for temporary files. Another user must reach it, and may remove what it has there.
pub(crate) fn temporary(account: Option<Account>) -> PathBuf {
    let usual = env::temp_dir();
    if account.is_none() || (reachable(&usual) && everyone(&usual, 0o002)) {
        usual
    } else {
        PathBuf::from("/tmp")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_mode_700_on_the_way_is_seen() {
        let base = env::temp_dir().join(format!("tenancy-reach-{}", std::process::id()));
        let inner = base.join("inner");
        fs::create_dir_all(&inner).unwrap();
        assert!(reachable(&inner));
        fs::set_permissions(&base, fs::Permissions::from_mode(0o700)).unwrap();
        let seen = reachable(&inner);
        fs::remove_dir_all(&base).unwrap();
        assert!(!seen);
    }

    #[test]
    fn root_gets_another_user() {
        let account = Account::choose().unwrap();
        assert_eq!(account.is_some(), id(&["-u"]) == Some(0));
        assert_ne!(account.map(|a| a.uid), Some(0));
    }
}
