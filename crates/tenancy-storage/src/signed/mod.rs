//! URLs that let a client without credentials read or write one object for some minutes.
//!
//! [`v4`] is the vendor's algorithm and knows no tenant; [`mint`] knows the tenant and asks [`fence`] once more about what
//! was signed.

mod account;
mod disposition;
mod encode;
mod endpoint;
mod fence;
mod handle;
mod http;
mod key_file;
mod lifetime;
mod media_type;
mod mint;
mod sign_blob;
mod signed_url;
mod signer;
mod standing;
mod terms;
mod v4;

pub use account::{ParseAccountError, ServiceAccount};
pub use disposition::{DownloadName, ParseDownloadNameError};
pub use endpoint::{ParseEndpointError, UrlEndpoint};
pub use lifetime::{LifetimeError, UrlLifetime};
pub use media_type::{DownloadType, MediaType, ParseMediaTypeError};
pub use sign_blob::SignBlob;
pub use signed_url::SignedUrl;
pub use signer::UrlSigner;
pub use terms::{GetTerms, PutTerms};
