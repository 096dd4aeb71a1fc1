//! Which page a browser says it asks from, and which pages may read our answers (CORS, as the
//! Fetch standard has it).

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Error;
use crate::error::Rule;
use crate::state::AppState;

/// The host of the page that asks, in lower case and without a port. A request that does not say
/// where it comes from is refused: every browser says it.
#[derive(Clone, Debug)]
pub(crate) struct Origin(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        host_of(&parts.headers)
            .map(Self)
            .ok_or(Error::Refused(Rule::Host))
    }
}

/// Lets the pages of every site read the answers, and nobody else's (API-08). No cookie is sent or
/// taken. An installation for tests, which only this machine reaches, answers any page. Which of
/// the sites a page belongs to, the handler compares.
pub(crate) async fn share(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let is_known = match host_of(request.headers()) {
        Some(host) => state.config.is_for_tests() || state.sites.book().await?.knows_host(&host),
        None => false,
    };
    let mut response = match (request.method(), is_known) {
        (&Method::OPTIONS, true) => preflight(),
        (&Method::OPTIONS, false) => Error::Refused(Rule::Host).into_response(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin.filter(|_| is_known) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("Retry-After"),
        );
    }
    Ok(response)
}

/// Refuses a form that comes from a page without TLS where visitors come by https: its host is
/// ours, and whoever sits on the line wrote it. Fetch metadata says so by itself (WEB-01).
pub(crate) async fn refuse_plain(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let origin = request.headers().get(header::ORIGIN);
    let is_plain = origin.is_some_and(|origin| origin.as_bytes().starts_with(b"http://"));
    let is_told = request.headers().contains_key("sec-fetch-site");
    if state.config.is_secure() && is_plain && !is_told && !request.method().is_safe() {
        tracing::info!(
            event = "authz_csrf",
            "a form from a page without TLS was refused"
        );
        return Err(Error::CrossSite);
    }
    Ok(next.run(request).await)
}

fn preflight() -> Response {
    let headers = [
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("POST"),
        ),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("Content-Type"),
        ),
        (
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static("7200"),
        ),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// The host of the one `Origin` field, if that is a web page's (RFC 6454 section 7).
fn host_of(headers: &HeaderMap) -> Option<String> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return None;
    };
    let text = origin.to_str().ok()?;
    let uri: Uri = text.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let (is_web, host) = (matches!(scheme, "https" | "http"), authority.host());
    // An origin is written in one way: nothing before the host, a number or nothing behind it.
    let written = match authority.port_u16() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    (is_web && text == written && !host.is_empty()).then(|| host.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(origins: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        host_of(&headers)
    }

    /// API-08
    #[test]
    fn an_origin_is_a_web_page_s_and_has_one_host() {
        for (origin, expected) in [
            ("https://shop.example.org", "shop.example.org"),
            ("http://Shop.Example.org:8080", "shop.example.org"),
            ("http://[::1]:8080", "[::1]"),
            ("http://127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(host(&[origin]).as_deref(), Some(expected));
        }
        for bad in [
            "",
            "null",
            "*",
            "shop.example.org",
            "//shop.example.org",
            "https://",
            "https://shop.example.org/",
            "https://shop.example.org/a",
            "https://shop.example.org?",
            "https://evil.test@shop.example.org",
            "https://shop.example.org:80@evil.test",
            "https://shop.example.org:80.evil.test",
            "https://shop.example.org:",
            "https://shop.example.org:99999",
            "https://shop.example.org evil.test",
            "https://shop.example.org, https://evil.test",
            "file://shop.example.org",
            "chrome-extension://shop.example.org",
        ] {
            assert_eq!(host(&[bad]), None, "{bad}");
        }
        assert_eq!(host(&[]), None);
        assert_eq!(host(&["https://a", "https://a"]), None);
    }
}
