//! The admin listener: for whoever runs the server, and for nobody else (API-14).

use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use inkgate_store::{Key, Kind};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use super::{PATIENCE, health};
use crate::Error;
use crate::state::AppState;

/// What the admin listener answers: `/metrics`, `/readyz` and `/healthz`. It asks nobody who they are.
pub fn admin(state: AppState) -> Router {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            PATIENCE,
        ))
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .with_state(state)
}

/// Whether requests can be answered now: the store answers, and no end has begun.
async fn ready(State(state): State<AppState>) -> Result<&'static str, StatusCode> {
    if state.is_ending.load(Ordering::Relaxed) {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    match answers(&state).await {
        Ok(()) => Ok("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// Asks all that is kept for something that is not there.
async fn answers(state: &AppState) -> Result<(), inkgate_store::Error> {
    for kind in [Kind::Mark, Kind::Session] {
        state.store.get(&Key::new(kind, b"ready?")).await?;
    }
    state.members.by_email("ready?@localhost").await.map(drop)
}

async fn metrics(State(state): State<AppState>) -> Result<Response, Error> {
    let text = state.metrics.text();
    let text = text.map_err(|_| Error::Internal("the metrics could not be written"))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    Ok((headers, text).into_response())
}
