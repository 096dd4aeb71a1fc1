//! Turnstile: <https://developers.cloudflare.com/turnstile/get-started/server-side-validation/>.
//! `error-codes` is always there; `idempotency_key` lets a back end ask again.

use inkgate::Pass;
use serde_json::{Value, json};

use super::common_code;
use super::fields::Fields;
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

pub(super) fn success(pass: &Pass) -> Value {
    json!({
        "success": true,
        "error-codes": [],
        "challenge_ts": pass.solved.to_string(),
        "hostname": pass.host,
        "action": pass.action,
        "cdata": pass.cdata,
    })
}
