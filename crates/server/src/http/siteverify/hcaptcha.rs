//! hCaptcha: <https://docs.hcaptcha.com/#verify-the-user-response-server-side>. A form, never
//! JSON; `sitekey` says which site the back end expects.

use inkgate::Pass;
use serde_json::{Value, json};

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
        Failure::Spent => "invalid-or-already-seen-response",
        Failure::OfAnotherSite => "sitekey-secret-mismatch",
        Failure::NotADummy => "not-using-dummy-passcode",
        other => common_code(other),
    }
}

pub(super) fn success(pass: &Pass) -> Value {
    json!({
        "success": true,
        "challenge_ts": solved_second(pass),
        "hostname": pass.host,
        "credit": false,
    })
}
