//! What really leaves the process, the official client's requests included: read off the wire.

use std::sync::{Arc, Mutex};

use tenancy_core::{KeyLayout, names};
use tenancy_storage::{ObjectKey, PutMode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

use crate::kit::{LAYOUTS, Root, gcs};

/// Says "not found" to everything, and keeps what it was asked for: the targets of the requests.
async fn listener() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let keep = Arc::clone(&keep);
            tokio::spawn(async move {
                let mut head = vec![0; 16 * 1024];
                let read = stream.read(&mut head).await.unwrap_or_default();
                let text = String::from_utf8_lossy(&head[..read]).into_owned();
                if let Some(target) = text.split(' ').nth(1) {
                    keep.lock().unwrap().push(target.to_owned());
                }
                let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(answer.as_bytes()).await;
                // what is still on its way
                while stream.read(&mut head).await.is_ok_and(|read| read > 0) {}
            });
        }
    });
    (url, heard)
}

/// Pieces that attacks are made of, and that some URL parser, proxy or router reads in its own way.
fn hostile(other: &str) -> Vec<ObjectKey> {
    let pieces = [
        "..",
        "...a",
        ".a",
        "a.",
        "%2e%2e",
        "%2F",
        "a%2Fb",
        "b",
        "o",
        "upload",
        "rewriteTo",
        "storage",
        "v1",
        other,
        names::SHARED_BUCKET,
        "\\",
        "?name=a",
        "#",
        "\u{ff0e}\u{ff0e}",
        "name",
        "-",
        "_",
        "a..b",
        "..b",
    ];
    let pairs = pieces
        .iter()
        .flat_map(|one| pieces.iter().map(move |two| format!("{one}/{two}")));
    let texts = pieces.iter().map(|one| (*one).to_owned()).chain(pairs);
    texts.filter_map(|text| text.parse().ok()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_names_another_tenants_place() {
    let (url, heard) = listener().await;
    for layout in LAYOUTS {
        let root = Root {
            stores: gcs(&url).await,
            ..Root::new()
        };
        let acme = root.owner("acme", layout).await;
        let globex = root.owner("globex", layout).await;
        let place = acme.tenant.placement.objects.values().next().unwrap();
        let prefix = match layout {
            KeyLayout::TenantPrefix => format!("{}/", acme.tenant.id),
            KeyLayout::Dedicated => String::new(),
        };
        let keys = hostile(&globex.tenant.id.to_string());
        assert!(keys.len() > 200);
        for key in &keys {
            let text = key.as_str();
            acme.replace(text, "x").await.unwrap_err();
            acme.stream(text, vec![Ok("x".into())], PutMode::Create)
                .await
                .unwrap_err();
            acme.read(text).await.unwrap_err();
            acme.head(text).await.unwrap_err();
            acme.copy(text, text, PutMode::Create).await.unwrap_err();
            acme.delete(text).await.unwrap();
            let heard = std::mem::take(&mut *heard.lock().unwrap());
            assert_eq!(heard.len(), 6, "{text}: {heard:?}");
            for target in heard {
                assert!(
                    is_at(&target, place.bucket.as_str(), &format!("{prefix}{text}")),
                    "{text}: {target}"
                );
            }
        }
    }
}

/// Whether a request's target names this object, and no other thing, to whoever reads it as RFC 3986 says.
fn is_at(target: &str, bucket: &str, path: &str) -> bool {
    let url = Url::parse(&format!("http://server{target}")).unwrap();
    let same = format!(
        "{}{}",
        url.path(),
        url.query().map_or_else(String::new, |query| format!("?{query}"))
    );
    let object = path.replace('/', "%2F");
    let right = if url.path() == format!("/upload/storage/v1/b/{bucket}/o") {
        let names: Vec<_> = url.query_pairs().filter(|(name, _)| name == "name").collect();
        names.len() == 1 && names[0].1 == path
    } else {
        let at = format!("/storage/v1/b/{bucket}/o/{object}");
        url.path() == at || url.path() == format!("{at}/rewriteTo/b/{bucket}/o/{object}")
    };
    same == target && right
}
