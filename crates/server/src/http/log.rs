//! One line for each request: what was asked and how it went, and nothing that a visitor typed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

/// Logs method, route, status and duration. The route is the pattern, not the path: tickets and
/// links never reach the log (LOG-02).
pub(crate) async fn record(request: Request, next: Next) -> Response {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let span = tracing::info_span!("request", id);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let begun = Instant::now();
    async move {
        let response = next.run(request).await;
        tracing::info!(
            %method,
            route,
            status = response.status().as_u16(),
            micros = begun.elapsed().as_micros() as u64,
            "answered"
        );
        response
    }
    .instrument(span)
    .await
}
