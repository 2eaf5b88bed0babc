//! Rust source without its comments and texts, so that a rule sees code and nothing else.

/// The source with every comment and every literal's content blanked; lines stay where they are.
pub(crate) fn code(source: &str) -> String {
    let mut rest = source;
    let mut out = String::with_capacity(source.len());
    while let Some(first) = rest.chars().next() {
        let (kept, skipped) = next(rest, first, out.chars().next_back());
        let (keep, after) = rest.split_at(kept);
        let (skip, after) = after.split_at(skipped);
        out.push_str(keep);
        out.extend(skip.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    out
}

/// How many bytes to keep and how many to blank after them.
fn next(rest: &str, first: char, before: Option<char>) -> (usize, usize) {
    if rest.starts_with("//") {
        return (0, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (0, block(rest));
    }
    if first == 'r' && !before.is_some_and(in_word) {
        return raw(rest).map_or((1, 0), |length| (0, length));
    }
    match first {
        '"' => (0, quoted(rest, '"')),
        // 'a' and '\n' are characters, 'a alone is a lifetime
        '\'' if rest.get(1..).is_some_and(|text| text.starts_with('\\')) => (0, quoted(rest, '\'')),
        '\'' if rest.chars().nth(2) == Some('\'') => (0, rest.chars().take(3).map(char::len_utf8).sum()),
        _ => (first.len_utf8(), 0),
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Block comments nest.
fn block(rest: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while let Some(text) = rest.get(at..).filter(|text| !text.is_empty()) {
        if text.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text.starts_with("*/") {
            (depth, at) = (depth.saturating_sub(1), at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += text.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

fn raw(rest: &str) -> Option<usize> {
    let hashes = rest.get(1..)?.bytes().take_while(|&b| b == b'#').count();
    let open = 1 + hashes;
    if !rest.get(open..)?.starts_with('"') {
        return None;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let inner = rest.get(open + 1..)?;
    Some(
        inner
            .find(&close)
            .map_or(rest.len(), |at| open + 1 + at + close.len()),
    )
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |(at, c)| at + c.len_utf8())
}

/// The lines (from 1) in which `word` stands as a word of its own.
pub(crate) fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let numbered = code.lines().enumerate();
    let hits = numbered.filter(|(_, line)| has_word(line, word));
    hits.map(|(at, _)| at + 1).collect()
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(in_word) && !after.is_some_and(in_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_blanked() {
        for (source, expect) in [
            ("a // b", "a     "),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("f(\"x \\\" y\") + g", "f(        ) + g"),
            ("r#\"a \" b\"# + r", "           + r"),
            ("'\"' + x", "    + x"),
            ("'\\'' + x", "     + x"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("for \"é\" x", "for     x"),
        ] {
            let got = code(source);
            assert_eq!(got.trim_end(), expect.trim_end(), "{source}");
        }
        assert_eq!(code("/*\n\n*/ x").lines().count(), 3);
        assert_eq!(code("\"a\nb\" x").lines().count(), 2);
    }

    #[test]
    fn a_word_is_a_word_of_its_own() {
        assert_eq!(lines_with("Tier\nTiered\nmy_Tier\nx::Tier;\n", "Tier"), [1, 4]);
    }
}
