//! What the messages of a listen stream come to. Pure.
//!
//! A target's messages are RESET (forget), documents, CURRENT (what was sent is a state); after that documents and NO_CHANGE with
//! a time (what was sent is a state again). The emulator sends RESET, every document and CURRENT for each change.

use std::collections::BTreeMap;

use firestore::gcloud_sdk::tonic::Code;

use crate::wire::proto::{
    self, ListenResponse, TargetChange, listen_response::ResponseType, target_change::TargetChangeType,
};

/// The one target of a stream.
pub(super) const TARGET: i32 = 1;

/// What a message comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing yet.
    Nothing,
    /// A state, which is another than before or may be.
    State,
    /// What is known is not what the database knows: begin anew.
    Anew,
    /// The database ended the target.
    Ended(Code),
}

/// The documents as far as they are known.
#[derive(Debug)]
pub(super) struct Fold {
    documents: BTreeMap<String, proto::Document>,
    current: bool,
    changed: bool,
    bound: usize,
}

impl Fold {
    /// Nothing is known yet. `limit` is the query's; while a document takes another's place there may be more for a moment.
    pub(super) fn new(limit: u32) -> Self {
        Self {
            documents: BTreeMap::new(),
            current: false,
            changed: true,
            bound: usize::try_from(limit).unwrap_or(usize::MAX).saturating_mul(2),
        }
    }

    /// Whether what is known was a state once, since the last RESET.
    pub(super) fn current(&self) -> bool {
        self.current
    }

    /// The state.
    pub(super) fn documents(&self) -> impl Iterator<Item = &proto::Document> {
        self.documents.values()
    }

    pub(super) fn forget(&mut self) {
        self.documents.clear();
        (self.current, self.changed) = (false, true);
    }

    pub(super) fn take(&mut self, message: ListenResponse) -> Step {
        match message.response_type {
            Some(ResponseType::TargetChange(change)) => self.target(&change),
            Some(ResponseType::DocumentChange(change)) => self.document(change),
            Some(ResponseType::DocumentDelete(gone)) => self.gone(&gone.document),
            Some(ResponseType::DocumentRemove(gone)) => self.gone(&gone.document),
            Some(ResponseType::Filter(filter)) => {
                let known = i32::try_from(self.documents.len()).unwrap_or(i32::MAX);
                if filter.count == known {
                    Step::Nothing
                } else {
                    Step::Anew
                }
            }
            None => Step::Nothing,
        }
    }

    fn target(&mut self, change: &TargetChange) -> Step {
        let ours = change.target_ids.is_empty() || change.target_ids.contains(&TARGET);
        match TargetChangeType::try_from(change.target_change_type) {
            _ if !ours => return Step::Nothing,
            Ok(TargetChangeType::Reset) => {
                self.forget();
                return Step::Nothing;
            }
            Ok(TargetChangeType::Remove) => {
                let code = change
                    .cause
                    .as_ref()
                    .map_or(Code::Unknown, |cause| Code::from(cause.code));
                return Step::Ended(code);
            }
            Ok(TargetChangeType::Current) => self.current = true,
            Ok(TargetChangeType::NoChange) if change.read_time.is_some() => {}
            _ => return Step::Nothing,
        }
        match self.current && std::mem::take(&mut self.changed) {
            true => Step::State,
            false => Step::Nothing,
        }
    }

    fn document(&mut self, change: proto::DocumentChange) -> Step {
        let Some(document) = change.document else {
            return Step::Nothing;
        };
        if change.removed_target_ids.contains(&TARGET) {
            return self.gone(&document.name);
        }
        self.changed = true;
        self.documents.insert(document.name.clone(), document);
        match self.documents.len() > self.bound {
            true => Step::Anew,
            false => Step::Nothing,
        }
    }

    fn gone(&mut self, name: &str) -> Step {
        self.changed |= self.documents.remove(name).is_some();
        Step::Nothing
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
