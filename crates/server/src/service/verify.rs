//! Redeeming tokens: what `siteverify` decides, whichever dialect it is asked in.

use inkgate::{FirstUse, OpenToken, Pass, Refusal};
use inkgate_store::Site;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Error;
use crate::clock::Clock;
use crate::service::keys::Keys;
use crate::service::marks::Marks;

/// Redeems tokens, each once.
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: Keys,
    marks: Marks,
    clock: Clock,
}

/// What a site's back end asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claim<'a> {
    /// The token that a visitor's browser sent.
    pub token: &'a str,
    /// Names this redemption, so that it can be asked for again.
    pub idempotency_key: Option<&'a str>,
    /// What the visitor must have been about to do, if the back end says so.
    pub action: Option<&'a str>,
    /// The host that the visitor must have been on, if the back end says so.
    pub hostname: Option<&'a str>,
}

/// Whether the token was good, and if so, of what it is the proof.
pub type Verification = Result<Pass, Failure>;

/// Why a redemption failed, as far as dialects tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A field is doubled or no text, or the body is of a kind that the dialect has not.
    BadRequest,
    /// There is no secret.
    MissingSecret,
    /// No site has this secret.
    UnknownSecret,
    /// There is no token.
    MissingResponse,
    /// No token of ours: malformed, altered or made up.
    Unreadable,
    /// Used or expired, which of the two is not told (CAP-21).
    Spent,
    /// The token, or the site key beside it, is of another site than the secret.
    OfAnotherSite,
    /// Of another action or host than the back end, or its site, allows.
    Elsewhere,
    /// A secret for tests takes nothing but the tokens for tests.
    NotADummy,
}

impl Failure {
    /// Its word in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::MissingSecret => "missing_secret",
            Self::UnknownSecret => "unknown_secret",
            Self::MissingResponse => "missing_response",
            Self::Unreadable => "unreadable",
            Self::Spent => "spent",
            Self::OfAnotherSite => "of_another_site",
            Self::Elsewhere => "elsewhere",
            Self::NotADummy => "not_a_dummy",
        }
    }
}

impl Verifier {
    /// Tokens sealed with these keys, marked here.
    pub fn new(keys: Keys, marks: Marks, clock: Clock) -> Self {
        Self { keys, marks, clock }
    }

    /// Redeems a token for a site. Whatever comes out, it is used now: consume first, compare
    /// second. The same claim with the same idempotency key gets the same answer again, as long
    /// as the token lives (API-05).
    pub async fn redeem(&self, site: &Site, claim: &Claim<'_>) -> Result<Verification, Error> {
        let now = self.clock.now();
        let opened = match self.keys.current().open_token(claim.token, now) {
            Ok(opened) => opened,
            Err(Refusal::Expired) => return Ok(Err(Failure::Spent)),
            Err(_) => return Ok(Err(Failure::Unreadable)),
        };
        let note = claim.idempotency_key.map(|key| note(site, key));
        match self.witness(&opened, note).await? {
            Some(witness) => Ok(compare(opened.consume(witness)?, site, claim)),
            None => Ok(Err(Failure::Spent)),
        }
    }

    /// The witness of this token's first use, or of this same use again.
    async fn witness(
        &self,
        opened: &OpenToken,
        note: Option<[u8; 32]>,
    ) -> Result<Option<FirstUse>, Error> {
        let mark = *opened.mark();
        let life = opened.mark_life(self.clock.now());
        let left = note.as_ref().map_or(&[][..], |note| note);
        if let Some(first) = self.marks.first(mark, left, life).await? {
            return Ok((!opened.issued_before(first.fence)).then_some(first.witness));
        }
        let Some(note) = note else {
            return Ok(None);
        };
        let found = self.marks.note(&mark).await?.unwrap_or_default();
        Ok(bool::from(found.ct_eq(&note)).then(|| FirstUse::of(mark)))
    }
}

/// What is kept beside a mark: that this site redeemed it under this key. The token holds the
/// rest of the answer.
fn note(site: &Site, idempotency_key: &str) -> [u8; 32] {
    let digest = Sha256::new()
        .chain_update(b"inkgate 1 idempotency\0")
        .chain_update(site.key.as_bytes())
        .chain_update(b"\0")
        .chain_update(idempotency_key.to_ascii_lowercase().as_bytes());
    digest.finalize().into()
}

/// CAP-22: a token is good for the site, action and host that it was made for.
fn compare(pass: Pass, site: &Site, claim: &Claim<'_>) -> Verification {
    if pass.site != site.key {
        return Err(Failure::OfAnotherSite);
    }
    let is_there = site.hosts.contains(&pass.host)
        && claim
            .hostname
            .is_none_or(|host| host.eq_ignore_ascii_case(&pass.host))
        && claim.action.is_none_or(|action| action == pass.action);
    if is_there {
        Ok(pass)
    } else {
        Err(Failure::Elsewhere)
    }
}
