//! `lib.rs` is a table of contents: documentation, modules and re-exports.

use crate::tidy::{code::code, finding::Finding, repository::Repository};

const REMEDY: &str =
    "`lib.rs` holds documentation, modules and re-exports: move this to a file with its name";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let found = repository.ending("lib.rs").flat_map(|(path, text)| {
        items(text)
            .map(|line| Finding::new(path, line, REMEDY))
            .collect::<Vec<_>>()
    });
    found.collect()
}

/// The lines at which something begins that is neither a module of another file nor a re-export.
fn items(text: &str) -> impl Iterator<Item = usize> {
    let begun = statements(&code(text)).into_iter();
    begun.filter(|(_, text)| !contents(text)).map(|(line, _)| line)
}

/// Each statement outside of all braces, with the line it begins in.
fn statements(code: &str) -> Vec<(usize, String)> {
    let (mut all, mut text, mut depth, mut began) = (vec![], String::new(), 0i32, 0);
    for (number, line) in (1..).zip(code.lines()) {
        for c in line.chars().chain(['\n']) {
            if text.trim().is_empty() {
                text.clear();
                began = number;
            }
            text.push(c);
            depth += i32::from("{[(".contains(c)) - i32::from("}])".contains(c));
            let attribute = text.starts_with('#') && c == ']';
            let list = text.contains("use ") && c == '}';
            if depth == 0 && (attribute || c == ';' || (c == '}' && !list)) {
                all.push((began, std::mem::take(&mut text)));
            }
        }
    }
    all
}

fn contents(statement: &str) -> bool {
    let words = statement.trim().strip_prefix("pub").unwrap_or(statement.trim());
    let words = words.strip_prefix("(crate)").unwrap_or(words).trim_start();
    let module = words.starts_with("mod ") && statement.ends_with(';');
    module || words.starts_with("use ") || words.starts_with("extern crate ") || words.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    #[test]
    fn an_item_is_found() {
        let text = "//! Docs: fn struct.\n#![allow(a, reason = \"fn\")]\n#![cfg_attr(\n    test,\n    allow(x)\n)]\nmod a;\n\
                    #[cfg(feature = \"x\")]\npub mod b;\npub(crate) mod c;\npub use a::{\n    A, B,\n};\nuse b::*;\n";
        assert_eq!(places(check, &[("crates/a/src/lib.rs", text)]), []);
        for item in [
            "pub fn f() {}",
            "struct S;",
            "mod inline { fn f() {} }",
            "const A: [u8; 2] = [1, 2];",
            "m! {}",
        ] {
            let with = format!("{text}{item}\n");
            assert_eq!(
                places(check, &[("crates/a/src/lib.rs", &with)]),
                [at("crates/a/src/lib.rs", 15)],
                "{item}"
            );
        }
    }
}
