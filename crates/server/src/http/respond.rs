//! The last hand on every answer: its headers, and a page for every error.

use std::any::Any;

use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tower_http::csrf::ProtectionError;
use utoipa::ToSchema;

use super::log::RequestId;
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
    let reader = Reader::of(&path);
    let id = request.extensions().get::<RequestId>().copied();
    let (mut parts, body) = request.into_parts();
    let Ok(setting) = Setting::from_request_parts(&mut parts, &state).await;
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(problem) = problem(&response) {
        let explained = match reader {
            Reader::Person => notice(&state, &setting, problem),
            Reader::Program => told(problem, id),
            Reader::Nobody => line(problem),
        };
        response = keep(&response, explained);
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
    } else if !(status.is_client_error() || status.is_server_error()) || is_told(response) {
        return None;
    }
    let told = response.extensions().get::<Problem>().copied();
    Some(told.unwrap_or(Problem {
        told: None,
        status,
        retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1),
    }))
}

/// A page or an object tells of its own error.
fn is_told(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind.starts_with(b"text/html") || kind == b"application/json"
    })
}

/// Who reads what a path answers.
#[derive(Clone, Copy)]
enum Reader {
    Person,
    Program,
    Nobody,
}

impl Reader {
    fn of(path: &str) -> Self {
        let is_under = |prefix: &&str| path.starts_with(*prefix);
        match path {
            _ if ["/api/", "/altcha/", "/cap/"]
                .iter()
                .any(|root| path.starts_with(root)) =>
            {
                Self::Program
            }
            _ if path.ends_with("/siteverify") => Self::Nobody,
            _ if ["/challenge/", "/assets/", "/healthz", "/auth/"]
                .iter()
                .any(is_under) =>
            {
                Self::Nobody
            }
            _ => Self::Person,
        }
    }
}

/// The error as a page.
fn notice(state: &AppState, setting: &Setting, problem: Problem) -> Response {
    page(
        problem.status,
        &Notice {
            shell: setting.shell(&state.assets),
            status: problem.status.as_u16(),
            kind: kind(problem),
        },
    )
}

/// The error as the API tells it (API-12).
fn told(problem: Problem, id: Option<RequestId>) -> Response {
    let (code, message) = problem.told.unwrap_or(match problem.status {
        StatusCode::NOT_FOUND => ("not_found", "there is nothing here"),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "this is asked with POST"),
        StatusCode::REQUEST_TIMEOUT => ("too_slow", "the request took too long to arrive"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is larger than 16 KiB"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("unsupported_media_type", "the body is not application/json")
        }
        StatusCode::MISDIRECTED_REQUEST => ("misdirected", "this is not the host's name"),
        StatusCode::TOO_MANY_REQUESTS => ("throttled", "a limit was reached; see Retry-After"),
        StatusCode::SERVICE_UNAVAILABLE => ("unavailable", "try again; see Retry-After"),
        status if status.is_server_error() => ("internal", "this is a defect of the server"),
        _ => ("bad_request", "the request cannot be read"),
    });
    let error = ApiErrorBody {
        code,
        message,
        request_id: id.map(|id| id.to_string()),
    };
    (problem.status, Json(ApiError { error })).into_response()
}

/// How the API tells of an error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiError {
    error: ApiErrorBody,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiErrorBody {
    /// Its stable name.
    code: &'static str,
    /// What it means.
    message: &'static str,
    /// What the request is called in the log.
    request_id: Option<String>,
}

/// The error as a line of text.
fn line(problem: Problem) -> Response {
    let reason = problem.status.canonical_reason().unwrap_or("error");
    (problem.status, format!("{reason}\n")).into_response()
}

/// The headers that stay when an error is explained.
const KEPT: [HeaderName; 6] = [
    header::ALLOW,
    header::RETRY_AFTER,
    header::SET_COOKIE,
    header::VARY,
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
];

fn keep(response: &Response, mut explained: Response) -> Response {
    let kept: HeaderMap = KEPT
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
