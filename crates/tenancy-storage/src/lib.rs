#![doc = include_str!("../README.md")]

mod key;
mod listing;
mod object;

mod handle;
mod quota;
mod signed;
mod stores;

mod backend;
mod content;
mod deadline;
mod gcs;
mod local;
mod place;

pub use gcs::{GcsCredentials, GcsOptions};
pub use handle::ObjectHandle;
pub use key::{ObjectKey, ParseKeyError};
pub use listing::{Listing, Page};
pub use object::{Object, ObjectMeta, PutMode};
pub use quota::{Usage, UsageReport};
pub use signed::{
    DownloadName, DownloadType, GetTerms, LifetimeError, MediaType, ParseAccountError,
    ParseDownloadNameError, ParseEndpointError, ParseMediaTypeError, PutTerms, ServiceAccount, SignBlob,
    SignedUrl, UrlEndpoint, UrlLifetime, UrlSigner,
};
pub use stores::ObjectStores;
