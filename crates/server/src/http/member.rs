//! Site two, "member": a login guarded by a picture.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::cookies::{Cookies, TicketCookie};
use super::extract::{Client, CrossSite, Form, Query};
use super::newpage::{new_picture, ticket};
use super::next::local_path;
use super::page::{Setting, page};
use crate::Error;
use crate::pages::{MemberHome, MemberLogin, MemberProblem};
use crate::service::captcha::{Reason, Verdict};
use crate::service::limiter::{Act, Prefix};
use crate::state::AppState;

const SITE: &str = "member";
const HOME: &str = "/member/";
const LOGIN: &str = "/member/login";

/// `GET /member/captcha`: a new picture. Its ticket is in a header and, unless another site
/// asked, in a cookie.
pub(crate) async fn captcha(
    State(state): State<AppState>,
    Client(prefix): Client,
    CrossSite(cross_site): CrossSite,
    cookies: Cookies,
) -> Result<Response, Error> {
    let cookie = (!cross_site).then_some((cookies, TicketCookie::Member));
    new_picture(&state, prefix, SITE, style(&state), cookie)
}

/// `GET /member/`: greets the member, or leads to the form.
pub(crate) async fn home(
    State(state): State<AppState>,
    setting: Setting,
    cookies: Cookies,
) -> Result<Response, Error> {
    let Some(known) = state.login.identify(cookies.credentials()).await? else {
        return Ok((cookies.leave(), Redirect::to(LOGIN)).into_response());
    };
    let cookies = match &known.renewed {
        Some(entrance) => cookies.enter(entrance),
        None => cookies,
    };
    let mut signed_in = known.signed_in;
    let just_signed_in = state.login.greet(&mut signed_in).await?;
    let home = MemberHome {
        shell: setting.shell(&state.assets),
        name: signed_in.member.name.clone(),
        just_signed_in,
    };
    Ok((cookies, page(StatusCode::OK, &home)).into_response())
}

/// `GET /member/login`: the form.
pub(crate) async fn form(
    State(state): State<AppState>,
    Client(prefix): Client,
    setting: Setting,
    cookies: Cookies,
    query: Query,
) -> Result<Response, Error> {
    let signed_in = match cookies.credentials().session {
        Some(handle) => state.sessions.find(handle).await?,
        None => None,
    };
    let entry = Entry {
        next: query.text("next"),
        ..Entry::default()
    };
    let signed_in_as = signed_in.map(|signed_in| signed_in.member.name);
    show_form(&state, prefix, &setting, &entry, signed_in_as, None)
}

/// `POST /member/login`: captcha first, then e-mail and password (AUT-11, C-49); on `refresh`
/// a new picture.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    Client(prefix): Client,
    setting: Setting,
    cookies: Cookies,
    form: Form,
) -> Result<Response, Error> {
    let setting = setting.at(LOGIN);
    let entry = Entry {
        email: form.text("useremail"),
        remember: form.has("rememberme"),
        next: form.text("next"),
    };
    if form.has("refresh") {
        return show_form(&state, prefix, &setting, &entry, None, None);
    }
    state.limiter.admit(Act::Check, prefix)?;
    let ticket = ticket(&form, &cookies, TicketCookie::Member);
    let solution = form.text("captcha");
    let verdict = state.captcha.check(SITE, ticket, solution).await?;
    let before = cookies.credentials();
    let cookies = cookies.clear_ticket(TicketCookie::Member);
    let problem = match verdict {
        Verdict::Fail(Reason::Wrong) => MemberProblem::Captcha,
        Verdict::Fail(Reason::Expired) => MemberProblem::CaptchaExpired,
        Verdict::Pass => {
            state.limiter.admit(Act::SignIn, prefix)?;
            let password = form.text("userpassword");
            let entrance = state
                .login
                .sign_in(entry.email, password, entry.remember, before)
                .await?;
            match entrance {
                Some(entrance) => {
                    let next = local_path(entry.next).unwrap_or(HOME);
                    return Ok((cookies.enter(&entrance), Redirect::to(next)).into_response());
                }
                None => MemberProblem::Password,
            }
        }
    };
    let again = show_form(&state, prefix, &setting, &entry, None, Some(problem))?;
    Ok((cookies, again).into_response())
}

/// `POST /member/logout`: ends the session and the remember-me login.
pub(crate) async fn sign_out(
    State(state): State<AppState>,
    cookies: Cookies,
) -> Result<Response, Error> {
    state.login.sign_out(cookies.credentials()).await?;
    Ok((cookies.leave(), Redirect::to(LOGIN)).into_response())
}

/// What the visitor had typed and chosen, kept when the form is shown again. The password is
/// not among it.
#[derive(Debug, Default)]
struct Entry<'a> {
    email: &'a str,
    remember: bool,
    next: &'a str,
}

fn show_form(
    state: &AppState,
    prefix: Prefix,
    setting: &Setting,
    entry: &Entry<'_>,
    signed_in_as: Option<String>,
    problem: Option<MemberProblem>,
) -> Result<Response, Error> {
    state.limiter.admit(Act::Issue, prefix)?;
    let ticket = state.captcha.issue(SITE, style(state))?;
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let login = MemberLogin {
        shell: setting.shell(&state.assets),
        picture: format!("/challenge/{ticket}.png"),
        ticket,
        email: entry.email.to_owned(),
        remember: entry.remember,
        next: local_path(entry.next).unwrap_or_default(),
        problem,
        signed_in_as: signed_in_as.as_deref(),
    };
    Ok(page(status, &login))
}

fn style(state: &AppState) -> &str {
    &state.config.pages.member.style
}
