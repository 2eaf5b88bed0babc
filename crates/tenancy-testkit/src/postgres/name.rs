//! Names that need no quoting beyond the usual.

use super::error::PostgresError;

/// A name for a database or a role, legal in SQL between double quotes and in a URL as it is.
pub(super) fn checked(name: &str) -> Result<&str, PostgresError> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    let legal = (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.bytes().all(inner);
    if legal {
        Ok(name)
    } else {
        Err(PostgresError::Name(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_need_quoting_is_refused() {
        for legal in ["core", "acme-postgres-1", "_a", "a1"] {
            assert!(checked(legal).is_ok(), "{legal}");
        }
        for illegal in [
            "",
            "1a",
            "-a",
            "A",
            "a\"b",
            "a b",
            "a;b",
            "ä",
            "a.b",
            &"a".repeat(64),
        ] {
            assert!(checked(illegal).is_err(), "{illegal}");
        }
    }
}
