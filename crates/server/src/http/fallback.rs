//! `/fallback?sitekey=…`: for visitors of other sites whose browsers run no scripts. A right code
//! earns a token that they copy into the form they came from.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use inkgate_store::Site;

use super::extract::{Client, Form, Query};
use super::page::{Setting, page};
use crate::Error;
use crate::pages::{Fallback, FallbackDone, NewpageProblem, Picture};
use crate::service::captcha::{Asks, Order, Reason, Verdict};
use crate::service::limiter::{Act, Prefix};
use crate::service::policy::{LONGER, Level};
use crate::service::preset::Preset;
use crate::state::AppState;

/// `GET /fallback`: the form. What is in the address, its answers keep.
pub(crate) async fn form(
    State(state): State<AppState>,
    Client(prefix): Client,
    setting: Setting,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let asked = Asked::by(&state, &query).await?;
    let came_from = headers.get(header::REFERER).and_then(host_of);
    let host = asked
        .site
        .hosts
        .iter()
        .find(|&host| came_from == Some(host));
    let host = host.or(asked.site.hosts.first()).ok_or(Error::NotFound)?;
    asked.show(&state, prefix, &setting, host, None)
}

/// `POST /fallback`: the token for a right code, else the form again.
pub(crate) async fn check(
    State(state): State<AppState>,
    Client(prefix): Client,
    setting: Setting,
    query: Query,
    form: Form,
) -> Result<Response, Error> {
    let asked = Asked::by(&state, &query).await?;
    let host = form.text("host");
    if !asked.site.hosts.iter().any(|known| known == host) {
        return Err(Error::BadRequest("the host is not the site's"));
    }
    if form.has("refresh") {
        return asked.show(&state, prefix, &setting, host, None);
    }
    state.limiter.admit(Act::Check, prefix)?;
    let book = state.sites.book().await?;
    let (ticket, solution) = (form.text("ticket"), form.text("code"));
    let verdict = state.captcha.solve(&book, host, ticket, solution).await?;
    let is_right = matches!(verdict, Verdict::Pass(_));
    state.policy.saw(&asked.site.name, prefix, is_right);
    let problem = match verdict {
        Verdict::Pass(token) => return Ok(asked.give(&state, &setting, host, token)),
        Verdict::Fail(Reason::Wrong) => NewpageProblem::Wrong,
        Verdict::Fail(Reason::Expired) => NewpageProblem::Expired,
    };
    asked.show(&state, prefix, &setting, host, Some(problem))
}

/// What the address asks for.
struct Asked<'a> {
    site: Arc<Site>,
    action: &'a str,
}

impl<'a> Asked<'a> {
    /// reCAPTCHA's fallback calls the site key `k`.
    async fn by(state: &AppState, query: &'a Query) -> Result<Self, Error> {
        let key = match query.text("sitekey") {
            "" => query.text("k"),
            key => key,
        };
        let book = state.sites.book().await?;
        let site = Arc::clone(book.by_key(key).ok_or(Error::NotFound)?);
        let action = query.text("action");
        let is_allowed = match site.actions.is_empty() {
            true => action.is_empty() || is_word(action),
            false => action.is_empty() || site.actions.iter().any(|known| known == action),
        };
        match is_allowed {
            true => Ok(Self { site, action }),
            false => Err(Error::NotFound),
        }
    }

    fn show(
        &self,
        state: &AppState,
        prefix: Prefix,
        setting: &Setting,
        host: &str,
        problem: Option<NewpageProblem>,
    ) -> Result<Response, Error> {
        state.limiter.admit(Act::Issue, prefix)?;
        state.limiter.admit(Act::IssueFor, &*self.site)?;
        let captcha = &state.captcha;
        let preset = self.site.presets.first();
        let preset = preset.and_then(|name| Preset::of(&self.site, name, captcha.styles()));
        let Preset { floor, style } = preset.ok_or(Error::Internal("unknown style"))?;
        let (level, _) = state
            .policy
            .ask(&self.site.name, floor.max(Level::Picture), prefix);
        // Without scripts no machine works; its owner reads more instead.
        let asks = Asks {
            longer: if level > Level::Picture { LONGER } else { 0 },
            ..Asks::default()
        };
        let ticket = captcha.issue(&Order {
            site: &self.site.key,
            site_name: &self.site.name,
            style: &style.name,
            action: self.action,
            cdata: "",
            host,
            asks,
        })?;
        let status = match problem {
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        let form = Fallback {
            shell: setting.shell(&state.assets),
            picture: Picture::new(ticket, captcha.life(), style),
            sitekey: &self.site.key,
            action: self.action,
            host,
            problem,
        };
        Ok(self.framed(page(status, &form)))
    }

    fn give(&self, state: &AppState, setting: &Setting, host: &str, token: String) -> Response {
        self.framed(page(
            StatusCode::OK,
            &FallbackDone {
                shell: setting.shell(&state.assets),
                sitekey: &self.site.key,
                host,
                token,
                seconds: state.config.token.ttl_seconds,
            },
        ))
    }

    /// The page may stand in a frame of the site's own pages, and of nobody else's (WEB-08). A CSP
    /// cannot name an IPv6 literal.
    fn framed(&self, response: Response) -> Response {
        let hosts = self.site.hosts.iter().filter(|host| !host.starts_with('['));
        let hosts: String = hosts.map(|host| format!(" {host}:*")).collect();
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors{}",
            if hosts.is_empty() { " 'none'" } else { &hosts }
        );
        match HeaderValue::from_str(&policy) {
            Ok(policy) => ([(header::CONTENT_SECURITY_POLICY, policy)], response).into_response(),
            Err(_) => response,
        }
    }
}

/// At most 32 of `A-Z a-z 0-9 - _`, as `/api/challenge` takes them.
fn is_word(text: &str) -> bool {
    let is_good = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    text.len() <= 32 && text.bytes().all(is_good)
}

/// The host of an address, without its port.
fn host_of(address: &HeaderValue) -> Option<&str> {
    let uri = address.to_str().ok()?;
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|c| c.is_ascii_digit()) => Some(host),
        _ => Some(authority),
    }
}
