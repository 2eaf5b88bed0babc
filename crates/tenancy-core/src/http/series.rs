//! The metrics of requests.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use foldhash::fast::RandomState;
use http::Method;
use metrics::{Counter, Histogram, SharedString, counter, histogram};
use parking_lot::RwLock;

use super::respond::Denial;
use crate::{
    TenantId, Tier,
    telemetry::{
        DENIALS, LIMIT_DECISIONS, REQUEST_SECONDS, REQUESTS, TENANT, TIER, TenantLabel, TenantLabels,
    },
};

/// How long handles are kept. An exporter forgets a series that nobody touched for some minutes; a handle to it would count for
/// nobody. Until a recorder is installed, handles count for nobody too.
const KEEP: Duration = Duration::from_secs(60);

/// Counts requests: by route, method, status class, tier and tenant.
///
/// Looking a series up by its labels costs more than the rest of the layer: the handles are kept, for a minute. Bounded by the
/// routes, nine methods, five classes and the tenants' labels.
pub(super) struct Series {
    labels: TenantLabels,
    known: RwLock<Known>,
}

struct Known {
    until: Instant,
    /// No client chooses what is a key here: a fast hash serves.
    routes: HashMap<Box<str>, HashMap<Key, Handles, RandomState>, RandomState>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    method: &'static str,
    class: &'static str,
    tenant: TenantLabel,
    tier: Option<Tier>,
}

struct Handles {
    requests: Counter,
    seconds: Histogram,
    address: Counter,
    rates: Counter,
    places: Counter,
}

/// What is counted of a request.
pub(super) struct Counted<'a> {
    pub(super) route: &'a str,
    pub(super) method: &'static str,
    pub(super) class: &'static str,
    pub(super) tenant: Option<(TenantId, Tier)>,
    pub(super) took: Duration,
    pub(super) allowed: Allowed,
    pub(super) decided: Option<Decided>,
    pub(super) denial: Option<Denial>,
}

/// What a limit decided that did not simply let a request pass.
#[derive(Clone, Copy)]
pub(super) struct Decided {
    pub(super) policy: &'static str,
    /// `limited`, `queued` (and then let pass) or `refused`.
    pub(super) decision: &'static str,
}

/// Which limits let a request pass.
#[derive(Clone, Copy, Default)]
pub(super) struct Allowed {
    pub(super) address: bool,
    pub(super) rates: bool,
    pub(super) place: bool,
}

impl Series {
    pub(super) fn new(most: usize) -> Self {
        let now = Instant::now();
        Self {
            labels: TenantLabels::new(most, TenantLabels::WINDOW, now),
            known: RwLock::new(Known {
                until: now,
                routes: HashMap::default(),
            }),
        }
    }

    pub(super) fn count(&self, counted: &Counted<'_>, now: Instant) {
        let label = counted
            .tenant
            .map_or(TenantLabel::None, |(tenant, _)| self.labels.count(tenant, now));
        let key = Key {
            method: counted.method,
            class: counted.class,
            tenant: label,
            tier: counted.tenant.map(|(_, tier)| tier),
        };
        if let Some(denial) = counted.denial {
            denied(key, denial);
        }
        if let Some(Decided { policy, decision }) = counted.decided {
            decisions(policy, decision, label.value(), tier(key.tier)).increment(1);
        }
        let known = self.known.read();
        let there = (now < known.until).then(|| known.routes.get(counted.route)?.get(&key));
        if let Some(handles) = there.flatten() {
            return handles.count(counted);
        }
        drop(known);
        let handles = Handles::new(counted.route, key);
        handles.count(counted);
        self.keep(counted.route, key, handles, now);
    }

    fn keep(&self, route: &str, key: Key, handles: Handles, now: Instant) {
        let mut known = self.known.write();
        if now >= known.until {
            known.until = now.checked_add(KEEP).unwrap_or(now);
            known.routes.clear();
        }
        if !known.routes.contains_key(route) {
            known.routes.insert(route.into(), HashMap::default());
        }
        if let Some(keys) = known.routes.get_mut(route) {
            keys.insert(key, handles);
        }
    }
}

fn decisions(
    policy: &'static str,
    decision: &'static str,
    tenant: SharedString,
    tier: &'static str,
) -> Counter {
    counter!(LIMIT_DECISIONS, "policy" => policy, "decision" => decision, TENANT => tenant, TIER => tier)
}

fn denied(key: Key, Denial { kind, code }: Denial) {
    let tenant = key.tenant.value();
    counter!(DENIALS, "kind" => kind.as_str(), "code" => code, TENANT => tenant, TIER => tier(key.tier))
        .increment(1);
}

fn tier(tier: Option<Tier>) -> &'static str {
    tier.map_or("", |tier| tier.as_str())
}

impl Handles {
    fn new(route: &str, key: Key) -> Self {
        let (route, tenant, tier) = (
            SharedString::from(route.to_owned()),
            key.tenant.value(),
            tier(key.tier),
        );
        let requests = counter!(
            REQUESTS, "route" => route.clone(), "method" => key.method, "status" => key.class, TENANT => tenant.clone(), TIER => tier
        );
        Self {
            requests,
            seconds: histogram!(REQUEST_SECONDS, "route" => route, TENANT => tenant.clone(), TIER => tier),
            address: decisions("address", "allowed", SharedString::const_str(""), ""),
            rates: decisions("rate", "allowed", tenant.clone(), tier),
            places: decisions("place", "allowed", tenant, tier),
        }
    }

    fn count(&self, counted: &Counted<'_>) {
        self.requests.increment(1);
        self.seconds.record(counted.took.as_secs_f64());
        for (allowed, counter) in [
            (counted.allowed.address, &self.address),
            (counted.allowed.rates, &self.rates),
            (counted.allowed.place, &self.places),
        ] {
            if allowed {
                counter.increment(1);
            }
        }
    }
}

/// A method as a label: a client may invent more.
pub(super) fn method(method: &Method) -> &'static str {
    const KNOWN: [&str; 8] = [
        "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE",
    ];
    let known = KNOWN.into_iter().find(|known| *known == method.as_str());
    known.unwrap_or("other")
}

/// The class of requests whose client went away before their answer.
pub(super) const CANCELLED: &str = "cancelled";

/// The class of a status.
pub(super) fn class(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
