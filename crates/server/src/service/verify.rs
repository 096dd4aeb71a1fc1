//! Redeeming tokens: what `siteverify` decides, whichever dialect it is asked in.

use std::time::Duration;

use inkgate::{Contents, FirstUse, Mark, OpenToken, Pass, Refusal};
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
pub type Verification = Result<Redeemed, Failure>;

/// A good token.
#[derive(Debug)]
pub struct Redeemed {
    /// Of what it is the proof.
    pub pass: Pass,
    /// Whether this was asked and answered before, under the same idempotency key.
    pub is_repeat: bool,
}

impl Redeemed {
    /// Redeemed now.
    pub fn first(pass: Pass) -> Self {
        Self {
            pass,
            is_repeat: false,
        }
    }
}

/// Why a token is good no more. An operator learns it, nobody else (CAP-21).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It was redeemed before.
    Used,
    /// Its life is over.
    Expired,
    /// It is from before the store's fence: it may have been redeemed.
    Forgotten,
}

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
    Spent(Spent),
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
            Self::Spent(Spent::Used) => "used",
            Self::Spent(Spent::Expired) => "expired",
            Self::Spent(Spent::Forgotten) => "forgotten",
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
    /// as the token lives (API-05); another claim under that key is a second use.
    pub async fn redeem(&self, site: &Site, claim: &Claim<'_>) -> Result<Verification, Error> {
        let now = self.clock.now();
        let opened = match self.keys.current().open_token(claim.token, now) {
            Ok(opened) => opened,
            Err(Refusal::Expired) => return Ok(Err(Failure::Spent(Spent::Expired))),
            Err(_) => return Ok(Err(Failure::Unreadable)),
        };
        let note = claim.idempotency_key.map(|key| note(site, key, claim));
        let (opened, witness) = match note {
            Some(note) => self.witness_to_the_end(opened, note).await?,
            None => {
                let witness = self.witness(&opened, None).await?;
                (opened, witness)
            }
        };
        let (witness, is_repeat) = match (witness, note) {
            (Ok(witness), _) => (Some(witness), false),
            (Err(Spent::Used), Some(note)) => (self.repeat(*opened.mark(), &note).await?, true),
            (Err(spent), _) => return Ok(Err(Failure::Spent(spent))),
        };
        let Some(witness) = witness else {
            return Ok(Err(Failure::Spent(Spent::Used)));
        };
        let pass = compare(opened.consume(witness)?, site, claim);
        Ok(pass.map(|pass| Redeemed { pass, is_repeat }))
    }

    /// For which site a text is a valid token, used or not.
    pub fn site_of(&self, token: &str) -> Option<String> {
        let keys = self.keys.current();
        keys.open_token(token, self.clock.now()).ok()?;
        match keys.inspect(token).ok()? {
            Contents::Token(pass) => Some(pass.site),
            Contents::Ticket(_) => None,
        }
    }

    /// The witness of this token's first use.
    ///
    /// Only whoever makes the mark learns the fence, so the note beside it is undecided until the
    /// fence was looked at, and vouches for a repeat only after that.
    async fn witness(
        &self,
        opened: &OpenToken,
        note: Option<&[u8; 32]>,
    ) -> Result<Result<FirstUse, Spent>, Error> {
        let (mark, life) = (*opened.mark(), opened.mark_life(self.clock.now()));
        let left = note.map(undecided).unwrap_or_default();
        let Some(first) = self.marks.first(mark, &left, life).await? else {
            return Ok(Err(Spent::Used));
        };
        let is_forgotten = opened.issued_before(first.fence);
        if let Some(note) = note {
            let decided = if is_forgotten { &[][..] } else { note };
            self.marks.leave(&mark, decided, life).await?;
        }
        Ok(match is_forgotten {
            true => Err(Spent::Forgotten),
            false => Ok(first.witness),
        })
    }

    /// The same, also if whoever asks goes away meanwhile, who will ask again: what is undecided
    /// then would stay so.
    async fn witness_to_the_end(
        &self,
        opened: OpenToken,
        note: [u8; 32],
    ) -> Result<(OpenToken, Result<FirstUse, Spent>), Error> {
        let this = self.clone();
        let task = tokio::spawn(async move {
            let witness = this.witness(&opened, Some(&note)).await?;
            Ok::<_, Error>((opened, witness))
        });
        let broken = |_| Error::Internal("a redemption broke off");
        task.await.map_err(broken)?
    }

    /// The witness of a use that left this note.
    async fn repeat(&self, mark: Mark, note: &[u8; 32]) -> Result<Option<FirstUse>, Error> {
        for _ in 0..LOOKS {
            let found = self.marks.note(&mark).await?.unwrap_or_default();
            if bool::from(found.ct_eq(note)) {
                return Ok(Some(FirstUse::of(mark)));
            }
            if !bool::from(found.ct_eq(&undecided(note))) {
                return Ok(None);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        let away = "another redemption of this token does not end";
        Err(inkgate_store::Error::Unavailable(away.into()).into())
    }
}

/// How often a repeat looks whether the first redemption, which runs beside it, is decided.
const LOOKS: u32 = 100;

/// How long it waits between two looks: a second in all.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// What is kept beside a mark: that this site redeemed it under this key, and all that the token
/// was compared with. The token holds the rest of the answer.
fn note(site: &Site, idempotency_key: &str, claim: &Claim<'_>) -> [u8; 32] {
    let mut digest = Sha256::new().chain_update(b"inkgate 2 idempotency\0");
    let compared = [
        Some(site.key.clone()),
        Some(idempotency_key.to_ascii_lowercase()),
        claim.action.map(str::to_owned),
        claim.hostname.map(str::to_ascii_lowercase),
    ];
    for text in compared {
        // With its length before it, so that no two lists read alike; none is not the empty one.
        digest.update(
            text.as_ref()
                .map_or(u64::MAX, |text| text.len() as u64)
                .to_be_bytes(),
        );
        digest.update(text.unwrap_or_default());
    }
    digest.finalize().into()
}

/// A note that does not vouch for anything yet.
fn undecided(note: &[u8; 32]) -> Vec<u8> {
    [b"?".as_slice(), note].concat()
}

/// CAP-22: a token is good for the site, action and host that it was made for.
fn compare(pass: Pass, site: &Site, claim: &Claim<'_>) -> Result<Pass, Failure> {
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
