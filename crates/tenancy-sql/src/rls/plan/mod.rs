//! What is to be done to a schema, as data: read from the catalog, put into order, executed by nobody yet.

mod admit;
mod draft;
mod edge;
mod enforce;
mod fill;
mod key;
mod note;
mod place;
mod prepare;
mod problem;
mod reference;
mod step;
mod validate;

use std::fmt;

use sqlx::postgres::PgConnection;

use self::draft::Draft;
pub use self::note::Note;
pub use self::problem::{PlanError, Problem};
pub(super) use self::step::{Fill, How};
pub use self::step::{Lock, Phase, Step};
use super::{Declaration, catalog::Catalog, quote::plain};

/// What fences a schema, step by step, and what a person should know beforehand. `Display` is the script.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// In the order in which they are executed.
    pub steps: Vec<Step>,
    /// What the steps do not settle.
    pub notes: Vec<Note>,
}

impl Plan {
    /// Reads the catalog and plans, and changes nothing but the session's `search_path`. What is done already is marked as
    /// such: of a plan that was executed no step is left.
    ///
    /// # Errors
    ///
    /// [`PlanError::Problems`] with all that must be decided or mended first, else what the database said.
    pub async fn new(connection: &mut PgConnection, declared: &Declaration) -> Result<Self, PlanError> {
        let catalog = Catalog::read(connection, declared).await?;
        Self::of(&catalog, declared).map_err(PlanError::Problems)
    }

    fn of(catalog: &Catalog, declared: &Declaration) -> Result<Self, Vec<Problem>> {
        let mut draft = Draft::new(catalog, declared)?;
        prepare::steps(&mut draft);
        fill::steps(&mut draft);
        validate::steps(&mut draft);
        admit::steps(&mut draft);
        enforce::steps(&mut draft);
        note::notes(&mut draft);
        draft.finish()
    }

    /// The steps that are not done yet, up to and with a phase.
    pub fn pending(&self, until: Phase) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .filter(move |step| !step.done && step.phase <= until)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for note in &self.notes {
            writeln!(f, "-- NOTE {}", plain(&note.to_string()))?;
        }
        writeln!(
            f,
            "SET search_path = pg_catalog;\nSET standard_conforming_strings = on;"
        )?;
        self.steps.iter().try_for_each(|step| step.fmt(f))
    }
}
