//! One connection through the proxy.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

use super::{
    count::{Counts, ReadyCounter},
    fuse::Fuse,
};

/// What the line does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Bytes pass.
    Up,
    /// Connections end, and new ones end at once.
    Cut,
    /// Connections stay, and nothing passes.
    Silent,
}

/// Carries bytes both ways until either side ends or the line is cut.
pub(super) async fn relay(
    client: TcpStream,
    server: SocketAddr,
    counts: Arc<Counts>,
    fuse: Arc<Fuse>,
    line: watch::Receiver<Line>,
) {
    let mut watched = line.clone();
    tokio::select! {
        _ = watched.wait_for(|line| *line == Line::Cut) => {}
        _ = carry(client, server, &counts, &fuse, line) => {}
    }
}

async fn carry(
    client: TcpStream,
    server: SocketAddr,
    counts: &Counts,
    fuse: &Fuse,
    line: watch::Receiver<Line>,
) -> io::Result<()> {
    let server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let up = pump(from_client, to_server, line.clone(), |bytes| {
        counts.flushes.fetch_add(1, Ordering::SeqCst);
        fuse.burn(bytes.len())
    });
    let mut ready = ReadyCounter::default();
    let down = pump(from_server, to_client, line, |bytes| {
        counts.round_trips.fetch_add(ready.count(bytes), Ordering::SeqCst);
        fuse.burn(bytes.len())
    });
    tokio::try_join!(up, down).map(|_| ())
}

/// Counts before it passes on: who has an answer sees it counted. `seen` says after how many of the bytes the line breaks.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
    mut seen: impl FnMut(&[u8]) -> Option<usize>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        line.wait_for(|line| *line == Line::Up)
            .await
            .map_err(io::Error::other)?;
        if let Some(last) = seen(bytes) {
            to.write_all(bytes.get(..last).unwrap_or_default()).await?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        to.write_all(bytes).await?;
    }
}

/// The server's address: on loopback, as the testkit's servers are.
pub(super) fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
