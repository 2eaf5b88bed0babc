//! tenancy-storage
