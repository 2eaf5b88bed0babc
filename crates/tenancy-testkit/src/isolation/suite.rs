//! The suite itself.

use secrecy::SecretString;
use tenancy_core::TenantId;

use super::{
    Case, IsolationError, Outcome, Report, Setting, Verb, catalog, expect, held_out,
    relation::Relation,
    seeds::Seeds,
    session::{Sessions, connect},
    statement,
};
use crate::Database;

/// What there is to ask of a database: see the [module](super).
#[derive(Debug)]
pub struct Isolation {
    runtime_url: SecretString,
    superuser_url: SecretString,
    tenants: (TenantId, TenantId),
    relations: Vec<(Relation, Seeds)>,
}

impl Isolation {
    /// Reads what the runtime role reaches, and finds the rows of both tenants. Some ten round trips, and two a table.
    ///
    /// # Errors
    ///
    /// [`IsolationError`], which names the table that the suite can't ask about.
    ///
    /// # Panics
    ///
    /// When the runtime role is not demoted, as [`Database::assert_demoted`].
    pub async fn of(database: &Database, own: TenantId, other: TenantId) -> Result<Self, IsolationError> {
        database.assert_demoted().await;
        let mut runtime = connect(&database.runtime_url).await?;
        let mut superuser = connect(&database.superuser_url).await?;
        let mut relations = Vec::new();
        for relation in catalog::relations(&mut runtime).await? {
            let seeds = Seeds::of(&mut superuser, &relation, (own, other)).await?;
            relations.push((relation, seeds));
        }
        Ok(Self {
            runtime_url: database.runtime_url.clone(),
            superuser_url: database.superuser_url.clone(),
            tenants: (own, other),
            relations,
        })
    }

    /// The tables and views that it asks about, with their schemas.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.relations.iter().map(|(relation, _)| relation.name.as_str())
    }

    /// Asks everything, as the runtime role, over connections of its own. Three round trips a cell.
    ///
    /// # Errors
    ///
    /// [`IsolationError`] when the suite itself could not go on. A leak is none: it is in the report.
    pub async fn run(&self) -> Result<Report, IsolationError> {
        let mut sessions = Sessions::open(&self.runtime_url, self.tenants).await?;
        let report = self
            .run_with(&Setting::ALL, async |case| sessions.ask(case).await)
            .await?;
        sessions.close().await?;
        Ok(report)
    }

    /// Asks everything under these settings, by what `ask` does with a case: over an SDK, say. `ask` undoes what it did.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn run_with(
        &self,
        settings: &[Setting],
        mut ask: impl AsyncFnMut(&Case) -> Outcome,
    ) -> Result<Report, IsolationError> {
        let mut superuser = connect(&self.superuser_url).await?;
        let mut report = Report::default();
        for (relation, before) in &self.relations {
            // where the row is may have changed since
            let seeds = Seeds::of(&mut superuser, relation, self.tenants).await?;
            for verb in Verb::ALL.into_iter().filter(|&verb| relation.takes(verb)) {
                if verb.adds() {
                    held_out::take(&mut superuser, relation, &seeds.row).await?;
                }
                for &setting in settings {
                    let case = self.case(relation, &seeds, verb, setting);
                    report.cells.push(case.saw(ask(&case).await));
                }
                if verb.adds() {
                    held_out::put_back(&mut superuser, relation, &seeds.row).await?;
                }
            }
            let after = Seeds::of(&mut superuser, relation, self.tenants).await?;
            if !after.as_many_as(before) {
                return Err(IsolationError::Changed(relation.name.clone()));
            }
        }
        Ok(report)
    }

    fn case(&self, relation: &Relation, seeds: &Seeds, verb: Verb, setting: Setting) -> Case {
        Case {
            table: relation.name.clone(),
            verb,
            setting,
            statement: statement::of(verb, relation, &seeds.row, self.tenants),
            expected: expect::outcomes(verb, setting, relation, seeds),
            own: self.tenants.0,
        }
    }
}
