//! reCAPTCHA v2: <https://developers.google.com/recaptcha/docs/verify>. There is no `score`, and
//! never will be: a client of version 3 finds none.

use inkgate::Pass;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Failed, common_code, solved_second};
use crate::service::verify::Failure;

pub(super) fn code(failure: Failure) -> &'static str {
    common_code(failure)
}

/// What a success tells.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecaptchaSuccess)]
pub(crate) struct Success {
    /// `true`
    success: bool,
    /// When the challenge was solved, in UTC, to the second.
    challenge_ts: String,
    /// The host of the page on which it was solved.
    hostname: String,
}

/// What this dialect answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecaptchaOutcome)]
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
        challenge_ts: solved_second(pass),
    }
}
