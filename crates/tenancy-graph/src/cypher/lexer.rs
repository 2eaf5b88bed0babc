//! A query's text as the server reads it: words, quoted names, strings and signs.
//!
//! Only as much of Cypher's grammar as it takes to know what is a word and what is text. Where the server's reading could
//! differ (escapes before lexing, odd letters and white space), the text is refused instead.

use super::refusal::CypherError;

/// One token. Numbers are split from the words that follow them: `1LOAD` is two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Word(&'t str),
    /// In backticks, as it is between them.
    Quoted(&'t str),
    Number,
    Text,
    Sign(char),
}

impl<'t> Token<'t> {
    /// Whether it is this keyword; quoted it would be a name.
    pub(super) fn is(self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// The part of a dotted name that it is.
    pub(super) fn name(self) -> Option<&'t str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            _ => None,
        }
    }
}

/// All tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, CypherError> {
    refuse_escapes(text)?;
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            ' ' | '\t' | '\n' | '\r' => (None, 1),
            '/' if rest.starts_with("//") => (None, line(rest)?),
            '/' if rest.starts_with("/*") => (None, block(rest)?),
            '\'' | '"' => (Some(Token::Text), string(rest, first)?),
            '`' => quoted(rest)?,
            'a'..='z' | 'A'..='Z' | '_' => word(rest),
            '0'..='9' => (Some(Token::Number), run(rest, |b| b.is_ascii_digit())),
            '!'..='~' if first != '\\' => (Some(Token::Sign(first)), 1),
            other => return Err(CypherError::Character(other)),
        };
        tokens.extend(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(tokens)
}

/// The server replaces `\uXXXX` before it looks for strings and words, so that one can end a string or spell a keyword.
fn refuse_escapes(text: &str) -> Result<(), CypherError> {
    let mut after = false;
    for c in text.chars() {
        if after && matches!(c, 'u' | 'U') {
            return Err(CypherError::Escape);
        }
        if c.is_control() && !matches!(c, '\t' | '\n' | '\r') {
            return Err(CypherError::Character(c));
        }
        after = c == '\\';
    }
    Ok(())
}

/// The length of what `holds`, which is ASCII.
fn run(text: &str, holds: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|&b| holds(b)).count()
}

fn word(rest: &str) -> (Option<Token<'_>>, usize) {
    let length = run(rest, |b| b.is_ascii_alphanumeric() || b == b'_');
    (rest.get(..length).map(Token::Word), length)
}

/// To the end of the line. What else could end one for the server is not ASCII.
fn line(rest: &str) -> Result<usize, CypherError> {
    let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
    ascii(rest, length)
}

fn block(rest: &str) -> Result<usize, CypherError> {
    let inner = rest.get(2..).unwrap_or_default();
    let end = inner.find("*/").ok_or(CypherError::Unfinished("a comment"))?;
    ascii(rest, end + 4)
}

fn ascii(rest: &str, length: usize) -> Result<usize, CypherError> {
    let comment = rest.get(..length).unwrap_or_default();
    match comment.chars().find(|c| !c.is_ascii()) {
        Some(other) => Err(CypherError::Character(other)),
        None => Ok(length),
    }
}

/// A backslash takes the character behind it.
fn string(rest: &str, quote: char) -> Result<usize, CypherError> {
    let mut taken = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if taken => taken = false,
            '\\' => taken = true,
            _ if c == quote => return Ok(at + 1),
            _ => {}
        }
    }
    Err(CypherError::Unfinished("a string"))
}

/// Two backticks are one of the name's own. A backslash is refused: whether it means something has changed with versions.
fn quoted(rest: &str) -> Result<(Option<Token<'_>>, usize), CypherError> {
    let inner = rest.get(1..).unwrap_or_default();
    let mut at = 0;
    while let Some(found) = inner.get(at..).and_then(|rest| rest.find('`')) {
        at += found + 1;
        if !inner.get(at..).is_some_and(|rest| rest.starts_with('`')) {
            let name = inner.get(..at - 1).unwrap_or_default();
            if name.contains('\\') {
                return Err(CypherError::Character('\\'));
            }
            return Ok((Some(Token::Quoted(name)), at + 1));
        }
        at += 1;
    }
    Err(CypherError::Unfinished("a quoted name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_the_server_reads_it() {
        use Token::{Number, Quoted, Sign, Text, Word};
        let check = |text, expect: &[Token<'_>]| assert_eq!(tokens(text).unwrap(), expect, "{text}");
        check("a.b1", &[Word("a"), Sign('.'), Word("b1")]);
        check("1LOAD", &[Number, Word("LOAD")]);
        check("LOAD/* */CSV", &[Word("LOAD"), Word("CSV")]);
        check("LOAD//x\rCSV", &[Word("LOAD"), Word("CSV")]);
        check("'it\\'s; LOAD CSV' x", &[Text, Word("x")]);
        check("\"// '\" x", &[Text, Word("x")]);
        check("`a``;b` x", &[Quoted("a``;b"), Word("x")]);
        check("'\\\\' x", &[Text, Word("x")]);
        check("/**/x", &[Word("x")]);
        check("'é' `é`", &[Text, Quoted("é")]);
    }

    #[test]
    fn what_could_be_read_otherwise_is_refused() {
        for text in [
            "'abc",
            "\"abc'",
            "`abc",
            "`abc``",
            "/* abc",
            "/*/",
            "'\\'",
            "\\u004c",
            "'\\u0027'",
            "'\\\\u0027'",
            "`\\U0060`",
            "a\u{a0}b",
            "a\u{2028}b",
            "// \u{2028}x",
            "/* \u{85} */",
            "é",
            "\u{212a}",
            "a\0",
            "'\0'",
            "a\\b",
            "`a\\b`",
            "\u{feff}a",
        ] {
            assert!(tokens(text).is_err(), "{text:?}");
        }
    }
}
