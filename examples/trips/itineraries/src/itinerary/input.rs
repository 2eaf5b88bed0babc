//! What clients send: a whole itinerary, or a change to one.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::content::{Content, Visibility};

/// A new itinerary.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    title: String,
    #[serde(default)]
    notes: String,
    starts_on: Option<Date>,
    ends_on: Option<Date>,
    #[serde(default)]
    visibility: Visibility,
}

impl From<Draft> for Content {
    fn from(draft: Draft) -> Self {
        let Draft {
            title,
            notes,
            starts_on,
            ends_on,
            visibility,
        } = draft;
        Self {
            title,
            notes,
            starts_on,
            ends_on,
            visibility,
        }
    }
}

/// A change: a JSON merge patch (RFC 7396). What is absent stays; a date that is `null` goes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Change {
    #[serde(deserialize_with = "given")]
    title: Option<String>,
    #[serde(deserialize_with = "given")]
    notes: Option<String>,
    #[serde(deserialize_with = "given")]
    starts_on: Option<Option<Date>>,
    #[serde(deserialize_with = "given")]
    ends_on: Option<Option<Date>>,
    #[serde(deserialize_with = "given")]
    visibility: Option<Visibility>,
}

/// A field that is there has a value: `null` is refused where the itinerary can't do without.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Change {
    /// The content after the change.
    pub(crate) fn onto(self, old: Content) -> Content {
        Content {
            title: self.title.unwrap_or(old.title),
            notes: self.notes.unwrap_or(old.notes),
            starts_on: self.starts_on.unwrap_or(old.starts_on),
            ends_on: self.ends_on.unwrap_or(old.ends_on),
            visibility: self.visibility.unwrap_or(old.visibility),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tenancy::Error;

    use super::*;

    fn fields(error: &Error) -> Vec<String> {
        let problem = serde_json::to_value(error.problem()).unwrap();
        assert_eq!(problem["status"], 422);
        let errors = problem["errors"].as_array().unwrap();
        errors
            .iter()
            .map(|e| e["field"].as_str().unwrap().to_owned())
            .collect()
    }

    fn draft(body: Value) -> Result<Content, Vec<String>> {
        let draft: Draft = serde_json::from_value(body).unwrap();
        Content::from(draft).check().map_err(|error| fields(&error))
    }

    #[test]
    fn a_title_makes_an_itinerary_and_it_is_private() {
        let content = draft(json!({"title": "Alps"})).unwrap();
        assert_eq!(
            (content.visibility, content.notes.as_str()),
            (Visibility::Private, "")
        );
    }

    #[test]
    fn one_answer_names_every_field_at_fault() {
        let check = |body, expect: &[&str]| assert_eq!(draft(body).unwrap_err(), expect);
        check(json!({"title": "", "notes": "\u{0}"}), &["title", "notes"]);
        check(json!({"title": "a".repeat(201)}), &["title"]);
        check(json!({"title": "a", "notes": "a".repeat(10_001)}), &["notes"]);
        check(json!({"title": "a", "ends_on": "2026-01-01"}), &["starts_on"]);
        check(
            json!({"title": "a", "starts_on": "2026-01-02", "ends_on": "2026-01-01"}),
            &["ends_on"],
        );
        check(
            json!({"title": "a", "starts_on": "-000001-01-02"}),
            &["starts_on"],
        );
    }

    #[test]
    fn what_an_itinerary_has_not_is_refused() {
        for body in [
            json!({}),
            json!({"title": null}),
            json!({"title": "a", "owner": "x"}),
            json!({"title": "a", "visibility": "public"}),
            json!({"title": "a", "starts_on": "2026-02-30"}),
        ] {
            assert!(serde_json::from_value::<Draft>(body.clone()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_change_leaves_what_is_absent_and_clears_what_is_null() {
        let old =
            || draft(json!({"title": "a", "starts_on": "2026-01-01", "ends_on": "2026-01-02"})).unwrap();
        let changed = |patch: Value| serde_json::from_value::<Change>(patch).map(|change| change.onto(old()));
        assert_eq!(changed(json!({})).unwrap(), old());
        assert_eq!(
            changed(json!({"ends_on": null})).unwrap(),
            Content {
                ends_on: None,
                ..old()
            }
        );
        assert_eq!(
            changed(json!({"title": "b"})).unwrap(),
            Content {
                title: "b".into(),
                ..old()
            }
        );
        let orphan = changed(json!({"starts_on": null})).unwrap().check().unwrap_err();
        assert_eq!(fields(&orphan), ["starts_on"]);
        assert!(changed(json!({"title": null})).is_err());
        assert!(changed(json!({"version": 2})).is_err());
    }
}
