//! The cookies: their names, attributes and lives, in one place.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponseParts, ResponseParts};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::pages::Lang;
use crate::service::login::{Credentials, Entrance};
use crate::service::remember::RememberCookie;
use crate::state::AppState;

const SESSION: &str = "inkgate_session";
const REMEMBER: &str = "inkgate_remember";
/// Signs nobody in: its tries are counted apart.
const DEVICE: &str = "inkgate_device";
const LANG: &str = "inkgate_lang";
/// The tutorial's display cookie: for show only, nobody is signed in by it (C-55).
const NAME: &str = "name";

/// A year: how long a choice of language is kept.
const LANG_LIFE: Duration = Duration::from_secs(365 * 86_400);

/// A request's cookies, and those that the response will set.
///
/// All are `HttpOnly`, `SameSite=Lax`, `Path=/`. Where visitors come by https they are `Secure`
/// and prefixed `__Host-` (RFC 6265bis section 4.1.3.2; SES-06); the session's `__Secure-` where the
/// gate's hosts share it.
#[derive(Debug)]
pub(crate) struct Cookies {
    jar: CookieJar,
    is_secure: bool,
    /// Set for the gate: the domain whose hosts share the session.
    domain: Option<String>,
    has_entered: bool,
}

/// The two cookies that carry a form's ticket where the form has no field for it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TicketCookie {
    Newpage,
    Member,
}

impl TicketCookie {
    const fn name(self) -> &'static str {
        match self {
            Self::Newpage => "inkgate_ticket_newpage",
            Self::Member => "inkgate_ticket_member",
        }
    }
}

impl Cookies {
    /// The ticket in the cookie, or the empty text.
    pub(crate) fn ticket(&self, which: TicketCookie) -> &str {
        self.get(which.name()).unwrap_or_default()
    }

    pub(crate) fn set_ticket(self, which: TicketCookie, ticket: String, life: Duration) -> Self {
        self.set(which.name(), ticket, Some(life))
    }

    pub(crate) fn clear_ticket(self, which: TicketCookie) -> Self {
        self.clear(which.name())
    }

    /// The language chosen by the visitor.
    pub(crate) fn lang(&self) -> Option<Lang> {
        Lang::parse(self.get(LANG)?)
    }

    pub(crate) fn set_lang(self, lang: Lang) -> Self {
        self.set(LANG, lang.code().to_owned(), Some(LANG_LIFE))
    }

    /// What the browser holds of earlier sign-ins.
    pub(crate) fn credentials(&self) -> Credentials {
        Credentials {
            session: self.get(SESSION).and_then(|text| text.parse().ok()),
            remember: self.get(REMEMBER).and_then(RememberCookie::parse),
        }
    }

    /// What tells this device from a stranger's, if its member has signed in on it before.
    pub(crate) fn device(&self) -> Option<&str> {
        self.get(DEVICE)
    }

    /// Hands a member who has just signed in, or come back, the cookies for it. Without
    /// remember-me they end with the browser session. The name is percent-encoded UTF-8, as the
    /// jar writes every value.
    pub(crate) fn enter(mut self, entrance: &Entrance) -> Self {
        self.has_entered = true;
        let life = entrance.remember.as_ref().map(|(_, life)| *life);
        let name = entrance.member.name.clone();
        let cookies = self
            .set(SESSION, entrance.session.reveal(), None)
            .set_plain(NAME, name, life);
        let cookies = match &entrance.device {
            Some((device, life)) => cookies.set(DEVICE, device.clone(), Some(*life)),
            None => cookies,
        };
        match &entrance.remember {
            Some((cookie, life)) => cookies.set(REMEMBER, cookie.to_text(), Some(*life)),
            None => cookies.clear(REMEMBER),
        }
    }

    /// Whether the answer hands out a session.
    pub(crate) fn has_entered(&self) -> bool {
        self.has_entered
    }

    /// Takes back what [`Cookies::enter`] gave.
    pub(crate) fn leave(self) -> Self {
        let cookies = self.clear(SESSION).clear(REMEMBER);
        match cookies.jar.get(NAME) {
            Some(_) => cookies.set_plain(NAME, String::new(), Some(Duration::ZERO)),
            None => cookies,
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        let cookie = self.jar.get(&self.full_name(name))?;
        Some(cookie.value())
    }

    fn set(self, name: &'static str, value: String, life: Option<Duration>) -> Self {
        let name = self.full_name(name);
        self.add(name, value, life)
    }

    fn set_plain(self, name: &'static str, value: String, life: Option<Duration>) -> Self {
        self.add(name.to_owned(), value, life)
    }

    /// Clears a cookie that the browser has; one it has not is left alone.
    fn clear(self, name: &'static str) -> Self {
        match self.get(name) {
            Some(_) => self.set(name, String::new(), Some(Duration::ZERO)),
            None => self,
        }
    }

    fn add(mut self, name: String, value: String, life: Option<Duration>) -> Self {
        let shared = self.domain.clone().filter(|_| is_shared(&name));
        let mut cookie = Cookie::build((name, value))
            .http_only(true)
            .same_site(SameSite::Lax)
            .path("/")
            .secure(self.is_secure);
        if let Some(domain) = shared {
            cookie = cookie.domain(domain);
        }
        if let Some(life) = life {
            cookie = cookie.max_age(life.try_into().unwrap_or_default());
        }
        self.jar = self.jar.add(cookie);
        self
    }

    fn full_name(&self, name: &str) -> String {
        match (self.is_secure, &self.domain) {
            (true, Some(_)) if is_shared(name) => format!("__Secure-{name}"),
            (true, _) => format!("__Host-{name}"),
            (false, _) => name.to_owned(),
        }
    }
}

/// Whether a cookie, with its prefix or without, goes to the hosts behind the gate. The others are
/// for our own forms.
fn is_shared(name: &str) -> bool {
    name.ends_with(SESSION)
}

impl FromRequestParts<AppState> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self {
            jar: CookieJar::from_headers(&readable(&parts.headers)),
            is_secure: state.config.is_secure(),
            domain: state.config.cookie_domain.clone(),
            has_entered: false,
        })
    }
}

/// The cookies without those that are not ASCII. The jar gives up a whole line for one such
/// cookie, and other programs on the host may set one.
fn readable(headers: &HeaderMap) -> HeaderMap {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|cookie| HeaderValue::from_bytes(cookie.trim_ascii()).ok())
        .filter(|cookie| cookie.to_str().is_ok())
        .map(|cookie| (header::COOKIE, cookie))
        .collect()
}

impl IntoResponseParts for Cookies {
    type Error = Infallible;

    fn into_response_parts(self, response: ResponseParts) -> Result<ResponseParts, Infallible> {
        self.jar.into_response_parts(response)
    }
}
