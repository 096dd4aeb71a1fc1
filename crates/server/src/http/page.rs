//! HTML out of a template.

use std::convert::Infallible;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::cookies::Cookies;
use super::language;
use crate::Error;
use crate::pages::{Assets, Lang, Shell};
use crate::state::AppState;

/// A rendered page, or the error that it could not be.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => Error::Internal("a page could not be rendered").into_response(),
    }
}

/// What every page needs to know of its request: language and address.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    lang: Lang,
    here: String,
}

impl Setting {
    /// Whether this is the page at this path and query.
    pub(crate) fn is_at(&self, here: &str) -> bool {
        self.here == here
    }

    /// The frame around a page.
    pub(crate) fn shell<'a>(&'a self, assets: &'a Assets) -> Shell<'a> {
        Shell {
            lang: self.lang,
            here: &self.here,
            assets,
        }
    }
}

impl FromRequestParts<AppState> for Setting {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let cookies = Cookies::from_request_parts(parts, state).await?;
        Ok(Self {
            lang: language::of_path(state, &cookies, parts.uri.path(), &parts.headers),
            here: way_back(parts).to_owned(),
        })
    }
}

/// Where a choice of language leads back to: the page; after a form was sent, a page that shows
/// the form again, since the answer cannot be fetched.
fn way_back(parts: &Parts) -> &str {
    let path = parts.uri.path();
    if parts.method == Method::GET || parts.method == Method::HEAD || path == "/fallback" {
        parts.uri.path_and_query().map_or("/", |full| full.as_str())
    } else if path.starts_with("/newpage/") {
        "/newpage/login/"
    } else if path.starts_with("/member/") {
        "/member/login"
    } else if path.starts_with("/link/") || ["/login", "/login/link", "/register"].contains(&path) {
        path
    } else if path.starts_with("/account/") {
        "/account"
    } else {
        "/"
    }
}
