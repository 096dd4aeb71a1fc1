//! A form's ticket: where it is read from, and the routes that hand out another.

use axum::body::Body;
use axum::http::{HeaderName, Method};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Empty};
use inkgate::View;
use inkgate::encode::Format;

use super::challenge;
use super::cookies::{Cookies, TicketCookie};
use super::extract::Form;
use crate::Error;
use crate::pages::Picture;
use crate::service::captcha::Order;
use crate::service::limiter::{Act, Who};
use crate::state::AppState;

/// The header in which `getcode/` and `captcha` return the new ticket.
const TICKET_HEADER: HeaderName = HeaderName::from_static("inkgate-ticket");

/// Seals a ticket for a page, which then loads its picture.
pub(crate) fn new_ticket(
    state: &AppState,
    who: impl Into<Who>,
    site: &str,
    style: &str,
) -> Result<Picture, Error> {
    state.limiter.admit(Act::Issue, who)?;
    let captcha = &state.captcha;
    let ticket = captcha.issue(&order(site, style))?;
    let style = captcha.styles().get(style);
    let style = style.ok_or(Error::Internal("unknown style"))?;
    Ok(Picture::new(ticket, captcha.life(), style))
}

/// Seals a ticket and answers its picture. HEAD asks for the ticket alone: nothing is drawn.
pub(crate) fn new_picture(
    state: &AppState,
    who: impl Into<Who>,
    method: &Method,
    site: &str,
    style: &str,
    cookie: Option<(Cookies, TicketCookie)>,
) -> Result<Response, Error> {
    state.limiter.admit(Act::Issue, who)?;
    let order = order(site, style);
    let (ticket, body) = if *method == Method::HEAD {
        (state.captcha.issue(&order)?, of_unknown_length())
    } else {
        let (view, format) = (View::default(), Format::default());
        let (ticket, picture) = state.captcha.issue_drawn(&order, view, format)?;
        (ticket, Body::from(picture))
    };
    let picture = challenge::file(body, Format::default());
    let header = [(TICKET_HEADER, ticket.clone())];
    Ok(match cookie {
        Some((cookies, which)) => {
            let cookies = cookies.set_ticket(which, ticket, state.captcha.life());
            (cookies, header, picture).into_response()
        }
        None => (header, picture).into_response(),
    })
}

fn order<'a>(site: &'a str, style: &'a str) -> Order<'a> {
    Order {
        site,
        site_name: site,
        style,
        ..Order::default()
    }
}

/// An empty body that does not say so: HEAD may not tell of another length than GET.
fn of_unknown_length() -> Body {
    Body::new(Empty::new().map_frame(|frame| frame))
}

/// The form's ticket: if the field is there, even empty, only it counts; the cookie serves the
/// tutorials' own HTML, which has no such field.
pub(crate) fn ticket<'a>(form: &'a Form, cookies: &'a Cookies, which: TicketCookie) -> &'a str {
    match form.has("ticket") {
        true => form.text("ticket"),
        false => cookies.ticket(which),
    }
}
