//! Where build output and installed tools live: outside of the checkout, so that a fresh clone builds little.

use std::{env, ffi::OsString, path::PathBuf};

/// `TENANCY_CACHE`, or `tenancy` in the user's cache folder, or, for a user without a home, in the temporary one.
pub(crate) fn folder() -> PathBuf {
    choose(|name| env::var_os(name).filter(|value| !value.is_empty()))
}

/// Where cargo builds: `CARGO_TARGET_DIR` when it is set, else in the cache.
pub(crate) fn target() -> PathBuf {
    let named = env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty());
    named.map_or_else(|| folder().join("target"), PathBuf::from)
}

fn choose(variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let path = |name| variable(name).map(PathBuf::from);
    path("TENANCY_CACHE")
        .or_else(|| Some(path("XDG_CACHE_HOME")?.join("tenancy")))
        .or_else(|| Some(path("HOME")?.join(".cache/tenancy")))
        .unwrap_or_else(|| env::temp_dir().join("tenancy"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: &[(&str, &str)], expect: &str) {
        let variable = |name: &str| {
            let found = set.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| OsString::from(value))
        };
        assert_eq!(choose(variable), PathBuf::from(expect));
    }

    #[test]
    fn the_most_specific_variable_names_the_cache() {
        let all = [("TENANCY_CACHE", "/c"), ("XDG_CACHE_HOME", "/x"), ("HOME", "/h")];
        check(&all, "/c");
        check(&all[1..], "/x/tenancy");
        check(&all[2..], "/h/.cache/tenancy");
        check(&[], env::temp_dir().join("tenancy").to_str().unwrap());
    }
}
