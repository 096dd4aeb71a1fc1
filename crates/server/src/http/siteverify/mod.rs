//! `siteverify`: a site's back end redeems a token, in the dialect of whichever vendor it was
//! written for. One core decides ([`Verifier`](crate::service::verify::Verifier)); a dialect is
//! what it calls its failures and what it tells of a success.

mod fields;
pub(super) mod hcaptcha;
pub(super) mod recaptcha;
pub(super) mod turnstile;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use inkgate::{Pass, Timestamp};
use inkgate_store::Site;
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use self::fields::CommonFields as CapFields;
use self::fields::{Fields, Sent, says_json};
use super::altcha;
use super::extract::Client;
use super::openapi::VerifyErrors;
use crate::Error;
use crate::service::dummy;
use crate::service::limiter::{Act, Prefix};
use crate::service::sites::Book;
use crate::service::verify::{Claim, Failure, Redeemed, Verification};
use crate::state::AppState;

/// Whose words are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Recaptcha,
    Hcaptcha,
    Turnstile,
    /// Turnstile's words, and two fields more: the action and the host that the back end expects.
    Own,
}

/// Redeems a token in the dialect of reCAPTCHA v2.
///
/// A token is redeemed once. A readable request is answered with 200, whatever came of it.
#[utoipa::path(
    post,
    path = "/recaptcha/api/siteverify",
    tag = "back ends",
    request_body(content = fields::CommonFields, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Whether the token was good", body = recaptcha::Outcome),
        VerifyErrors,
    ),
)]
pub(crate) async fn recaptcha(
    State(state): State<AppState>,
    Client(prefix): Client,
    request: Request,
) -> Response {
    answer(&state, prefix, Dialect::Recaptcha, request).await
}

/// Redeems a token in the dialect of Turnstile.
///
/// A token is redeemed once. A readable request is answered with 200, whatever came of it.
#[utoipa::path(
    post,
    path = "/turnstile/v0/siteverify",
    tag = "back ends",
    request_body(content(
        (fields::TurnstileFields = "application/x-www-form-urlencoded"),
        (fields::TurnstileFields = "application/json"),
    )),
    responses(
        (status = 200, description = "Whether the token was good", body = turnstile::Outcome),
        VerifyErrors,
    ),
)]
pub(crate) async fn turnstile(
    State(state): State<AppState>,
    Client(prefix): Client,
    request: Request,
) -> Response {
    answer(&state, prefix, Dialect::Turnstile, request).await
}

/// Redeems a token in the dialect of hCaptcha for a form, in our own for JSON.
///
/// A token is redeemed once. A readable request is answered with 200, whatever came of it.
#[utoipa::path(
    post,
    path = "/siteverify",
    tag = "back ends",
    request_body(content(
        (fields::HcaptchaFields = "application/x-www-form-urlencoded"),
        (fields::Fields = "application/json"),
    )),
    responses(
        (status = 200, description = "Whether the token was good; in hCaptcha's words for a form, in Turnstile's for JSON", body = Outcome),
        VerifyErrors,
    ),
)]
pub(crate) async fn siteverify(
    State(state): State<AppState>,
    Client(prefix): Client,
    request: Request,
) -> Response {
    let dialect = match says_json(request.headers()) {
        true => Dialect::Own,
        false => Dialect::Hcaptcha,
    };
    answer(&state, prefix, dialect, request).await
}

/// A readable request is answered with 200 and the dialect's words, whatever came of it: clients
/// read nothing but the body. Otherwise the status is the error's, the body still the dialect's.
async fn answer(state: &AppState, prefix: Prefix, dialect: Dialect, request: Request) -> Response {
    match verify(state, prefix, dialect, request).await {
        Ok((site, verification)) => {
            let outcome = outcome(&verification);
            state.metrics.redeemed(&site, dialect.name(), outcome);
            tracing::info!(event = "siteverify", site, outcome, "a token was shown");
            Json(dialect.reply(&verification)).into_response()
        }
        Err(error) => {
            let code = match error {
                Error::BadRequest(_) | Error::TooLarge | Error::TooSlow => {
                    dialect.code(Failure::BadRequest)
                }
                _ => dialect.trouble(),
            };
            let (parts, _) = error.into_response().into_parts();
            (parts, Json(failed(code))).into_response()
        }
    }
}

