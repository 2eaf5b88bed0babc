//! Who may do what: every role and every permission, in the own tenant and in another, on own data and on others'.

mod explained;
mod grants;
mod lapsed;
mod matrix;
mod specification;
mod subject;
