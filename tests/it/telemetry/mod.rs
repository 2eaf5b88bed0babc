//! What a service says of itself: logs, metrics and traces, and what is in none of them.

mod canaries;
mod labels;
mod limits;
mod program;
mod traces;
mod work;
