//! A server that is cut off, hangs, dies, or lacks the bucket.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{StreamExt, stream};
use tenancy_core::{Error, KeyLayout, Kind};
use tenancy_storage::{Listing, PutMode};
use tenancy_testkit::{CountingProxy, ObjectServer};

use crate::kit::{Member, Root, body, gcs, key};

const MIB: u64 = 1024 * 1024;
const LARGE: u64 = 20 * MIB + 3;
/// How much later than its deadline a call may end, on a machine that is busy.
const SLACK: Duration = Duration::from_secs(10);

/// A server of the test's own behind a proxy, and an owner who goes through it.
async fn behind_a_proxy() -> (CountingProxy, Root, Member) {
    let server: &'static ObjectServer = Box::leak(Box::new(ObjectServer::start().await.unwrap()));
    let proxy = CountingProxy::start(server.port()).await.unwrap();
    let url = format!("http://127.0.0.1:{}", proxy.port());
    server.seen_at(&url).await.unwrap();
    let root = Root {
        folder: tempfile::tempdir().unwrap(),
        stores: gcs(&url).await,
        server: Some(server),
    };
    let acme = root.owner("acme", KeyLayout::TenantPrefix).await;
    (proxy, root, acme)
}

fn chunks() -> Vec<Result<Bytes, Error>> {
    let whole = Bytes::from((0..LARGE).map(|n| (n / 4096 % 251) as u8).collect::<Vec<u8>>());
    whole
        .chunks(1 << 20)
        .map(|chunk| Ok(whole.slice_ref(chunk)))
        .collect()
}

const CALLS: usize = 9;

/// One of the calls, and how it ends.
async fn call(acme: &Member, number: usize) -> Error {
    match number {
        0 => acme.create("b", "x").await.unwrap_err(),
        1 => acme.replace("b", "x").await.unwrap_err(),
        2 => acme
            .stream("b", vec![Ok("x".into())], PutMode::Create)
            .await
            .unwrap_err(),
        3 => acme.read("a").await.unwrap_err(),
        4 => acme.range("a", 0..1).await.unwrap_err(),
        5 => acme.head("a").await.unwrap_err(),
        6 => acme.store.list(&acme.ctx, &Listing::all()).await.unwrap_err(),
        7 => acme.copy("a", "b", PutMode::Create).await.unwrap_err(),
        _ => acme.delete("absent").await.unwrap_err(),
    }
}

/// Of the upload's session, of its chunks, at their edges, and of the last answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_taken_up_where_its_line_was_cut() {
    let (proxy, _root, acme) = behind_a_proxy().await;
    for (n, after) in [200, MIB, 8 * MIB + 900, 12 * MIB, 19 * MIB]
        .into_iter()
        .enumerate()
    {
        let name = format!("cut-{n}");
        proxy.break_one_after(after);
        let made = acme.stream(&name, chunks(), PutMode::Create).await.unwrap();
        assert_eq!(made.size, LARGE, "cut after {after}");
        let read = acme.store.get(&acme.ctx, &key(&name)).await.unwrap();
        let expect: Vec<Bytes> = chunks().into_iter().map(Result::unwrap).collect();
        assert!(
            read.into_bytes(LARGE).await.unwrap() == expect.concat(),
            "cut after {after}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_is_taken_up_where_its_line_was_cut() {
    let (proxy, _root, acme) = behind_a_proxy().await;
    acme.stream("a", chunks(), PutMode::Create).await.unwrap();
    let expect: Vec<Bytes> = chunks().into_iter().map(Result::unwrap).collect();
    proxy.break_one_after(9 * MIB);
    let read = acme.store.get(&acme.ctx, &key("a")).await.unwrap();
    assert!(read.into_bytes(LARGE).await.unwrap() == expect.concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_out_of_reach_or_silent_is_unavailable_by_the_deadline() {
    let (proxy, root, acme) = behind_a_proxy().await;
    acme.create("a", "x").await.unwrap();
    let faults: [(&str, &dyn Fn()); 2] = [("cut", &|| proxy.cut()), ("silent", &|| proxy.silence())];
    for (what, fault) in faults {
        fault();
        for number in 0..CALLS {
            let hurried = acme.waiting(&root, Duration::from_millis(600)).await;
            let begun = Instant::now();
            let error = call(&hurried, number).await;
            assert!(begun.elapsed() < SLACK, "{what}: call {number}");
            assert_eq!(error.kind(), Kind::Unavailable, "{what}: call {number}");
            let told = format!("{error:?} {}", body(&error));
            assert!(!told.contains(&acme.tenant.id.to_string()), "{told}");
        }
        proxy.restore();
    }
    assert_eq!(acme.read("a").await.unwrap(), "x");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_given_up_shows_nothing() {
    let (_proxy, root, acme) = behind_a_proxy().await;
    for held in [0, 1, 9, 19] {
        let hurried = acme.waiting(&root, Duration::from_secs(1)).await;
        let content = stream::iter(chunks().into_iter().take(held))
            .chain(stream::pending())
            .boxed();
        let (to, key) = (&hurried.store, key("a"));
        let put = to.put_stream(&hurried.permit, &key, content, PutMode::Create);
        assert_eq!(put.await.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!(acme.read("a").await.unwrap_err().kind(), Kind::NotFound);
        assert!(acme.keys(Listing::all()).await.is_empty());
    }
}

#[tokio::test]
async fn a_bucket_that_does_not_exist_is_a_mistake_of_the_placement() {
    let root = Root {
        server: None,
        ..Root::on_server().await
    };
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    let said = [
        acme.create("b", "x").await.unwrap_err(),
        acme.stream("b", vec![Ok("x".into())], PutMode::Create)
            .await
            .unwrap_err(),
        acme.store.list(&acme.ctx, &Listing::all()).await.unwrap_err(),
    ];
    for error in said {
        assert_eq!(error.kind(), Kind::Internal);
        assert!(
            error.log().unwrap().contains("bucket does not exist"),
            "{error:?}"
        );
    }
    for error in [
        acme.read("a").await.unwrap_err(),
        acme.head("a").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::NotFound);
    }
    acme.delete("a").await.unwrap();
}
