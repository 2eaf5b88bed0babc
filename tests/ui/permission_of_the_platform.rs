//! An application's permission is not named as the platform's are: a role that lists it would mean two things.

tests::tenancy_core::permissions! {
    /// Looks like the platform's.
    pub Grab = "tenant:everything", Admin, write;
}

fn main() {}
