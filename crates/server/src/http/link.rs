//! `/link/…`: one-time links that create the first member or set a password.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use inkgate_store::Handle;

use super::extract::{Client, Form, Segment};
use super::page::{Setting, page};
use crate::Error;
use crate::pages::{LinkDone, LinkForm, LinkGone, LinkProblem, LinkPurpose};
use crate::service::limiter::Act;
use crate::service::link::{Filled, Link, Outcome, Refused, Request};
use crate::service::password::Weakness;
use crate::state::AppState;

/// The page behind a link. Looking does not use it up.
pub(crate) async fn form(
    State(state): State<AppState>,
    Client(prefix): Client,
    setting: Setting,
    Segment(handle): Segment,
) -> Result<Response, Error> {
    state.limiter.admit(Act::Check, prefix)?;
    let request = match parse(&handle) {
        Some(link) => state.links.look(&link).await?,
        None => None,
    };
    match request {
        Some(request) => Ok(show(
            &state,
            &setting,
            &handle,
            &request,
            &Filled::EMPTY,
            None,
        )),
        None => Ok(gone(&state, &setting)),
    }
}

/// Follows a link with what was typed.
pub(crate) async fn follow(
    State(state): State<AppState>,
    Client(prefix): Client,
    setting: Setting,
    Segment(handle): Segment,
    form: Form,
) -> Result<Response, Error> {
    state.limiter.admit(Act::Link, prefix)?;
    let Some(link) = parse(&handle) else {
        return Ok(gone(&state, &setting));
    };
    let filled = Filled {
        email: form.text("email"),
        name: form.text("name"),
        password: form.text("password"),
        again: form.text("again"),
    };
    let problem = match state.links.follow(&link, &filled).await? {
        Outcome::Done => {
            let shell = setting.shell(&state.assets);
            return Ok(page(StatusCode::OK, &LinkDone { shell }));
        }
        Outcome::Gone => return Ok(gone(&state, &setting)),
        Outcome::Refused(refused) => problem(refused),
    };
    match state.links.look(&link).await? {
        Some(request) => Ok(show(
            &state,
            &setting,
            &handle,
            &request,
            &filled,
            Some(problem),
        )),
        None => Ok(gone(&state, &setting)),
    }
}

fn parse(handle: &str) -> Option<Handle<Link>> {
    handle.parse().ok()
}

fn show(
    state: &AppState,
    setting: &Setting,
    handle: &str,
    request: &Request,
    filled: &Filled<'_>,
    problem: Option<LinkProblem>,
) -> Response {
    let purpose = match request {
        Request::CreateFirst => LinkPurpose::CreateFirst,
        Request::Create { email, .. } => LinkPurpose::SetPassword {
            email: email.clone(),
        },
        Request::SetPassword(member) => LinkPurpose::SetPassword {
            email: member.email.clone(),
        },
    };
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let form = LinkForm {
        shell: setting.shell(&state.assets),
        purpose,
        action: &format!("/link/{handle}"),
        email: filled.email.to_owned(),
        name: filled.name.to_owned(),
        problem,
    };
    page(status, &form)
}

fn gone(state: &AppState, setting: &Setting) -> Response {
    let shell = setting.shell(&state.assets);
    page(StatusCode::GONE, &LinkGone { shell })
}

fn problem(refused: Refused) -> LinkProblem {
    match refused {
        Refused::Email => LinkProblem::Email,
        Refused::Name => LinkProblem::Name,
        Refused::Mismatch => LinkProblem::Mismatch,
        Refused::Password(Weakness::TooShort) => LinkProblem::TooShort,
        Refused::Password(Weakness::TooLong) => LinkProblem::TooLong,
        // A form with control characters does not get this far.
        Refused::Password(Weakness::Common | Weakness::Control) => LinkProblem::Common,
    }
}
