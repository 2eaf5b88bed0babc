//! What a member does to members and roles, written down in the transaction that does it.

use sqlx::{Postgres, Transaction};
use tenancy_core::{
    Actor, CustomRole, Decision, Error, Kind, MemberRole, POLICY_VERSION, PermissionDef, PermissionNames,
    Result, RoleChoice, Target, TenantContext,
};

use super::{
    Registry,
    connect::{commit, lock},
    granter::Granter,
    refusal::refused,
};

/// What is to be done, for the record.
pub(super) struct Deed {
    name: &'static str,
    pub(super) permission: &'static PermissionDef,
    pub(super) target: Target,
    gives: Vec<String>,
}

impl Deed {
    pub(super) fn new(name: &'static str, permission: &'static PermissionDef, target: Target) -> Self {
        let gives = Vec::new();
        Self {
            name,
            permission,
            target,
            gives,
        }
    }

    pub(super) fn giving(mut self, role: &RoleChoice) -> Self {
        self.gives.push(match role {
            RoleChoice::Fixed(role) => role.as_str().to_owned(),
            RoleChoice::Custom(name) => name.as_str().to_owned(),
        });
        self
    }

    /// Of a list that is longer than a role may have, the first ones: whoever is refused writes no more than that.
    pub(super) fn listing(mut self, permissions: &PermissionNames) -> Self {
        let names = permissions.iter().take(CustomRole::MOST);
        self.gives.extend(names.map(str::to_owned));
        self
    }
}

/// A deed that goes on: its transaction, which holds the tenant, and who does it.
pub(super) struct Act {
    pub(super) tx: Transaction<'static, Postgres>,
    pub(super) granter: Granter,
    pub(super) entry: Entry,
}

/// A row of the audit log, as far as it is known.
pub(super) struct Entry {
    context: TenantContext,
    pub(super) deed: Deed,
    /// What the registry says that the one who acts is.
    role: Option<MemberRole>,
    rule: &'static str,
    policy: u64,
}

impl Entry {
    fn new(context: &TenantContext, deed: Deed) -> Self {
        Self {
            context: context.clone(),
            deed,
            role: None,
            rule: "no_user",
            policy: POLICY_VERSION,
        }
    }

    /// The one who acts is a user, and this in the tenant.
    pub(super) fn is(&mut self, role: Option<&MemberRole>) {
        self.role = role.cloned();
        self.rule = "no_member";
    }

    pub(super) fn decided(&mut self, decision: Decision) {
        (self.rule, self.policy) = (decision.rule.as_str(), decision.version);
    }
}

impl Registry {
    /// Holds the tenant, and looks up what the one who acts is in it now, and whether that may do the deed. Who may not is
    /// written down.
    pub(super) async fn act(&self, context: &TenantContext, deed: Deed) -> Result<Act> {
        let mut tx = self.begin().await?;
        let record = lock(&mut tx, context.tenant_id()).await?;
        let mut entry = Entry::new(context, deed);
        match self.granter(&mut tx, context, record, &mut entry).await {
            Ok(granter) => Ok(Act { tx, granter, entry }),
            Err(error) => Err(self.denied(tx, &entry, error).await),
        }
    }

    /// Commits what was done, together with its record; or takes it back, and writes down that it was denied.
    pub(super) async fn end<T>(&self, mut act: Act, done: Result<T>) -> Result<T> {
        match done {
            Ok(done) => {
                write(&mut act.tx, &act.entry, true).await?;
                commit(act.tx).await?;
                Ok(done)
            }
            Err(error) => {
                act.entry.policy = POLICY_VERSION;
                act.entry.rule = match error.kind() {
                    Kind::NotEntitled => "not_in_plan",
                    _ => "exceeds_own_role",
                };
                Err(self.denied(act.tx, &act.entry, error).await)
            }
        }
    }

    /// What is no denial, such as a name that is taken, is not written down. The record has a transaction of its own, for the
    /// deed's is taken back.
    async fn denied(&self, tx: Transaction<'static, Postgres>, entry: &Entry, error: Error) -> Error {
        if !matches!(error.kind(), Kind::Forbidden | Kind::NotEntitled) {
            return error;
        }
        let written = async {
            tx.rollback().await.map_err(refused)?;
            let mut tx = self.begin().await?;
            write(&mut tx, entry, false).await?;
            commit(tx).await
        };
        match written.await {
            Ok(()) => error,
            Err(unwritten) => unwritten,
        }
    }
}

async fn write(tx: &mut Transaction<'_, Postgres>, entry: &Entry, allowed: bool) -> Result<()> {
    let text = "INSERT INTO registry.audit_log
                (tenant_id, request, actor, role, via, action, target, allowed, rule, policy, deed, gives)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let (context, deed) = (&entry.context, &entry.deed);
    let via = match context.actor() {
        Actor::User { via, .. } => via.as_ref().map(|name| name.as_str()),
        _ => None,
    };
    let query = sqlx::query(text)
        .bind(context.tenant_id())
        .bind(context.request_id().as_uuid())
        .bind(context.actor().to_string())
        .bind(entry.role.as_ref().map(MemberRole::as_str))
        .bind(via)
        .bind(deed.permission.name())
        .bind(deed.target.to_string())
        .bind(allowed)
        .bind(entry.rule)
        .bind(entry.policy.cast_signed())
        .bind(deed.name)
        .bind(&deed.gives);
    query.execute(&mut **tx).await.map_err(refused)?;
    Ok(())
}
