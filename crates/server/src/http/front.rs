//! `GET /`: what this is, with live pictures.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::extract::Client;
use super::form_ticket::new_ticket;
use super::page::{Setting, page};
use crate::Error;
use crate::config::PublicUrl;
use crate::pages::{Front, StyleCard};
use crate::state::AppState;

/// The site that the front page's pictures belong to; nothing checks them.
const SITE: &str = "front";

/// What stands for the address of this installation where `public_url` does not tell it.
const UNKNOWN: &str = "https://captcha.example.org";

/// The front page.
pub(crate) async fn show(
    State(state): State<AppState>,
    Client(prefix): Client,
    setting: Setting,
) -> Result<Response, Error> {
    let mut styles = Vec::new();
    for style in state.captcha.styles().iter() {
        styles.push(StyleCard {
            name: style.name.clone(),
            weak: style.weak,
            strength: style.strength,
            picture: new_ticket(&state, prefix, SITE, &style.name)?,
        });
    }
    let has_members = state.members.count().await? > 0;
    let address = state.config.public_url.as_ref();
    let front = Front {
        shell: setting.shell(&state.assets),
        styles,
        has_members,
        address: address.map_or(UNKNOWN.to_owned(), PublicUrl::origin),
    };
    Ok(page(StatusCode::OK, &front))
}
