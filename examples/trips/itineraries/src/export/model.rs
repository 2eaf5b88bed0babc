//! An export and its state.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row, postgres::PgRow, types::Json};
use uuid::Uuid;

/// The id of an export: a UUID of version 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub(super) struct ExportId(Uuid);

impl ExportId {
    pub(super) fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// What the job's envelope is sealed for.
    pub(super) fn payload(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for ExportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Queued,
    Made,
    Refused,
}

/// An export, as its owner sees it.
#[derive(Debug, Serialize)]
pub(super) struct Export {
    pub(super) id: ExportId,
    state: State,
    created_at: Timestamp,
    /// Once it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    itineraries: Option<serde_json::Value>,
}

impl FromRow<'_, PgRow> for Export {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let itineraries: Option<Json<serde_json::Value>> = row.try_get("itineraries")?;
        let state = match (&itineraries, row.try_get("queued")?) {
            (Some(_), _) => State::Made,
            (None, true) => State::Queued,
            (None, false) => State::Refused,
        };
        Ok(Self {
            id: row.try_get("id")?,
            state,
            created_at: row.try_get::<jiff_sqlx::Timestamp, _>("created_at")?.to_jiff(),
            itineraries: itineraries.map(|Json(value)| value),
        })
    }
}
