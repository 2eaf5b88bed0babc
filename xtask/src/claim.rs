//! Whose the target folder's output is.
//!
//! Cargo names what it builds of the workspace by its place within the checkout, and tells old from new by time. Two
//! checkouts that share a target folder would so be given each other's programs: the tests of one would be run for the other.

use std::{fs, path::Path, process::ExitCode};

use crate::{
    cache,
    cargo::{cargo, workspace},
    phase::run,
};

/// Makes the target folder this checkout's: what another one's members left there goes, their dependencies stay.
pub(crate) fn claim() -> Result<(), ExitCode> {
    let (folder, checkout) = (cache::target(), workspace());
    let mark = folder.join("checkout");
    if is_ours(fs::read_to_string(&mark).ok().as_deref(), &checkout) {
        return Ok(());
    }
    run(
        "clear what another checkout built",
        &mut cargo(&["clean", "--quiet", "--workspace"]),
    )?;
    let marked =
        fs::create_dir_all(&folder).and_then(|()| fs::write(&mark, checkout.as_os_str().as_encoded_bytes()));
    marked.map_err(|error| {
        eprintln!("can't write `{}`: {error}", mark.display());
        ExitCode::FAILURE
    })
}

fn is_ours(mark: Option<&str>, checkout: &Path) -> bool {
    mark.is_some_and(|mark| Path::new(mark) == checkout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_ours_when_it_says_so() {
        let checkout = Path::new("/home/ada/tenancy");
        assert!(is_ours(Some("/home/ada/tenancy"), checkout));
        assert!(!is_ours(Some("/home/ada/tenancy-2"), checkout));
        assert!(!is_ours(None, checkout));
    }
}
