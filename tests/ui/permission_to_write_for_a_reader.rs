//! A read-only member is given no permission that writes.

tests::tenancy_core::permissions! {
    /// Writes.
    pub Scribble = "trips:itinerary:scribble", ReadOnly, write;
}

fn main() {}
