//! What a query may do.

use super::{
    lexer::{Token, tokens},
    refusal::CypherError,
};

/// What a statement may begin with. Administration and schema commands can stand at the beginning only.
const BEGINNINGS: [&str; 9] = [
    "MATCH", "OPTIONAL", "CREATE", "MERGE", "UNWIND", "WITH", "RETURN", "CALL", "FOREACH",
];
/// Cypher's own functions that have a namespace.
const FUNCTIONS: [&str; 8] = [
    "date",
    "datetime",
    "localdatetime",
    "localtime",
    "time",
    "duration",
    "point",
    "vector",
];
/// What may be called beside them: it stays in the database, and tells nothing of the server.
const PROCEDURES: [&str; 8] = [
    "db.index.fulltext.querynodes",
    "db.index.fulltext.queryrelationships",
    "db.index.vector.querynodes",
    "db.index.vector.queryrelationships",
    "db.create.setnodevectorproperty",
    "db.labels",
    "db.relationshiptypes",
    "db.propertykeys",
];

/// Refuses what leaves the tenant's database, the transaction, or what a service may do.
pub(super) fn check(text: &str) -> Result<(), CypherError> {
    let tokens = tokens(text)?;
    let first = tokens.first().copied().unwrap_or(Token::Sign(' '));
    if !BEGINNINGS.iter().any(|word| first.is(word)) {
        return Err(CypherError::Beginning(shown(first)));
    }
    check_each(&tokens)
}

/// The same for a statement of a migration.
pub(crate) fn check_schema(text: &str) -> Result<(), CypherError> {
    let tokens = tokens(text)?;
    let mut words = tokens.iter().copied();
    let verb = words.next().ok_or(CypherError::Schema)?;
    let kinds = ["RANGE", "TEXT", "POINT", "FULLTEXT", "VECTOR", "LOOKUP"];
    let thing = words.find(|word| !(verb.is("CREATE") && kinds.iter().any(|kind| word.is(kind))));
    let about = thing.is_some_and(|thing| thing.is("INDEX") || thing.is("CONSTRAINT"));
    let condition: &[&str] = match verb {
        verb if verb.is("CREATE") => &["IF", "NOT", "EXISTS"],
        verb if verb.is("DROP") => &["IF", "EXISTS"],
        _ => return Err(CypherError::Schema),
    };
    let repeatable = tokens.windows(condition.len()).any(|window| {
        let mut pairs = window.iter().zip(condition);
        pairs.all(|(token, word)| token.is(word))
    });
    if tokens.contains(&Token::Sign(';')) || !about || !repeatable {
        return Err(CypherError::Schema);
    }
    Ok(())
}

fn check_each(tokens: &[Token<'_>]) -> Result<(), CypherError> {
    let at = |index: usize| tokens.get(index).copied();
    for (index, &token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(at);
        let next = at(index + 1);
        match token {
            Token::Sign(';') => return Err(CypherError::SecondStatement),
            _ if token.is("LOAD") && next.is_some_and(|next| next.is("CSV")) => {
                return Err(CypherError::LoadCsv);
            }
            _ if token.is("USE") && !named(tokens, index) => return Err(CypherError::Use),
            _ if token.is("TRANSACTIONS") || token.is("TRANSACTION") => in_transactions(before)?,
            _ if token.is("PERIODIC") && next.is_some_and(|next| next.is("COMMIT")) => {
                return Err(CypherError::Transactions("PERIODIC COMMIT".to_owned()));
            }
            _ if token.is("CREATE") && !named(tokens, index) => creates(before, next, at(index + 2))?,
            Token::Sign('(') => calls(tokens, index)?,
            _ => {}
        }
        // a procedure without arguments may be called without parentheses
        if token.is("CALL") && !named(tokens, index) {
            called(tokens, index + 1)?;
        }
    }
    Ok(())
}

/// Whether what stands before it makes a word a name: a property, a label, a parameter. `1.` is a number, not a thing with
/// properties.
fn named(tokens: &[Token<'_>], index: usize) -> bool {
    let before = |back: usize| index.checked_sub(back).and_then(|at| tokens.get(at)).copied();
    match before(1) {
        Some(Token::Sign('.')) => !matches!(before(2), Some(Token::Number | Token::Sign('.'))),
        Some(Token::Sign(':' | '$')) => true,
        _ => false,
    }
}

fn in_transactions(before: Option<Token<'_>>) -> Result<(), CypherError> {
    match before {
        Some(before) if before.is("IN") || before.is("CONCURRENT") => {
            Err(CypherError::Transactions(shown(before)))
        }
        _ => Ok(()),
    }
}

/// `CREATE (…)`, `CREATE path = (…)`, `ON CREATE SET`.
fn creates(
    before: Option<Token<'_>>,
    next: Option<Token<'_>>,
    after: Option<Token<'_>>,
) -> Result<(), CypherError> {
    let pattern = next == Some(Token::Sign('('));
    let path = next.is_some_and(|next| next.name().is_some()) && after == Some(Token::Sign('='));
    let merge = before.is_some_and(|before| before.is("ON")) && next.is_some_and(|next| next.is("SET"));
    if pattern || path || merge {
        Ok(())
    } else {
        Err(CypherError::Create)
    }
}

/// What is called at this parenthesis, when its name has a namespace.
fn calls(tokens: &[Token<'_>], parenthesis: usize) -> Result<(), CypherError> {
    let mut start = parenthesis;
    // a name, or a dot and a name before it
    while start
        .checked_sub(1)
        .and_then(|at| tokens.get(at))
        .is_some_and(|token| token.name().is_some() || *token == Token::Sign('.'))
    {
        let dotted = start < parenthesis && tokens.get(start) != Some(&Token::Sign('.'));
        let dot = tokens.get(start - 1) == Some(&Token::Sign('.'));
        if dotted && !dot {
            break;
        }
        start -= 1;
    }
    let name = tokens.get(start..parenthesis).unwrap_or_default();
    let spaced = |token: &Token<'_>| match token {
        Token::Quoted(name) => name.contains('.'),
        token => *token == Token::Sign('.'),
    };
    if name.iter().any(spaced) {
        allowed(name)
    } else {
        Ok(())
    }
}

/// What `CALL` names: a procedure, whose name has a namespace, or a subquery.
fn called(tokens: &[Token<'_>], start: usize) -> Result<(), CypherError> {
    let rest = tokens.get(start..).unwrap_or_default();
    let mut length = 0;
    for token in rest {
        let expects_dot = length % 2 == 1;
        let fits = if expects_dot {
            *token == Token::Sign('.')
        } else {
            token.name().is_some()
        };
        if !fits {
            break;
        }
        length += 1;
    }
    let name = rest.get(..length).unwrap_or_default();
    if name.is_empty() { Ok(()) } else { allowed(name) }
}

fn allowed(name: &[Token<'_>]) -> Result<(), CypherError> {
    let parts: Vec<_> = name.iter().filter_map(|token| token.name()).collect();
    let full = parts.join(".").to_ascii_lowercase();
    let space = full.split('.').next().unwrap_or_default();
    if PROCEDURES.contains(&full.as_str()) || (parts.len() > 1 && FUNCTIONS.contains(&space)) {
        Ok(())
    } else {
        Err(CypherError::Call(full))
    }
}

fn shown(token: Token<'_>) -> String {
    match token {
        Token::Word(word) => word.to_owned(),
        Token::Quoted(_) => "a quoted name".to_owned(),
        Token::Number => "a number".to_owned(),
        Token::Text => "a string".to_owned(),
        Token::Sign(sign) => sign.to_string(),
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
