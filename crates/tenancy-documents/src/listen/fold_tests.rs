//! Streams as data: what the emulator sends, and what production does.

use firestore::gcloud_sdk::{google::rpc::Status, prost_types::Timestamp};

use super::*;

fn message(response_type: ResponseType) -> ListenResponse {
    ListenResponse {
        response_type: Some(response_type),
    }
}

fn target(kind: TargetChangeType) -> TargetChange {
    TargetChange {
        target_change_type: kind.into(),
        target_ids: vec![TARGET],
        ..TargetChange::default()
    }
}

fn at(mut change: TargetChange) -> TargetChange {
    change.read_time = Some(Timestamp::default());
    change
}

fn put(name: &str) -> ListenResponse {
    let document = proto::Document {
        name: name.to_owned(),
        ..Default::default()
    };
    message(ResponseType::DocumentChange(proto::DocumentChange {
        document: Some(document),
        target_ids: vec![TARGET],
        ..Default::default()
    }))
}

fn of(kind: TargetChangeType) -> ListenResponse {
    message(ResponseType::TargetChange(target(kind)))
}

/// A moment of all targets.
fn moment() -> ListenResponse {
    let change = TargetChange {
        target_ids: Vec::new(),
        ..at(target(TargetChangeType::NoChange))
    };
    message(ResponseType::TargetChange(change))
}

/// The states that a stream gives: the names of the documents in each.
fn check(stream: Vec<ListenResponse>, expect: &[&[&str]]) {
    let mut fold = Fold::new(10);
    let mut states = Vec::new();
    for message in stream {
        if fold.take(message) == Step::State {
            states.push(
                fold.documents()
                    .map(|document| document.name.clone())
                    .collect::<Vec<_>>(),
            );
        }
    }
    assert_eq!(states, expect);
}

#[test]
fn the_emulator_resets_for_each_change() {
    use TargetChangeType::{Add, Current, Reset};
    let stream = vec![
        of(Add),
        put("a"),
        of(Current),
        moment(),
        of(Reset),
        put("a"),
        put("b"),
        of(Current),
        moment(),
        // a deletion is what is not sent again
        of(Reset),
        put("b"),
        of(Current),
        of(Reset),
        of(Current),
    ];
    check(stream, &[&["a"], &["a", "b"], &["b"], &[]]);
}

#[test]
fn production_sends_what_changed() {
    use TargetChangeType::{Add, Current};
    let removed = ResponseType::DocumentDelete(proto::DocumentDelete {
        document: "a".to_owned(),
        ..Default::default()
    });
    let left = ResponseType::DocumentRemove(proto::DocumentRemove {
        document: "b".to_owned(),
        ..Default::default()
    });
    let stream = vec![
        of(Add),
        of(Current),
        moment(),
        moment(),
        put("a"),
        put("b"),
        moment(),
        moment(),
        message(removed),
        moment(),
        message(left),
        moment(),
    ];
    check(stream, &[&[], &["a", "b"], &["b"], &[]]);
}

#[test]
fn half_a_state_is_none() {
    use TargetChangeType::{Current, Reset};
    check(vec![put("a"), moment(), put("b")], &[]);
    // between RESET and CURRENT nothing counts, whatever the time
    check(vec![of(Current), of(Reset), put("a"), moment()], &[&[]]);
}

#[test]
fn a_document_that_left_the_query_is_gone() {
    let mut leaving = proto::DocumentChange {
        removed_target_ids: vec![TARGET],
        ..Default::default()
    };
    leaving.document = Some(proto::Document {
        name: "a".to_owned(),
        ..Default::default()
    });
    let leaves = message(ResponseType::DocumentChange(leaving));
    check(
        vec![put("a"), of(TargetChangeType::Current), leaves, moment()],
        &[&["a"], &[]],
    );
}

#[test]
fn a_count_that_differs_begins_anew() {
    let count = |count| {
        message(ResponseType::Filter(proto::ExistenceFilter {
            count,
            target_id: TARGET,
            ..Default::default()
        }))
    };
    let mut fold = Fold::new(10);
    fold.take(put("a"));
    assert_eq!(
        (fold.take(count(1)), fold.take(count(2))),
        (Step::Nothing, Step::Anew)
    );
}

#[test]
fn a_target_that_the_database_removes_has_ended() {
    let mut change = target(TargetChangeType::Remove);
    change.cause = Some(Status {
        code: Code::PermissionDenied.into(),
        ..Default::default()
    });
    let step = Fold::new(10).take(message(ResponseType::TargetChange(change)));
    assert_eq!(step, Step::Ended(Code::PermissionDenied));
}

#[test]
fn what_is_held_is_bounded() {
    let mut fold = Fold::new(1);
    assert_eq!(
        [fold.take(put("a")), fold.take(put("b")), fold.take(put("c"))],
        [Step::Nothing, Step::Nothing, Step::Anew]
    );
}
