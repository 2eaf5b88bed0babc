//! How many connections each address has.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use parking_lot::Mutex;
use tenancy_core::http::TrustedProxies;

/// The open connections of each address: of no more addresses than there are connections.
///
/// One address of IPv4 counts as one, as does the half of one of IPv6 that a network is given as a whole (`/64`). A trusted
/// proxy carries many clients, and is not counted.
pub(super) struct Addresses {
    most: u32,
    trusted: TrustedProxies,
    open: Mutex<HashMap<IpAddr, u32>>,
}

impl Addresses {
    pub(super) fn new(most: u32, trusted: TrustedProxies) -> Arc<Self> {
        let open = Mutex::default();
        Arc::new(Self { most, trusted, open })
    }

    /// A connection's seat, until it is dropped; `None` when the address has as many as it may.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Seat> {
        let counted = (!self.trusted.trusts(peer)).then(|| network(peer));
        if let Some(network) = counted {
            let mut open = self.open.lock();
            let have = open.get(&network).copied().unwrap_or(0);
            if have >= self.most {
                return None;
            }
            open.insert(network, have + 1);
        }
        let addresses = Arc::clone(self);
        Some(Seat { addresses, counted })
    }

    fn leave(&self, network: IpAddr) {
        if let Entry::Occupied(mut have) = self.open.lock().entry(network) {
            match have.get().saturating_sub(1) {
                0 => drop(have.remove()),
                fewer => *have.get_mut() = fewer,
            }
        }
    }
}

/// One connection of an address.
pub(super) struct Seat {
    addresses: Arc<Addresses>,
    counted: Option<IpAddr>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(network) = self.counted {
            self.addresses.leave(network);
        }
    }
}

fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these find a seat, two for each address, beside a proxy in 10.0.0.0/8; and how many addresses are counted.
    fn check(peers: &[&str], seated: usize, counted: usize) {
        let trusted = TrustedProxies::new(["10.0.0.0/8".parse().unwrap()]);
        let addresses = Addresses::new(2, trusted);
        let seats = peers
            .iter()
            .filter_map(|peer| addresses.enter(peer.parse().unwrap()));
        let seats: Vec<_> = seats.collect();
        assert_eq!(
            (seats.len(), addresses.open.lock().len()),
            (seated, counted),
            "{peers:?}"
        );
        drop(seats);
        assert!(addresses.open.lock().is_empty(), "what is gone is remembered");
    }

    #[test]
    fn each_address_has_so_many_and_a_trusted_proxy_as_many_as_it_likes() {
        check(&["192.0.2.1"; 3], 2, 1);
        check(&["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"], 3, 2);
        check(
            &[
                "2001:db8:0:1::1",
                "2001:db8:0:1::2",
                "2001:db8:0:1:f::3",
                "2001:db8:0:2::1",
            ],
            3,
            2,
        );
        check(&["10.0.0.1", "10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1"], 4, 0);
    }

    #[test]
    fn a_seat_that_is_left_is_anothers() {
        let addresses = Addresses::new(1, TrustedProxies::default());
        let peer = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..3 {
            let seat = addresses.enter(peer);
            assert!(seat.is_some() && addresses.enter(peer).is_none());
        }
    }
}
