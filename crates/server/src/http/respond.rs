//! The last hand on every answer: its headers, and a page for every error.

use std::any::Any;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::ProtectionError;

use super::page::{Setting, page};
use crate::Error;
use crate::error::Problem;
use crate::pages::{Notice, NoticeKind};
use crate::state::AppState;

/// Nothing but our own files; forms only to ourselves; in nobody's frame (WEB-07).
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The member form swaps its picture for a blob, as its tutorial does.
const CSP_WITH_BLOBS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// On every answer, unless the handler said otherwise.
const HEADERS: [(HeaderName, HeaderValue); 9] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::VARY,
        HeaderValue::from_static("Cookie, Accept-Language"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
    ),
];

/// Two years, the preload lists' own recommendation.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Gives every answer its headers and every error its page.
pub(crate) async fn finish(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let is_page = !["/challenge/", "/assets/", "/healthz"]
        .iter()
        .any(|prefix| path.starts_with(prefix));
    let (mut parts, body) = request.into_parts();
    let Ok(setting) = Setting::from_request_parts(&mut parts, &state).await;
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(problem) = problem(&response) {
        response = explain(response, problem, is_page.then_some((&state, &setting)));
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if path == "/member/login" {
        headers.insert(header::CONTENT_SECURITY_POLICY, CSP_WITH_BLOBS);
    }
    if state.config.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

/// Turns a panic in a handler into that request's error (INP-11).
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    Error::Internal("a handler panicked").into_response()
}

/// What is to be explained: a handler's error, a layer's refusal or what the router says. A page
/// that tells of its own error is left as it is.
fn problem(response: &Response) -> Option<Problem> {
    let status = response.status();
    if response.extensions().get::<ProtectionError>().is_some() {
        tracing::info!(event = "authz_csrf", "a cross-site request was refused");
    } else if !(status.is_client_error() || status.is_server_error()) || is_html(response) {
        return None;
    }
    let told = response.extensions().get::<Problem>().copied();
    Some(told.unwrap_or(Problem {
        status,
        retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1),
    }))
}

fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// The error as a page, or as a line of text where nobody reads pages; its headers stay.
fn explain(
    response: Response,
    problem: Problem,
    reader: Option<(&AppState, &Setting)>,
) -> Response {
    let mut explained = match reader {
        Some((state, setting)) => page(
            problem.status,
            &Notice {
                shell: setting.shell(&state.assets),
                status: problem.status.as_u16(),
                kind: kind(problem),
            },
        ),
        None => {
            let reason = problem.status.canonical_reason().unwrap_or("error");
            (problem.status, format!("{reason}\n")).into_response()
        }
    };
    let kept: HeaderMap = [header::ALLOW, header::RETRY_AFTER, header::SET_COOKIE]
        .into_iter()
        .filter_map(|name| Some((name.clone(), response.headers().get(&name)?.clone())))
        .collect();
    explained.headers_mut().extend(kept);
    explained
}

fn kind(problem: Problem) -> NoticeKind {
    match problem.status {
        StatusCode::FORBIDDEN => NoticeKind::CrossSite,
        StatusCode::NOT_FOUND => NoticeKind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => NoticeKind::MethodNotAllowed,
        StatusCode::GONE => NoticeKind::Gone,
        StatusCode::PAYLOAD_TOO_LARGE => NoticeKind::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => NoticeKind::TooMany {
            seconds: problem.retry_after.unwrap_or(1),
        },
        StatusCode::SERVICE_UNAVAILABLE => NoticeKind::Unavailable,
        status if status.is_server_error() => NoticeKind::Internal,
        _ => NoticeKind::BadRequest,
    }
}
