//! SQL text as words: what PostgreSQL's own scanner takes for a string, a comment or a name is taken for the same here.

use super::reader::{Reader, Unreadable};

/// What a token is. Words are folded to lower case; quoted names are as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word(String),
    Quoted(String),
    /// A string, without its quotes; dollar-quoted ones too.
    Text(String),
    Number,
    Symbol(char),
}

/// A token, and the line that it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: usize,
}

/// A comment, without its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    pub(super) text: String,
    pub(super) line: usize,
}

pub(super) enum Piece {
    Token(Token),
    Comment(Comment),
}

impl Token {
    /// Whether it is this keyword.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(own) if own == word)
    }

    pub(super) fn is_symbol(&self, symbol: char) -> bool {
        self.kind == Kind::Symbol(symbol)
    }

    /// What it names, if it can name something.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(name) | Kind::Quoted(name) => Some(name),
            Kind::Text(_) | Kind::Number | Kind::Symbol(_) => None,
        }
    }
}

/// Every token and comment of a text.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, Unreadable> {
    let mut reader = Reader::new(text);
    let mut pieces = Vec::new();
    loop {
        reader.skip_space();
        let line = reader.line();
        let Some(next) = reader.peek() else {
            return Ok(pieces);
        };
        if let Some(text) = reader.comment()? {
            pieces.push(Piece::Comment(Comment { text, line }));
            continue;
        }
        let kind = kind(&mut reader, next)?;
        pieces.push(Piece::Token(Token { kind, line }));
    }
}

fn kind(reader: &mut Reader<'_>, next: char) -> Result<Kind, Unreadable> {
    match next {
        '\'' => Ok(Kind::Text(reader.quoted('\'', false)?)),
        '"' => Ok(Kind::Quoted(reader.quoted('"', false)?)),
        '$' => Ok(match reader.dollar_quoted()? {
            Some(text) => Kind::Text(text),
            None => symbol(reader, next),
        }),
        _ if is_first(next) => word(reader),
        _ if next.is_ascii_digit() => {
            reader.take_while(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
            Ok(Kind::Number)
        }
        _ => Ok(symbol(reader, next)),
    }
}

fn symbol(reader: &mut Reader<'_>, symbol: char) -> Kind {
    reader.bump();
    Kind::Symbol(symbol)
}

/// A word, or the string or name that it is the prefix of: `E'..'`, `U&'..'`, `B'..'`, `N'..'`.
fn word(reader: &mut Reader<'_>) -> Result<Kind, Unreadable> {
    let word = reader.take_while(is_inner).to_lowercase();
    match (word.as_str(), reader.peek()) {
        ("e", Some('\'')) => Ok(Kind::Text(reader.quoted('\'', true)?)),
        ("b" | "x" | "n", Some('\'')) => Ok(Kind::Text(reader.quoted('\'', false)?)),
        ("u", Some('&')) if reader.eat("&'") => Ok(Kind::Text(reader.quoted_rest('\'', false)?)),
        ("u", Some('&')) if reader.eat("&\"") => Ok(Kind::Quoted(reader.quoted_rest('"', false)?)),
        _ => Ok(Kind::Word(word)),
    }
}

fn is_first(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_inner(c: char) -> bool {
    is_first(c) || c.is_ascii_digit() || c == '$'
}
