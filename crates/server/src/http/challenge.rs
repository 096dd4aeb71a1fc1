//! `GET /challenge/{ticket}[@2x][.dark].png|webp|gif`: a ticket's picture.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use inkgate::View;
use inkgate::encode::Format;

use super::extract::{Client, Segment};
use crate::Error;
use crate::service::limiter::Act;
use crate::state::AppState;

/// Draws a ticket's picture. The same address always gives the same bytes.
#[utoipa::path(
    get,
    path = "/challenge/{picture}",
    tag = "pages",
    params(("picture" = String, Path, description = "The ticket, `@2x` for twice the size, `.dark` for dark pages, and `.png`, `.webp` or `.gif`")),
    responses(
        (status = 200, description = "The picture", content(
            (Vec<u8> = "image/png"),
            (Vec<u8> = "image/webp"),
            (Vec<u8> = "image/gif"),
        )),
        (status = 404, description = "No name of a picture", content_type = "text/plain"),
        (status = 410, description = "The ticket is expired or unknown: ask for another challenge", content_type = "text/plain"),
        (status = 421, description = "The host is not the installation's", content_type = "text/plain"),
        (status = 429, description = "A limit was reached; see Retry-After", content_type = "text/plain"),
    ),
)]
pub(crate) async fn draw(
    State(state): State<AppState>,
    Client(prefix): Client,
    Segment(picture): Segment,
) -> Result<Response, Error> {
    let (ticket, view, format) = parse(&picture).ok_or(Error::NotFound)?;
    state.limiter.admit(Act::Draw, prefix)?;
    let bytes = state.captcha.draw(ticket, view, format)?;
    Ok(file(bytes, format))
}

/// A picture that nobody keeps and any site may show (CAP-31).
pub(crate) fn file(bytes: impl Into<Body>, format: Format) -> Response {
    let media_type = HeaderValue::from_static(format.media_type());
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    (headers, bytes.into()).into_response()
}

fn parse(picture: &str) -> Option<(&str, View, Format)> {
    let (rest, extension) = picture.rsplit_once('.')?;
    let format = Format::of_extension(extension)?;
    let (rest, dark) = match rest.strip_suffix(".dark") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (ticket, scale) = match rest.strip_suffix("@2x") {
        Some(ticket) => (ticket, 2),
        None => (rest, 1),
    };
    Some((ticket, View { scale, dark }, format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_s_name_says_ticket_scale_palette_and_format() {
        let view = |scale, dark| View { scale, dark };
        for format in Format::ALL {
            let extension = format.extension();
            for (name, scale, dark) in [
                ("AbC", 1, false),
                ("AbC@2x", 2, false),
                ("AbC.dark", 1, true),
                ("AbC@2x.dark", 2, true),
            ] {
                let name = format!("{name}.{extension}");
                assert_eq!(parse(&name), Some(("AbC", view(scale, dark), format)));
            }
        }
        for name in ["AbC", "AbC.svg", "AbC.PNG", "png"] {
            assert_eq!(parse(name), None);
        }
    }
}
