//! A mutant: which text is taken for which, and who should notice.

use serde::Deserialize;

use super::tree::Tree;

/// One defence taken out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mutant {
    pub(super) name: String,
    /// What is taken out, in a few words.
    pub(super) defence: String,
    edits: Vec<Edit>,
    /// Tests of which at least one must fail: each is a part of a name.
    tests: Vec<String>,
}

/// A text that is in a file exactly once, and what takes its place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    file: String,
    from: String,
    to: String,
}

impl Mutant {
    pub(super) fn is_named(&self, filter: &str) -> bool {
        let mut texts = [&self.name, &self.defence]
            .into_iter()
            .chain(self.edits.iter().map(|edit| &edit.file));
        texts.any(|text| text.contains(filter))
    }

    pub(super) fn tests(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().map(String::as_str)
    }

    /// The files as they are with the mutant in them.
    pub(super) fn texts(&self, tree: &Tree) -> Result<Vec<(String, String)>, String> {
        let mut texts: Vec<(String, String)> = Vec::new();
        for edit in &self.edits {
            let known = texts.iter().position(|(file, _)| *file == edit.file);
            let before = match known.map(|at| texts.swap_remove(at)) {
                Some((_, text)) => text,
                None => tree.read(&edit.file)?,
            };
            let after = edit.apply(&before).map_err(|why| {
                format!(
                    "the list is stale: mutant `{}`: {why} in `{}`",
                    self.name, edit.file
                )
            })?;
            texts.push((edit.file.clone(), after));
        }
        Ok(texts)
    }
}

impl Edit {
    fn apply(&self, text: &str) -> Result<String, String> {
        match text.matches(&self.from).count() {
            1 if self.from == self.to => Err("nothing is changed".to_owned()),
            1 => Ok(text.replacen(&self.from, &self.to, 1)),
            times => Err(format!("its text is there {times} times, not once,")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, from: &str, to: &str, expect: Result<&str, &str>) {
        let edit = Edit {
            file: "a.rs".to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
        };
        assert_eq!(
            edit.apply(text),
            expect.map(str::to_owned).map_err(str::to_owned),
            "{text}"
        );
    }

    #[test]
    fn a_text_is_changed_where_it_is_there_once() {
        check("if a && b {}", " && b", "", Ok("if a {}"));
        check(
            "if a {}",
            " && b",
            "",
            Err("its text is there 0 times, not once,"),
        );
        check("a b b", " b", "", Err("its text is there 2 times, not once,"));
        check("a b", " b", " b", Err("nothing is changed"));
    }
}
