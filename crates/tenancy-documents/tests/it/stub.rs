//! What production says and the emulator does not: a server that answers every call with one status.

use std::{convert::Infallible, net::Ipv4Addr, time::Duration};

use http_body_util::{BodyExt, Empty, Full};
use hyper::{
    HeaderMap, Request, Response,
    body::{Bytes, Incoming},
    header::{HeaderName, HeaderValue},
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tenancy_core::{DocumentLayout, Kind, Result};
use tenancy_documents::{DocumentTransaction, Query, Write};
use tokio::{net::TcpListener, task::JoinSet};

use crate::kit::{Trip, World, at, brief, of, trip, world_at};

/// A server of these answers for as long as the set lives, and its URL.
async fn answering(code: u8, message: &'static str) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = service_fn(move |_: Request<Incoming>| async move {
                let response = Response::builder()
                    .header("content-type", "application/grpc")
                    .header("grpc-status", code.to_string())
                    .header("grpc-message", message);
                Ok::<_, Infallible>(response.body(Empty::<Bytes>::new()).unwrap())
            });
            let served =
                http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer);
            tokio::spawn(served);
        }
    });
    (url, tasks)
}

/// What each operation gives when all calls end so.
async fn check(code: u8, message: &'static str, reads: Kind, updates: Kind) {
    let (url, _server) = answering(code, message).await;
    let World { documents, acme, .. } = world_at(&url, DocumentLayout::Dedicated, brief()).await;
    let (ctx, permit, path) = (&acme.ctx, &acme.permit, at("trips/a"));
    let query = Query::of(of("trips"));
    assert_eq!(documents.get::<Trip>(ctx, &path).await.unwrap_err().kind(), reads);
    assert_eq!(
        documents.query::<Trip>(ctx, &query).await.unwrap_err().kind(),
        reads
    );
    assert_eq!(documents.count(ctx, &query).await.unwrap_err().kind(), reads);
    let ended = documents
        .listen::<Trip>(ctx, &query)
        .unwrap()
        .next()
        .await
        .unwrap();
    assert_eq!(ended.unwrap_err().kind(), reads);
    let nothing = |_: DocumentTransaction| async { Ok(()) };
    let done: Result<()> = documents.transaction(permit, nothing).await;
    assert_eq!(done.unwrap_err().kind(), reads);
    let update = Write::update(&path, &trip("a", 1), &["days".parse().unwrap()]).unwrap();
    let error = documents.write(permit, update).await.unwrap_err();
    assert_eq!(error.kind(), updates);
    assert!(
        !format!("{error:?}").contains("acme-firestore"),
        "the database's sentence got out"
    );
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_a_mistake_of_ours() {
    let said =
        "The database acme-firestore does not exist for project demo Please visit the console to add one";
    check(5, said, Kind::Internal, Kind::Internal).await;
}

#[tokio::test]
async fn a_deployment_that_may_not_is_a_mistake_of_ours() {
    check(
        7,
        "Missing or insufficient permissions on acme-firestore",
        Kind::Internal,
        Kind::Internal,
    )
    .await;
}

#[tokio::test]
async fn a_database_that_is_down_is_unavailable() {
    check(14, "acme-firestore is away", Kind::Unavailable, Kind::Unavailable).await;
}

/// A server that lets one stream at a time over a connection, answers calls and leaves listeners without an answer.
async fn narrow() -> (String, JoinSet<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = service_fn(|request: Request<Incoming>| async move {
                if request.uri().path().ends_with("/Listen") {
                    std::future::pending::<()>().await;
                }
                let response = Response::builder()
                    .header("content-type", "application/grpc")
                    .header("grpc-status", "7");
                Ok::<_, Infallible>(response.body(Empty::<Bytes>::new()).unwrap())
            });
            let mut server = http2::Builder::new(TokioExecutor::new());
            server.max_concurrent_streams(1);
            tokio::spawn(server.serve_connection(TokioIo::new(stream), answer));
        }
    });
    (url, tasks)
}

#[tokio::test(flavor = "multi_thread")]
async fn listeners_do_not_take_the_streams_of_calls() {
    let (url, _server) = narrow().await;
    let mut options = brief();
    options.tenant_listeners = 2;
    let World {
        documents,
        acme,
        globex,
    } = world_at(&url, DocumentLayout::TenantRoot, options).await;
    let query = Query::of(of("trips"));
    let mut held: Vec<_> = (0..2)
        .map(|_| documents.listen::<Trip>(&acme.ctx, &query).unwrap())
        .collect();
    let one_more = documents.listen::<Trip>(&acme.ctx, &query).unwrap_err();
    assert_eq!(one_more.kind(), Kind::Unavailable);
    documents.listen::<Trip>(&globex.ctx, &query).unwrap();
    for listener in &mut held {
        let hears = tokio::time::timeout(Duration::from_millis(300), listener.next());
        assert!(hears.await.is_err(), "the stream is open, or waits to be");
    }
    // the one status that the server gives: it came through
    let error = documents
        .get::<Trip>(&globex.ctx, &at("trips/a"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Internal, "{error:?}");
    drop(held);
    documents.listen::<Trip>(&acme.ctx, &query).unwrap();
}

/// A server that answers each request of two writes with "unavailable" for both.
async fn refusing_both() -> (String, JoinSet<()>) {
    // one message of the protocol: two statuses (field 2), each with the code 14 (field 1)
    const ANSWER: &[u8] = &[0, 0, 0, 0, 8, 0x12, 2, 0x08, 14, 0x12, 2, 0x08, 14];
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = service_fn(|_: Request<Incoming>| async {
                let fine = HeaderMap::from_iter([(
                    HeaderName::from_static("grpc-status"),
                    HeaderValue::from_static("0"),
                )]);
                let body = Full::new(Bytes::from_static(ANSWER)).with_trailers(async { Some(Ok(fine)) });
                let response = Response::builder().header("content-type", "application/grpc");
                Ok::<_, Infallible>(response.body(body).unwrap())
            });
            let served =
                http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer);
            tokio::spawn(served);
        }
    });
    (url, tasks)
}

#[tokio::test]
async fn bulk_tells_of_every_write_when_its_time_is_over() {
    let (url, _server) = refusing_both().await;
    let mut options = brief();
    // enough for three attempts, and not for the pause after the last of them
    options.call_timeout = Duration::from_millis(1_200);
    let World { documents, acme, .. } = world_at(&url, DocumentLayout::Dedicated, options).await;
    let writes = ["trips/a", "trips/b"].map(|path| Write::set(&at(path), &trip("a", 1)).unwrap());
    let report = documents.bulk(&acme.permit, writes.to_vec()).await.unwrap();
    assert_eq!((report.done, report.refused.len()), (0, 2), "{report:?}");
    assert!(
        report
            .refused
            .iter()
            .all(|one| one.why.kind() == Kind::Unavailable)
    );
}
