//! HTML out of a template.

use std::convert::Infallible;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
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
#[derive(Debug)]
pub(crate) struct Setting {
    lang: Lang,
    here: String,
}

impl Setting {
    /// The frame around a page.
    pub(crate) fn shell<'a>(&'a self, assets: &'a Assets) -> Shell<'a> {
        Shell {
            lang: self.lang,
            here: &self.here,
            assets,
        }
    }

    /// For an answer to a form, which cannot be fetched again at its own address.
    pub(crate) fn at(self, here: &str) -> Self {
        Self {
            here: here.to_owned(),
            ..self
        }
    }
}

impl FromRequestParts<AppState> for Setting {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let cookies = Cookies::from_request_parts(parts, state).await?;
        Ok(Self {
            lang: language::of_path(state, &cookies, parts.uri.path(), &parts.headers),
            here: path_and_query(&parts.uri),
        })
    }
}

fn path_and_query(uri: &Uri) -> String {
    uri.path_and_query()
        .map_or("/", |full| full.as_str())
        .to_owned()
}
