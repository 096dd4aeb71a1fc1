//! `/openapi.json`, made from the handlers and their types, and `/docs`, made from that.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use utoipa::OpenApi;

use super::page::{Setting, page};
use super::{api, challenge, siteverify};
use crate::pages::{Docs, Operation};
use crate::state::AppState;

/// What the pages and back ends of sites ask.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Inkgate",
        description = "A captcha for the pages and back ends of web sites. `docs/api.md` tells it in prose.",
    ),
    paths(
        api::challenge,
        challenge::draw,
        api::solve,
        siteverify::recaptcha,
        siteverify::siteverify,
        siteverify::turnstile,
    )
)]
struct Description;

/// The routes of the description.
pub(crate) fn routes() -> Router<AppState> {
    let description = Description::openapi();
    let operations = Operation::all(&description);
    Router::new()
        .route(
            "/openapi.json",
            get(move || std::future::ready(Json(description.clone()))),
        )
        .route(
            "/docs",
            get(move |State(state): State<AppState>, setting: Setting| {
                std::future::ready(docs(&state, &setting, &operations))
            }),
        )
}

fn docs(state: &AppState, setting: &Setting, operations: &[Operation]) -> Response {
    let shell = setting.shell(&state.assets);
    page(StatusCode::OK, &Docs { shell, operations })
}
