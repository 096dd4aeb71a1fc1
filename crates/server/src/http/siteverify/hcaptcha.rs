//! hCaptcha: <https://docs.hcaptcha.com/#verify-the-user-response-server-side>. A form, never
//! JSON; `sitekey` says which site the back end expects.

use inkgate::Pass;
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::Fields;
use super::{common_code, solved_second};
use crate::service::verify::Failure;

pub(super) fn fields(sent: Fields) -> Fields {
    Fields {
        sitekey: sent.sitekey.clone(),
        ..sent.only_common()
    }
}

pub(super) fn code(failure: Failure) -> &'static str {
    match failure {
        Failure::Spent(_) => "invalid-or-already-seen-response",
        Failure::OfAnotherSite => "sitekey-secret-mismatch",
        Failure::NotADummy => "not-using-dummy-passcode",
        other => common_code(other),
    }
}

/// What a success tells.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HcaptchaSuccess)]
pub(crate) struct Success {
    /// `true`
    success: bool,
    /// When the challenge was solved, in UTC, to the second.
    challenge_ts: String,
    /// The host of the page on which it was solved.
    hostname: String,
    /// `false`: nothing is charged.
    credit: bool,
}

pub(super) fn success(pass: &Pass) -> Success {
    Success {
        success: true,
        hostname: pass.host.clone(),
        challenge_ts: solved_second(pass),
        credit: false,
    }
}
