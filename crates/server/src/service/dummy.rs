//! The keys that the vendors publish for tests. They stand on web pages for everybody to read, so
//! only an installation under `profile = "test"`, which nobody reaches from elsewhere, knows them.

use inkgate::{Mark, Pass, Timestamp, Via};
use inkgate_store::SecretDigest;

use crate::Error;
use crate::service::verify::{Failure, Redeemed, Spent, Verification};

/// What a site key for tests does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Asks nothing and gives this token.
    Passes(&'static str),
    /// Shows a picture and gives this token for the right solution.
    Asks(&'static str),
    /// Shows a picture and takes no solution.
    Blocks,
}

const TURNSTILE_TOKEN: &str = "XXXX.DUMMY.TOKEN.XXXX";
const HCAPTCHA_TOKENS: [&str; 2] = [
    "10000000-aaaa-bbbb-cccc-000000000001",
    "20000000-aaaa-bbbb-cccc-000000000002",
];

/// What this site key does, if it is one for tests.
pub fn fate(sitekey: &str) -> Option<Fate> {
    Some(match sitekey {
        // reCAPTCHA publishes no token: its secret takes any.
        "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"
        | "1x00000000000000000000AA"
        | "1x00000000000000000000BB" => Fate::Passes(TURNSTILE_TOKEN),
        "10000000-ffff-ffff-ffff-000000000001" => Fate::Passes(HCAPTCHA_TOKENS[0]),
        "20000000-ffff-ffff-ffff-000000000002" => Fate::Passes(HCAPTCHA_TOKENS[1]),
        "3x00000000000000000000FF" => Fate::Asks(TURNSTILE_TOKEN),
        "2x00000000000000000000AB"
        | "2x00000000000000000000BB"
        | "30000000-ffff-ffff-ffff-000000000003" => Fate::Blocks,
        _ => return None,
    })
}

/// Whether this is the digest of a secret for tests.
pub fn is_published(digest: &SecretDigest) -> bool {
    SECRETS.iter().any(|text| SecretDigest::of(text) == *digest)
}

/// The secrets for tests, in the order of [`secret`].
const SECRETS: [&str; 5] = [
    "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe",
    "0x0000000000000000000000000000000000000000",
    "1x0000000000000000000000000000000AA",
    "2x0000000000000000000000000000000AA",
    "3x0000000000000000000000000000000AA",
];

/// What a secret does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secret {
    TakesAny,
    Takes(&'static [&'static str], Failure),
    Refuses(Failure),
}

fn secret(text: &str) -> Option<Secret> {
    let place = SECRETS.iter().position(|known| *known == text)?;
    Some(match place {
        0 => Secret::TakesAny,
        1 => Secret::Takes(&HCAPTCHA_TOKENS, Failure::NotADummy),
        2 => Secret::Takes(&[TURNSTILE_TOKEN], Failure::Unreadable),
        3 => Secret::Refuses(Failure::Unreadable),
        _ => Secret::Refuses(Failure::Spent(Spent::Used)),
    })
}

/// What comes of a token under this secret, if the secret is one for tests. A good one is good as
/// often as it is shown, and says that it was solved on `localhost`.
pub fn verify(
    text: &str,
    token: Option<&str>,
    now: Timestamp,
) -> Result<Option<Verification>, Error> {
    let Some(secret) = secret(text) else {
        return Ok(None);
    };
    let Some(token) = token else {
        return Ok(Some(Err(Failure::MissingResponse)));
    };
    Ok(Some(match secret {
        Secret::Takes(tokens, failure) if !tokens.contains(&token) => Err(failure),
        Secret::TakesAny | Secret::Takes(..) => Ok(Redeemed::first(pass(now)?)),
        Secret::Refuses(failure) => Err(failure),
    }))
}

fn pass(now: Timestamp) -> Result<Pass, Error> {
    Ok(Pass {
        mark: Mark::random()?,
        site: String::new(),
        action: String::new(),
        cdata: String::new(),
        host: "localhost".to_owned(),
        via: Via::Picture,
        solved: now,
        expires: now,
    })
}
