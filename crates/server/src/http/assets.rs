//! `GET /assets/…`: style sheet, scripts and mark, compiled in.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::extract::Segment;
use crate::Error;
use crate::state::AppState;

/// Sends a file whose name carries a digest of its content, so it may be kept for ever.
pub(crate) async fn send(
    State(state): State<AppState>,
    Segment(file): Segment,
) -> Result<Response, Error> {
    let (kind, bytes) = state
        .assets
        .get(&format!("/assets/{file}"))
        .ok_or(Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "Accept-Encoding"),
    ];
    Ok((headers, bytes).into_response())
}
