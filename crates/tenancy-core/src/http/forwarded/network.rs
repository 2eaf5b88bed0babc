//! Networks of proxies whose word counts.

use std::{fmt, net::IpAddr, str::FromStr};

/// A network of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseNetworkError {
    /// It is written differently.
    #[error("a network is an address and a number of bits, such as `10.0.0.0/8`, or one address")]
    Syntax,
    /// It is everybody.
    #[error("a network of everybody trusts everybody; name the proxies' own")]
    Everybody,
    /// Bits of the address are set beyond the network's.
    #[error("the network begins at `{0}`; write that, so that it is what it looks like")]
    HostBits(IpAddr),
    /// An IPv4 address in IPv6.
    #[error("write an IPv4 network as one: `{0}`")]
    Mapped(IpAddr),
}

impl Network {
    /// Whether `address` is in it. An IPv4 address within IPv6 (`::ffff:a.b.c.d`) counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        first(address.to_canonical(), self.bits) == self.base
    }
}

/// The first address of the network of `address` with so many bits.
fn first(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX
                .checked_shl(32_u32.saturating_sub(bits.into()))
                .unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX
                .checked_shl(128_u32.saturating_sub(bits.into()))
                .unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

impl FromStr for Network {
    type Err = ParseNetworkError;

    fn from_str(text: &str) -> Result<Self, ParseNetworkError> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let base: IpAddr = address.parse().map_err(|_| ParseNetworkError::Syntax)?;
        if base.to_canonical() != base {
            return Err(ParseNetworkError::Mapped(base.to_canonical()));
        }
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), number).filter(|bits| *bits <= most);
        match bits.ok_or(ParseNetworkError::Syntax)? {
            0 => Err(ParseNetworkError::Everybody),
            bits if first(base, bits) != base => Err(ParseNetworkError::HostBits(first(base, bits))),
            bits => Ok(Self { base, bits }),
        }
    }
}

/// Digits, without sign and leading zeros.
fn number(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok())?
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

/// The proxies whose word about client and host counts. Nobody's, by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// These networks.
    #[must_use]
    pub fn new(networks: impl IntoIterator<Item = Network>) -> Self {
        Self(networks.into_iter().collect())
    }

    /// Whether the word of `address` counts.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, expect: Result<&str, ParseNetworkError>) {
        let network = text.parse::<Network>().map(|network| network.to_string());
        assert_eq!(network, expect.map(str::to_owned), "{text:?}");
    }

    #[test]
    fn a_network_is_what_it_looks_like() {
        use ParseNetworkError::*;
        parsed("10.0.0.0/8", Ok("10.0.0.0/8"));
        parsed("10.1.2.3", Ok("10.1.2.3/32"));
        parsed("2001:db8::/32", Ok("2001:db8::/32"));
        parsed("::1", Ok("::1/128"));
        parsed("10.0.0.1/8", Err(HostBits([10, 0, 0, 0].into())));
        parsed(
            "2001:db8::1/32",
            Err(HostBits("2001:db8::".parse::<IpAddr>().unwrap())),
        );
        parsed("::ffff:10.0.0.0/104", Err(Mapped([10, 0, 0, 0].into())));
        parsed("0.0.0.0/0", Err(Everybody));
        parsed("::/0", Err(Everybody));
        for text in [
            "",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "10.0.0.0/8/8",
            "10.0.0/8",
            "[::1]",
            "localhost",
            " 10.0.0.0/8",
            "10.0.0.0/256",
        ] {
            parsed(text, Err(Syntax));
        }
    }

    fn contains(network: &str, inside: &[&str], outside: &[&str]) {
        let network: Network = network.parse().unwrap();
        for (addresses, expect) in [(inside, true), (outside, false)] {
            for address in addresses {
                assert_eq!(
                    network.contains(address.parse().unwrap()),
                    expect,
                    "{address} in {network}"
                );
            }
        }
    }

    #[test]
    fn a_network_contains_its_own_addresses_and_no_other() {
        contains(
            "10.0.0.0/8",
            &["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"],
            &["9.255.255.255", "11.0.0.0", "::10.1.2.3", "a00::"],
        );
        contains("192.0.2.7", &["192.0.2.7"], &["192.0.2.6", "192.0.2.8"]);
        contains("192.0.2.128/25", &["192.0.2.128"], &["192.0.2.127"]);
        contains(
            "2001:db8::/33",
            &["2001:db8::1", "2001:db8:7fff::"],
            &["2001:db8:8000::", "2001:db7::", "32.1.13.184"],
        );
        contains("::1", &["::1"], &["::", "::2", "0.0.0.1"]);
    }

    #[test]
    fn nobody_is_trusted_by_default() {
        assert!(!TrustedProxies::default().trusts([127, 0, 0, 1].into()));
    }
}
