//! Remember-me: a long-lived login that changes its secret at every use, so that a stolen copy
//! shows (C. Jaspan, "Improved Persistent Login Cookie Best Practice").
//!
//! The cookie is `selector.verifier`. The selector names the family: all cookies that one
//! sign-in has led to. Only the digest of the verifier is kept. The next verifier is derived
//! from the last with a key of ours, so requests that arrive together with one cookie all get
//! the same successor (SES-10), and so is the session it leads to: one cookie fills no table.
//!
//! Each turn from one verifier to the next is a record that is inserted once. The family's own
//! record follows it; where it lags, because a writer was slow or gone, the turns tell.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use inkgate::Timestamp;
use inkgate_store::{Handle, Kind, Member, MemberId, Members, Record, Table};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Error;
use crate::clock::Clock;
use crate::service::session::Session;

/// How long the last cookie is still good after it was replaced: answers get lost, and tabs
/// restored together ask together.
const GRACE: Duration = Duration::from_secs(20);

/// All cookies that one sign-in with "remember me" has led to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Family {
    member: MemberId,
    epoch: u64,
    /// When it ends, in milliseconds, however often it is used (SES-08).
    expires: u64,
    current: [u8; 32],
    previous: Option<[u8; 32]>,
    rotated: u64,
}

impl Record for Family {
    const KIND: Kind = Kind::Remember;
}

/// That a family went from one verifier to the next.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Turn {
    next: [u8; 32],
    at: u64,
}

impl Record for Turn {
    const KIND: Kind = Kind::Remember;
}

/// How long a turn is remembered: far longer than any request takes to write what follows.
const TURN_LIFE: Duration = Duration::from_secs(3_600);

/// What the browser keeps.
pub struct RememberCookie {
    selector: Handle<Family>,
    verifier: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for RememberCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RememberCookie")
    }
}

impl RememberCookie {
    /// Reads a cookie's text; `None` is not one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (selector, verifier) = text.split_once('.')?;
        let verifier = URL_SAFE_NO_PAD.decode(verifier).ok()?;
        Some(Self {
            selector: selector.parse().ok()?,
            verifier: Zeroizing::new(verifier.try_into().ok()?),
        })
    }

    /// The cookie's text.
    pub fn to_text(&self) -> String {
        let verifier = URL_SAFE_NO_PAD.encode(*self.verifier);
        format!("{}.{verifier}", self.selector.reveal())
    }

    /// The family it belongs to.
    pub fn family(&self) -> &Handle<Family> {
        &self.selector
    }
}

/// A remembered member and the cookie that takes the old one's place.
#[derive(Debug)]
pub struct Remembered {
    /// Who it is.
    pub member: Member,
    /// The cookie from now on.
    pub cookie: RememberCookie,
    /// Its remaining life.
    pub life: Duration,
    /// The session that the replaced cookie had led to.
    pub last_session: Handle<Session>,
    /// The session that the new cookie leads to: one, however many requests come together.
    pub session: Handle<Session>,
}

/// Begins, renews and revokes remember-me logins.
#[derive(Clone)]
pub struct Remember {
    families: Table<Family>,
    turns: Table<Turn>,
    members: Arc<dyn Members>,
    clock: Clock,
    life: Duration,
    key: Arc<Zeroizing<[u8; 32]>>,
}

impl fmt::Debug for Remember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remember").finish_non_exhaustive()
    }
}

impl Remember {
    /// Logins in these tables that live so long; `key` derives each next verifier.
    pub fn new(
        families: Table<Family>,
        turns: Table<Turn>,
        members: Arc<dyn Members>,
        clock: Clock,
        life: Duration,
        key: [u8; 32],
    ) -> Self {
        Self {
            families,
            turns,
            members,
            clock,
            life,
            key: Arc::new(Zeroizing::new(key)),
        }
    }

