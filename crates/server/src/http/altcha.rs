//! `/altcha/{sitekey}/challenge`: the protocol of ALTCHA 3, so that its widget works here as it is.
//!
//! The widget brings its proof to the page's form and not to us, so it is checked when the site's back end shows it
//! at `siteverify`, in the place of a token. All parameters follow from the ticket, which travels among them.

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use inkgate::{Puzzles, Scheme, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use utoipa::ToSchema;

use super::api::{check_page, check_text, hex};
use super::extract::{Client, Query, Segment};
use super::openapi::PageErrors;
use super::origin::Origin;
use crate::Error;
use crate::error::Rule;
use crate::service::captcha::{Order, Proof};
use crate::service::limiter::Act;
use crate::service::preset::{Preset, WORK};
use crate::service::sites::Book;
use crate::service::verify::Failure;
use crate::state::AppState;

/// The longest payload, in characters: twice what the widget makes of the longest ticket.
const LONGEST_PAYLOAD: usize = 6_000;

/// What the widget is told, and brings back with its solution.
#[derive(Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AltchaChallenge)]
pub(crate) struct Challenge {
    parameters: Parameters,
    /// HMAC-SHA-256 of the parameters, in hexadecimal digits.
    signature: String,
}

/// In the order of their names, in which they are signed.
#[derive(Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = AltchaParameters)]
struct Parameters {
    /// `PBKDF2/SHA-256`
    algorithm: String,
    /// Iterations.
    cost: u16,
    data: Data,
    /// In seconds since 1970.
    expires_at: u64,
    /// 32
    key_length: u8,
    /// Zeros, as many as a key has to begin with.
    key_prefix: String,
    /// 16 bytes in hexadecimal digits; the counter, four bytes, big endian, behind them is the password.
    nonce: String,
    /// 16 bytes in hexadecimal digits.
    salt: String,
}

/// What the widget does not look at.
#[derive(Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AltchaData)]
struct Data {
    ticket: String,
}

impl Challenge {
    fn of(
        state: &AppState,
        ticket: &str,
        puzzles: &Puzzles,
        expires: Timestamp,
    ) -> Result<Self, Error> {
        let work = puzzles.work();
        let parameters = Parameters {
            algorithm: "PBKDF2/SHA-256".to_owned(),
            cost: work.cost,
            data: Data {
                ticket: ticket.to_owned(),
            },
            expires_at: expires.as_millis() / 1_000,
            key_length: 32,
            key_prefix: "0".repeat(usize::from(work.bits / 4)),
            nonce: hex(puzzles.nonce()),
            salt: hex(&puzzles.salt(0)),
        };
        let secret = hex(&state.keys.current().derive("altcha signature"));
        let json = serde_json::to_string(&parameters);
        let json = json.map_err(|_| Error::Internal("parameters that are no JSON"))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .map_err(|_| Error::Internal("HMAC takes a key of any length"))?;
        mac.update(json.as_bytes());
        Ok(Self {
            parameters,
            signature: hex(&mac.finalize().into_bytes()),
        })
    }
}

/// Asks ALTCHA's widget for work, if the site has the preset `work`.
#[utoipa::path(
    get,
    path = "/altcha/{sitekey}/challenge",
    tag = "pages",
    params(
        ("sitekey" = String, Path, description = "The site's public key"),
        ("action" = Option<String>, Query, description = "What the visitor is about to do"),
        ("Origin" = String, Header, description = "Where the page is; browsers say it by themselves"),
    ),
    responses(
        (status = 200, description = "Work for ALTCHA's widget", body = Challenge),
        PageErrors,
    ),
)]
pub(crate) async fn challenge(
    State(state): State<AppState>,
    Segment(sitekey): Segment,
    Client(prefix): Client,
    Origin(host): Origin,
    query: Query,
) -> Result<Json<Challenge>, Error> {
    state.limiter.admit(Act::Issue, prefix)?;
    let action = query.text("action");
    check_text(action, 32, "action has not at most 32 of A-Z a-z 0-9 - _")?;
    let book = state.sites.book().await?;
    let site = book.by_key(&sitekey).ok_or(Error::Refused(Rule::Sitekey))?;
    check_page(site, &host, action)?;
    let Preset { floor, style } = Preset::allowed(site, WORK, state.captcha.styles())?;
    state.limiter.admit(Act::IssueFor, &**site)?;
    let (level, _) = state.policy.ask(&site.name, floor, prefix);
    // How it went, the visitor's machine does not tell us: its back end will.
    state.policy.saw_from(&site.name, prefix, true);
    let ticket = state.captcha.issue(&Order {
        site: &site.key,
        site_name: &site.name,
        style: &style.name,
        action,
        cdata: "",
        host: &host,
        asks: level.work_alone(Scheme::Altcha, state.config.work.effort),
    })?;
    let (puzzles, expires) = state
        .captcha
        .puzzles_of(&ticket)
        .ok_or(Error::Internal("a ticket without work"))?;
    Ok(Json(Challenge::of(&state, &ticket, &puzzles, expires)?))
}

/// What the widget puts into the form, base64 of JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    challenge: Challenge,
    solution: Solution,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Solution {
    counter: u32,
    derived_key: String,
    /// How long it took, as the widget says.
    #[serde(rename = "time")]
    _time: Option<serde_json::Number>,
}

impl Payload {
    /// `None` for what no widget sends, by its length or its form.
    fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST_PAYLOAD {
            return None;
        }
        let json = STANDARD.decode(text).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

/// Whether a text is the widget's payload rather than a token of ours, which begins with another byte.
pub(super) fn is_payload(text: &str) -> bool {
    text.starts_with("eyJ")
}

/// For which site the widget's payload is, as far as it is one.
pub(super) fn site_of(state: &AppState, text: &str) -> Option<String> {
    let payload = Payload::read(text)?;
    state
        .captcha
        .site_of(&payload.challenge.parameters.data.ticket)
}

/// Exchanges the widget's payload for the token that its work is worth.
pub(super) async fn exchange(
    state: &AppState,
    book: &Book,
    text: &str,
) -> Result<Result<String, Failure>, Error> {
    let Some(Payload {
        challenge,
        solution,
    }) = Payload::read(text)
    else {
        return Ok(Err(Failure::Unreadable));
    };
    let ticket = challenge.parameters.data.ticket.clone();
    let counters = [solution.counter];
    let mut proof = Proof::default();
    let known = state.captcha.puzzles_of(&ticket);
    if let Some((puzzles, expires)) = &known
        && puzzles.work().scheme == Scheme::Altcha
        && challenge == Challenge::of(state, &ticket, puzzles, *expires)?
    {
        proof.counters = Some(&counters);
    }
    let earned = state.captcha.exchange(book, &ticket, proof).await?;
    let derives =
        |puzzles: &Puzzles| hex(&puzzles.attempt(0, solution.counter)) == solution.derived_key;
    let earned = earned.and_then(|token| match &known {
        Some((puzzles, _)) if derives(puzzles) => Ok(token),
        _ => Err(Failure::Unreadable),
    });
    let site = state.captcha.site_of(&ticket);
    if let Some(site) = site.and_then(|key| book.by_key(&key)) {
        state.policy.saw_on(&site.name, earned.is_ok());
    }
    Ok(earned)
}
