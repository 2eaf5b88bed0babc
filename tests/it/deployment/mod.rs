//! Deployments: what they refuse to start with, what they bear, and what they can't reach.

mod boot;
mod changes;
mod configuration;
mod exports;
mod logs;
mod outage;
mod pinned;
mod proxies;
mod rates;
mod readme;
mod wiring;
