//! A migration's statements.

use super::{
    reader::Unreadable,
    token::{Comment, Piece, Token, pieces},
};

/// One statement, with the comments above and in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    pub(super) tokens: Vec<Token>,
    pub(super) comments: Vec<Comment>,
}

impl Statement {
    pub(super) fn line(&self) -> usize {
        self.tokens.first().map_or(0, |token| token.line)
    }

    /// A SQL-standard body holds statements: its semicolons end none of ours.
    fn in_body(&self) -> bool {
        let mut depth = 0_u32;
        let mut before: Option<&Token> = None;
        for token in &self.tokens {
            if token.is("atomic") && before.is_some_and(|token| token.is("begin"))
                || depth > 0 && token.is("case")
            {
                depth += 1;
            } else if depth > 0 && token.is("end") {
                depth -= 1;
            }
            before = Some(token);
        }
        depth > 0
    }
}

/// The statements of a text. Comments after the last one are one without tokens.
pub(super) fn statements(text: &str) -> Result<Vec<Statement>, Unreadable> {
    let mut all = Vec::new();
    let mut open = Statement::default();
    for piece in pieces(text)? {
        match piece {
            Piece::Comment(comment) => open.comments.push(comment),
            Piece::Token(token) if token.is_symbol(';') && !open.in_body() => {
                if !open.tokens.is_empty() {
                    all.push(std::mem::take(&mut open));
                }
            }
            Piece::Token(token) => open.tokens.push(token),
        }
    }
    if !open.tokens.is_empty() || !open.comments.is_empty() {
        all.push(open);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let found = statements(text).unwrap();
        let found: Vec<String> = found.iter().map(first_words).collect();
        assert_eq!(found, expect, "{text}");
    }

    fn first_words(statement: &Statement) -> String {
        let names = statement.tokens.iter().filter_map(Token::name);
        names.take(2).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_semicolon_ends_a_statement_where_the_server_says_so() {
        check("DROP a; DROP b", &["drop a", "drop b"]);
        check(";;DROP a;", &["drop a"]);
        check("SELECT a ';'; DROP b", &["select a", "drop b"]);
        check("SELECT a E'\\';'; DROP b", &["select a", "drop b"]);
        check("SELECT a '\\'; DROP b", &["select a", "drop b"]);
        check("SELECT a 'it''s;'; DROP b", &["select a", "drop b"]);
        check("SELECT a U&'\\0061;'; DROP b", &["select a", "drop b"]);
        check("DROP \"a;b\"; DROP c", &["drop a;b", "drop c"]);
        check("DO f $$ ; $$; DROP b", &["do f", "drop b"]);
        check("DO f $x$ $$;$$ ; $x$; DROP b", &["do f", "drop b"]);
        check("SELECT a$b$c, d$b$; DROP b", &["select a$b$c", "drop b"]);
        check("SELECT a, $1; DROP b", &["select a", "drop b"]);
        check("DROP a -- x; y\n; DROP b", &["drop a", "drop b"]);
        check("DROP a /* ; /* ; */ ; */; DROP b", &["drop a", "drop b"]);
        check(
            "CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; DROP b",
            &["create function", "drop b"],
        );
        check("/* only a comment */", &[""]);
    }

    #[test]
    fn what_has_no_end_is_said_with_its_line() {
        for text in ["SELECT\n'a", "SELECT\n/* /* */", "DO\n$x$ $$", "SELECT\n\"a"] {
            assert_eq!(statements(text).unwrap_err().line, 2, "{text}");
        }
    }
}
