//! social
fn main() {}
