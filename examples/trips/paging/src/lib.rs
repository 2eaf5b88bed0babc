//! Pages of a list, by key: what the Trips services answer when a list may be long.
//!
//! A handler takes a [`Window`] from the query (`?limit=…&cursor=…`), asks its store for [`Window::rows`] rows below
//! [`Window::below`], the newest first, and answers [`Window::page`] of them: `{"items": […], "next": "…"}`. A client
//! follows `next` until it is null. The keys are ids that grow with time, such as UUIDs of version 7.

mod page;

pub use page::{Page, Window};
