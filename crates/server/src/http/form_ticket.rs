//! A form's ticket: where it is read from, and the routes that hand out another.

use axum::http::HeaderName;
use axum::response::{IntoResponse, Response};
use inkgate::View;

use super::challenge::png;
use super::cookies::{Cookies, TicketCookie};
use super::extract::Form;
use crate::Error;
use crate::service::limiter::{Act, Prefix};
use crate::state::AppState;

/// The header in which `getcode/` and `captcha` return the new ticket.
const TICKET_HEADER: HeaderName = HeaderName::from_static("inkgate-ticket");

/// Seals a ticket and answers its picture.
pub(crate) fn new_picture(
    state: &AppState,
    prefix: Prefix,
    site: &str,
    style: &str,
    cookie: Option<(Cookies, TicketCookie)>,
) -> Result<Response, Error> {
    state.limiter.admit(Act::Issue, prefix)?;
    let ticket = state.captcha.issue(site, style)?;
    let picture = png(state.captcha.draw(&ticket, View::default())?);
    let header = [(TICKET_HEADER, ticket.clone())];
    Ok(match cookie {
        Some((cookies, which)) => {
            let cookies = cookies.set_ticket(which, ticket, state.captcha.life());
            (cookies, header, picture).into_response()
        }
        None => (header, picture).into_response(),
    })
}

/// The form's ticket: if the field is there, even empty, only it counts; the cookie serves the
/// tutorials' own HTML, which has no such field.
pub(crate) fn ticket<'a>(form: &'a Form, cookies: &'a Cookies, which: TicketCookie) -> &'a str {
    match form.has("ticket") {
        true => form.text("ticket"),
        false => cookies.ticket(which),
    }
}
