//! What the demo shows: each tenant at work, each attempt to leave the fence, and where everything lies in the end.
//!
//! A chapter is a list of steps: what is done, the request, and what must come back. One
//! checker judges them all.

mod call;
mod chapters;
mod client;
mod curl;
mod log;
mod receiver;
mod screen;
mod step;
mod table;
mod teller;
mod verdict;

pub use self::curl::show as show_curl_lines;
pub use self::log::LogFile;
pub use self::receiver::{Receiver, attribute};
pub use self::screen::Screen;
pub use self::teller::{Trip, Trips, tell};