    /// Begins a family for a member who just signed in.
    pub async fn begin(&self, member: &Member) -> Result<(RememberCookie, Duration), Error> {
        let mut verifier = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *verifier).map_err(inkgate::Error::Generator)?;
        let now = self.clock.now();
        let family = Family {
            member: member.id,
            epoch: member.epoch,
            expires: (now + self.life).as_millis(),
            current: digest(&verifier),
            previous: None,
            rotated: now.as_millis(),
        };
        let selector = self.families.issue(&family, self.life).await?;
        let cookie = RememberCookie { selector, verifier };
        Ok((cookie, self.life))
    }

    /// Takes a cookie and gives its successor. `None`: it is no good, and if somebody else has
    /// used it before, the family is revoked and with it every session it led to (SES-09).
    pub async fn renew(&self, cookie: RememberCookie) -> Result<Option<Remembered>, Error> {
        let now = self.clock.now();
        let Some(mut family) = self.families.get(&cookie.selector).await? else {
            return Ok(None);
        };
        let life = Timestamp::from_millis(family.expires).saturating_sub(now);
        if life.is_zero() {
            self.revoke(&cookie.selector).await?;
            return Ok(None);
        }
        let presented = digest(&cookie.verifier);
        let successor = self.successor(&cookie);
        let has_moved = self.follow(&cookie.selector, &mut family).await?;
        if is_equal(&presented, &family.current) {
            let turn = Turn {
                next: digest(&successor),
                at: now.as_millis(),
            };
            // Whoever comes second has the same successor and need not know it.
            let handle = turn_of(&cookie.selector, &family);
            self.turns.put(&handle, &turn, TURN_LIFE).await?;
            self.follow(&cookie.selector, &mut family).await?;
            if !self.keep(&cookie.selector, family.clone(), life).await? {
                return Ok(None);
            }
        } else if family.is_in_grace(&presented, now) {
            if has_moved {
                self.keep(&cookie.selector, family.clone(), life).await?;
            }
        } else {
            tracing::warn!(
                event = "authn_token_reuse",
                member = %family.member,
                "a replaced remember-me cookie came back: the login is revoked"
            );
            self.revoke(&cookie.selector).await?;
            return Ok(None);
        }
        let member = self.members.by_id(family.member).await?;
        let Some(member) = member.filter(|m| !m.disabled && m.epoch == family.epoch) else {
            self.revoke(&cookie.selector).await?;
            return Ok(None);
        };
        let last_session = self.session(&cookie);
        let cookie = RememberCookie {
            selector: cookie.selector,
            verifier: successor,
        };
        Ok(Some(Remembered {
            member,
            life,
            last_session,
            session: self.session(&cookie),
            cookie,
        }))
    }

    /// Takes the turns that a family's record does not know of yet. `false` if there are none.
    async fn follow(&self, selector: &Handle<Family>, family: &mut Family) -> Result<bool, Error> {
        let mut has_moved = false;
        while let Some(turn) = self.turns.get(&turn_of(selector, family)).await? {
            family.previous = Some(family.current);
            family.current = turn.next;
            family.rotated = turn.at;
            has_moved = true;
        }
        Ok(has_moved)
    }

    /// Writes where a family is, again if it moved on while that was written. `false` if it has
    /// been revoked meanwhile.
    async fn keep(
        &self,
        selector: &Handle<Family>,
        mut family: Family,
        life: Duration,
    ) -> Result<bool, Error> {
        loop {
            // Kept a little longer than it is good, so that this request still finds it.
            let is_there = self
                .families
                .update(selector, &family, life + GRACE)
                .await?;
            if !is_there || !self.follow(selector, &mut family).await? {
                return Ok(is_there);
            }
        }
    }

    /// Ends a family and with it every session it led to.
    pub async fn revoke(&self, family: &Handle<Family>) -> Result<(), Error> {
        self.families.take(family).await?;
        Ok(())
    }

    fn successor(&self, cookie: &RememberCookie) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.derive(b"successor", cookie))
    }

    fn session(&self, cookie: &RememberCookie) -> Handle<Session> {
        Handle::from_secret(self.derive(b"session", cookie))
    }

    /// All parts but the last have a fixed length, so no two inputs spell the same bytes.
    fn derive(&self, purpose: &[u8], cookie: &RememberCookie) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&**self.key).expect("HMAC takes a key of any length");
        mac.update(&*cookie.verifier);
        mac.update(cookie.selector.key().digest());
        mac.update(purpose);
        mac.finalize().into_bytes().into()
    }
}

impl Family {
    fn is_in_grace(&self, presented: &[u8; 32], now: Timestamp) -> bool {
        let since = now.saturating_sub(Timestamp::from_millis(self.rotated));
        since <= GRACE
            && self
                .previous
                .is_some_and(|previous| is_equal(presented, &previous))
    }
}

/// The turn that leaves a family's verifier: one, whoever makes it.
fn turn_of(selector: &Handle<Family>, family: &Family) -> Handle<Turn> {
    let secret = Sha256::new_with_prefix(b"turn")
        .chain_update(selector.key().digest())
        .chain_update(family.current)
        .finalize();
    Handle::from_secret(secret.into())
}

fn digest(verifier: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(verifier).into()
}

fn is_equal(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.ct_eq(b).into()
}
