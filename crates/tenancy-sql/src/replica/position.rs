//! A place in what a database has written.

use std::{fmt, num::NonZeroU64, str::FromStr};

use sqlx::{Row, postgres::PgRow};

/// Asks a primary where it is: all that was committed when it is asked comes before.
///
/// The *insert* position, since what is committed without waiting for the disk is seen before it is written. One message
/// of a session that may be anybody's, so every name is the server's own.
pub(crate) const ASK: &str = "SELECT pg_catalog.pg_current_wal_insert_lsn()::pg_catalog.text, \
     pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), \
     (SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()), \
     pg_catalog.current_setting('wal_block_size'), pg_catalog.current_database()::pg_catalog.text";

/// Where a write stands in what its database has written: what [`commit_with_position`](crate::Transaction::commit_with_position)
/// gives and [`read_after`](crate::SqlHandle::read_after) takes.
///
/// It travels as text, in a cookie or a header, to whichever instance of a service serves the next request:
/// `{cluster}-{database}-{timeline}-{position}`, hexadecimal. It is bound to the database, its cluster and its history: at another
/// one it is worth nothing, and the primary is read.
///
/// It proves nothing and opens nothing: one that was made up leads to the primary, or to an older state of the tenant's own
/// rows. It does tell how much the whole cell writes; where clients must not know that, keep it in the session, or encrypt it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position(Option<Point>);

/// A point in the history of one cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Point {
    pub(crate) history: History,
    pub(crate) lsn: u64,
}

/// Which of a database's histories: each promotion of its cluster begins another one. Databases of one cluster share a log, but a
/// tenant that moves from one to another is copied later than what it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct History {
    pub(crate) system: NonZeroU64,
    pub(crate) database: DatabaseId,
    pub(crate) timeline: u32,
}

/// A database of a cluster, known by what its name comes to: FNV-1a, as it travels between instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DatabaseId(pub(super) u64);

impl DatabaseId {
    pub(super) fn of(name: &str) -> Self {
        let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }
}

/// Why a text is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a position is `{{cluster}}-{{database}}-{{timeline}}-{{position}}`, hexadecimal, or `primary`")]
pub struct ParsePositionError;

/// How a position is written that nobody knows.
const UNKNOWN: &str = "primary";

impl Position {
    /// A position that no replica has: the primary is read.
    pub(crate) const UNKNOWN: Self = Self(None);

    pub(crate) fn point(self) -> Option<Point> {
        self.0
    }
}

impl From<Point> for Position {
    fn from(point: Point) -> Self {
        Self(Some(point))
    }
}

impl Point {
    /// The answer to [`ASK`].
    pub(crate) fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let texts = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        Self::read(texts, row.try_get(4)?).ok_or_else(|| sqlx::Error::Decode(Box::new(ParsePositionError)))
    }

    fn read((lsn, file, system, block): (&str, &str, &str, &str), database: &str) -> Option<Self> {
        Some(Self {
            history: History {
                system: system.parse().ok()?,
                database: DatabaseId::of(database),
                // the first of the three parts of a file's name
                timeline: u32::from_str_radix(file.get(..8)?, 16).ok()?,
            },
            lsn: end_of_record(lsn_of(lsn)?, block.parse().ok()?),
        })
    }
}

/// A log's position, as the server writes it: `16/B374D848`.
pub(crate) fn lsn_of(text: &str) -> Option<u64> {
    let (high, low) = text.split_once('/')?;
    let (high, low) = (
        u32::from_str_radix(high, 16).ok()?,
        u32::from_str_radix(low, 16).ok()?,
    );
    Some(u64::from(high) << 32 | u64::from(low))
}

/// The headers of a page of the log, and of the first one of a file.
const HEADERS: [u64; 2] = [24, 40];

/// Where the last record ended. After one that filled its page the server says where the next will begin, behind the page's
/// header; a replica says where it ended, and would seem to be behind for as long as nobody writes.
///
/// Safe for what else may stand there: a record that goes on behind the header ends nowhere in between.
fn end_of_record(lsn: u64, block: u64) -> u64 {
    let offset = lsn.checked_rem(block).unwrap_or_default();
    if HEADERS.contains(&offset) {
        lsn - offset
    } else {
        lsn
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Point { history, lsn }) => {
                let History {
                    system,
                    database: DatabaseId(database),
                    timeline,
                } = history;
                write!(f, "{system:x}-{database:x}-{timeline:x}-{lsn:x}")
            }
            None => f.write_str(UNKNOWN),
        }
    }
}

impl FromStr for Position {
    type Err = ParsePositionError;

    fn from_str(text: &str) -> Result<Self, ParsePositionError> {
        if text == UNKNOWN {
            return Ok(Self::UNKNOWN);
        }
        parse(text).map(Self::from).ok_or(ParsePositionError)
    }
}

fn parse(text: &str) -> Option<Point> {
    // radix parsing takes a sign
    if !text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
        return None;
    }
    let mut parts = text.split('-');
    let mut next = || parts.next().and_then(|part| u64::from_str_radix(part, 16).ok());
    let (system, database, timeline, lsn) = (next()?, next()?, next()?, next()?);
    let history = History {
        system: NonZeroU64::new(system)?,
        database: DatabaseId(database),
        timeline: timeline.try_into().ok()?,
    };
    parts.next().is_none().then_some(Point { history, lsn })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_travels_as_text() {
        for text in [
            "6b05d3ea1b000014-af63dc4c8601ec8c-1-3000028",
            "primary",
            "1-0-ffffffff-ffffffffffffffff",
        ] {
            assert_eq!(text.parse::<Position>().unwrap().to_string(), text);
        }
        for none in [
            "",
            "1",
            "1-1",
            "1-1-1",
            "1-1-1-1-1",
            "0-1-1-1",
            "1-1-100000000-1",
            "1-1-1-+1",
            "1-1--1-1",
            "g-1-1-1",
            "1-1-1-1 ",
            "1-1-1-10000000000000000",
            "1-1-1-1; SELECT 1",
        ] {
            assert!(none.parse::<Position>().is_err(), "{none}");
        }
    }

    #[test]
    fn the_server_is_understood() {
        let read = |lsn, file, system, block| Point::read((lsn, file, system, block), "a");
        let point = read(
            "16/B374D848",
            "0000000A0000001600000B3",
            "7711751441474981012",
            "8192",
        )
        .unwrap();
        assert_eq!((point.lsn, point.history.timeline), (0x16_b374_d848, 10));
        assert_eq!(
            Position::from(point).to_string(),
            "6b05a513d1390c94-af63dc4c8601ec8c-a-16b374d848"
        );
        assert_eq!(read("16", "00000001", "1", "8192"), None);
        assert_eq!(read("0/1", "0001", "1", "8192"), None);
        assert_eq!(read("0/1", "00000001", "0", "8192"), None);
        assert_eq!(read("0/1", "00000001", "1", ""), None);
    }

    #[test]
    fn a_position_behind_a_pages_header_is_where_the_record_before_it_ended() {
        for (lsn, block, expect) in [
            (0x300_0028, 8192, 0x300_0000),
            (0x300_2018, 8192, 0x300_2000),
            (0x300_2020, 8192, 0x300_2020),
            (0x300_2030, 8192, 0x300_2030),
            (0x300_2018, 65536, 0x300_2018),
            (0x300_2018, 0, 0x300_2018),
        ] {
            assert_eq!(end_of_record(lsn, block), expect, "{lsn:x} {block}");
        }
    }
}