fn outcome(verification: &Verification) -> &'static str {
    match verification {
        Ok(Redeemed {
            is_repeat: true, ..
        }) => "repeated",
        Ok(_) => "redeemed",
        Err(failure) => failure.name(),
    }
}

/// The name of the site whose secret it is, if it is one's, and what came of the token.
async fn verify(
    state: &AppState,
    prefix: Prefix,
    dialect: Dialect,
    request: Request,
) -> Result<(String, Verification), Error> {
    verify_for(state, prefix, dialect, None, request).await
}

/// The same; with a site key in the address, the secret has to be that site's.
async fn verify_for(
    state: &AppState,
    prefix: Prefix,
    dialect: Dialect,
    sitekey: Option<&str>,
    request: Request,
) -> Result<(String, Verification), Error> {
    let nobody = |verification| Ok(("-".to_owned(), verification));
    state.limiter.admit(Act::Verify, prefix)?;
    let Some(fields) = dialect.read(&Sent::read(request).await?)? else {
        return nobody(Err(Failure::BadRequest));
    };
    let Some(secret) = fields.secret() else {
        return nobody(Err(Failure::MissingSecret));
    };
    let now = state.clock.now();
    if state.config.is_for_tests()
        && let Some(verification) = dummy::verify(secret, fields.response(), now)?
    {
        return nobody(verification);
    }
    let book = state.sites.book().await?;
    let owners = book.by_secret(secret, now);
    let Some(site) = asked_about(state, &owners, sitekey, &fields) else {
        // Nothing is burnt for whoever has no secret, who is soon told nothing more (API-06). The
        // right one is taken all the same: other back ends may share the address.
        state.limiter.admit(Act::BadSecret, prefix)?;
        return nobody(Err(Failure::UnknownSecret));
    };
    state.limiter.admit(Act::Redeem, &**site)?;
    if sitekey.is_some_and(|key| key != site.key) {
        return Ok((site.name.clone(), Err(Failure::OfAnotherSite)));
    }
    let redeemed = redeem(state, &book, site, &fields).await?;
    Ok((site.name.clone(), redeemed))
}

/// Of the sites that have the secret, the one whose key is named, by the back end or by the token.
fn asked_about<'a>(
    state: &AppState,
    owners: &[&'a Arc<Site>],
    sitekey: Option<&str>,
    fields: &Fields,
) -> Option<&'a Arc<Site>> {
    let (first, others) = owners.split_first()?;
    if others.is_empty() {
        return Some(first);
    }
    let named = sitekey.or(fields.sitekey()).map(str::to_owned);
    let named = named.or_else(|| match fields.response()? {
        work if altcha::is_payload(work) => altcha::site_of(state, work),
        token => state.verifier.site_of(token),
    });
    let site = others.iter().find(|site| Some(&site.key) == named.as_ref());
    Some(site.unwrap_or(first))
}

/// Redeems a token for the site whose key stands in the address: its code, where it was not good.
pub(super) async fn of_site(
    state: &AppState,
    prefix: Prefix,
    sitekey: &str,
    request: Request,
) -> Result<Result<(), &'static str>, Error> {
    let own = Dialect::Own;
    let (site, verification) = verify_for(state, prefix, own, Some(sitekey), request).await?;
    let outcome = outcome(&verification);
    state.metrics.redeemed(&site, "cap", outcome);
    tracing::info!(event = "siteverify", site, outcome, "a token was shown");
    Ok(verification.map(drop).map_err(|failure| own.code(failure)))
}

async fn redeem(
    state: &AppState,
    book: &Book,
    site: &Site,
    fields: &Fields,
) -> Result<Verification, Error> {
    if fields.sitekey().is_some_and(|key| key != site.key) {
        return Ok(Err(Failure::OfAnotherSite));
    }
    let Some(token) = fields.response() else {
        return Ok(Err(Failure::MissingResponse));
    };
    // ALTCHA's widget brings its work to the form, so the back end brings it to us.
    let exchanged = match altcha::is_payload(token) {
        true => match altcha::exchange(state, book, token).await? {
            Ok(token) => Some(token),
            Err(failure) => return Ok(Err(failure)),
        },
        false => None,
    };
    let claim = Claim {
        token: exchanged.as_deref().unwrap_or(token),
        idempotency_key: fields.idempotency_key(),
        action: fields.action(),
        hostname: fields.hostname(),
    };
    state.verifier.redeem(site, &claim).await
}

