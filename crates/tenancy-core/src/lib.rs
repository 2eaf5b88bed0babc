//! tenancy-core
