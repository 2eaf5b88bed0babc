//! A client that does not take its answer.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// A connection that fails when its client takes nothing of what is written for as long as `patience`. While nothing waits to
/// be taken it may be quiet for as long as it likes. A timer is made only when something waits.
pub(super) struct Unread<T> {
    stream: T,
    patience: Duration,
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<T> Unread<T> {
    pub(super) fn new(stream: T, patience: Duration) -> Self {
        let stuck = None;
        Self {
            stream,
            patience,
            stuck,
        }
    }
}

impl<T: AsyncWrite + Unpin> Unread<T> {
    /// Writes, and times how long that gets nowhere.
    fn write<R>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut T>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if let Poll::Ready(written) = write(Pin::new(&mut self.stream), cx) {
            self.stuck = None;
            return Poll::Ready(written);
        }
        let patience = self.patience;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(stuck.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Unread<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Unread<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, |stream, cx| stream.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        time::{Instant, sleep},
    };

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn pair() -> (Unread<DuplexStream>, DuplexStream) {
        let (server, client) = duplex(64);
        (Unread::new(server, PATIENCE), client)
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_given_up_and_who_takes_it_slowly_is_not() {
        let (mut server, mut client) = pair();
        let slow = tokio::spawn(async move {
            let mut part = [0; 16];
            for _ in 0..32 {
                sleep(PATIENCE - Duration::from_secs(1)).await;
                client.read_exact(&mut part).await.unwrap();
            }
            client
        });
        server.write_all(&[1; 16 * 32]).await.unwrap();
        let client = slow.await.unwrap();
        server.write_all(&[1; 64]).await.unwrap();
        let since = Instant::now();
        let more = tokio::time::timeout(10 * PATIENCE, server.write_all(b"more"));
        let given_up = more.await.expect("nobody gives up").unwrap_err();
        assert_eq!(
            (given_up.kind(), since.elapsed()),
            (io::ErrorKind::TimedOut, PATIENCE)
        );
        drop(client);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_told_nothing_may_be_quiet() {
        let (mut server, mut client) = pair();
        server.write_all(b"all of it").await.unwrap();
        sleep(10 * PATIENCE).await;
        client.write_all(b"next").await.unwrap();
        let mut next = [0; 4];
        server.read_exact(&mut next).await.unwrap();
        server.write_all(b"answer").await.unwrap();
    }
}
