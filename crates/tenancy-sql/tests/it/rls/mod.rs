//! A schema that knows no tenants is fenced while it is used.

mod killed;
mod live;
mod moving;
mod old_roles;
mod oracle;
mod problems;
mod shape;
mod shop;
mod writers;
