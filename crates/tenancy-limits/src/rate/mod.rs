//! Requests a window, by tenant and by user: exact for one process, and from leases where replicas share.

mod account;
mod accounts;
mod lease;
mod standing;
mod terms;
mod window;

pub(crate) use self::{
    account::Account,
    accounts::{Accounts, pair},
    lease::{Answer, Question},
    standing::Standing,
    terms::{Mode, Terms},
    window::PIECES,
};
