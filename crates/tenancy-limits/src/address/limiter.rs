//! The limiter of addresses.

use std::{net::IpAddr, time::Duration};

use governor::{Quota, RateLimiter, clock::Clock, middleware::StateInformationMiddleware};
use tenancy_core::{Rate, Verdict};
use tokio::time::Instant;

use super::{clock::Since, network::Network, store::Bounded};
use crate::{AddressLimit, meters::Policy};

type Limiter = RateLimiter<Network, Bounded, Since, StateInformationMiddleware>;

/// Requests of an address: GCRA, a burst and an even refill.
pub(crate) struct Addresses {
    limiter: Limiter,
    clock: Since,
    limit: AddressLimit,
    window: Duration,
    /// One request's part of the window.
    every: Duration,
}

impl Addresses {
    /// `limit` requests in each `window`, of `most` addresses.
    pub(crate) fn new(limit: AddressLimit, window: Duration, most: usize) -> Self {
        let clock = Since(Instant::now());
        let every = window / limit.requests.get();
        // governor refuses a period of zero only, which this is not
        let quota = Quota::with_period(every.max(Duration::from_nanos(1)))
            .unwrap_or(Quota::per_second(limit.requests));
        let quota = quota.allow_burst(limit.burst);
        let limiter = Limiter::new(quota, Bounded::new(most, clock), clock);
        Self {
            limiter,
            clock,
            limit,
            window,
            every,
        }
    }

    /// Counts a request. O(1), no allocation for an address that is known.
    pub(crate) fn check(&self, peer: IpAddr) -> Verdict {
        let every = self.every;
        match self.limiter.check_key(&peer.into()) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let missing = self.limit.burst.get().saturating_sub(remaining);
                Verdict::Allowed(Some(self.rate(remaining, every * missing)))
            }
            Err(until) => Verdict::Limited {
                rate: self.rate(0, every * self.limit.burst.get()),
                retry_after: until.wait_time_from(self.clock.now()),
            },
        }
    }

    fn rate(&self, remaining: u32, reset: Duration) -> Rate {
        Rate {
            policy: Policy::Address.as_str(),
            limit: self.limit.requests.get().into(),
            window: self.window,
            remaining: remaining.into(),
            reset,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, num::NonZeroU32};

    use tokio::time::advance;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn addresses(most: usize) -> Addresses {
        let limit = AddressLimit {
            requests: NonZeroU32::new(60).unwrap(),
            burst: NonZeroU32::new(5).unwrap(),
        };
        Addresses::new(limit, MINUTE, most)
    }

    fn passes(addresses: &Addresses, n: u32) -> bool {
        let peer = IpAddr::V4(Ipv4Addr::from_bits(n));
        matches!(addresses.check(peer), Verdict::Allowed(_))
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_then_one_a_second() {
        let addresses = addresses(1_000);
        let passed = |n| (0..n).filter(|_| passes(&addresses, 1)).count();
        assert_eq!(passed(20), 5);
        let Verdict::Limited { retry_after, rate } = addresses.check(Ipv4Addr::from_bits(1).into()) else {
            panic!("the burst is used up");
        };
        assert_eq!((retry_after, rate.remaining), (Duration::from_secs(1), 0));
        advance(retry_after).await;
        assert_eq!(passed(20), 1, "the time that was given is the time");
        assert!(passes(&addresses, 2));
        advance(MINUTE).await;
        assert_eq!(passed(20), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_addresses_frees_nobody_and_takes_no_room() {
        let addresses = addresses(640);
        while passes(&addresses, 7) {}
        let through = (100..200_000).filter(|n| passes(&addresses, *n)).count();
        assert!(!passes(&addresses, 7), "a flood has made it fresh");
        // those that found room, once each, and the bursts of the common cells
        assert!(through <= 640 + 512 * 5, "{through}");
        assert!(addresses.limiter.into_state_store().len() <= 640);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_its_burst_back_makes_room() {
        let addresses = addresses(64);
        let fill = |from: u32| (from..from + 10_000).filter(|n| passes(&addresses, *n)).count();
        fill(0);
        advance(MINUTE).await;
        assert!(fill(20_000) > 0);
        assert!(addresses.limiter.into_state_store().len() <= 64);
    }
}
