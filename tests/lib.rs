//! What crosses crates lives in `it/`; this library is empty.
