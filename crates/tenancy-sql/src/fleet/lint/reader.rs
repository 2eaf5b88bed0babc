//! A cursor over SQL text.

/// Why a text can't be split: something in it has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) line: usize,
    pub(super) what: &'static str,
}

/// A cursor over SQL text that counts lines.
pub(super) struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text, line: 1 }
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.advance(next.len_utf8());
        Some(next)
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest.starts_with(text);
        if found {
            self.advance(text.len());
        }
        found
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        self.advance(end)
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(|c| c.is_whitespace() || c == '\u{feff}');
    }

    /// The comment that begins here, if one does. Block comments nest.
    pub(super) fn comment(&mut self) -> Result<Option<String>, Unreadable> {
        if self.eat("--") {
            return Ok(Some(self.take_while(|c| c != '\n').trim().to_owned()));
        }
        let line = self.line;
        if !self.eat("/*") {
            return Ok(None);
        }
        let (mut text, mut depth) = (String::new(), 1);
        while depth > 0 {
            if self.eat("/*") {
                depth += 1;
            } else if self.eat("*/") {
                depth -= 1;
            } else {
                let what = "a comment has no end";
                text.push(self.bump().ok_or(Unreadable { line, what })?);
            }
        }
        Ok(Some(text.trim().to_owned()))
    }

    /// What stands between two `quote`s; a doubled one is one, and after `\` any is when `escapes`.
    pub(super) fn quoted(&mut self, quote: char, escapes: bool) -> Result<String, Unreadable> {
        self.bump();
        self.quoted_rest(quote, escapes)
    }

    /// As [`quoted`](Self::quoted), past the first quote.
    pub(super) fn quoted_rest(&mut self, quote: char, escapes: bool) -> Result<String, Unreadable> {
        let unended = Unreadable {
            line: self.line,
            what: "a string or a quoted name has no end",
        };
        let mut text = String::new();
        loop {
            let next = self.bump().ok_or_else(|| unended.clone())?;
            if next == '\\' && escapes {
                text.push(self.bump().ok_or_else(|| unended.clone())?);
            } else if next != quote || self.peek() == Some(quote) && self.bump().is_some() {
                text.push(next);
            } else {
                return Ok(text);
            }
        }
    }

    /// What stands between two `$tag$`, if one begins here.
    pub(super) fn dollar_quoted(&mut self) -> Result<Option<String>, Unreadable> {
        let Some((tag, body)) = self.rest.strip_prefix('$').and_then(|rest| rest.split_once('$')) else {
            return Ok(None);
        };
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
        if !tag.chars().all(inner) || tag.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        let mark = format!("${tag}$");
        let what = "a dollar-quoted text has no end";
        let (text, _) = body.split_once(&mark).ok_or(Unreadable {
            line: self.line,
            what,
        })?;
        self.advance(2 * mark.len() + text.len());
        Ok(Some(text.to_owned()))
    }

    fn advance(&mut self, bytes: usize) -> &'t str {
        let (passed, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += passed.matches('\n').count();
        self.rest = rest;
        passed
    }
}
