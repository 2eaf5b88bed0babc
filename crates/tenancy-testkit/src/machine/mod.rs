//! What starting a server on this machine takes, whichever it is.

mod account;
mod cache;
mod error;
mod install;
mod password;
mod process;
mod running;

pub use self::error::ServerError;
pub(crate) use self::{
    account::Account,
    cache::cache,
    error::While,
    install::{ALLOWED, allowed, apt_get, apt_get_without_service, candidate, run, runs},
    password::random,
    process::{FORGETFUL, Leashed, blocking, free_port, private_folder, write_private},
    running::Running,
};
