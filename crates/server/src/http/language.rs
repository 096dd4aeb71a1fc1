//! Which language a page speaks, and the visitor's choice of another.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::cookies::Cookies;
use super::extract::Form;
use super::next::local_path;
use crate::Error;
use crate::pages::Lang;
use crate::state::AppState;

/// The visitor's choice; else the site's own language; else what the browser asks for. The two
/// sites keep the languages of their tutorials, so only what belongs to neither goes by
/// `Accept-Language`.
pub(crate) fn of_path(
    state: &AppState,
    cookies: &Cookies,
    path: &str,
    headers: &HeaderMap,
) -> Lang {
    cookies.lang().unwrap_or_else(|| {
        let pages = &state.config.pages;
        if path.starts_with("/newpage/") {
            pages.newpage.lang
        } else if path.starts_with("/member/") {
            pages.member.lang
        } else {
            accepted(headers)
        }
    })
}

fn accepted(headers: &HeaderMap) -> Lang {
    let wanted = headers.get(header::ACCEPT_LANGUAGE);
    Lang::from_accept_language(wanted.and_then(|value| value.to_str().ok()).unwrap_or(""))
}

/// `POST /lang`: keeps the choice and goes back to the page.
pub(crate) async fn choose(cookies: Cookies, form: Form) -> Result<Response, Error> {
    let lang = Lang::parse(form.text("lang")).ok_or(Error::BadRequest("no such language"))?;
    let back = local_path(form.text("next")).unwrap_or("/");
    Ok((cookies.set_lang(lang), Redirect::to(back)).into_response())
}