impl Dialect {
    /// Its word in metrics.
    fn name(self) -> &'static str {
        match self {
            Self::Recaptcha => "recaptcha",
            Self::Hcaptcha => "hcaptcha",
            Self::Turnstile => "turnstile",
            Self::Own => "inkgate",
        }
    }

    /// The fields that this dialect has; `None` if it does not take such a body.
    fn read(self, sent: &Sent) -> Result<Option<Fields>, Error> {
        let fields = match (self, sent) {
            (Self::Recaptcha | Self::Hcaptcha | Self::Turnstile, Sent::Form(form)) => {
                Fields::of_form(form)
            }
            (Self::Turnstile | Self::Own, Sent::Json(text)) => Fields::of_json(text)?,
            _ => None,
        };
        let Some(fields) = fields else {
            return Ok(None);
        };
        let fields = match self {
            Self::Recaptcha => fields.only_common(),
            Self::Hcaptcha => hcaptcha::fields(fields),
            Self::Turnstile => turnstile::fields(fields),
            Self::Own => fields,
        };
        Ok(fields.is_well_formed().then_some(fields))
    }

    fn reply(self, verification: &Verification) -> Reply {
        match (self, verification) {
            (_, Err(failure)) => failed(self.code(*failure)),
            (Self::Recaptcha, Ok(found)) => Reply::Recaptcha(recaptcha::success(&found.pass)),
            (Self::Hcaptcha, Ok(found)) => Reply::Hcaptcha(hcaptcha::success(&found.pass)),
            (Self::Turnstile | Self::Own, Ok(found)) => {
                Reply::Turnstile(turnstile::success(&found.pass))
            }
        }
    }

    fn code(self, failure: Failure) -> &'static str {
        match self {
            Self::Recaptcha => recaptcha::code(failure),
            Self::Hcaptcha => hcaptcha::code(failure),
            Self::Turnstile | Self::Own => turnstile::code(failure),
        }
    }

    /// What is said when we cannot find out.
    fn trouble(self) -> &'static str {
        match self {
            Self::Recaptcha | Self::Hcaptcha => "bad-request",
            Self::Turnstile | Self::Own => "internal-error",
        }
    }
}

/// A dialect's body.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Reply {
    Failed(Failed),
    Recaptcha(recaptcha::Success),
    Hcaptcha(hcaptcha::Success),
    Turnstile(turnstile::Success),
}

/// What `/siteverify` answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes what Reply holds on this path")]
pub(crate) enum Outcome {
    /// To a form.
    Hcaptcha(hcaptcha::Success),
    /// To JSON.
    Own(turnstile::Success),
    /// To both.
    Failed(Failed),
}

/// A token that was not good, or a request that is none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Failed {
    /// `false`
    success: bool,
    /// Why: one of the dialect's codes.
    #[serde(rename = "error-codes")]
    error_codes: [&'static str; 1],
}

fn failed(code: &'static str) -> Reply {
    Reply::Failed(Failed {
        success: false,
        error_codes: [code],
    })
}

/// The codes that all three dialects share.
fn common_code(failure: Failure) -> &'static str {
    match failure {
        Failure::BadRequest => "bad-request",
        Failure::MissingSecret => "missing-input-secret",
        Failure::UnknownSecret => "invalid-input-secret",
        Failure::MissingResponse => "missing-input-response",
        Failure::Spent(_) => "timeout-or-duplicate",
        Failure::Unreadable | Failure::OfAnotherSite | Failure::Elsewhere | Failure::NotADummy => {
            "invalid-input-response"
        }
    }
}

/// When the challenge was solved, to the second: one of the vendors' formats has no fraction.
fn solved_second(pass: &Pass) -> String {
    let millis = pass.solved.as_millis();
    Timestamp::from_millis(millis - millis % 1_000).to_string()
}
