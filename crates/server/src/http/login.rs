//! `/login`: the product's own sign-in, and the ways to an account.

use axum::extract::State;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use inkgate_store::{Email, NewMember};

use super::cookies::Cookies;
use super::extract::{Client, Form, Query};
use super::form_ticket::{new_picture, new_ticket};
use super::next::way_back;
use super::page::{Setting, page};
use crate::Error;
use crate::pages::{
    EntryForm, EntryProblem, EntryPurpose, LoginForm, LoginProblem, Mailing, Product, Telling, Told,
};
use crate::service::captcha::{Reason, Verdict};
use crate::service::limiter::Act;
use crate::service::link::{Filled, Outcome, Refused};
use crate::service::login::Typed;
use crate::service::mail::Letter;
use crate::service::password::Weakness;
use crate::service::session::SignedIn;
use crate::service::throttle::Origin;
use crate::state::AppState;

const SITE: &str = "login";
const HOME: &str = "/account";

/// `HEAD /login/captcha`: a new ticket, and with GET its picture.
pub(crate) async fn captcha(
    State(state): State<AppState>,
    origin: Origin,
    method: Method,
) -> Result<Response, Error> {
    let style = &state.config.login.style;
    new_picture(&state, origin.who(), &method, SITE, style, None)
}

/// `GET /login`: the form.
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
    // Remember-me has just begun a session, which the gate was missing.
    if cookies.has_entered()
        && let Some(next) = way_back(&state.config, entry.next).filter(|next| *next != HOME)
    {
        return Ok((cookies, Redirect::to(next)).into_response());
    }
    let name = known.map(|signed_in| signed_in.member.name);
    let form = show_form(&state, &origin, &setting, &entry, name, None).await;
    Ok((cookies, form).into_response())
}

/// `POST /login`: a captcha, where one is asked, then e-mail and password.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
    cookies: Cookies,
    form: Form,
) -> Result<Response, Error> {
    let entry = Entry {
        email: form.text("email"),
        remember: !form.text("remember").is_empty(),
        next: form.text("next"),
    };
    if form.has("refresh") {
        return show_form(&state, &origin, &setting, &entry, None, None).await;
    }
    state.limiter.admit(Act::Check, origin.who())?;
    let email = Some(entry.email).filter(|email| !email.is_empty());
    let asks = state.login_policy.asks(&origin, email).await?;
    let problem = match asks {
        false => None,
        true if !form.has("ticket") => Some(LoginProblem::CaptchaAsked),
        true => match check_captcha(&state, &form).await? {
            Verdict::Pass(()) => None,
            Verdict::Fail(Reason::Wrong) => Some(LoginProblem::Captcha),
            Verdict::Fail(Reason::Expired) => Some(LoginProblem::CaptchaExpired),
        },
    };
    if problem.is_some() {
        return show_form(&state, &origin, &setting, &entry, None, problem).await;
    }
    let typed = Typed {
        email: entry.email,
        password: form.text("password"),
        remember: entry.remember,
    };
    let before = cookies.credentials();
    let solved = Origin {
        has_solved: asks,
        ..origin
    };
    match state.login.sign_in(typed, &solved, before).await? {
        Some(entrance) => {
            let next = way_back(&state.config, entry.next).unwrap_or(HOME);
            Ok((cookies.enter(&entrance), Redirect::to(next)).into_response())
        }
        None => {
            let problem = Some(LoginProblem::Password);
            show_form(&state, &origin, &setting, &entry, None, problem).await
        }
    }
}

/// `POST /logout`: ends the session and the remember-me login.
pub(crate) async fn sign_out(
    State(state): State<AppState>,
    cookies: Cookies,
) -> Result<Response, Error> {
    state.login.sign_out(cookies.credentials()).await?;
    Ok((cookies.leave(), Redirect::to("/login")).into_response())
}

/// `GET /register`, where visitors may make accounts.
pub(crate) async fn register_form(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
) -> Result<Response, Error> {
    if !state.config.login.registration {
        return Err(Error::NotFound);
    }
    show_entry(&state, &origin, &setting, registering(&state), "", "", None)
}

