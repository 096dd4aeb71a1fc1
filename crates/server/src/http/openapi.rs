//! `/openapi.json`, made from the handlers and their types, and `/docs`, made from that.

use std::collections::BTreeMap;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response as Described, ResponseBuilder};
use utoipa::{IntoResponses, OpenApi};

use super::page::{Setting, page};
use super::respond::ApiError;
use super::{altcha, api, cap, challenge, siteverify};
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
        altcha::challenge,
        api::challenge,
        cap::challenge,
        cap::redeem,
        cap::verify,
        challenge::draw,
        api::solve,
        siteverify::recaptcha,
        siteverify::siteverify,
        siteverify::turnstile,
    ),
    components(schemas(ApiError, siteverify::Failed))
)]
struct Description;

const ALL: [(u16, &str); 5] = [
    (400, "The request is not as it should be"),
    (408, "The body took too long to arrive"),
    (413, "The body is larger than 16 KiB"),
    (429, "A limit was reached; see Retry-After"),
    (503, "Try again; see Retry-After"),
];

/// What may come of a page's request instead of an answer.
pub(crate) struct PageErrors;

impl IntoResponses for PageErrors {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let own = [
            (403, "The page that asks is on no host of the site"),
            (415, "The body is not application/json"),
            (421, "The host is not the installation's"),
        ];
        described::<ApiError>(&[&ALL[..], &own].concat())
    }
}

/// What may come of a back end's request instead of an answer.
pub(crate) struct VerifyErrors;

impl IntoResponses for VerifyErrors {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        described::<siteverify::Failed>(&ALL)
    }
}

/// Statuses whose body is an object of this type.
fn described<T: utoipa::ToSchema>(statuses: &[(u16, &str)]) -> BTreeMap<String, RefOr<Described>> {
    let body = || {
        ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(T::name())))
            .build()
    };
    let response = |&(status, description): &(u16, &str)| {
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/json", body());
        (status.to_string(), RefOr::T(response.build()))
    };
    statuses.iter().map(response).collect()
}

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
