//! tenancy-auth
