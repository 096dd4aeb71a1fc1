//! `GET /challenge/{ticket}[@2x][.dark].png`: a ticket's picture.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use inkgate::View;

use super::extract::Client;
use crate::Error;
use crate::service::limiter::Act;
use crate::state::AppState;

/// Draws a ticket's picture. The same address always gives the same bytes.
pub(crate) async fn draw(
    State(state): State<AppState>,
    Client(prefix): Client,
    Path(picture): Path<String>,
) -> Result<Response, Error> {
    let (ticket, view) = parse(&picture).ok_or(Error::NotFound)?;
    state.limiter.admit(Act::Draw, prefix)?;
    let bytes = state.captcha.draw(ticket, view)?;
    Ok(png(bytes))
}

/// A PNG that nobody keeps and any site may show (CAP-31).
pub(crate) fn png(bytes: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    (headers, bytes.into()).into_response()
}

fn parse(picture: &str) -> Option<(&str, View)> {
    let rest = picture.strip_suffix(".png")?;
    let (rest, dark) = match rest.strip_suffix(".dark") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (ticket, scale) = match rest.strip_suffix("@2x") {
        Some(ticket) => (ticket, 2),
        None => (rest, 1),
    };
    Some((ticket, View { scale, dark }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_s_name_says_ticket_scale_and_palette() {
        let view = |scale, dark| View { scale, dark };
        assert_eq!(parse("AbC.png"), Some(("AbC", view(1, false))));
        assert_eq!(parse("AbC@2x.png"), Some(("AbC", view(2, false))));
        assert_eq!(parse("AbC.dark.png"), Some(("AbC", view(1, true))));
        assert_eq!(parse("AbC@2x.dark.png"), Some(("AbC", view(2, true))));
        assert_eq!(parse("AbC"), None);
        assert_eq!(parse("AbC.svg"), None);
    }
}
