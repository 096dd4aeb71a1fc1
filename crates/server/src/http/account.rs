//! `/account`: what members see and change of their own.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use inkgate::Timestamp;

use super::cookies::Cookies;
use super::extract::Form;
use super::login::{identify, product, tell};
use super::page::{Setting, page};
use crate::Error;
use crate::pages::{Account, AccountProblem, BROWSERS, SessionRow, Telling};
use crate::service::limiter::Act;
use crate::service::login::{Changed, NewPassword};
use crate::service::password::Weakness;
use crate::service::session::{Browser, Listed, SignedIn};
use crate::service::throttle::Origin;
use crate::state::AppState;

/// The account, for whoever has typed its password in this session; others sign in first (SES-11).
pub(crate) async fn show(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
    cookies: Cookies,
) -> Result<Response, Error> {
    match admit(&state, &origin, cookies).await? {
        Ok((member, cookies)) => {
            let page = account(&state, &setting, &member, None, None).await?;
            Ok((cookies, page).into_response())
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `POST /account/password` (AUT-12).
pub(crate) async fn change_password(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
    cookies: Cookies,
    form: Form,
) -> Result<Response, Error> {
    state.limiter.admit(Act::Check, origin.who())?;
    let (member, cookies) = match admit(&state, &origin, cookies).await? {
        Ok(admitted) => admitted,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let passwords = NewPassword {
        current: form.text("current"),
        new: form.text("password"),
        again: form.text("again"),
    };
    let before = cookies.credentials();
    let changed = state
        .login
        .change_password(&member, passwords, &origin, before);
    let problem = match changed.await? {
        Changed::Done(entrance) => {
            let cookies = cookies.enter(&entrance);
            return Ok((cookies, Redirect::to("/account?done=password")).into_response());
        }
        Changed::Wrong => AccountProblem::Wrong,
        Changed::Mismatch => AccountProblem::Mismatch,
        Changed::Weak(Weakness::TooShort) => AccountProblem::TooShort,
        Changed::Weak(Weakness::TooLong) => AccountProblem::TooLong,
        Changed::Weak(Weakness::Common | Weakness::Control) => AccountProblem::Common,
    };
    let page = account(&state, &setting, &member, None, Some(problem)).await?;
    Ok((cookies, page).into_response())
}

/// `POST /account/sessions`: ends one of them (SES-13).
pub(crate) async fn end_session(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
    cookies: Cookies,
    form: Form,
) -> Result<Response, Error> {
    let (member, cookies) = match admit(&state, &origin, cookies).await? {
        Ok(admitted) => admitted,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if let Some(digest) = digest_of(form.text("session")) {
        state.sessions.end_listed(&member, &digest).await?;
        tracing::info!(event = "session_ended", member = %member.member.id, "by its member");
    }
    let page = account(&state, &setting, &member, Some("session-ended"), None).await?;
    Ok((cookies, page).into_response())
}

/// `POST /account/sign-out-everywhere` (SES-12).
pub(crate) async fn sign_out_everywhere(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
    cookies: Cookies,
) -> Result<Response, Error> {
    let (member, cookies) = match admit(&state, &origin, cookies).await? {
        Ok(admitted) => admitted,
        Err(elsewhere) => return Ok(elsewhere),
    };
    state.members.raise_epoch(member.member.id).await?;
    tracing::info!(event = "authn_logout", member = %member.member.id, "everywhere");
    let told = tell(&state, &setting, Telling::SignedOutEverywhere);
    Ok((cookies.leave(), told).into_response())
}

/// `GET /account/export`: all that is kept of a member, but for hashes.
pub(crate) async fn export(
    State(state): State<AppState>,
    origin: Origin,
    cookies: Cookies,
) -> Result<Response, Error> {
    let (member, cookies) = match admit(&state, &origin, cookies).await? {
        Ok(admitted) => admitted,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let sessions = state.sessions.list(&member).await?;
    let time = |millis| Timestamp::from_millis(millis).to_string();
    let sessions: Vec<_> = sessions
        .iter()
        .map(|session| {
            serde_json::json!({
                "begun": time(session.created),
                "used": time(session.seen),
                "browser": format!("{:?}", session.browser),
            })
        })
        .collect();
    let known = serde_json::json!({
        "email": member.member.email,
        "name": member.member.name,
        "added": time(member.member.created),
        "sessions": sessions,
    });
    let headers = [(
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"account.json\"",
    )];
    Ok((cookies, headers, Json(known)).into_response())
}

/// `POST /account/delete`: with the password, for good.
pub(crate) async fn delete(
    State(state): State<AppState>,
    origin: Origin,
    setting: Setting,
    cookies: Cookies,
    form: Form,
) -> Result<Response, Error> {
    state.limiter.admit(Act::Check, origin.who())?;
    let (member, cookies) = match admit(&state, &origin, cookies).await? {
        Ok(admitted) => admitted,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let password = form.text("current");
    if !state.login.confirm(&member, password, &origin).await? {
        let problem = Some(AccountProblem::WrongToDelete);
        let page = account(&state, &setting, &member, None, problem).await?;
        return Ok((cookies, page).into_response());
    }
    state.members.remove(member.member.id).await?;
    tracing::info!(event = "user_deleted", member = %member.member.id, "by itself");
    let told = tell(&state, &setting, Telling::Deleted);
    Ok((cookies.leave(), told).into_response())
}

/// The member, if the password was typed in this session; else where to type it.
async fn admit(
    state: &AppState,
    origin: &Origin,
    cookies: Cookies,
) -> Result<Result<(SignedIn, Cookies), Response>, Error> {
    let (known, cookies) = identify(state, origin, cookies).await?;
    Ok(match known {
        Some(member) if member.is_fresh() => Ok((member, cookies)),
        Some(_) => Err((cookies, Redirect::to("/login?next=/account")).into_response()),
        None => Err((cookies.leave(), Redirect::to("/login?next=/account")).into_response()),
    })
}

async fn account(
    state: &AppState,
    setting: &Setting,
    member: &SignedIn,
    notice: Option<&'static str>,
    problem: Option<AccountProblem>,
) -> Result<Response, Error> {
    let sessions = state.sessions.list(member).await?;
    let notice = notice.or_else(|| {
        setting
            .is_at("/account?done=password")
            .then_some("account-password-done")
    });
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let account = Account {
        shell: setting.shell(&state.assets),
        product: product(state),
        name: member.member.name.clone(),
        email: member.member.email.clone(),
        sessions: sessions.iter().map(row).collect(),
        notice,
        problem,
    };
    Ok(page(status, &account))
}

fn row(session: &Listed) -> SessionRow {
    let time = |millis| minute(&Timestamp::from_millis(millis).to_string());
    SessionRow {
        id: session.digest.iter().map(|b| format!("{b:02x}")).collect(),
        browser: BROWSERS[match session.browser {
            Browser::Edge => 0,
            Browser::Firefox => 1,
            Browser::Chrome => 2,
            Browser::Safari => 3,
            Browser::Other => 4,
        }],
        created: time(session.created),
        seen: time(session.seen),
        is_this: session.is_this,
    }
}

/// `2026-01-31T10:00:00.000Z` as people read it, to the minute.
fn minute(time: &str) -> String {
    match (time.get(..10), time.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => time.to_owned(),
    }
}

fn digest_of(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut digest = [0; 32];
    for (place, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(digest)
}
