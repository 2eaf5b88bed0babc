//! Row-level security as code: the DDL that fences a table that is new, and the plan that fences a schema that is there.
//!
//! ```
//! use tenancy_sql::rls::TenantTable;
//!
//! let trips = TenantTable::new("public", "trips")?
//!     .column("id", "uuid NOT NULL")?
//!     .column("title", "text NOT NULL")?
//!     .key(&["id"])?;
//! assert!(trips.render().contains("PRIMARY KEY (tenant_id, id)"));
//! # Ok::<(), tenancy_sql::rls::ParseIdentifierError>(())
//! ```
#![doc = include_str!("README.md")]

mod apply;
mod catalog;
mod declaration;
mod fence;
mod identifier;
mod plan;
mod quote;
mod table;
mod walk;

pub use self::apply::{ApplyError, ApplyOptions, ApplyReport, Event, Longest, apply};
pub use self::declaration::{Declaration, Kept, Reasoned, Root, TenantPath};
pub use self::fence::Fence;
pub use self::identifier::{Identifier, ParseIdentifierError};
pub use self::plan::{Lock, Note, Phase, Plan, PlanError, Problem, Step};
pub use self::table::TenantTable;

use self::fence::{COLUMN, GLOBAL_MARK};