/// `POST /register`
pub(crate) async fn register(
    State(state): State<AppState>,
    origin: Origin,
    Client(prefix): Client,
    setting: Setting,
    form: Form,
) -> Result<Response, Error> {
    if !state.config.login.registration {
        return Err(Error::NotFound);
    }
    let purpose = registering(&state);
    let (email, name) = (form.text("email"), form.text("name"));
    let again = |problem| show_entry(&state, &origin, &setting, purpose, email, name, problem);
    if form.has("refresh") {
        return again(None);
    }
    state.limiter.admit(Act::Check, origin.who())?;
    if let Some(problem) = captcha_problem(&state, &form).await? {
        return again(Some(problem));
    }
    state.limiter.admit(Act::Link, prefix)?;
    if purpose == EntryPurpose::RegisterByMail {
        let Ok(address) = Email::parse(email) else {
            return again(Some(EntryProblem::Email));
        };
        if NewMember::new(email, name, None).is_err() {
            return again(Some(EntryProblem::Name));
        }
        mail_link(&state, &setting, address, Some(name.to_owned()));
        return Ok(tell(&state, &setting, Telling::Mailed));
    }
    let filled = Filled {
        email,
        name,
        password: form.text("password"),
        again: form.text("again"),
    };
    match state.links.register(&filled).await? {
        Outcome::Done => Ok(tell(&state, &setting, Telling::Registered)),
        Outcome::Gone => again(Some(EntryProblem::Taken)),
        Outcome::Refused(refused) => again(Some(problem_of(refused))),
    }
}

/// `GET /login/link`, where mail is sent.
pub(crate) async fn forgot_form(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
) -> Result<Response, Error> {
    if state.mail.is_none() {
        return Err(Error::NotFound);
    }
    show_entry(
        &state,
        &origin,
        &setting,
        EntryPurpose::Forgot,
        "",
        "",
        None,
    )
}

/// `POST /login/link`: mails a link, if there is an account; the answer is the same (AUT-08).
pub(crate) async fn forgot(
    State(state): State<AppState>,
    origin: Origin,
    Client(prefix): Client,
    setting: Setting,
    form: Form,
) -> Result<Response, Error> {
    if state.mail.is_none() {
        return Err(Error::NotFound);
    }
    let purpose = EntryPurpose::Forgot;
    let email = form.text("email");
    let again = |problem| show_entry(&state, &origin, &setting, purpose, email, "", problem);
    if form.has("refresh") {
        return again(None);
    }
    state.limiter.admit(Act::Check, origin.who())?;
    if let Some(problem) = captcha_problem(&state, &form).await? {
        return again(Some(problem));
    }
    state.limiter.admit(Act::Link, prefix)?;
    let Ok(email) = Email::parse(email) else {
        return again(Some(EntryProblem::Email));
    };
    mail_link(&state, &setting, email, None);
    Ok(tell(&state, &setting, Telling::Mailed))
}

/// Mails what belongs to an address. All of it is done in the background, whoever it is, so the
/// answer takes as long for anybody (AUT-08).
fn mail_link(state: &AppState, setting: &Setting, email: Email, name: Option<String>) {
    let Some(mail) = &state.mail else {
        return;
    };
    let (state, setting) = (state.clone(), setting.clone());
    mail.send(async move { letter(&state, &setting, &email, name.as_deref()).await });
}

/// A link to set the password of the account that the address names; it goes to the address that
/// the account has, since another spelling of it may be another's mailbox. Where there is no
/// account, a link that makes one of this name, if a name was given.
async fn letter(
    state: &AppState,
    setting: &Setting,
    email: &Email,
    name: Option<&str>,
) -> Result<Option<Letter>, Error> {
    let member = state.members.by_email(email.as_str()).await?;
    let (to, mailing, link) = match (member, name) {
        (Some(member), _) if member.disabled => return Ok(None),
        (Some(member), _) => {
            let link = state.links.set_password(&member).await?;
            (member.email, Mailing::Link, link)
        }
        (None, Some(name)) => {
            let link = state.links.create(email.as_str(), name).await?;
            (email.as_str().to_owned(), Mailing::Registration, link)
        }
        (None, None) => return Ok(None),
    };
    let shell = setting.shell(&state.assets);
    let url = format!("{}/link/{}", state.config.origin(), link.reveal());
    let text = shell.say_with(mailing.text(), "url", format!("\n\n{url}\n\n"));
    // Marks that keep a name from turning a sentence around would become part of the link.
    let text = text.replace(['\u{2068}', '\u{2069}'], "");
    let text = text
        .lines()
        .map(|line| format!("{}\n", line.trim()))
        .collect();
    let name = &state.config.login.name;
    let subject = format!("{name}: {}", shell.say(mailing.subject()));
    Ok(Some(Letter { to, subject, text }))
}

