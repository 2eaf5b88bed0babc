//! What is wrong with a good call, and what the log says of it.

mod calls;
mod form;
mod own_name;
mod parties;
mod tenants;
mod times;
mod users;

use super::Row;

pub(super) const ALL: [&[Row]; 7] = [
    parties::ROWS,
    tenants::ROWS,
    users::ROWS,
    calls::ROWS,
    times::ROWS,
    form::ROWS,
    own_name::ROWS,
];
