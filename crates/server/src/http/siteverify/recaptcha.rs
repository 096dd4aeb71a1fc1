//! reCAPTCHA v2: <https://developers.google.com/recaptcha/docs/verify>. There is no `score`, and
//! never will be: a client of version 3 finds none.

use inkgate::Pass;
use serde_json::{Value, json};

use super::{common_code, solved_second};
use crate::service::verify::Failure;

pub(super) fn code(failure: Failure) -> &'static str {
    common_code(failure)
}

pub(super) fn success(pass: &Pass) -> Value {
    json!({
        "success": true,
        "challenge_ts": solved_second(pass),
        "hostname": pass.host,
    })
}