/// `GET /login/logo`: the operator's own.
pub(crate) async fn logo(State(state): State<AppState>) -> Result<Response, Error> {
    let Some((kind, bytes)) = &state.logo else {
        return Err(Error::NotFound);
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        ),
    ];
    Ok((headers, bytes.clone()).into_response())
}

/// Who the browser is, with the cookies that it is to have from now on.
pub(crate) async fn identify(
    state: &AppState,
    origin: &Origin,
    cookies: Cookies,
) -> Result<(Option<SignedIn>, Cookies), Error> {
    Ok(
        match state.login.identify(cookies.credentials(), origin).await? {
            Some(known) => match &known.renewed {
                Some(entrance) => (Some(known.signed_in), cookies.enter(entrance)),
                None => (Some(known.signed_in), cookies),
            },
            None => (None, cookies),
        },
    )
}

/// What the product's pages call themselves.
pub(crate) fn product(state: &AppState) -> Product<'_> {
    let login = &state.config.login;
    Product {
        name: &login.name,
        logo: match state.logo {
            Some(_) => "/login/logo",
            None => state.assets.url("mark.svg"),
        },
        has_mail: state.mail.is_some(),
        has_registration: login.registration,
    }
}

/// A page that only tells something.
pub(crate) fn tell(state: &AppState, setting: &Setting, told: Telling) -> Response {
    let told = Told {
        shell: setting.shell(&state.assets),
        product: product(state),
        told,
    };
    page(StatusCode::OK, &told)
}

/// What the visitor had typed and chosen, kept when the form is shown again. The password is
/// not among it.
#[derive(Debug, Default)]
struct Entry<'a> {
    email: &'a str,
    remember: bool,
    next: &'a str,
}

async fn show_form(
    state: &AppState,
    origin: &Origin,
    setting: &Setting,
    entry: &Entry<'_>,
    signed_in_as: Option<String>,
    problem: Option<LoginProblem>,
) -> Result<Response, Error> {
    let email = Some(entry.email).filter(|email| !email.is_empty());
    let style = &state.config.login.style;
    let picture = match state.login_policy.asks(origin, email).await? {
        true => Some(new_ticket(state, origin.who(), SITE, style)?),
        false => None,
    };
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let form = LoginForm {
        shell: setting.shell(&state.assets),
        product: product(state),
        picture,
        email: entry.email.to_owned(),
        remember: entry.remember,
        next: way_back(&state.config, entry.next).unwrap_or_default(),
        problem,
        signed_in_as: signed_in_as.as_deref(),
    };
    Ok(page(status, &form))
}

fn show_entry(
    state: &AppState,
    origin: &Origin,
    setting: &Setting,
    purpose: EntryPurpose,
    email: &str,
    name: &str,
    problem: Option<EntryProblem>,
) -> Result<Response, Error> {
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let form = EntryForm {
        shell: setting.shell(&state.assets),
        product: product(state),
        purpose,
        picture: new_ticket(state, origin.who(), SITE, &state.config.login.style)?,
        email: email.to_owned(),
        name: name.to_owned(),
        problem,
    };
    Ok(page(status, &form))
}

fn registering(state: &AppState) -> EntryPurpose {
    match state.mail {
        Some(_) => EntryPurpose::RegisterByMail,
        None => EntryPurpose::RegisterHere,
    }
}

async fn check_captcha(state: &AppState, form: &Form) -> Result<Verdict, Error> {
    let (ticket, solution) = (form.text("ticket"), form.text("captcha"));
    state.captcha.check(SITE, ticket, solution).await
}

async fn captcha_problem(state: &AppState, form: &Form) -> Result<Option<EntryProblem>, Error> {
    Ok(match check_captcha(state, form).await? {
        Verdict::Pass(()) => None,
        Verdict::Fail(Reason::Wrong) => Some(EntryProblem::Captcha),
        Verdict::Fail(Reason::Expired) => Some(EntryProblem::CaptchaExpired),
    })
}

fn problem_of(refused: Refused) -> EntryProblem {
    match refused {
        Refused::Email => EntryProblem::Email,
        Refused::Name => EntryProblem::Name,
        Refused::Mismatch => EntryProblem::Mismatch,
        Refused::Password(Weakness::TooShort) => EntryProblem::TooShort,
        Refused::Password(Weakness::TooLong) => EntryProblem::TooLong,
        Refused::Password(Weakness::Common | Weakness::Control) => EntryProblem::Common,
    }
}
