//! The form of texts in URLs and signatures.

use std::fmt::Write;

/// Every byte but the unreserved ones (RFC 3986 section 2.3), and those in `kept`, as `%XX`.
pub(super) fn percent(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // writing to a string does not fail
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Two digits a byte, in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_escaped() {
        for (text, kept, expect) in [
            ("aZ09-._~", "", "aZ09-._~"),
            ("a b/c", "", "a%20b%2Fc"),
            ("a b/c", "/", "a%20b/c"),
            ("ü+%&=?#", "", "%C3%BC%2B%25%26%3D%3F%23"),
            ("\r\n\0", "", "%0D%0A%00"),
        ] {
            assert_eq!(percent(text, kept.as_bytes()), expect, "{text:?}");
        }
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
