//! Calls to the cloud. Where they go, and how much is read, is bounded.

use std::{net::IpAddr, time::Duration};

use reqwest::{Client, Response, redirect::Policy};
use url::Url;

/// More than any signature takes.
const MOST: usize = 16 * 1024;

pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// A client without redirects, which never sends clear text off this machine. Loads the system's roots: some milliseconds.
pub(super) fn client(to: &Url, connect: Duration) -> reqwest::Result<Client> {
    let client = Client::builder()
        .connect_timeout(connect)
        .redirect(Policy::none())
        .user_agent(concat!("tenancy-storage/", env!("CARGO_PKG_VERSION")));
    if is_loopback(to) {
        client.no_proxy().build()
    } else {
        client.https_only(true).build()
    }
}

/// The body, or nothing when it is longer than a signature can be.
pub(super) async fn body(mut answer: Response) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > MOST {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}
