//! Reads a statement from left to right.

use std::fmt;

use super::token::Token;

/// The name of a table or the like. One that is written without a schema is in `public`: the search path of a migration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    pub(crate) schema: String,
    pub(crate) table: String,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

/// What of a statement is not read yet.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'s> {
    tokens: &'s [Token],
}

impl<'s> Cursor<'s> {
    pub(super) fn new(tokens: &'s [Token]) -> Self {
        Self { tokens }
    }

    pub(super) fn rest(&self) -> &'s [Token] {
        self.tokens
    }

    pub(super) fn next(&mut self) -> Option<&'s Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    /// Passes these keywords, all or none.
    pub(super) fn eat(&mut self, words: &[&str]) -> bool {
        let mut ahead = *self;
        let found = words
            .iter()
            .all(|word| ahead.next().is_some_and(|token| token.is(word)));
        if found {
            *self = ahead;
        }
        found
    }

    /// Passes the first of these keywords that stands here.
    pub(super) fn eat_any(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().copied().find(|word| self.eat(&[word]))
    }

    fn eat_symbol(&mut self, symbol: char) -> bool {
        let found = self.tokens.first().is_some_and(|token| token.is_symbol(symbol));
        if found {
            self.next();
        }
        found
    }

    /// Passes `table` or `schema.table`.
    pub(super) fn name(&mut self) -> Option<Name> {
        let first = self.next()?.name()?.to_owned();
        if !self.eat_symbol('.') {
            return Some(Name {
                schema: "public".to_owned(),
                table: first,
            });
        }
        let table = self.next()?.name()?.to_owned();
        Some(Name { schema: first, table })
    }

    pub(super) fn has(&self, words: &[&str]) -> bool {
        let windows = self.tokens.windows(words.len());
        windows
            .into_iter()
            .any(|window| window.iter().zip(words).all(|(token, word)| token.is(word)))
    }

    /// The parts between commas that stand in no parentheses.
    pub(super) fn parts(&self) -> Vec<Cursor<'s>> {
        let mut depth = 0_i32;
        let parts = self.tokens.split(|token| {
            depth += i32::from(token.is_symbol('(')) - i32::from(token.is_symbol(')'));
            depth == 0 && token.is_symbol(',')
        });
        parts.map(Cursor::new).collect()
    }

    /// What stands in the parentheses that open here, and passes them.
    pub(super) fn parenthesized(&mut self) -> Option<Cursor<'s>> {
        if !self.tokens.first()?.is_symbol('(') {
            return None;
        }
        let mut depth = 0_i32;
        let end = self.tokens.iter().position(|token| {
            depth += i32::from(token.is_symbol('(')) - i32::from(token.is_symbol(')'));
            depth == 0
        })?;
        let (inside, rest) = self.tokens.split_at_checked(end)?;
        self.tokens = rest.split_first()?.1;
        Some(Cursor::new(inside.split_first()?.1))
    }
}

/// The table of an ALTER TABLE, and its actions.
pub(super) fn alter_table(tokens: &[Token]) -> Option<(Name, Vec<Cursor<'_>>)> {
    let mut cursor = Cursor::new(tokens);
    if !cursor.eat(&["alter", "table"]) && !cursor.eat(&["alter", "foreign", "table"]) {
        return None;
    }
    cursor.eat(&["if", "exists"]);
    cursor.eat(&["only"]);
    let name = cursor.name()?;
    cursor.eat_symbol('*');
    Some((name, cursor.parts()))
}

/// A CREATE TABLE of a table that is not temporary.
pub(super) struct NewTable<'s> {
    pub(super) name: Name,
    /// It may be there already.
    pub(super) or_not: bool,
    /// What follows its name.
    pub(super) rest: Cursor<'s>,
}

pub(super) fn create_table(tokens: &[Token]) -> Option<NewTable<'_>> {
    let mut cursor = Cursor::new(tokens);
    if !cursor.eat(&["create"]) {
        return None;
    }
    cursor.eat_any(&["unlogged", "foreign"]);
    if !cursor.eat(&["table"]) {
        return None;
    }
    let or_not = cursor.eat(&["if", "not", "exists"]);
    let name = cursor.name()?;
    Some(NewTable {
        name,
        or_not,
        rest: cursor,
    })
}
