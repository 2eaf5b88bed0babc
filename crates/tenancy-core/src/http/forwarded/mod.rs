//! What proxies say of the client and the host it asked for, and whose word counts.

mod address;
mod element;
mod layer;
mod network;
mod origin;

pub use self::address::ClientAddress;
pub use self::layer::{Forwarded, ForwardedLayer};
pub use self::network::{Network, ParseNetworkError, TrustedProxies};

pub(super) use self::origin::Hosts;
