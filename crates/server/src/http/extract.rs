//! What handlers ask of a request: parsed, or refused here.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use percent_encoding::percent_decode;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::cookies::Cookies;
use crate::Error;
use crate::config::Network;
use crate::service::limiter::Prefix;
use crate::service::session::Browser;
use crate::service::throttle::Origin;
use crate::state::AppState;

/// The largest body of any form (INP-01).
const LARGEST_BODY: usize = 16 * 1_024;

/// How long a body may take to arrive (NET-01).
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// A form body, with fields that are missing, doubled or empty told apart.
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        f.write_str("Form ")?;
        f.debug_list().entries(names).finish()
    }
}

impl Form {
    /// Whether the field is there at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The field's value; a missing or doubled field has none and counts as empty (C-25).
    pub(crate) fn text(&self, name: &str) -> &str {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => value,
            _ => "",
        }
    }

    /// The field's value, if it is there; `None` if it is there more than once.
    pub(crate) fn one(&self, name: &str) -> Option<Option<&str>> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        let first = values.next();
        values
            .next()
            .is_none()
            .then(|| first.map(|(_, value)| value.as_str()))
    }

    /// A form that was sent as something else than the usual encoding.
    pub(crate) fn of(fields: Vec<(String, Zeroizing<String>)>) -> Self {
        Self(fields)
    }

    /// Reads a form that people fill in: control characters, which nobody types, are refused.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Error> {
        let form = Self::read(body)?;
        let is_odd = |text: &str| text.chars().any(|c| c.is_control() || is_bidi_control(c));
        match form
            .0
            .iter()
            .any(|(name, value)| is_odd(name) || is_odd(value))
        {
            true => Err(Error::BadRequest("the form has control characters")),
            false => Ok(form),
        }
    }

    /// Reads any form in UTF-8.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Error> {
        // Decoded and checked as a whole first: the separators are ASCII, so if the whole is
        // UTF-8 each part is, and nothing is replaced below (INP-04).
        let whole: Zeroizing<Vec<u8>> = Zeroizing::new(percent_decode(body).collect());
        std::str::from_utf8(&whole).map_err(|_| Error::BadRequest("the form is not UTF-8"))?;
        let fields = form_urlencoded::parse(body);
        let fields =
            fields.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())));
        Ok(Self(fields.collect()))
    }
}

/// Characters that make text read in another order than it stands (UAX #9).
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        if !is_form(request.headers()) || request.headers().contains_key(header::CONTENT_ENCODING) {
            return Err(Error::UnsupportedMediaType);
        }
        Self::parse(&body(request).await?)
    }
}

/// A JSON body of exactly this shape: no field too many, none twice, none nested (API-04, API-07).
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        if !is_json(request.headers()) || request.headers().contains_key(header::CONTENT_ENCODING) {
            return Err(Error::UnsupportedMediaType);
        }
        match object(&body(request).await?) {
            Some(Ok(value)) => Ok(Self(value)),
            _ => Err(Error::BadRequest(
                "the body is not the JSON object that belongs here",
            )),
        }
    }
}

/// Reads a JSON object; `None` if it is something else: serde would take an array for one.
pub(crate) fn object<T: DeserializeOwned>(json: &[u8]) -> Option<serde_json::Result<T>> {
    let first = json.iter().find(|byte| !b" \t\r\n".contains(byte));
    match first {
        Some(b'{') | None => Some(serde_json::from_slice(json)),
        Some(_) => None,
    }
}

/// A whole body, measured and timed while it arrives (INP-02, NET-01).
pub(crate) async fn body(request: Request) -> Result<Bytes, Error> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > LARGEST_BODY as u64) {
        return Err(Error::TooLarge);
    }
    let body = Limited::new(request.into_body(), LARGEST_BODY).collect();
    let body = tokio::time::timeout(BODY_DEADLINE, body)
        .await
        .map_err(|_| Error::TooSlow)?
        .map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => Error::TooLarge,
            None => Error::BadRequest("the body broke off"),
        })?;
    Ok(body.to_bytes())
}

/// Whether the body says that it is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    is_of_type(headers, "application/x-www-form-urlencoded")
}

/// Whether the body says that it is JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    is_of_type(headers, "application/json")
}

/// A body of this type, in UTF-8 as far as it says.
fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    media_type(headers).is_some_and(|(kind, mut parameters)| {
        kind.eq_ignore_ascii_case(wanted)
            && parameters.all(|part| {
                ["", "charset=utf-8", "charset=\"utf-8\""]
                    .iter()
                    .any(|known| part.eq_ignore_ascii_case(known))
            })
    })
}

/// The type that the body says to be of, if it says one, and its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<(&str, impl Iterator<Item = &str>)> {
    let mut kinds = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return None;
    };
    let mut parts = kind.to_str().ok()?.split(';').map(str::trim);
    Some((parts.next()?, parts))
}

/// A part of the path; what is no UTF-8 leads nowhere.
#[derive(Debug)]
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(text)) => Ok(Self(text)),
            Err(_) => Err(Error::NotFound),
        }
    }
}

