//! The same corpus over HTTP: a service with the tower layer, and a client that sends any bytes.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use tenancy_core::{
    Deployment, HostPolicy, Resolver, Role, StaticMember, StaticMemberships, Tier, UserId,
    directory::StaticDirectory,
    http::{Authenticate, TenantLayer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::corpus::{self, Answer, By};
use crate::world::{World, subject, tenant};

/// A service whose one tenant has the pool and the user of the tokens. It stops when it is dropped.
pub(crate) struct Service {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Service {
    pub(crate) async fn start(authenticate: Arc<dyn Authenticate>) -> Self {
        let mut record = tenancy_testkit::tenant("acme", Tier::Standard);
        record.identity_tenant = tenant();
        let member = StaticMember {
            tenant: record.id,
            pool: tenant(),
            subject: subject(),
            user: UserId::new(),
            role: Role::Member.into(),
        };
        let resolver = Resolver::new(
            Arc::new(StaticDirectory::new([record]).unwrap()),
            Arc::new(StaticMemberships::new([member])),
            Deployment::Shared,
            HostPolicy::new("app.example.com", []),
        );
        let layer = TenantLayer::new(authenticate, Arc::new(resolver), Duration::from_secs(10));
        let router = Router::new()
            .route(
                "/",
                get(|| async { "tenant data" }).post(|| async { "tenant data" }),
            )
            .layer(layer);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, task }
    }

    /// The response to a request with that bearer token, as it is sent; nothing when the connection is cut.
    async fn ask(&self, token: &str) -> Option<Response> {
        self.send("GET", &format!("authorization: Bearer {token}\r\n"))
            .await
    }

    /// The response to a request with these headers, as they are sent.
    pub(crate) async fn send(&self, method: &str, headers: &str) -> Option<Response> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head =
            format!("{method} / HTTP/1.1\r\nhost: app.example.com\r\nconnection: close\r\n{headers}\r\n");
        // an error says that it was cut, and so does what follows
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        Response::read(&String::from_utf8(answer).unwrap())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Without those that differ from one response to the next.
    headers: Vec<String>,
    body: String,
}

impl Response {
    fn read(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let own = |line: &&str| !line.starts_with("date:") && !line.starts_with("x-request-id:");
        Some(Self {
            status,
            headers: lines.filter(own).map(str::to_owned).collect(),
            body: body.to_owned(),
        })
    }
}

#[tokio::test]
async fn each_hostile_token_is_refused_over_http_with_one_response() {
    let world = World::start().await;
    let tokens = Service::start(Arc::new(world.verifier.clone())).await;
    let cookies = Service::start(Arc::new(world.cookie_verifier.clone())).await;
    let good = tokens.ask(&world.token()).await.unwrap();
    assert_eq!((good.status, &*good.body), (200, "tenant data"));
    let good = cookies.ask(&world.cookie_draft().sign()).await.unwrap();
    assert_eq!((good.status, &*good.body), (200, "tenant data"));
    let refused = tokens.ask("hunter2").await.unwrap();
    assert_eq!(refused.status, 401);
    let mut wrong = Vec::new();
    for row in corpus::rows(&world) {
        let service = match row.by {
            By::IdTokens => &tokens,
            By::SessionCookies => &cookies,
        };
        let response = service.ask(&row.token).await;
        let status = response.as_ref().map(|response| response.status);
        let right = match row.answer {
            Answer::Refused => response.as_ref() == Some(&refused),
            Answer::NoHeader => status == Some(400),
            Answer::TooLong => matches!(status, None | Some(431)),
            Answer::Mended => status == Some(200),
        };
        if !right {
            wrong.push(format!("{}: {response:?}, expected {:?}", row.what, row.answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
