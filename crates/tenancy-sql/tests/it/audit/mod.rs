//! The auditor: silent on a fenced database, and each rule trips on its faults and names what mends them.

mod boot;
mod conventions;
mod faults;
mod probe;
