//! A placeholder: the cases are made elsewhere.

use tenancy_testkit::bench::Micro;

pub(crate) fn cases() -> Vec<Micro> {
    Vec::new()
}
