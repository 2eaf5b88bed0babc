//! itineraries
fn main() {}
