//! A comment and its input.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row, postgres::PgRow};
use tenancy::{Error, FieldError, Result, UserId};
use uuid::Uuid;

use crate::itinerary::ItineraryId;

/// The id of a comment: a UUID of version 7, so that later ones sort later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub(crate) struct CommentId(Uuid);

impl CommentId {
    pub(crate) fn new() -> Self {
        Self(Uuid::now_v7())
    }

    pub(crate) fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for CommentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A comment, as clients see it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comment {
    pub(crate) id: CommentId,
    pub(crate) itinerary: ItineraryId,
    pub(crate) author: UserId,
    pub(crate) text: String,
    created_at: Timestamp,
}

/// A new comment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    text: String,
}

const CHARACTERS: std::ops::RangeInclusive<usize> = 1..=2000;

impl Draft {
    /// The text.
    ///
    /// # Errors
    ///
    /// 422 when it is none.
    pub(crate) fn check(self) -> Result<String> {
        let stray = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        let problem = if !CHARACTERS.contains(&self.text.chars().count()) {
            "1 to 2000 characters"
        } else if self.text.trim().is_empty() {
            "not blank"
        } else if self.text.chars().any(stray) {
            "without control characters other than line breaks and tabs"
        } else {
            return Ok(self.text);
        };
        Err(Error::invalid(vec![FieldError::new("text", problem)]))
    }
}

impl FromRow<'_, PgRow> for Comment {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            itinerary: row.try_get("itinerary")?,
            author: row.try_get("author")?,
            text: row.try_get("text")?,
            created_at: row.try_get::<jiff_sqlx::Timestamp, _>("created_at")?.to_jiff(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, legal: bool) {
        let checked = Draft {
            text: text.to_owned(),
        }
        .check();
        assert_eq!(checked.is_ok(), legal, "{text:?}");
        if let Err(error) = checked {
            let problem = serde_json::to_value(error.problem()).unwrap();
            assert_eq!(
                (&problem["status"], &problem["errors"][0]["field"]),
                (&422.into(), &"text".into())
            );
        }
    }

    #[test]
    fn a_comment_says_something_and_not_too_much() {
        check("Lovely.\nSee you there!", true);
        check("ä", true);
        check(&"ä".repeat(2000), true);
        check(&"ä".repeat(2001), false);
        check("", false);
        check(" \n", false);
        check("a\0b", false);
    }

    #[test]
    fn a_comment_is_text_and_nothing_else() {
        for body in [r#"{}"#, r#"{"text":null}"#, r#"{"text":"a","author":"b"}"#] {
            assert!(serde_json::from_str::<Draft>(body).is_err(), "{body}");
        }
    }
}
