//! One session's seal, as the pool knows it.

use sqlx::{
    Row,
    postgres::{PgConnection, PgRow},
};
use tenancy_core::{SecretRef, TenantId};

use super::{Refused, SealKey};

/// A session that asked for its challenge: what the next proof is made of.
pub(crate) struct Seal {
    key: SealKey,
    backend: i32,
    challenge: i64,
    /// The turn that the next proof is for.
    turn: i64,
}

/// Read-write, whatever the role's own default says.
const HELLO: &str = "BEGIN READ WRITE; \
     SELECT backend::text, challenge::text, next::text FROM tenancy.seal_hello(); COMMIT";
/// What a scrub asks beside its own: the columns that [`Seal::is_the_sessions`] looks at.
pub(crate) const ASK: &str = ", (SELECT challenge::text || ' ' || next::text FROM tenancy.seal_hello())";

impl Seal {
    /// Asks for the session's challenge. Reads the key afresh, so that a changed one is seen. One round trip.
    pub(crate) async fn begin(connection: &mut PgConnection, key: &SecretRef) -> sqlx::Result<Self> {
        let key =
            SealKey::read(key).map_err(|error| sqlx::Error::Configuration(Box::new(Refused::Key(error))))?;
        let rows = sqlx::raw_sql(HELLO).fetch_all(connection).await;
        let rows = rows.map_err(Refused::from_error)?;
        let row = rows.last().ok_or(sqlx::Error::RowNotFound)?;
        Ok(Self {
            key,
            backend: number(row, 0)?,
            challenge: number(row, 1)?,
            turn: number(row, 2)?,
        })
    }

    /// The statement that opens the seal for `tenant`, this turn. Hexadecimal digits and an id: nothing is ever quoted.
    pub(crate) fn open(&self, tenant: TenantId) -> String {
        let proof = self.key.prove(self.backend, self.challenge, self.turn, tenant);
        format!(
            "SELECT tenancy.seal_open('{tenant}', '{}', '\\x{proof}'); ",
            self.key.id()
        )
    }

    /// The database took the proof.
    pub(crate) fn opened(&mut self) {
        self.turn += 1;
    }

    /// Whether the answer to [`ASK`] is this session's; takes its turn over, as the answer to a proof may have been lost.
    pub(crate) fn is_the_sessions(&mut self, answer: &str) -> bool {
        let Some((challenge, turn)) = answer.split_once(' ') else {
            return false;
        };
        let Ok(turn) = turn.parse() else { return false };
        self.turn = turn;
        challenge == self.challenge.to_string()
    }
}

fn number<N: std::str::FromStr<Err = std::num::ParseIntError>>(row: &PgRow, at: usize) -> sqlx::Result<N> {
    let text: String = row.try_get(at)?;
    text.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))
}
