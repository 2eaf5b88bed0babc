//! `cargo xtask providers` runs the tests of this package. Each is a program of its own: a process has one provider.
