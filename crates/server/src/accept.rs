//! The accept loop: connections with a cap, deadlines for every wait, and a graceful end.
//!
//! `axum::serve` has none of these; hyper's own header timeout starts no timer before the first
//! byte and counts idle keep-alive as a header that does not come.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::deadline::Deadlines;

/// Connections at once; more are closed as they come (NET-02).
const CONNECTIONS: usize = 8_192;

/// Descriptors kept for everything else: databases, logs, the listener.
const SPARE_DESCRIPTORS: u64 = 64;

/// The most header fields, and the most bytes of a request's head (INP-01).
const HEADER_FIELDS: usize = 64;
const HEAD_BYTES: usize = 24 * 1_024;

/// How long requests in flight may take to end once shutdown begins (OPS-01).
const FAREWELL: Duration = Duration::from_secs(10);

/// How long to wait when no descriptor is left to accept with.
const BREATH: Duration = Duration::from_millis(100);

/// Answers connections until `shutdown`, then lets requests in flight end.
pub(crate) async fn accept(listener: TcpListener, app: Router, shutdown: impl Future<Output = ()>) {
    let connections = Arc::new(Semaphore::new(connection_cap()));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&connections).try_acquire_owned() else {
            tracing::warn!("too many connections: one was refused");
            continue;
        };
        let connection = graceful.watch(connection(stream, peer, app.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(FAREWELL) => {
            tracing::warn!("requests still in flight were cut off");
        }
    }
}

/// One connection that speaks HTTP/1.1; a proxy in front speaks HTTP/2 to the world.
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let _ = stream.set_nodelay(true);
    let phase = Phase::default();
    let io = TokioIo::new(Deadlines::new(stream, phase.clone()));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let app = app.clone();
        let phase = phase.clone();
        async move {
            phase.enter(Phase::ANSWERING);
            let response = app.oneshot(request.map(Body::new)).await;
            phase.enter(Phase::IDLE);
            response
        }
    });
    http1::Builder::new()
        .max_headers(HEADER_FIELDS)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(io, service)
}

/// What a connection is doing, which decides how long it may do nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phase(Arc<AtomicU8>);

impl Phase {
    /// Opened; nothing has come yet.
    pub(crate) const OPENED: u8 = 0;
    /// A request's head is on its way.
    pub(crate) const HEAD: u8 = 1;
    /// A handler has the request and keeps its own deadlines.
    pub(crate) const ANSWERING: u8 = 2;
    /// Between requests.
    pub(crate) const IDLE: u8 = 3;

    pub(crate) fn enter(&self, phase: u8) {
        self.0.store(phase, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The cap, or as many as the system gives us descriptors for, after asking for all it allows.
fn connection_cap() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let _ = setrlimit(Resource::Nofile, wanted);
    let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let most = descriptors.saturating_sub(SPARE_DESCRIPTORS).max(16);
    CONNECTIONS.min(usize::try_from(most).unwrap_or(CONNECTIONS))
}
