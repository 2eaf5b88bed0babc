//! The isolation suite: every table that a role reaches, every verb, every tenant setting.
//!
//! It asks a database, as its runtime role and over connections of its own, whether one tenant's rows can be seen or changed
//! under another tenant's setting, under none, and under an empty one. What there is to ask, the catalogue says: a table
//! that a migration adds is in the suite from then on.
//!
//! ```no_run
//! # async fn example(database: tenancy_testkit::Database) -> Result<(), tenancy_testkit::isolation::IsolationError> {
//! use tenancy_core::TenantId;
//! use tenancy_testkit::isolation::Isolation;
//!
//! let (own, other) = (TenantId::new(), TenantId::new());
//! // … a row of each of them in every table, then:
//! let isolation = Isolation::of(&database, own, other).await?;
//! isolation.run().await?.assert();
//! # Ok(())
//! # }
//! ```
//!
//! # Flow
//!
//! 1. The runtime role is asserted to be demoted: as a superuser every cell would be meaningless.
//! 2. The catalogue says, as that role, which tables and views it reaches. Each must have the column `tenant_id` and rows of
//!    both tenants.
//! 3. For each table, verb and setting, one statement runs in a transaction that is rolled back. It has no condition on the
//!    tenant wherever that can be: a forgotten filter is what the fence is there for.
//! 4. What was seen is compared with what must be seen: with the own setting, the own rows and no other (else a refusal of
//!    everything would pass); with another, none of them; with none and an empty one, an error.
//!
//! # Caveats
//!
//! `insert` needs a row that is not there: the superuser takes one out of the table for as long as it is asked, past triggers
//! and foreign keys, and puts the same row back. Nobody else should work on the database meanwhile.
//! What constraints tell past row-level security (unique keys and references without the tenant) is not asked here: the boot
//! check of `tenancy-sql` reads it from the catalogue.

mod case;
mod catalog;
mod error;
mod expect;
mod held_out;
mod outcome;
mod relation;
mod report;
mod seeds;
mod session;
mod statement;
mod suite;
mod verb;

pub use self::case::Case;
pub use self::error::IsolationError;
pub use self::outcome::Outcome;
pub use self::report::{Cell, Report};
pub use self::suite::Isolation;
pub use self::verb::{Setting, Verb};
