//! Site one, "newpage": a form with a picture. It signs nobody in.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::cookies::{Cookies, TicketCookie};
use super::extract::{Client, CrossSite, Form, Query};
use super::form_ticket::{new_picture, new_ticket, ticket};
use super::page::{Setting, page};
use crate::Error;
use crate::pages::{NewpageDone, NewpageLogin, NewpageProblem};
use crate::service::captcha::{Reason, Verdict};
use crate::service::limiter::{Act, Prefix};
use crate::state::AppState;

const SITE: &str = "newpage";
const STYLE: &str = "newpage";

/// `GET /newpage/getcode/`: a new picture. Its ticket is in a header and, unless another site
/// asked, in a cookie.
pub(crate) async fn get_code(
    State(state): State<AppState>,
    Client(prefix): Client,
    CrossSite(cross_site): CrossSite,
    method: Method,
    cookies: Cookies,
) -> Result<Response, Error> {
    let cookie = (!cross_site).then_some((cookies, TicketCookie::Newpage));
    new_picture(&state, prefix, &method, SITE, STYLE, cookie)
}

/// `GET /newpage/login/`: the form.
pub(crate) async fn form(
    State(state): State<AppState>,
    Client(prefix): Client,
    setting: Setting,
    query: Query,
) -> Result<Response, Error> {
    let problem = match query.text("again") {
        "wrong" => Some(NewpageProblem::Wrong),
        "expired" => Some(NewpageProblem::Expired),
        _ => None,
    };
    show_form(&state, prefix, &setting, "", problem)
}

/// `POST /newpage/login/`: compares the code, or, on `refresh`, shows a new picture.
pub(crate) async fn check(
    State(state): State<AppState>,
    Client(prefix): Client,
    setting: Setting,
    cookies: Cookies,
    form: Form,
) -> Result<Response, Error> {
    if form.has("refresh") {
        return show_form(&state, prefix, &setting, form.text("username"), None);
    }
    state.limiter.admit(Act::Check, prefix)?;
    let ticket = ticket(&form, &cookies, TicketCookie::Newpage);
    let solution = form.text("verify_code");
    let verdict = state.captcha.check(SITE, ticket, solution).await?;
    let cookies = cookies.clear_ticket(TicketCookie::Newpage);
    Ok(match verdict {
        Verdict::Pass(()) => {
            let shell = setting.shell(&state.assets);
            (cookies, page(StatusCode::OK, &NewpageDone { shell })).into_response()
        }
        Verdict::Fail(Reason::Wrong) => {
            (cookies, Redirect::to("/newpage/login/?again=wrong")).into_response()
        }
        Verdict::Fail(Reason::Expired) => {
            (cookies, Redirect::to("/newpage/login/?again=expired")).into_response()
        }
    })
}

fn show_form(
    state: &AppState,
    prefix: Prefix,
    setting: &Setting,
    username: &str,
    problem: Option<NewpageProblem>,
) -> Result<Response, Error> {
    let login = NewpageLogin {
        shell: setting.shell(&state.assets),
        picture: new_ticket(state, prefix, SITE, STYLE)?,
        username: username.to_owned(),
        problem,
    };
    Ok(page(StatusCode::OK, &login))
}
