//! `POST /api/challenge` and `POST /api/solve`: what a widget on a site's page asks.

use axum::Json;
use axum::extract::State;
use inkgate::{Puzzles, Scheme, Work};
use inkgate_store::Site;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Client, JsonBody};
use super::openapi::PageErrors;
use super::origin::Origin;
use crate::Error;
use crate::error::Rule;
use crate::service::captcha::{Asks, Order, Proof, Reason, Verdict};
use crate::service::dummy::{self, Fate};
use crate::service::limiter::Act;
use crate::service::preset::Preset;
use crate::state::AppState;

/// What a page asks a challenge for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChallengeRequest {
    /// The site's public key.
    sitekey: String,
    /// What the visitor is about to do: at most 32 of `A-Z a-z 0-9 - _`.
    #[serde(default)]
    #[schema(max_length = 32, pattern = "^[A-Za-z0-9_-]*$")]
    action: String,
    /// The page's own text, given back at `siteverify`: at most 255 of `A-Z a-z 0-9 - _`.
    #[serde(default)]
    #[schema(max_length = 255, pattern = "^[A-Za-z0-9_-]*$")]
    cdata: String,
    /// One of the site's presets; without it, the site's first.
    preset: Option<String>,
}

/// A new challenge.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChallengeResponse {
    /// What is asked for: `picture`, `work`, `picture-and-work`; or `none`, where a site key for tests asks nothing.
    kind: &'static str,
    /// What a solution is sent with; good for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    /// The picture that is to be read, or may be read instead.
    #[serde(flatten)]
    picture: Option<PictureResponse>,
    /// The work that is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<WorkResponse>,
    /// The token, where nothing is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'static str>,
    /// When the ticket or token expires, by the server's clock (RFC 3339).
    expires_at: String,
    /// Seconds until then.
    expires_in: u64,
}

/// A picture that is to be read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PictureResponse {
    /// The path of the picture. `@2x` before the `.png` doubles its size; `.dark` before it is for
    /// dark pages.
    image: String,
    /// Width of the picture at its own size, in pixels.
    width: u32,
    /// Height of the picture at its own size, in pixels.
    height: u32,
    /// What the picture shows: told by an installation for tests, and by no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

/// Work that is to be done: for each puzzle a counter is to be found, from 0 on, for which
/// PBKDF2-HMAC-SHA-256 begins with zero bits. Its password is the nonce and the number of the puzzle, one byte,
/// counted from 0; its salt the counter, four bytes, big endian.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkResponse {
    /// `pbkdf2-sha256`
    algorithm: &'static str,
    /// 16 bytes in hexadecimal digits.
    nonce: String,
    /// How many puzzles there are.
    puzzles: u8,
    /// Iterations.
    cost: u16,
    /// How many leading bits have to be zero.
    bits: u8,
}

impl WorkResponse {
    fn of(puzzles: &Puzzles) -> Self {
        let Work {
            puzzles: count,
            cost,
            bits,
            ..
        } = puzzles.work();
        Self {
            algorithm: "pbkdf2-sha256",
            nonce: hex(puzzles.nonce()),
            puzzles: count,
            cost,
            bits,
        }
    }
}

/// Seals a challenge for a page of a site.
#[utoipa::path(
    post,
    path = "/api/challenge",
    tag = "pages",
    params(("Origin" = String, Header, description = "Where the page is; browsers say it by themselves")),
    request_body = ChallengeRequest,
    responses(
        (status = 200, description = "A new challenge", body = ChallengeResponse),
        PageErrors,
    ),
)]
pub(crate) async fn challenge(
    State(state): State<AppState>,
    Client(prefix): Client,
    Origin(host): Origin,
    JsonBody(asked): JsonBody<ChallengeRequest>,
) -> Result<Json<ChallengeResponse>, Error> {
    state.limiter.admit(Act::Issue, prefix)?;
    check_text(
        &asked.action,
        32,
        "action has not at most 32 of A-Z a-z 0-9 - _",
    )?;
    check_text(
        &asked.cdata,
        255,
        "cdata has not at most 255 of A-Z a-z 0-9 - _",
    )?;
    let order = |site, site_name, style, asks| Order {
        site,
        site_name,
        style,
        action: &asked.action,
        cdata: &asked.cdata,
        host: &host,
        asks,
    };
    if state.config.is_for_tests()
        && let Some(fate) = dummy::fate(&asked.sitekey)
    {
        return match fate {
            Fate::Passes(token) => Ok(passed(&state, token)),
            _ => issue(&state, &order(&asked.sitekey, "-", USUAL, Asks::default())),
        };
    }
    let book = state.sites.book().await?;
    let site = book.by_key(&asked.sitekey);
    let site = site.ok_or(Error::Refused(Rule::Sitekey))?;
    check_page(site, &host, &asked.action)?;
    let preset = allowed(&state, site, &asked)?;
    state.limiter.admit(Act::IssueFor, &**site)?;
    let (level, _) = state.policy.ask(&site.name, preset.floor, prefix);
    let asks = level.asks(Scheme::Inkgate, state.config.work.effort);
    issue(
        &state,
        &order(&site.key, &site.name, &preset.style.name, asks),
    )
}

/// The style of a site key for tests.
const USUAL: &str = "ink";