/// The query string's fields, read leniently: a query that makes no sense is an empty one.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// The first value of this name, or the empty text.
    pub(crate) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        ))
    }
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let Client(prefix) = Client::from_request_parts(parts, state).await?;
        let cookies = Cookies::from_request_parts(parts, state).await?;
        let device = cookies.device().and_then(|text| state.devices.read(text));
        let agent = parts.headers.get(header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok());
        Ok(Self {
            prefix,
            device,
            browser: Browser::of(agent.unwrap_or_default()),
            has_solved: false,
        })
    }
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where the request comes from, for throttles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) Prefix);

impl FromRequestParts<AppState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        let trusted = &state.config.trusted_proxies;
        if parts.headers.contains_key(FORWARDED_FOR) && !is_trusted(peer, trusted) {
            state.told_of_proxy.call_once(|| {
                tracing::warn!(
                    "X-Forwarded-For came from a peer that is not in trusted_proxies: \
                     whoever comes through it shares one throttle"
                );
            });
        }
        let address = client_address(peer, &parts.headers, trusted);
        Ok(Self(Prefix::from(address)))
    }
}

/// The peer, or, where the peer is a trusted proxy, the nearest address in `X-Forwarded-For`
/// that is not one. What cannot be read ends the walk: the last hop that could be counts (THR-06).
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let mut nearest = peer;
    let mut lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    lines.reverse();
    for line in lines {
        let Ok(line) = line.to_str() else {
            return nearest;
        };
        for hop in line.rsplit(',') {
            if !is_trusted(nearest, trusted) {
                return nearest;
            }
            match address_of(hop.trim()) {
                Some(address) => nearest = address,
                None => return nearest,
            }
        }
    }
    nearest
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// An address, with or without a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

/// Whether a browser says that another site asked for this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrossSite(pub(crate) bool);

impl<S: Send + Sync> FromRequestParts<S> for CrossSite {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let site = parts.headers.get("sec-fetch-site");
        Ok(Self(site.is_some_and(|site| {
            site.as_bytes() == b"cross-site" || site.as_bytes() == b"same-site"
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_form_tells_missing_empty_and_doubled_apart() {
        let form = Form::parse(b"a=1&b=&c=1&c=2&d").unwrap();
        assert_eq!(form.text("a"), "1");
        assert!(form.has("b") && form.text("b").is_empty());
        assert!(form.has("c") && form.text("c").is_empty());
        assert!(form.has("d") && !form.has("e"));
    }

    /// INP-04
    #[test]
    fn a_form_that_is_not_utf_8_or_has_control_characters_is_refused() {
        for body in [
            b"a=%ff".as_slice(),
            b"a=\xff",
            b"a=%c0%af",
            b"a=%ed%a0%80",
            b"a=%e9=b",
            b"a=%00",
            b"a=%0a",
            b"a=%1b",
            b"a=%c2%85",
            b"a=%e2%80%ae",
        ] {
            assert!(Form::parse(body).is_err(), "{body:?}");
        }
        assert_eq!(
            Form::parse("a=%E9%A9%97+".as_bytes()).unwrap().text("a"),
            "驗 "
        );
    }

    fn address(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<Network> = ["10.0.0.0/8", "2001:db8:ff::/48"]
            .map(|network| Network::try_from(network.to_owned()).unwrap())
            .into();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
        }
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    /// THR-06, C-48
    #[test]
    fn a_forwarded_address_is_believed_only_from_a_trusted_proxy() {
        assert_eq!(address("192.0.2.1", &["198.51.100.9"]), "192.0.2.1");
        assert_eq!(address("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(address("10.0.0.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(
            address("::ffff:10.0.0.1", &["198.51.100.9"]),
            "198.51.100.9"
        );
        let spoofed = "1.2.3.4, 198.51.100.9, 10.0.0.2";
        assert_eq!(address("10.0.0.1", &[spoofed]), "198.51.100.9");
        assert_eq!(
            address("10.0.0.1", &["1.2.3.4", "198.51.100.9"]),
            "198.51.100.9"
        );
        assert_eq!(address("10.0.0.1", &["198.51.100.9:4711"]), "198.51.100.9");
        assert_eq!(address("10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(address("2001:db8:ff::1", &["2001:db8::7"]), "2001:db8::7");
        for junk in ["unknown", "", "1.2.3", "1.2.3.4, _hidden"] {
            assert_eq!(address("10.0.0.1", &[junk]), "10.0.0.1", "{junk}");
        }
        let long = "1.2.3.4,".repeat(1_200);
        assert_eq!(address("10.0.0.1", &[&long]), "10.0.0.1");
    }

    #[test]
    fn only_a_urlencoded_utf_8_form_is_a_form() {
        let kind = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(text));
            is_form(&headers)
        };
        assert!(kind("application/x-www-form-urlencoded"));
        assert!(kind("Application/X-WWW-Form-URLencoded; charset=UTF-8"));
        assert!(!kind("application/x-www-form-urlencoded; charset=gbk"));
        assert!(!kind("text/plain"));
        assert!(!kind("multipart/form-data; boundary=x"));
        assert!(!is_form(&HeaderMap::new()));
    }
}
