//! tenancy-control
