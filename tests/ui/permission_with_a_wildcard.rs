//! A permission is one name, without wildcards.

tests::tenancy_core::permissions! {
    /// Looks like all of them.
    pub Everything = "trips:*", Admin, write;
}

fn main() {}
