//! The name under which a browser keeps a download.

use std::{fmt, str::FromStr};

use super::encode::percent;

/// A file name has 255 bytes on most file systems.
const MAX_BYTES: usize = 255;

/// The file name of a download, as a user may have chosen it: 1 to 255 bytes of UTF-8, no control or formatting character
/// (a right-to-left mark hides what a file is), no `/` or `\`, no dot first or last, no space last.
#[derive(Clone, PartialEq, Eq)]
pub struct DownloadName(Box<str>);

/// The text is no name of a download. Does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a download's name has 1 to 255 bytes, no slash, backslash, control or formatting character, no dot first or last, and no space last"
)]
pub struct ParseDownloadNameError;

/// Characters that change how what is next to them looks (Unicode's `Cf`, and its two line ends).
fn is_formatting(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

impl FromStr for DownloadName {
    type Err = ParseDownloadNameError;

    fn from_str(text: &str) -> Result<Self, ParseDownloadNameError> {
        let hostile = |c: char| c.is_control() || is_formatting(c) || c == '/' || c == '\\';
        let legal = (1..=MAX_BYTES).contains(&text.len())
            && !text.contains(hostile)
            && !text.starts_with('.')
            && !text.ends_with(['.', ' ']);
        legal.then(|| Self(text.into())).ok_or(ParseDownloadNameError)
    }
}

impl fmt::Debug for DownloadName {
    /// The length alone: the name is the tenant's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DownloadName({} bytes)", self.0.len())
    }
}

/// `Content-Disposition` of a download (RFC 6266): never shown in the page's place, whatever its content is.
pub(super) fn attachment(name: Option<&DownloadName>) -> String {
    let Some(DownloadName(name)) = name else {
        return "attachment".to_owned();
    };
    let plain: String = name.chars().map(plain).collect();
    if plain == **name {
        return format!("attachment; filename=\"{plain}\"");
    }
    // RFC 8187: what is no `attr-char` is escaped; clients that know `filename*` prefer it
    format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        percent(name, b"")
    )
}

/// What a client without RFC 8187 sees: no character that it would unescape, or that ends the quotes.
fn plain(c: char) -> char {
    match c {
        '"' | '%' => '_',
        ' '..='~' => c,
        _ => '_',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expect: &str) {
        assert_eq!(attachment(Some(&name.parse().unwrap())), expect);
    }

    #[test]
    fn a_name_can_not_leave_its_quotes() {
        check("trip.pdf", "attachment; filename=\"trip.pdf\"");
        check("my trip; x=y.pdf", "attachment; filename=\"my trip; x=y.pdf\"");
        check(
            "a\"; filename=\"b.exe",
            "attachment; filename=\"a_; filename=_b.exe\"; filename*=UTF-8''a%22%3B%20filename%3D%22b.exe",
        );
        check(
            "Größe €.txt",
            "attachment; filename=\"Gr__e _.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%82%AC.txt",
        );
        check(
            "100%41.txt",
            "attachment; filename=\"100_41.txt\"; filename*=UTF-8''100%2541.txt",
        );
        assert_eq!(attachment(None), "attachment");
    }

    #[test]
    fn hostile_names_are_refused() {
        let long = "x".repeat(256);
        for text in [
            "",
            ".",
            "..",
            ".bashrc",
            "a/b",
            "a\\b",
            "a\r\nSet-Cookie: x",
            "a\0",
            "a.",
            "a ",
            "a\u{202e}gpj.exe",
            "a\u{200b}b",
            "\u{feff}a",
            "a\u{2028}b",
            "a\u{85}b",
            &long,
        ] {
            assert!(text.parse::<DownloadName>().is_err(), "{text:?}");
        }
    }
}
