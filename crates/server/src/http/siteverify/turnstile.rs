//! Turnstile: <https://developers.cloudflare.com/turnstile/get-started/server-side-validation/>.
//! `error-codes` is always there; `idempotency_key` lets a back end ask again.

use inkgate::Pass;
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::Fields;
use super::{Failed, common_code};
use crate::service::verify::Failure;

pub(super) fn fields(sent: Fields) -> Fields {
    Fields {
        idempotency_key: sent.idempotency_key.clone(),
        ..sent.only_common()
    }
}

pub(super) fn code(failure: Failure) -> &'static str {
    common_code(failure)
}

/// What a success tells.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TurnstileSuccess)]
pub(crate) struct Success {
    /// `true`
    success: bool,
    /// When the challenge was solved, in UTC, to the millisecond.
    challenge_ts: String,
    /// The host of the page on which it was solved.
    hostname: String,
    /// Empty.
    #[serde(rename = "error-codes")]
    error_codes: [String; 0],
    /// What the visitor was about to do.
    action: String,
    /// The page's own text.
    cdata: String,
}

/// What this dialect answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TurnstileOutcome)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes what Reply holds on this path")]
pub(crate) enum Outcome {
    /// The token was good.
    Good(Success),
    /// It was not.
    Failed(Failed),
}

pub(super) fn success(pass: &Pass) -> Success {
    Success {
        success: true,
        hostname: pass.host.clone(),
        challenge_ts: pass.solved.to_string(),
        error_codes: [],
        action: pass.action.clone(),
        cdata: pass.cdata.clone(),
    }
}
