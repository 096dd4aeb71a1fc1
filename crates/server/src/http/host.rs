//! The host a request names: answered only if it is ours (WEB-05).

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Error;
use crate::config::PublicUrl;
use crate::state::AppState;

/// Refuses a host that is neither loopback, an IP literal nor `public_url`'s: names that others
/// point at us (DNS rebinding) get no page.
///
/// A back end may call `siteverify` by whatever its network calls us, such as a service's name
/// between containers. No browser has the secret that is asked for there.
pub(crate) async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(host) = host(request.uri(), request.headers()) else {
        return Error::BadRequest("no host, or more than one").into_response();
    };
    let route = request.extensions().get::<MatchedPath>();
    let is_for_back_ends = route.is_some_and(|route| route.as_str().ends_with("/siteverify"));
    // Caddy asks the gate under the name of the site that it guards.
    let is_gate = route.is_some_and(|route| route.as_str().starts_with("/auth/"));
    let is_guarded = is_gate && state.config.is_under_gate(&host.to_ascii_lowercase());
    if is_for_back_ends || is_guarded || is_ours(host, state.config.public_url.as_ref()) {
        next.run(request).await
    } else {
        Error::Misdirected.into_response()
    }
}

/// The host of the request's target, which wins where there is one (RFC 9112 section 3.2.2), else
/// that of its one `Host` field.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let mut named = headers.get_all(header::HOST).iter();
    let host = match (uri.authority(), named.next(), named.next()) {
        (_, _, Some(_)) => return None,
        (Some(authority), _, None) => authority.as_str(),
        (None, Some(host), None) => host.to_str().ok()?,
        (None, None, None) => return None,
    };
    Some(without_port(host))
}

fn is_ours(host: &str, public: Option<&PublicUrl>) -> bool {
    let bracketed = host.strip_prefix('[').and_then(|v6| v6.strip_suffix(']'));
    let is_address = match bracketed {
        Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok(),
    };
    is_address
        || host.eq_ignore_ascii_case("localhost")
        || public.is_some_and(|url| url.host().eq_ignore_ascii_case(host))
}

/// `example.org:8080` without `:8080`; an IPv6 literal keeps its brackets.
fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|b| b.is_ascii_digit())
                && (!host.contains(':') || host.ends_with(']')) =>
        {
            host
        }
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_hosts_are_answered_web_05() {
        let public = PublicUrl::try_from("https://login.example.org".to_owned()).unwrap();
        let ours = |authority: &str| is_ours(without_port(authority), Some(&public));
        for host in [
            "localhost",
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "192.0.2.7",
            "login.example.org",
            "LOGIN.example.org:443",
        ] {
            assert!(ours(host), "{host}");
        }
        for host in [
            "",
            "example.org",
            "login.example.org.evil.test",
            "evil.login.example.org",
            "localhost.evil.test",
            "127.0.0.1.evil.test",
            "login.example.org@evil.test",
            "[::1",
            "::1",
            "[127.0.0.1]",
            "[localhost]",
        ] {
            assert!(!ours(host), "{host}");
        }
    }
}
