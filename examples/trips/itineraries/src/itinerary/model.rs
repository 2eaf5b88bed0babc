//! An itinerary, and who sees it.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{FromRow, Row, postgres::PgRow};
use tenancy::{TenantContext, UserId};

use super::{content::Content, id::ItineraryId};
use crate::http::EntityTag;

/// An itinerary, as clients see it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Itinerary {
    pub(crate) id: ItineraryId,
    pub(crate) owner: UserId,
    #[serde(flatten)]
    pub(crate) content: Content,
    version: i64,
    published_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Who looks. Its own and what is shared, or everything with a role that reaches all data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer {
    pub(crate) user: Option<UserId>,
    pub(crate) all: bool,
}

impl Viewer {
    pub(crate) fn of(ctx: &TenantContext) -> Self {
        Self {
            user: ctx.user_id(),
            all: ctx.reaches_all_data(),
        }
    }
}

impl Itinerary {
    /// The tag of this state: every change counts the version up.
    pub(crate) fn tag(&self) -> EntityTag {
        EntityTag::of(self.version)
    }

    pub(crate) fn is_published(&self) -> bool {
        self.published_at.is_some()
    }

    pub(crate) fn path(&self) -> String {
        format!("/itineraries/{}", self.id)
    }
}

impl FromRow<'_, PgRow> for Itinerary {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let date = |column| row.try_get::<Option<jiff_sqlx::Date>, _>(column);
        let time = |column| row.try_get::<jiff_sqlx::Timestamp, _>(column);
        Ok(Self {
            id: row.try_get("id")?,
            owner: row.try_get("owner")?,
            content: Content {
                title: row.try_get("title")?,
                notes: row.try_get("notes")?,
                starts_on: date("starts_on")?.map(jiff_sqlx::Date::to_jiff),
                ends_on: date("ends_on")?.map(jiff_sqlx::Date::to_jiff),
                visibility: row.try_get("visibility")?,
            },
            version: row.try_get("version")?,
            published_at: row
                .try_get::<Option<jiff_sqlx::Timestamp>, _>("published_at")?
                .map(jiff_sqlx::Timestamp::to_jiff),
            created_at: time("created_at")?.to_jiff(),
            updated_at: time("updated_at")?.to_jiff(),
        })
    }
}
