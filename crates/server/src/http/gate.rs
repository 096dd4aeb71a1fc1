//! `/auth/…`: for a proxy that asks, before it lets a request through to another site, whether
//! somebody is signed in, and who.
//!
//! Only the session counts here: remember-me is taken at the sign-in, which hands out its
//! successor; a proxy would lose the cookie.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::cookies::Cookies;
use super::next::way_back;
use crate::Error;
use crate::service::login::Credentials;
use crate::service::throttle::Origin;
use crate::state::AppState;

const REMOTE_USER: HeaderName = HeaderName::from_static("remote-user");
const REMOTE_NAME: HeaderName = HeaderName::from_static("remote-name");
const REMOTE_ID: HeaderName = HeaderName::from_static("remote-id");
/// Where to sign in, for a proxy that redirects by itself.
const SIGN_IN: HeaderName = HeaderName::from_static("inkgate-sign-in");

/// What a header's text cannot hold as it is; names and addresses may be in any script.
const HEADER: AsciiSet = CONTROLS.add(b'%').add(b' ');

/// `GET /auth/nginx`, for `auth_request`: 200 and who it is, or 401 and where to sign in.
pub(crate) async fn nginx(
    State(state): State<AppState>,
    origin: Origin,
    cookies: Cookies,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if let Some(known) = who(&state, &origin, &cookies).await? {
        return Ok(known);
    }
    let asked = text(&headers, "x-original-url").unwrap_or_default();
    Ok(refused(sign_in(&state, asked)))
}

/// `GET /auth/forward`, for `forward_auth` of Caddy and `forwardAuth` of Traefik: 200 and who it
/// is, or a redirect to the sign-in. A request that sends something, and one of a script that
/// asks for no page, is told 401: a redirect would lose it.
pub(crate) async fn forward(
    State(state): State<AppState>,
    origin: Origin,
    cookies: Cookies,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if let Some(known) = who(&state, &origin, &cookies).await? {
        return Ok(known);
    }
    let part = |name| text(&headers, name).unwrap_or_default();
    let asked = format!(
        "{}://{}{}",
        part("x-forwarded-proto"),
        part("x-forwarded-host"),
        part("x-forwarded-uri")
    );
    let method = part("x-forwarded-method");
    let reads = [Method::GET.as_str(), Method::HEAD.as_str(), ""].contains(&method);
    let wants_page = text(&headers, "accept").is_none_or(|kinds| {
        kinds.contains("text/html") || kinds.contains("*/*") && !headers.contains_key("origin")
    });
    let place = sign_in(&state, &asked);
    if !reads || !wants_page {
        return Ok(refused(place));
    }
    Ok((StatusCode::FOUND, [(header::LOCATION, place)]).into_response())
}

/// Who is signed in, in headers that are always there, so that a proxy which copies them never
/// lets the visitor's own through.
async fn who(
    state: &AppState,
    origin: &Origin,
    cookies: &Cookies,
) -> Result<Option<Response>, Error> {
    let credentials = Credentials {
        remember: None,
        ..cookies.credentials()
    };
    let Some(known) = state.login.identify(credentials, origin).await? else {
        return Ok(None);
    };
    let member = known.signed_in.member;
    let value = |text: &str| {
        let text = utf8_percent_encode(text, &HEADER).to_string();
        HeaderValue::try_from(text).map_err(|_| Error::Internal("a header could not be written"))
    };
    let headers = [
        (REMOTE_USER, value(&member.email)?),
        (REMOTE_NAME, value(&member.name)?),
        (REMOTE_ID, value(&member.id.to_string())?),
    ];
    Ok(Some((StatusCode::OK, headers, "").into_response()))
}

/// Nobody is signed in; a script reads where to sign in from the body, a proxy from the header.
fn refused(place: HeaderValue) -> Response {
    let told = serde_json::json!({ "sign_in": place.to_str().unwrap_or_default() });
    (StatusCode::UNAUTHORIZED, [(SIGN_IN, place)], Json(told)).into_response()
}

/// The sign-in that leads back to what was asked, if that is a place that it may lead to.
fn sign_in(state: &AppState, asked: &str) -> HeaderValue {
    let origin = state.config.origin();
    let place = match way_back(&state.config, asked) {
        Some(back) => {
            let back = utf8_percent_encode(back, NON_ALPHANUMERIC);
            format!("{origin}/login?next={back}")
        }
        None => format!("{origin}/login"),
    };
    HeaderValue::try_from(place).expect("an origin and percent-encoded text are ASCII")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
