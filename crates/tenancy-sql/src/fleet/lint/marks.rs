//! What a migration says to the lint, in comments.

use std::collections::BTreeMap;

use super::{rules, rules::Problem, scope::History, token::Comment};

/// What comments say.
#[derive(Default)]
pub(super) struct Marks {
    /// The reasons of waivers, by rule.
    pub(super) waivers: BTreeMap<&'static str, String>,
    /// The version since which no code reads what a contract step takes away.
    pub(super) contract: Option<i64>,
    /// Marks that say nothing, and their lines.
    pub(super) unread: Vec<(usize, Problem)>,
}

impl Marks {
    pub(super) fn of<'c>(
        comments: impl Iterator<Item = &'c Comment>,
        migration: i64,
        history: &History,
    ) -> Self {
        let mut marks = Self::default();
        for comment in comments {
            let Some(text) = comment.text.strip_prefix("tenancy:") else {
                continue;
            };
            if let Err(why) = marks.read(text.trim(), migration, history) {
                let remedy =
                    "`-- tenancy: allow RULE: REASON` or `-- tenancy: contract since VERSION: REASON`";
                let problem = Problem::new("mark", why, remedy);
                marks.unread.push((comment.line, problem));
            }
        }
        marks
    }

    fn read(&mut self, text: &str, migration: i64, history: &History) -> Result<(), &'static str> {
        let (head, reason) = text.split_once(':').ok_or("a mark has no reason")?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err("a mark has no reason");
        }
        match head.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["allow", rule] => {
                let rule = rules::WAIVABLE.iter().find(|known| *known == rule);
                let rule = rule.ok_or("a waiver names no rule that can be waived")?;
                self.waivers.insert(rule, reason.to_owned());
            }
            ["contract", "since", version] => {
                let since = version.parse().map_err(|_| "a contract step names no version")?;
                if since >= migration || !history.has(since) {
                    return Err("a contract step names a version that is none of the migrations before it");
                }
                self.contract = Some(since);
            }
            _ => return Err("a mark is neither a waiver nor a contract step"),
        }
        Ok(())
    }
}
