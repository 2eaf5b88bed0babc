//! Where a database is, and the secret that opens it.

use std::{fmt, sync::Arc};

use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use tenancy_core::{SecretRef, registry::connect_options};

/// Where a database is, and the secret that opens it.
///
/// What was read first is what is proven, and served from. Of what is read later only the password counts: a URL that
/// leads elsewhere, to another role, or there in another way is refused.
pub(crate) struct Target {
    url: SecretRef,
    known: Mutex<Option<Known>>,
}

struct Known {
    url: SecretString,
    connect: Arc<PgConnectOptions>,
}

impl Target {
    pub(crate) fn new(url: SecretRef) -> Self {
        Self {
            url,
            known: Mutex::new(None),
        }
    }

    /// How to connect. Reads the secret when it was not yet.
    ///
    /// # Errors
    ///
    /// The reason names the reference and never what is behind it.
    pub(crate) fn connect(&self) -> Result<Arc<PgConnectOptions>, String> {
        let mut known = self.known.lock();
        if let Some(known) = known.as_ref() {
            return Ok(Arc::clone(&known.connect));
        }
        let read = self.read()?;
        let connect = Arc::clone(&read.connect);
        *known = Some(read);
        Ok(connect)
    }

    /// How to connect now, when that is another way than `used`: the password was changed.
    pub(crate) fn reread(&self, used: &Arc<PgConnectOptions>) -> Option<Arc<PgConnectOptions>> {
        self.refresh();
        let connect = self.connect().ok()?;
        (!Arc::ptr_eq(&connect, used)).then_some(connect)
    }

    /// Reads the secret once more, when it was read before. What can't be used changes nothing.
    pub(crate) fn refresh(&self) {
        let mut known = self.known.lock();
        let Some(before) = known.as_ref() else { return };
        match self.read() {
            Err(reason) => tracing::warn!("a database's secret can't be read again: {reason}"),
            Ok(read) if read.url.expose_secret() == before.url.expose_secret() => {}
            Ok(read) if read.leads_as(before) => {
                tracing::info!(secret = %self.url, "a database's password was changed");
                *known = Some(read);
            }
            Ok(_) => tracing::warn!(
                secret = %self.url,
                "a database's URL was changed in more than its password; it is not used before the next start"
            ),
        }
    }

    /// One that is read for good.
    #[cfg(test)]
    pub(crate) fn known(connect: PgConnectOptions) -> Self {
        let known = Known {
            url: "".into(),
            connect: Arc::new(connect),
        };
        Self {
            url: SecretRef::Env("NONE".to_owned()),
            known: Mutex::new(Some(known)),
        }
    }

    fn read(&self) -> Result<Known, String> {
        let url = self
            .url
            .reveal()
            .map_err(|error| format!("`{}`: {error}", self.url))?;
        let connect = connect_options(&url).map_err(|error| format!("`{}`: {error}", self.url))?;
        Ok(Known {
            url,
            connect: Arc::new(connect),
        })
    }
}

impl fmt::Display for Target {
    /// The reference, and nothing of what is behind it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

impl Known {
    /// Whether all but the password is the same.
    fn leads_as(&self, other: &Self) -> bool {
        let own = without_password(self.url.expose_secret());
        own.is_some() && own == without_password(other.url.expose_secret())
    }
}

/// A URL's user, and what comes after the password.
fn without_password(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, _) = rest.split_at_checked(end)?;
    let (login, _) = authority.rsplit_once('@')?;
    let user = login.split_once(':').map_or(login, |(user, _)| user);
    Some((user, rest.get(login.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of the URL that was read first when it is another one later.
    fn check(first: &str, later: &str, expect: bool) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, first).unwrap();
        let target = Target::new(SecretRef::File(file.clone()));
        let used = target.connect().unwrap();
        std::fs::write(&file, later).unwrap();
        assert_eq!(target.reread(&used).is_some(), expect, "{first} {later}");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(
            target.reread(&used).is_some(),
            expect,
            "a secret that is gone changes nothing"
        );
    }

    #[test]
    fn of_a_secret_that_changes_the_password_counts_and_nothing_else() {
        let first = "postgres://u:old@db.internal:5432/core?sslmode=verify-full&sslrootcert=/ca.pem";
        let rest = "db.internal:5432/core?sslmode=verify-full&sslrootcert=/ca.pem";
        check(first, first, false);
        check(first, &format!("postgres://u:new@{rest}"), true);
        check(first, &format!("postgres://u:n%40w:x@{rest}"), true);
        check(first, &format!("postgres://u@{rest}"), true);
        check(first, &format!("postgres://root:new@{rest}"), false);
        check(first, "no URL", false);
        for (from, to) in [
            ("db.internal", "evil.internal"),
            (":5432", ":5433"),
            ("/core", "/other"),
            ("verify-full", "disable"),
            ("/ca.pem", "/other.pem"),
            ("?", "?user=root&"),
            ("?", "?host=evil.internal&"),
        ] {
            check(
                first,
                &format!("postgres://u:new@{}", rest.replace(from, to)),
                false,
            );
        }
    }

    #[test]
    fn a_secret_that_is_no_url_is_not_repeated() {
        let target = Target::new(SecretRef::Env("PATH".to_owned()));
        assert_eq!(
            target.connect().unwrap_err(),
            "`env:PATH`: a database URL is `postgres://user:password@host:port/database?sslmode=…`"
        );
    }
}
