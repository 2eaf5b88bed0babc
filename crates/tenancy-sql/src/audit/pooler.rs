//! What stands between: a pooler that lends one session of the server to many of ours lends the tenant with it.

use futures::future::try_join_all;
use sqlx::{
    ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgConnection},
};

use super::{
    Finding,
    rule::{Level, Rule},
};

/// Connections that are compared. A pooler with more idle sessions of the server than these is still seen by the rounds in
/// which only one of ours asks at a time.
const CONNECTIONS: usize = 4;

pub(super) const MODE: Rule = Rule {
    id: "pooler_mode",
    level: Level::ERROR,
    title: "a pooler that shares sessions between transactions",
    why: "A setting of the session stays on the server's session, and the next transaction that gets it is another client's: 670 \
          of 900 statements ran as the wrong tenant (measured, PgBouncer in transaction mode). Only SET LOCAL inside the same \
          transaction is safe there.",
    reference: "https://www.pgbouncer.org/features.html",
    sql: "",
    faults: &[],
};

pub(super) const PRESENT: Rule = Rule {
    id: "pooler_present",
    level: Level::NOTE,
    title: "something between the client and the server",
    why: "The server listens on another port than the one that was dialled: a pooler, a proxy or a port mapping. Which pooler and \
          which version can't be told from here. PgBouncer below 1.25.2 has CVE-2026-6664 to -6667, and below 1.25.1 \
          CVE-2025-12819 (SQL before authentication).",
    reference: "https://www.pgbouncer.org/changelog.html",
    sql: "",
    faults: &[],
};

/// Opens a few connections and looks from which sessions of the server they are answered: some fifteen round trips.
pub(super) async fn mode(connect: &PgConnectOptions) -> sqlx::Result<Option<Finding>> {
    let mut connections = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        connections.push(connect.connect().await?);
    }
    let rounds = rounds(&mut connections).await;
    for connection in connections {
        // the answer counts, not the farewell
        let _ = connection.close().await;
    }
    Ok(judge(&rounds?).map(|problem| Finding {
        rule: MODE.id,
        severity: MODE.severity(),
        object: "the pooler".to_owned(),
        problem: problem.to_owned(),
        remedy: "SELECT 'connect directly, or set pool_mode = session for this database'".to_owned(),
    }))
}

/// One after the other, all at a time, and one after the other from the end.
async fn rounds(connections: &mut [PgConnection]) -> sqlx::Result<[Vec<i32>; 3]> {
    let mut first = Vec::new();
    for connection in connections.iter_mut() {
        first.push(process(connection).await?);
    }
    let together = try_join_all(connections.iter_mut().map(process)).await?;
    let mut last = Vec::new();
    for connection in connections.iter_mut().rev() {
        last.push(process(connection).await?);
    }
    last.reverse();
    Ok([first, together, last])
}

async fn process(connection: &mut PgConnection) -> sqlx::Result<i32> {
    let row = sqlx::raw_sql("SELECT pg_catalog.pg_backend_pid()")
        .fetch_one(connection)
        .await?;
    sqlx::Row::try_get(&row, 0)
}

/// The sessions that answered, of each connection in each round. Distinct and steady ones prove nothing.
fn judge(rounds: &[Vec<i32>; 3]) -> Option<&'static str> {
    let [first, ..] = rounds;
    if rounds.iter().any(|round| round != first) {
        return Some("gives one connection several sessions of the server: it pools by transaction");
    }
    let mut distinct = first.clone();
    distinct.sort_unstable();
    distinct.dedup();
    (distinct.len() < first.len())
        .then_some("answers several connections from one session of the server: it pools by transaction")
}

/// Whether what was dialled is what answers. `listens` is the port that the server says it listens on.
pub(super) fn present(dialled: u16, listens: Option<i32>) -> Option<Finding> {
    let listens = listens.filter(|port| *port != i32::from(dialled))?;
    Some(Finding {
        rule: PRESENT.id,
        severity: PRESENT.severity(),
        object: format!("port {dialled}"),
        problem: format!(
            "leads to a server that listens on {listens}: what stands between, and its version, can't be told from here"
        ),
        remedy: "SELECT 'see that it is no PgBouncer below 1.25.2'".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_move_or_are_shared_are_a_transaction_poolers() {
        for (rounds, found) in [
            ([vec![1, 2, 3, 4], vec![1, 2, 3, 4], vec![1, 2, 3, 4]], None),
            (
                [vec![1, 1, 1, 1], vec![1, 2, 3, 4], vec![1, 1, 1, 1]],
                Some("several sessions"),
            ),
            (
                [vec![1, 2, 3, 4], vec![2, 1, 3, 4], vec![1, 2, 3, 4]],
                Some("several sessions"),
            ),
            (
                [vec![1, 1, 2, 2], vec![1, 1, 2, 2], vec![1, 1, 2, 2]],
                Some("from one session"),
            ),
        ] {
            let said = judge(&rounds);
            assert_eq!(said.is_some(), found.is_some(), "{rounds:?}");
            assert!(
                found.is_none_or(|text| said.unwrap().contains(text)),
                "{rounds:?}: {said:?}"
            );
        }
    }

    #[test]
    fn another_port_is_told_of() {
        for (dialled, listens, found) in [
            (5432, Some(5432), false),
            (6432, Some(5432), true),
            (5432, None, false),
        ] {
            assert_eq!(present(dialled, listens).is_some(), found);
        }
    }
}
