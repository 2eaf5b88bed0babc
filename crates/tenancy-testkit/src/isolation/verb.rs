//! What is tried, and under which tenant setting.

use std::fmt;

/// What is tried on a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verb {
    /// `SELECT` of every row.
    Select,
    /// `INSERT` of a row of the own tenant.
    Insert,
    /// `UPDATE` of every row.
    Update,
    /// `UPDATE` of every row that gives it to the other tenant.
    Reassign,
    /// `DELETE` of the own tenant's rows.
    Delete,
    /// `INSERT … ON CONFLICT … DO UPDATE` of a row of the own tenant that is there.
    Upsert,
    /// `TRUNCATE`, which no policy stops.
    Truncate,
    /// `COPY table TO STDOUT`.
    CopyTable,
    /// `COPY (SELECT …) TO STDOUT`.
    CopyQuery,
    /// `COPY table FROM STDIN`, which PostgreSQL refuses on a fenced table, whatever the tenant.
    CopyFrom,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Self; 10] = [
        Self::Select,
        Self::Update,
        Self::Reassign,
        Self::Delete,
        Self::Upsert,
        Self::Truncate,
        Self::CopyTable,
        Self::CopyQuery,
        Self::CopyFrom,
        Self::Insert,
    ];

    /// Its name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Reassign => "reassign",
            Self::Delete => "delete",
            Self::Upsert => "upsert",
            Self::Truncate => "truncate",
            Self::CopyTable => "copy table",
            Self::CopyQuery => "copy query",
            Self::CopyFrom => "copy from",
        }
    }

    /// Whether it changes rows.
    #[must_use]
    pub fn writes(self) -> bool {
        !matches!(self, Self::Select | Self::CopyTable | Self::CopyQuery)
    }

    /// Whether it speaks the copy protocol.
    #[must_use]
    pub fn copies(self) -> bool {
        matches!(self, Self::CopyTable | Self::CopyQuery | Self::CopyFrom)
    }

    /// Whether it adds a row that must not be there before.
    pub(super) fn adds(self) -> bool {
        self == Self::Insert
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The tenant setting of the session that tries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Setting {
    /// The tenant whose rows it is about.
    Own,
    /// The other tenant.
    Other,
    /// None was ever set in this session.
    None,
    /// The empty string: what a finished `SET LOCAL` leaves behind.
    Empty,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 4] = [Self::Own, Self::Other, Self::None, Self::Empty];

    /// Its name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Other => "other",
            Self::None => "none",
            Self::Empty => "empty",
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
