//! Row-level security as text: the DDL that fences a table.
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

mod fence;
mod identifier;
mod table;

pub use self::fence::Fence;
pub use self::identifier::{Identifier, ParseIdentifierError};
pub use self::table::TenantTable;

use self::fence::COLUMN;