fn issue(state: &AppState, order: &Order<'_>) -> Result<Json<ChallengeResponse>, Error> {
    let captcha = &state.captcha;
    let style = captcha.styles().get(order.style);
    let style = style.ok_or(Error::Internal("unknown style"))?;
    let ticket = captcha.issue(order)?;
    let puzzles = captcha.puzzles(&ticket);
    let is_seen = !order.asks.no_picture || state.config.work.picture_instead;
    Ok(Json(ChallengeResponse {
        kind: match (&puzzles, order.asks.no_picture) {
            (None, _) => "picture",
            (Some(_), true) => "work",
            (Some(_), false) => "picture-and-work",
        },
        work: puzzles.as_ref().map(WorkResponse::of),
        token: None,
        expires_at: (state.clock.now() + captcha.life()).to_string(),
        expires_in: captcha.life().as_secs(),
        picture: is_seen.then(|| PictureResponse {
            image: format!("/challenge/{ticket}.png"),
            width: style.width,
            height: style.height,
            answer: state
                .config
                .is_for_tests()
                .then(|| captcha.answer(&ticket))
                .flatten(),
        }),
        ticket: Some(ticket),
    }))
}

fn passed(state: &AppState, token: &'static str) -> Json<ChallengeResponse> {
    let life = state.config.token_life();
    Json(ChallengeResponse {
        kind: "none",
        ticket: None,
        picture: None,
        work: None,
        token: Some(token),
        expires_at: (state.clock.now() + life).to_string(),
        expires_in: life.as_secs(),
    })
}

/// Whether a page on this host may name this action.
pub(super) fn check_page(site: &Site, host: &str, action: &str) -> Result<(), Error> {
    if !site.hosts.iter().any(|known| known == host) {
        return Err(Error::Refused(Rule::Host));
    }
    let is_named = |known: &String| known == action;
    if !action.is_empty() && !site.actions.is_empty() && !site.actions.iter().any(is_named) {
        return Err(Error::Refused(Rule::Action));
    }
    Ok(())
}

/// The preset to ask by, if the site allows what is asked for. Nothing else is the client's to
/// choose (CAP-26, C-42).
fn allowed<'a>(
    state: &'a AppState,
    site: &Site,
    asked: &ChallengeRequest,
) -> Result<Preset<'a>, Error> {
    let preset = match &asked.preset {
        None => site.presets.first(),
        Some(wanted) => site.presets.iter().find(|preset| *preset == wanted),
    };
    preset
        .and_then(|name| Preset::of(site, name, state.captcha.styles()))
        .ok_or(Error::Refused(Rule::Preset))
}

pub(super) fn check_text(text: &str, most: usize, told: &'static str) -> Result<(), Error> {
    let is_good = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    if text.len() <= most && text.bytes().all(is_good) {
        return Ok(());
    }
    Err(Error::BadRequest(told))
}

/// A visitor's solution.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SolveRequest {
    /// The challenge's ticket.
    ticket: String,
    /// What the visitor read in the picture.
    solution: Option<String>,
    /// What the machine found: a counter for each puzzle.
    work: Option<Vec<u32>>,
}

/// What came of a solution.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SolveResponse {
    /// Whether it was right.
    success: bool,
    /// The token that the page's form carries to the site's back end.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// Seconds until the token expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    /// Why not: `wrong`, which also means used or unknown, or `expired`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

/// Checks a solution. Right or wrong, the ticket is used up.
#[utoipa::path(
    post,
    path = "/api/solve",
    tag = "pages",
    params(("Origin" = String, Header, description = "Where the page is; browsers say it by themselves")),
    request_body = SolveRequest,
    responses(
        (status = 200, description = "Whether it was right", body = SolveResponse),
        PageErrors,
    ),
)]
pub(crate) async fn solve(
    State(state): State<AppState>,
    Client(prefix): Client,
    Origin(host): Origin,
    JsonBody(asked): JsonBody<SolveRequest>,
) -> Result<Json<SolveResponse>, Error> {
    state.limiter.admit(Act::Check, prefix)?;
    if asked.solution.is_none() && asked.work.is_none() {
        return Err(Error::BadRequest("there is neither solution nor work"));
    }
    let solved = solution(&state, &host, &asked).await?;
    state
        .saw(&asked.ticket, prefix, matches!(solved, Verdict::Pass(_)))
        .await?;
    Ok(Json(match solved {
        Verdict::Pass(token) => SolveResponse {
            success: true,
            token: Some(token),
            expires_in: Some(state.config.token.ttl_seconds),
            error: None,
        },
        Verdict::Fail(reason) => SolveResponse {
            success: false,
            token: None,
            expires_in: None,
            error: Some(match reason {
                Reason::Wrong => "wrong",
                Reason::Expired => "expired",
            }),
        },
    }))
}

async fn solution(
    state: &AppState,
    host: &str,
    asked: &SolveRequest,
) -> Result<Verdict<String>, Error> {
    let (captcha, ticket) = (&state.captcha, &asked.ticket);
    let proof = Proof {
        solution: asked.solution.as_deref(),
        counters: asked.work.as_deref(),
    };
    if state.config.is_for_tests()
        && let Some(site) = captcha.site_of(ticket)
        && let Some(fate) = dummy::fate(&site)
    {
        let verdict = captcha.check(&site, ticket, proof).await?;
        return Ok(match (verdict, fate) {
            (Verdict::Pass(()), Fate::Asks(token)) => Verdict::Pass(token.to_owned()),
            (Verdict::Fail(reason), _) => Verdict::Fail(reason),
            _ => Verdict::Fail(Reason::Wrong),
        });
    }
    let book = state.sites.book().await?;
    captcha.solve(&book, host, ticket, proof).await
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
