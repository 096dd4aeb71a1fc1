//! `/cap/{sitekey}/…`: the protocol of Cap, so that its widget works here as it is.
//!
//! Puzzles are sent one by one, a form that Cap's widget takes, too. In its shorter form a widget derives them from
//! 32 bits, so that whoever has solved all of these once never works again.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use inkgate::{Puzzles, Scheme};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api::{check_page, hex};
use super::extract::{Client, JsonBody, Segment};
use super::openapi::PageErrors;
use super::origin::Origin;
use super::respond::ApiError;
use super::siteverify;
use crate::Error;
use crate::error::Rule;
use crate::service::captcha::{Order, Proof, Verdict};
use crate::service::limiter::Act;
use crate::service::preset::{Preset, WORK};
use crate::state::AppState;

/// Work for Cap's widget.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CapChallenge)]
pub(crate) struct Challenge {
    /// Of each puzzle the salt, and what SHA-256 of the salt and the counter, in decimal digits, has to begin with.
    challenge: Vec<[String; 2]>,
    /// The ticket.
    token: String,
    /// In milliseconds since 1970.
    expires: u64,
}

impl Challenge {
    fn puzzles(puzzles: &Puzzles) -> Vec<[String; 2]> {
        let work = puzzles.work();
        let target = "0".repeat(usize::from(work.bits / 4));
        (0..work.puzzles)
            .map(|puzzle| [hex(&puzzles.salt(puzzle)), target.clone()])
            .collect()
    }
}

/// Asks Cap's widget for work, if the site has the preset `work`.
#[utoipa::path(
    post,
    path = "/cap/{sitekey}/challenge",
    tag = "pages",
    params(
        ("sitekey" = String, Path, description = "The site's public key"),
        ("Origin" = String, Header, description = "Where the page is; browsers say it by themselves"),
    ),
    responses(
        (status = 200, description = "Work for Cap's widget", body = Challenge),
        PageErrors,
    ),
)]
pub(crate) async fn challenge(
    State(state): State<AppState>,
    Segment(sitekey): Segment,
    Client(prefix): Client,
    Origin(host): Origin,
) -> Result<Json<Challenge>, Error> {
    state.limiter.admit(Act::Issue, prefix)?;
    let book = state.sites.book().await?;
    let site = book.by_key(&sitekey).ok_or(Error::Refused(Rule::Sitekey))?;
    check_page(site, &host, "")?;
    let Preset { floor, style } = Preset::allowed(site, WORK, state.captcha.styles())?;
    state.limiter.admit(Act::IssueFor, &**site)?;
    let (level, _) = state.policy.ask(&site.name, floor, prefix);
    let token = state.captcha.issue(&Order {
        site: &site.key,
        site_name: &site.name,
        style: &style.name,
        action: "",
        cdata: "",
        host: &host,
        asks: level.work_alone(Scheme::Cap, state.config.work.effort),
    })?;
    let (puzzles, expires) = state
        .captcha
        .puzzles_of(&token)
        .ok_or(Error::Internal("a ticket without work"))?;
    Ok(Json(Challenge {
        challenge: Challenge::puzzles(&puzzles),
        token,
        expires: expires.as_millis(),
    }))
}

/// What Cap's widget found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CapSolutions)]
pub(crate) struct Solutions {
    /// The ticket.
    token: String,
    /// A counter for each puzzle.
    solutions: Vec<u32>,
}

/// What a 403 holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CapRefused)]
#[serde(untagged)]
#[expect(dead_code, reason = "a description for readers of /openapi.json")]
enum Refused {
    NotRight(Redeemed),
    NotHere(ApiError),
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CapRedeemed)]
pub(crate) struct Redeemed {
    /// Whether it was right.
    success: bool,
    /// The token that the page's form carries to the site's back end.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// When the token expires, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

/// Checks what Cap's widget found. Right or wrong, the ticket is used up.
#[utoipa::path(
    post,
    path = "/cap/{sitekey}/redeem",
    tag = "pages",
    params(
        ("sitekey" = String, Path, description = "The site's public key"),
        ("Origin" = String, Header, description = "Where the page is; browsers say it by themselves"),
    ),
    request_body = Solutions,
    responses(
        (status = 200, description = "It was right", body = Redeemed),
        PageErrors,
        (status = 403, description = "It was not right, or the page that asks is on no host of the site", body = Refused),
    ),
)]
pub(crate) async fn redeem(
    State(state): State<AppState>,
    Segment(sitekey): Segment,
    Client(prefix): Client,
    Origin(host): Origin,
    JsonBody(asked): JsonBody<Solutions>,
) -> Result<(StatusCode, Json<Redeemed>), Error> {
    state.limiter.admit(Act::Check, prefix)?;
    let book = state.sites.book().await?;
    let proof = Proof {
        solution: None,
        counters: Some(&asked.solutions),
    };
    let is_its_own = state
        .captcha
        .site_of(&asked.token)
        .is_none_or(|key| key == sitekey);
    let proof = if is_its_own { proof } else { Proof::default() };
    let verdict = state
        .captcha
        .solve(&book, host.as_str(), &asked.token, proof)
        .await?;
    let is_right = matches!(verdict, Verdict::Pass(_));
    state.saw(&asked.token, prefix, is_right).await?;
    Ok(match verdict {
        Verdict::Pass(token) => (
            StatusCode::OK,
            Json(Redeemed {
                success: true,
                token: Some(token),
                expires: Some((state.clock.now() + state.config.token_life()).as_millis()),
                error: None,
            }),
        ),
        Verdict::Fail(_) => (
            StatusCode::FORBIDDEN,
            Json(Redeemed {
                success: false,
                token: None,
                expires: None,
                error: Some("wrong, used or expired"),
            }),
        ),
    })
}

/// Redeems a token in Cap's words.
#[utoipa::path(
    post,
    path = "/cap/{sitekey}/siteverify",
    tag = "back ends",
    params(("sitekey" = String, Path, description = "The site's public key")),
    request_body = siteverify::CapFields,
    responses(
        (status = 200, description = "Whether the token was good", body = Verified),
        (status = 400, description = "The body cannot be read", body = Verified),
        (status = 408, description = "The body took too long to arrive", body = Verified),
        (status = 413, description = "The body is larger than 16 KiB", body = Verified),
        (status = 429, description = "A limit was reached; see Retry-After", body = Verified),
        (status = 503, description = "Try again; see Retry-After", body = Verified),
    ),
)]
pub(crate) async fn verify(
    State(state): State<AppState>,
    Segment(sitekey): Segment,
    Client(prefix): Client,
    request: Request,
) -> Response {
    match siteverify::of_site(&state, prefix, &sitekey, request).await {
        Ok(Ok(_)) => Json(Verified::from(None)).into_response(),
        Ok(Err(code)) => Json(Verified::from(Some(code))).into_response(),
        Err(error) => {
            let (parts, _) = error.into_response().into_parts();
            (parts, Json(Verified::from(Some("bad-request")))).into_response()
        }
    }
}

/// Whether a token was good.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CapVerified)]
pub(crate) struct Verified {
    /// Whether it was.
    success: bool,
    /// Why not: one of Turnstile's codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

impl From<Option<&'static str>> for Verified {
    fn from(error: Option<&'static str>) -> Self {
        Self {
            success: error.is_none(),
            error,
        }
    }
}
