//! What is an id, and what bad input gets.

use super::{ParsePathError::*, *};
use crate::{CollectionPath, DocumentPath};

fn check(text: &str, expect: Option<ParsePathError>) {
    assert_eq!(text.parse::<DocumentId>().err(), expect, "{text:?}");
}

#[test]
fn ids_that_people_use() {
    for legal in [
        "a",
        "0",
        "-",
        "_x_",
        "..b",
        ".hidden",
        "2031-05-14",
        "01890a5d-ac96-774b-bcce-b302099a8057",
        "v1.2.3",
        "QUJDREVGRw-_",
        &"a".repeat(1500),
    ] {
        check(legal, None);
    }
    assert!(DocumentId::random().as_str().parse::<DocumentId>().is_ok());
}

#[test]
fn hostile_ids_are_refused() {
    for (text, error) in [
        ("", Length),
        (&*"a".repeat(1501), Length),
        (&*"a".repeat(2048), Length),
        ("../", Alphabet),
        ("..", FinalDot),
        (".", FinalDot),
        ("a.", FinalDot),
        ("__x__", Reserved),
        ("__name__", Reserved),
        ("__id7__", Reserved),
        ("__", Reserved),
        ("a/b", Alphabet),
        ("/", Alphabet),
        ("x/secrets/y", Alphabet),
        ("%2e%2e", Alphabet),
        ("a%2Fb", Alphabet),
        ("a\\b", Alphabet),
        ("a\0b", Alphabet),
        ("a\nb", Alphabet),
        ("\u{ff0e}\u{ff0e}\u{ff0f}", Alphabet),
        ("a\u{202e}b", Alphabet),
        ("a\u{200f}", Alphabet),
        ("a ", Alphabet),
        (" a", Alphabet),
        ("caf\u{e9}", Alphabet),
        ("cafe\u{301}", Alphabet),
        ("a:runQuery", Alphabet),
        ("a~b", Alphabet),
        ("(default)", Alphabet),
        ("a?b", Alphabet),
        ("a#b", Alphabet),
    ] {
        check(text, Some(error));
    }
}

#[test]
fn collections() {
    for legal in ["trips", "Trips_2", "day-plans"] {
        assert!(legal.parse::<CollectionId>().is_ok(), "{legal}");
    }
    for (text, error) in [
        ("", Length),
        (&*"a".repeat(101), Length),
        ("1trips", Alphabet),
        ("trips/a", Alphabet),
        ("a.b", Alphabet),
        ("__trips__", Reserved),
        ("tr\u{ef}ps", Alphabet),
        ("*", Alphabet),
    ] {
        assert_eq!(text.parse::<CollectionId>().err(), Some(error), "{text:?}");
    }
}

#[test]
fn paths_alternate() {
    let document = |text: &str| text.parse::<DocumentPath>().err();
    let collection = |text: &str| text.parse::<CollectionPath>().err();
    assert_eq!((document("trips/a"), document("trips/a/days/1")), (None, None));
    assert_eq!((collection("trips"), collection("trips/a/days")), (None, None));
    assert_eq!(
        (document("trips"), document("trips/a/days")),
        (Some(Parity), Some(Parity))
    );
    assert_eq!(
        (collection("trips/a"), collection("")),
        (Some(Parity), Some(Length))
    );
    for text in ["/trips/a", "trips//a", "trips/a/", "trips/../a/b", "trips/.."] {
        assert!(document(text).is_some(), "{text}");
    }
    let deep = |levels: usize| vec!["a/b"; levels].join("/");
    assert_eq!((document(&deep(100)), document(&deep(101))), (None, Some(Depth)));
    let long = format!(
        "a/{}",
        [
            "b".repeat(1500),
            "c".into(),
            "d".repeat(1500),
            "e".into(),
            "f".repeat(1500),
            "g".into(),
            "h".repeat(600)
        ]
        .join("/")
    );
    assert_eq!(document(&long), Some(Length));
}

#[test]
fn debug_and_errors_do_not_repeat_a_tenants_text() {
    let path: DocumentPath = "patients/ada-lovelace".parse().unwrap();
    assert!(!format!("{path:?} {:?}", path.id()).contains("ada"));
    let error = "diagnosis of ada".parse::<DocumentId>().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("ada"));
}

#[test]
fn serde_refuses_what_parse_refuses() {
    assert!(serde_json::from_str::<DocumentId>("\"a/b\"").is_err());
    assert!(serde_json::from_str::<DocumentPath>("\"a/b/c\"").is_err());
    let path: DocumentPath = serde_json::from_str("\"a/b\"").unwrap();
    assert_eq!(serde_json::to_string(&path).unwrap(), "\"a/b\"");
}
