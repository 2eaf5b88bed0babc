//! One connection, and what its session is known to be.

use futures::FutureExt;
use sqlx::{AssertSqlSafe, Connection, Executor, Row, postgres::PgConnection};
use tenancy_core::TenantId;

use super::scope;

/// How many statements a connection may hold that the server prepared and we gave up before we heard of it: nobody can use
/// or close them, so a connection with more is replaced.
const LOST_STATEMENTS: usize = 100;

/// One connection, and what its session is known to be.
pub(crate) struct Slot {
    pub(super) connection: PgConnection,
    pub(super) session: Session,
    /// The server's process, for cancelling what runs on it.
    backend: i32,
}

/// What is known of a session outside of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    /// No tenant has used it since it was opened or scrubbed.
    Blank,
    /// A transaction of a tenant ran on it; the tenant's residue may be there, its setting is not.
    Used(TenantId),
    /// Scoped to read for a tenant.
    Reads(TenantId),
    /// It was being changed when the change was last heard of.
    Unknown,
}

impl Session {
    pub(super) fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Used(tenant) | Self::Reads(tenant) => Some(tenant),
            Self::Blank | Self::Unknown => None,
        }
    }

    /// Whether another tenant, or nobody knows who, may have left something.
    fn residue_for(self, tenant: TenantId) -> bool {
        self != Self::Blank && self.tenant() != Some(tenant)
    }
}

impl Slot {
    pub(super) fn new(connection: PgConnection) -> Self {
        Self {
            connection,
            session: Session::Blank,
            backend: 0,
        }
    }

    pub(super) fn backend(&self) -> i32 {
        self.backend
    }

    /// Scopes the session to read for `tenant`. No round trip when it is so already, one else.
    pub(super) async fn enter_read(&mut self, tenant: TenantId) -> sqlx::Result<()> {
        if self.session == Session::Reads(tenant) {
            return Ok(());
        }
        let text = scope::read(tenant, self.session.residue_for(tenant));
        self.session = Session::Unknown;
        self.send(text).await?;
        self.session = Session::Reads(tenant);
        Ok(())
    }

    /// Begins a transaction: one round trip. The caller holds the session for dirty from before this call until its own
    /// COMMIT or ROLLBACK is acknowledged.
    pub(super) async fn enter_transaction(
        &mut self,
        tenant: TenantId,
        actor: Option<tenancy_core::UserId>,
    ) -> sqlx::Result<()> {
        let residue = self.session.residue_for(tenant);
        let text = scope::begin(tenant, actor, residue);
        let after = match self.session {
            Session::Reads(same) if same == tenant => self.session,
            _ => Session::Used(tenant),
        };
        self.session = Session::Unknown;
        self.send(text).await?;
        self.session = after;
        Ok(())
    }

    /// Sends a message of ours; the first one on a connection asks for its backend too.
    async fn send(&mut self, mut text: String) -> sqlx::Result<()> {
        if self.backend != 0 {
            (&mut self.connection).execute(AssertSqlSafe(text)).await?;
            return Ok(());
        }
        text.push_str(scope::BACKEND);
        let rows = sqlx::raw_sql(AssertSqlSafe(text))
            .fetch_all(&mut self.connection)
            .await?;
        let row = rows.last().ok_or(sqlx::Error::RowNotFound)?;
        let backend: String = row.try_get(0)?;
        self.backend = backend.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
        Ok(())
    }

    /// Whether it is known what the session is.
    pub(super) fn is_known(&self) -> bool {
        self.session != Session::Unknown
    }

    /// Whether nothing is buffered and the server owes no answer. Costs no round trip; an answer that has arrived
    /// already is consumed.
    pub(super) fn is_protocol_idle(&mut self) -> bool {
        !self.connection.should_flush()
            && !self.connection.is_in_transaction()
            && matches!(self.connection.flush().now_or_never(), Some(Ok(())))
    }

    /// Waits for the answers that are owed, past the errors among them.
    pub(super) async fn drain(&mut self) -> sqlx::Result<()> {
        loop {
            match self.connection.flush().await {
                Ok(()) => return Ok(()),
                Err(sqlx::Error::Database(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends any transaction, clears the session and proves it. One round trip.
    pub(super) async fn scrub(&mut self) -> sqlx::Result<bool> {
        self.session = Session::Unknown;
        let query = sqlx::raw_sql(AssertSqlSafe(scope::scrub()));
        let rows = query.fetch_all(&mut self.connection).await?;
        let Some(row) = rows.last() else { return Ok(false) };
        let (backend, tenant, outside): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let prepared = row.try_get::<String, _>(3)?.parse().unwrap_or(usize::MAX);
        let lost = prepared.saturating_sub(self.connection.cached_statements_size());
        let clean = lost <= LOST_STATEMENTS
            && (self.backend == 0 || backend == self.backend.to_string())
            && tenant.is_empty()
            && outside == "true"
            && !self.connection.is_in_transaction();
        if clean {
            self.session = Session::Blank;
        }
        Ok(clean)
    }
}
