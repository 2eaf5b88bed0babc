//! Where what was fetched or built once is kept.

use std::{env, path::PathBuf};

use super::account::{Account, reachable};

/// Names the folder that outlives the checkout.
const CACHE: &str = "TENANCY_CACHE";

/// The cache that outlives the checkout, at a place where the server's user reaches it.
pub(crate) fn cache(account: Option<Account>) -> PathBuf {
    let named = env::var_os(CACHE).map(PathBuf::from);
    let home = || {
        let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        base.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))
    };
    let usual = named.or_else(|| Some(home()?.join("tenancy")));
    usual
        .filter(|folder| account.is_none() || reachable(folder))
        .unwrap_or_else(|| {
            if account.is_some() {
                "/var/cache/tenancy".into()
            } else {
                env::temp_dir()
            }
        })
}
