//! Site two, "member": a login guarded by a picture.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::cookies::{Cookies, TicketCookie};
use super::extract::{Client, CrossSite, Form, Query};
use super::form_ticket::{new_picture, new_ticket, ticket};
use super::login::identify;
use super::next::local_path;
use super::page::{Setting, page};
use crate::Error;
use crate::pages::{MemberHome, MemberLogin, MemberProblem};
use crate::service::captcha::{Reason, Verdict};
use crate::service::limiter::Act;
use crate::service::login::{Credentials, Entrance, Typed};
use crate::service::throttle::Origin;
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
    method: Method,
    cookies: Cookies,
) -> Result<Response, Error> {
    let cookie = (!cross_site).then_some((cookies, TicketCookie::Member));
    new_picture(&state, prefix, &method, SITE, style(&state), cookie)
}

/// `GET /member/`: greets the member, or leads to the form.
pub(crate) async fn home(
    State(state): State<AppState>,
    origin: Origin,
    method: Method,
    setting: Setting,
    cookies: Cookies,
) -> Result<Response, Error> {
    let (known, cookies) = identify(&state, &origin, cookies).await?;
    let Some(signed_in) = known else {
        return Ok((cookies.leave(), Redirect::to(LOGIN)).into_response());
    };
    // HEAD shows nothing, so it has not told the member either.
    let just_signed_in = method == Method::GET && state.login.greet(&signed_in).await?;
    let home = MemberHome {
        shell: setting.shell(&state.assets),
        name: signed_in.member.name,
        just_signed_in,
    };
    Ok((cookies, page(StatusCode::OK, &home)).into_response())
}

/// `GET /member/login`: the form.
pub(crate) async fn form(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
    cookies: Cookies,
    query: Query,
) -> Result<Response, Error> {
    let (known, cookies) = identify(&state, &origin, cookies).await?;
    let entry = Entry {
        next: query.text("next"),
        ..Entry::default()
    };
    let name = known.map(|signed_in| signed_in.member.name);
    let form = show_form(&state, &origin, &setting, &entry, name, None).await;
    Ok((cookies, form).into_response())
}

/// `POST /member/login`: captcha first, then e-mail and password (AUT-11, C-49); on `refresh`
/// a new picture.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
    cookies: Cookies,
    form: Form,
) -> Result<Response, Error> {
    let entry = Entry {
        email: form.text("useremail"),
        remember: !form.text("rememberme").is_empty(),
        next: form.text("next"),
    };
    if form.has("refresh") {
        return show_form(&state, &origin, &setting, &entry, None, None).await;
    }
    state.limiter.admit(Act::Check, origin.who())?;
    let asks = state.member_policy.asks(&origin, entry.named()).await?;
    let verdict = match asks {
        true => {
            let ticket = ticket(&form, &cookies, TicketCookie::Member);
            state
                .captcha
                .check(SITE, ticket, form.text("captcha"))
                .await?
        }
        false => Verdict::Pass(()),
    };
    let before = cookies.credentials();
    // The ticket is used now, so its cookie goes, whatever else happens.
    let cookies = cookies.clear_ticket(TicketCookie::Member);
    let typed = Typed {
        email: entry.email,
        password: form.text("userpassword"),
        remember: entry.remember,
    };
    let solved = Origin {
        has_solved: asks,
        ..origin
    };
    Ok(
        match decide(&state, &solved, verdict, typed, before).await {
            Ok(Ok(entrance)) => {
                let next = local_path(entry.next).unwrap_or(HOME);
                (cookies.enter(&entrance), Redirect::to(next)).into_response()
            }
            Ok(Err(problem)) => {
                let problem = Some(problem);
                let again = show_form(&state, &origin, &setting, &entry, None, problem).await;
                (cookies, again).into_response()
            }
            Err(error) => (cookies, error).into_response(),
        },
    )
}

/// A wrong captcha never reaches the password.
async fn decide(
    state: &AppState,
    origin: &Origin,
    verdict: Verdict,
    typed: Typed<'_>,
    before: Credentials,
) -> Result<Result<Entrance, MemberProblem>, Error> {
    match verdict {
        Verdict::Fail(Reason::Wrong) => Ok(Err(MemberProblem::Captcha)),
        Verdict::Fail(Reason::Expired) => Ok(Err(MemberProblem::CaptchaExpired)),
        Verdict::Pass(()) => {
            let entrance = state.login.sign_in(typed, origin, before).await?;
            Ok(entrance.ok_or(MemberProblem::Password))
        }
    }
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

impl<'a> Entry<'a> {
    /// The account, if one is named.
    fn named(&self) -> Option<&'a str> {
        Some(self.email).filter(|email| !email.is_empty())
    }
}

async fn show_form(
    state: &AppState,
    origin: &Origin,
    setting: &Setting,
    entry: &Entry<'_>,
    signed_in_as: Option<String>,
    problem: Option<MemberProblem>,
) -> Result<Response, Error> {
    let picture = match state.member_policy.asks(origin, entry.named()).await? {
        true => Some(new_ticket(state, origin.who(), SITE, style(state))?),
        false => None,
    };
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let login = MemberLogin {
        shell: setting.shell(&state.assets),
        picture,
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
