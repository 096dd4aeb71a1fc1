//! The accept loop: connections with a cap, deadlines for every wait, and a graceful end.
//!
//! `axum::serve` has none of these; hyper's own header timeout starts no timer before the first
//! byte and counts idle keep-alive as a header that does not come.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::connections::Connections;
use crate::deadline::{Deadlines, Phase, SharedPhase};

/// The most header fields, and the most bytes of a request's head (INP-01).
const HEADER_FIELDS: usize = 64;
const HEAD_BYTES: usize = 16 * 1_024;

/// How long requests in flight may take to end once shutdown begins (OPS-01).
const FAREWELL: Duration = Duration::from_secs(10);

/// How long to wait when no descriptor is left to accept with.
const BREATH: Duration = Duration::from_millis(100);

/// Answers connections until `shutdown`, then lets requests in flight end.
pub(crate) async fn accept(
    listener: TcpListener,
    connections: Arc<Connections>,
    app: Router,
    shutdown: impl Future<Output = ()>,
) {
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
        let Some(place) = connections.admit(peer.ip()) else {
            continue;
        };
        let connection = graceful.watch(connection(stream, peer, app.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
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
    let phase = SharedPhase::default();
    let io = TokioIo::new(Deadlines::new(stream, phase.clone()));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let app = app.clone();
        let phase = phase.clone();
        async move {
            phase.enter(Phase::Answering);
            let response = app.oneshot(request.map(Body::new)).await;
            phase.enter(Phase::Idle);
            response
        }
    });
    http1::Builder::new()
        .max_headers(HEADER_FIELDS)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(io, service)
}
