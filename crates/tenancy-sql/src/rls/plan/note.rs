//! What a person should know.

use std::fmt;

use super::{super::catalog::OtherKind, draft::Draft};

/// Something that a plan does not settle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// What it is about.
    pub object: String,
    /// What to know of it.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.object, self.text)
    }
}

pub(super) fn notes(draft: &mut Draft<'_>) {
    let mut notes = Vec::new();
    let mut note = |object: &str, text: String| {
        notes.push(Note {
            object: object.to_owned(),
            text,
        });
    };
    for other in &draft.catalog.others {
        match other.kind() {
            OtherKind::Materialised => note(
                &other.name,
                "a materialised view holds all tenants' rows and can't be fenced: the role does not reach it; let a job \
                 fill a tenant's table instead"
                    .to_owned(),
            ),
            OtherKind::Definer => note(
                &other.name,
                "runs with its owner's rights, past the fence where the owner is: make it SECURITY INVOKER, or revoke \
                 EXECUTE from PUBLIC and the role"
                    .to_owned(),
            ),
            OtherKind::View | OtherKind::Foreign | OtherKind::Sequence => {}
        }
    }
    for node in draft.nodes() {
        for policy in draft.catalog.policies.iter().filter(|it| it.table == node.oid) {
            if !["tenant_rows", "tenant_wall", "tenant_before"].contains(&policy.raw.as_str())
                && policy.permissive
            {
                note(
                    &node.name,
                    format!("has a policy of its own, `{}`, beside the tenant's", policy.raw),
                );
            }
        }
        let loud = draft
            .catalog
            .triggers
            .iter()
            .filter(|it| it.table == node.oid && it.on_update && !it.raw.starts_with("zz_tenancy_fill"));
        for trigger in loud.filter(|_| !draft.catalog.facts.replica && !node.defaulted()) {
            note(
                &node.name,
                format!(
                    "its trigger `{}` fires on the backfill: run it as a role that may set session_replication_role",
                    trigger.raw
                ),
            );
        }
        for index in draft.catalog.indexes.iter().filter(|it| it.table == node.oid) {
            if index.identity {
                note(
                    &node.name,
                    format!("its replica identity is `{}`: set it again in the end", index.raw),
                );
            }
        }
    }
    for kept in &draft.declared.kept {
        note(
            &kept.table,
            format!(
                "keeps `{}` without the tenant, which tells a tenant what others have: {}",
                kept.name, kept.reason
            ),
        );
    }
    draft.notes.extend(notes);
}
