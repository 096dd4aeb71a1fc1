//! The route table and the layers around it.

mod account;
mod admin;
mod altcha;
mod api;
mod assets;
mod cap;
mod challenge;
mod cookies;
mod extract;
mod fallback;
mod form_ticket;
mod front;
mod gate;
mod health;
mod host;
mod language;
mod link;
mod log;
mod login;
mod member;
mod multipart;
mod newpage;
mod next;
mod openapi;

mod origin;
mod page;
mod respond;
mod siteverify;
mod widget;

use std::time::Duration;

use axum::Router;
use axum::extract::OriginalUri;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::{any, get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

pub use self::admin::admin;
use crate::state::AppState;

/// How long a request may take in all, with its body and its turn at the password hasher
/// (NET-01).
const PATIENCE: Duration = Duration::from_secs(15);

/// The whole service. A request needs `ConnectInfo<SocketAddr>` among its extensions; without
/// it all clients count as one.
pub fn app(state: AppState) -> Router {
    pages()
        // What a browser sends for another site is refused; the routes merged below know no
        // cookie, and have rules of their own.
        .layer(cross_site_refusal(&state))
        .layer(from_fn_with_state(state.clone(), origin::refuse_plain))
        .merge(api(&state))
        .merge(siteverify())
        .merge(widget::routes())
        .merge(openapi::routes())
        // Outermost first. The log sees every answer as it leaves; `respond` gives every answer
        // its headers and every error its page, panics and refusals of the inner layers too; a
        // foreign host is refused before `Origin` is compared with it.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(state.clone(), log::record))
                .layer(from_fn_with_state(state.clone(), respond::finish))
                .layer(CatchPanicLayer::custom(respond::panicked))
                .layer(from_fn_with_state(state.clone(), host::check))
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::SERVICE_UNAVAILABLE,
                    PATIENCE,
                )),
        )
        .with_state(state)
}

/// What people visit, and the pictures.
fn pages() -> Router<AppState> {
    Router::new()
        .route("/", get(front::show))
        .route("/healthz", get(health::live))
        .route("/lang", post(language::choose))
        .route("/assets/{file}", get(assets::send))
        .route("/challenge/{picture}", get(challenge::draw))
        .route(
            "/newpage/",
            get(|| async { Redirect::to("/newpage/login/") }),
        )
        .route("/newpage/getcode/", get(newpage::get_code))
        .route("/newpage/login/", get(newpage::form).post(newpage::check))
        .route("/member/", get(member::home))
        .route("/member/captcha", get(member::captcha))
        .route("/member/login", get(member::form).post(member::sign_in))
        .route("/member/logout", post(member::sign_out))
        .route("/login", get(login::form).post(login::sign_in))
        .route("/login/captcha", get(login::captcha))
        .route("/login/logo", get(login::logo))
        .route("/login/link", get(login::forgot_form).post(login::forgot))
        .route("/logout", post(login::sign_out))
        .route("/register", get(login::register_form).post(login::register))
        .route("/account", get(account::show))
        .route("/account/password", post(account::change_password))
        .route("/account/sessions", post(account::end_session))
        .route(
            "/account/sign-out-everywhere",
            post(account::sign_out_everywhere),
        )
        .route("/account/export", get(account::export))
        .route("/account/delete", post(account::delete))
        .route("/auth/nginx", get(gate::nginx))
        .route("/auth/forward", get(gate::forward))
        .route("/link/{handle}", get(link::form).post(link::follow))
        .route("/fallback", get(fallback::form).post(fallback::check))
        .route("/recaptcha/api/fallback", get(fallback::form))
        .merge(moved(&[
            "/newpage/",
            "/newpage/getcode/",
            "/newpage/login/",
            "/member/",
            "/member/captcha",
            "/member/login",
            "/member/logout",
            "/login",
            "/account",
            "/register",
        ]))
}

/// What the pages of other sites ask.
fn api(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/api/challenge", post(api::challenge))
        .route("/api/solve", post(api::solve))
        .route("/altcha/{sitekey}/challenge", get(altcha::challenge))
        .route("/cap/{sitekey}/challenge", post(cap::challenge))
        .route("/cap/{sitekey}/redeem", post(cap::redeem))
        .route_layer(from_fn_with_state(state.clone(), origin::share))
}

/// What the back ends of other sites ask.
fn siteverify() -> Router<AppState> {
    Router::new()
        .route("/recaptcha/api/siteverify", post(siteverify::recaptcha))
        .route("/turnstile/v0/siteverify", post(siteverify::turnstile))
        .route("/siteverify", post(siteverify::siteverify))
        .route("/cap/{sitekey}/siteverify", post(cap::verify))
}

/// Refuses what a browser sends on behalf of another site: by Fetch metadata, else by `Origin`.
/// The origin of `public_url` is ours even where a proxy rewrites the host.
fn cross_site_refusal(state: &AppState) -> CsrfLayer {
    let origin = state.config.public_url.as_ref().map(|url| url.origin());
    match origin.map(|origin| CsrfLayer::new().add_trusted_origin(origin)) {
        Some(Ok(layer)) => layer,
        _ => CsrfLayer::new(),
    }
}

/// A wrong trailing slash leads to the right path: 308, so that a form keeps its method.
fn moved(paths: &[&'static str]) -> Router<AppState> {
    paths.iter().fold(Router::new(), |router, &right| {
        let wrong = match right.strip_suffix('/') {
            Some(bare) => bare.to_owned(),
            None => format!("{right}/"),
        };
        router.route(
            &wrong,
            any(move |OriginalUri(uri): OriginalUri| async move {
                let query = uri.query().map(|query| format!("?{query}"));
                Redirect::permanent(&format!("{right}{}", query.unwrap_or_default()))
            }),
        )
    })
}
