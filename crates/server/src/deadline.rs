//! A stream that gives up on a peer that does nothing for too long.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// From opening to the first byte, and from the first byte of a head to its last (NET-01).
const HEAD: Duration = Duration::from_secs(5);
/// Between two requests.
const IDLE: Duration = Duration::from_secs(30);
/// Without the peer taking a byte of the answer.
const STALL: Duration = Duration::from_secs(15);

/// What a connection is doing, which decides how long it may do nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Opened; nothing has come yet.
    #[default]
    Opened,
    /// A request's head is on its way.
    Head,
    /// A handler has the request and keeps its own deadlines.
    Answering,
    /// Between requests.
    Idle,
}

/// The phase, told by the stream and by whoever answers its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedPhase(Arc<Mutex<Phase>>);

impl SharedPhase {
    pub(crate) fn enter(&self, phase: Phase) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    fn now(&self) -> Phase {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream with a deadline for each wait.
pub(crate) struct Deadlines<S> {
    stream: S,
    phase: SharedPhase,
    /// The phase that `read_by` was set for.
    watched: Option<Phase>,
    read_by: Pin<Box<Sleep>>,
    is_stalled: bool,
    write_by: Pin<Box<Sleep>>,
}

impl<S> Deadlines<S> {
    /// Watches a stream whose phase others tell.
    pub(crate) fn new(stream: S, phase: SharedPhase) -> Self {
        Self {
            stream,
            phase,
            watched: None,
            read_by: Box::pin(tokio::time::sleep(HEAD)),
            is_stalled: false,
            write_by: Box::pin(tokio::time::sleep(STALL)),
        }
    }

    /// Whether the peer has been silent for too long in this phase. A head keeps the deadline
    /// it got with its first byte, however slowly it drips.
    fn is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        let phase = self.phase.now();
        let patience = match phase {
            Phase::Opened | Phase::Head => HEAD,
            Phase::Idle => IDLE,
            Phase::Answering => {
                self.watched = Some(phase);
                return false;
            }
        };
        if self.watched != Some(phase) {
            self.watched = Some(phase);
            self.read_by.as_mut().reset(Instant::now() + patience);
        }
        self.read_by.as_mut().poll(cx).is_ready()
    }

    /// What came of a write, or that the peer has taken nothing for too long.
    fn or_stalled(
        &mut self,
        written: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.is_stalled = false;
            return written;
        }
        if !self.is_stalled {
            self.is_stalled = true;
            self.write_by.as_mut().reset(Instant::now() + STALL);
        }
        ready!(self.write_by.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadlines<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(cx, buffer) {
            if matches!(this.phase.now(), Phase::Opened | Phase::Idle) {
                this.phase.enter(Phase::Head);
            }
            return Poll::Ready(read);
        }
        if this.is_overdue(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Deadlines<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.or_stalled(written, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // After an answer hyper does not read again before the peer sends, so the rest between
        // two requests begins here.
        if this.phase.now() == Phase::Idle && this.is_overdue(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.or_stalled(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    async fn read_one(stream: &mut Deadlines<tokio::io::DuplexStream>) -> io::Result<u8> {
        stream.read_u8().await
    }

    /// NET-01: hyper starts no timer before the first byte.
    #[tokio::test(start_paused = true)]
    async fn a_silent_connection_is_given_up_after_five_seconds() {
        let (_peer, ours) = duplex(64);
        let mut stream = Deadlines::new(ours, SharedPhase::default());
        let begun = Instant::now();
        let error = read_one(&mut stream).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), 5);
    }

    /// NET-01
    #[tokio::test(start_paused = true)]
    async fn a_head_that_drips_is_given_up_five_seconds_after_its_first_byte() {
        let (mut peer, ours) = duplex(64);
        let mut stream = Deadlines::new(ours, SharedPhase::default());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if peer.write_u8(b'x').await.is_err() {
                    break;
                }
            }
        });
        let begun = Instant::now();
        while read_one(&mut stream).await.is_ok() {}
        assert_eq!(begun.elapsed().as_secs(), 6);
    }

    #[tokio::test(start_paused = true)]
    async fn between_requests_a_connection_may_rest_for_thirty_seconds() {
        let (_peer, ours) = duplex(64);
        let phase = SharedPhase::default();
        phase.enter(Phase::Idle);
        let mut stream = Deadlines::new(ours, phase);
        let begun = Instant::now();
        assert!(read_one(&mut stream).await.is_err());
        assert_eq!(begun.elapsed().as_secs(), 30);
    }

    /// NET-04
    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_given_up_after_fifteen_seconds() {
        let (_peer, ours) = duplex(8);
        let mut stream = Deadlines::new(ours, SharedPhase::default());
        let begun = Instant::now();
        let error = stream.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), 15);
    }
}
