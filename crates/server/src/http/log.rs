//! One line for each request: what was asked and how it went, and nothing that a visitor typed.

use std::fmt::{self, Write as _};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::Error;
use crate::state::AppState;

/// What a request is called in the log, and in an error that a program is told: 80 random bits, so
/// that it is another on every node, and tells nobody how many requests there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestId([u8; 10]);

impl RequestId {
    fn random() -> Result<Self, Error> {
        let mut bytes = [0; 10];
        getrandom::fill(&mut bytes).map_err(inkgate::Error::Generator)?;
        Ok(Self(bytes))
    }
}

/// Base32 (RFC 4648 section 6) in small letters: 16 characters that can be read out aloud.
impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self
            .0
            .iter()
            .fold(0, |sum, byte| sum << 8 | u128::from(*byte));
        (0..16).rev().try_for_each(|place| {
            let digit = number >> (5 * place) & 31;
            f.write_char(char::from(
                b"abcdefghijklmnopqrstuvwxyz234567"[digit as usize],
            ))
        })
    }
}

/// Logs method, route, status and duration. The route is the pattern, not the path: tickets and
/// links never reach the log (LOG-02).
pub(crate) async fn record(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = match RequestId::random() {
        Ok(id) => id,
        Err(error) => return error.into_response(),
    };
    let span = tracing::info_span!("request", %id);
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let begun = Instant::now();
    async move {
        let response = next.run(request).await;
        state.metrics.answered(&route, response.status().as_u16());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_name_that_no_other_has() {
        assert_eq!(RequestId([0; 10]).to_string(), "a".repeat(16));
        assert_eq!(RequestId([255; 10]).to_string(), "7".repeat(16));
        assert_eq!(RequestId(*b"foobarfoob").to_string(), "mzxw6ytbojtg633c");
        let names = || RequestId::random().unwrap().to_string();
        assert_ne!(names(), names());
    }
}
