//! What a replica says of itself, and what follows.

use sqlx::{Row, postgres::PgRow};
use tokio::time::Instant;

use super::position::{DatabaseId, History, Point, lsn_of};

/// Asks a server whether it is a replica, of what, and how far it is. Five columns, none of which is null at a replica.
///
/// The timeline is the one that the server's own files say, up to a restart point behind what it replays.
pub(crate) const ASK: &str = "SELECT pg_catalog.pg_is_in_recovery()::pg_catalog.text, \
     pg_catalog.pg_last_wal_replay_lsn()::pg_catalog.text, \
     (SELECT min_recovery_end_timeline::pg_catalog.text FROM pg_catalog.pg_control_recovery()), \
     (SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()), \
     pg_catalog.current_database()::pg_catalog.text";

/// For how long what a connection said counts. What it has replayed stays so; whether it is a replica still, does not.
pub(crate) const COUNTS: std::time::Duration = std::time::Duration::from_secs(1);

/// What a connection said of its server, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standby {
    pub(super) said: Said,
    pub(super) at: Instant,
}

/// What a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// No replica: it takes writes.
    Primary,
    /// A replica that has replayed so much.
    Replica(Point),
    /// Something that does not say.
    Unclear,
}

/// What is asked of a replica.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    /// What it must have replayed.
    pub(crate) point: Point,
    /// Until when that is enough, if that depends on the time.
    pub(crate) until: Option<Instant>,
}

/// Why a connection may not be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has not replayed what is asked for, or nobody knows in time.
    Behind,
    /// It follows another history than the primary's, or its files do not say so yet.
    OtherHistory,
    /// It belongs to another cluster.
    OtherCluster,
    /// It is of the cluster, and another database of it.
    OtherDatabase,
    /// It is no replica.
    NoReplica,
}

impl Standby {
    /// The answer to [`ASK`].
    pub(crate) fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let texts = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        Ok(Self {
            said: Said::read(texts, row.try_get(4)?),
            at: Instant::now(),
        })
    }

    /// Whether what it said is still to be relied on and enough, so that it need not be asked again.
    pub(crate) fn suffices(&self, want: &Want) -> bool {
        self.at.elapsed() < COUNTS && self.judge(want).is_ok()
    }

    /// Whether the server may be read from.
    pub(crate) fn judge(&self, want: &Want) -> Result<(), Refusal> {
        match self.said {
            Said::Primary | Said::Unclear => Err(Refusal::NoReplica),
            Said::Replica(at) if at.history.system != want.point.history.system => Err(Refusal::OtherCluster),
            Said::Replica(at) if at.history.database != want.point.history.database => {
                Err(Refusal::OtherDatabase)
            }
            Said::Replica(at) if at.history != want.point.history => Err(Refusal::OtherHistory),
            Said::Replica(at) if at.lsn < want.point.lsn => Err(Refusal::Behind),
            Said::Replica(_) => match want.until {
                Some(until) if Instant::now() > until => Err(Refusal::Behind),
                _ => Ok(()),
            },
        }
    }

    /// Whether it is a replica of a database, however far and of whichever of its histories.
    pub(super) fn is_of(&self, of: History) -> Result<(), Refusal> {
        match self.said {
            Said::Primary | Said::Unclear => Err(Refusal::NoReplica),
            Said::Replica(at) if at.history.system != of.system => Err(Refusal::OtherCluster),
            Said::Replica(at) if at.history.database != of.database => Err(Refusal::OtherDatabase),
            Said::Replica(_) => Ok(()),
        }
    }
}

impl Said {
    fn read(
        (recovers, lsn, timeline, system): (Option<&str>, Option<&str>, Option<&str>, Option<&str>),
        database: &str,
    ) -> Self {
        if recovers != Some("true") {
            return Self::Primary;
        }
        let point = || {
            Some(Point {
                history: History {
                    system: system?.parse().ok()?,
                    database: DatabaseId::of(database),
                    timeline: timeline?.parse().ok()?,
                },
                lsn: lsn_of(lsn?)?,
            })
        };
        point().map_or(Self::Unclear, Self::Replica)
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU64, time::Duration};

    use super::*;

    fn point(system: u64, timeline: u32, lsn: u64) -> Point {
        let history = History {
            system: NonZeroU64::new(system).unwrap(),
            database: DatabaseId::of("core"),
            timeline,
        };
        Point { history, lsn }
    }

    fn elsewhere(mut point: Point) -> Point {
        point.history.database = DatabaseId::of("social");
        point
    }

    fn said(said: Said) -> Standby {
        let at = Instant::now();
        Standby { said, at }
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_replica_of_the_same_history_that_has_replayed_enough_in_time_is_read() {
        let want = Want {
            point: point(7, 2, 100),
            until: Some(Instant::now() + Duration::from_secs(5)),
        };
        for (standby, expect) in [
            (Said::Replica(point(7, 2, 100)), Ok(())),
            (Said::Replica(point(7, 2, 101)), Ok(())),
            (Said::Replica(point(7, 2, 99)), Err(Refusal::Behind)),
            (Said::Replica(point(7, 1, 100)), Err(Refusal::OtherHistory)),
            (Said::Replica(point(7, 3, 100)), Err(Refusal::OtherHistory)),
            (Said::Replica(point(8, 2, 100)), Err(Refusal::OtherCluster)),
            (
                Said::Replica(elsewhere(point(7, 2, 100))),
                Err(Refusal::OtherDatabase),
            ),
            (Said::Primary, Err(Refusal::NoReplica)),
            (Said::Unclear, Err(Refusal::NoReplica)),
        ] {
            let standby = said(standby);
            assert_eq!(standby.judge(&want), expect, "{standby:?}");
            assert_eq!(standby.suffices(&want), expect.is_ok(), "{standby:?}");
        }
        let early = said(Said::Replica(point(7, 2, 100)));
        tokio::time::advance(Duration::from_millis(999)).await;
        assert!(early.suffices(&want));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!early.suffices(&want), "it may have been promoted since");
        assert_eq!(early.judge(&want), Ok(()));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(early.judge(&want), Err(Refusal::Behind), "the proof is too old");
    }

    #[test]
    fn what_a_server_says_is_understood() {
        let read = |texts| Said::read(texts, "core");
        let all = (Some("true"), Some("0/64"), Some("2"), Some("7"));
        assert_eq!(read(all), Said::Replica(point(7, 2, 100)));
        assert_eq!(read((Some("false"), None, Some("0"), Some("7"))), Said::Primary);
        assert_eq!(read((None, None, None, None)), Said::Primary);
        assert_eq!(read((Some("true"), None, Some("2"), Some("7"))), Said::Unclear);
        assert_eq!(read((Some("true"), Some("0/64"), None, Some("7"))), Said::Unclear);
    }
}
