//! Throttles: how often one address may do what, and one account be tried.
//!
//! Addresses are counted in this process, in bounded memory, by the generic cell rate algorithm
//! (ITU-T I.371): per key one number, the time at which its bucket would be full again. Accounts
//! are counted in the store, so that a restart forgives nothing (THR-09).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use inkgate::Timestamp;
use inkgate_store::{Email, Key, Kind, Site, Store};

use crate::clock::Clock;
use crate::metrics::Metrics;

/// What is limited per address, or per site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Sealing a new ticket.
    Issue,
    /// Drawing a picture.
    Draw,
    /// Checking a solution.
    Check,
    /// Trying a password.
    SignIn,
    /// Coming back by remember-me.
    Renew,
    /// Asking to redeem a token, whoever's.
    Verify,
    /// Redeeming a token with a site's secret, from wherever.
    Redeem,
    /// Naming a secret that is none.
    BadSecret,
}

impl Act {
    /// Its word in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Draw => "draw",
            Self::Check => "check",
            Self::SignIn => "sign_in",
            Self::Renew => "renew",
            Self::Verify => "verify",
            Self::Redeem => "redeem",
            Self::BadSecret => "bad_secret",
        }
    }

    /// How many at once, and how long until one more is allowed.
    const fn allowance(self) -> (u64, Duration) {
        match self {
            Self::Issue => (60, Duration::from_secs(1)),
            Self::Draw => (180, Duration::from_millis(250)),
            Self::Check => (30, Duration::from_secs(2)),
            Self::SignIn => (20, Duration::from_secs(10)),
            Self::Renew => (60, Duration::from_secs(2)),
            // Back ends ask for all their visitors from one address.
            Self::Verify => (2_000, Duration::from_millis(5)),
            Self::Redeem => (2_000, Duration::from_millis(5)),
            Self::BadSecret => (20, Duration::from_secs(10)),
        }
    }
}

/// Tries of one account within [`ACCOUNT_WINDOW`] before it has to wait.
const ACCOUNT_TRIES: u64 = 10;
const ACCOUNT_WINDOW: Duration = Duration::from_secs(15 * 60);

const SHARDS: usize = 16;
/// Keys remembered in all. An entry takes 33 bytes and its map has room for twice as many, so this
/// bounds the limiter at 33 MiB.
const CAPACITY: usize = 1 << 19;

/// The part of an address that one household or machine cannot change at will: IPv4 /32,
/// IPv6 /64; an IPv4 address written as IPv6 counts as IPv4 (THR-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    is_v6: bool,
    bits: u64,
}

impl From<IpAddr> for Prefix {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self {
                is_v6: false,
                bits: u64::from(u32::from(v4)),
            },
            IpAddr::V6(v6) => Self {
                is_v6: true,
                bits: (u128::from(v6) >> 64) as u64,
            },
        }
    }
}

/// Whom a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Whoever asks from this address.
    Prefix(Prefix),
    /// A site, by a digest of its key.
    Site(u64),
}

impl From<Prefix> for Who {
    fn from(prefix: Prefix) -> Self {
        Self::Prefix(prefix)
    }
}

impl From<&Site> for Who {
    fn from(site: &Site) -> Self {
        let mut hasher = DefaultHasher::new();
        site.key.hash(&mut hasher);
        Self::Site(hasher.finish())
    }
}

/// A limit was reached; the same act makes sense again after `wait`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a limit was reached")]
pub struct Throttled {
    /// Until the next try can succeed.
    pub wait: Duration,
}

/// The one throttle mechanism.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// `None` when the operator switched throttles off.
    shards: Option<Arc<[Mutex<Shard>; SHARDS]>>,
    store: Arc<dyn Store>,
    clock: Clock,
    metrics: Metrics,
}

impl Limiter {
    /// A limiter whose account counters live in this store.
    pub fn new(enabled: bool, store: Arc<dyn Store>, clock: Clock, metrics: Metrics) -> Self {
        let shards = enabled.then(|| Arc::new(std::array::from_fn(|_| Mutex::default())));
        Self {
            shards,
            store,
            clock,
            metrics,
        }
    }

    /// Counts one act of an address or a site, or says how long it has to wait.
    pub fn admit(&self, act: Act, who: impl Into<Who>) -> Result<(), Throttled> {
        let Some(shards) = &self.shards else {
            return Ok(());
        };
        let key = (act, who.into());
        let shard = &shards[shard_of(&key.1)];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let admitted = shard.admit(key, act.allowance(), self.clock.now());
        admitted.inspect_err(|_| self.metrics.throttled(act))
    }

    /// Counts one password try of an account, known or not, before the password is looked at,
    /// so that parallel tries cannot exceed the limit (THR-05).
    pub async fn admit_account(&self, email: &str) -> Result<(), crate::Error> {
        if self.shards.is_none() {
            return Ok(());
        }
        let tries = self
            .store
            .increment(&account_key(email), ACCOUNT_WINDOW)
            .await?;
        if tries > ACCOUNT_TRIES {
            return Err(Throttled {
                wait: ACCOUNT_WINDOW,
            }
            .into());
        }
        Ok(())
    }

    /// Forgets an account's tries after its right password (AUT-17).
    pub async fn forgive_account(&self, email: &str) -> Result<(), crate::Error> {
        self.store.take(&account_key(email)).await?;
        Ok(())
    }

    /// Forgets addresses whose buckets are full again.
    pub fn sweep(&self) {
        let now = self.clock.now().as_millis();
        for shard in self.shards.iter().flat_map(|shards| shards.iter()) {
            shard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .forget_idle(now);
        }
    }
}

fn account_key(email: &str) -> Key {
    let name = match Email::parse(email) {
        Ok(email) => email.canonical().to_owned(),
        Err(_) => email.to_owned(),
    };
    Key::new(Kind::Counter, format!("sign-in {name}").as_bytes())
}

/// Which shard holds a key: neighbours spread, so no one network owns a shard alone.
fn shard_of(who: &Who) -> usize {
    let bits = match who {
        Who::Prefix(prefix) => prefix.bits,
        Who::Site(bits) => *bits,
    };
    (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60) as usize
}

type BucketKey = (Act, Who);

#[derive(Debug, Default)]
struct Shard {
    /// When each key's bucket will be full again, in milliseconds.
    full_at: HashMap<BucketKey, u64>,
    /// Newcomers to a full table share one bucket for each act: memory stays bounded, no
    /// blocked key is forgotten, and the answer to a flood is more checking (C-53b, THR-07).
    newcomers: HashMap<Act, u64>,
    swept: u64,
}

impl Shard {
    fn admit(
        &mut self,
        key: BucketKey,
        (burst, every): (u64, Duration),
        now: Timestamp,
    ) -> Result<(), Throttled> {
        let now = now.as_millis();
        let every = every.as_millis() as u64;
        if self.is_full() && now > self.swept + 1_000 {
            self.forget_idle(now);
        }
        let full_at = if self.is_full() && !self.full_at.contains_key(&key) {
            self.newcomers.entry(key.0).or_insert(now)
        } else {
            self.full_at.entry(key).or_insert(now)
        };
        let next = (*full_at).max(now) + every;
        match next.checked_sub(now + burst * every) {
            Some(early) if early > 0 => Err(Throttled {
                wait: Duration::from_millis(early),
            }),
            _ => {
                *full_at = next;
                Ok(())
            }
        }
    }

    fn is_full(&self) -> bool {
        self.full_at.len() >= CAPACITY / SHARDS
    }

    fn forget_idle(&mut self, now: u64) {
        self.full_at.retain(|_, full_at| *full_at > now);
        self.swept = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> (Limiter, Clock) {
        let clock = Clock::manual(Timestamp::from_millis(1_000_000));
        let store = Arc::new(inkgate_store::MemoryStore::default());
        let limiter = Limiter::new(true, store, clock.clone(), Metrics::default());
        (limiter, clock)
    }

    fn prefix(address: &str) -> Prefix {
        Prefix::from(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn an_address_has_its_burst_and_then_waits() {
        let (limiter, clock) = limiter();
        let (burst, every) = Act::SignIn.allowance();
        let here = prefix("192.0.2.1");
        for _ in 0..burst {
            limiter.admit(Act::SignIn, here).unwrap();
        }
        let throttled = limiter.admit(Act::SignIn, here).unwrap_err();
        assert_eq!(throttled.wait, every);
        clock.advance(every);
        limiter.admit(Act::SignIn, here).unwrap();
        assert!(limiter.admit(Act::SignIn, here).is_err());
        limiter.admit(Act::SignIn, prefix("192.0.2.2")).unwrap();
        limiter.admit(Act::Check, here).unwrap();
    }

    /// THR-03
    #[test]
    fn all_addresses_of_a_64_share_a_bucket_and_two_64s_do_not() {
        assert_eq!(prefix("2001:db8::1"), prefix("2001:db8::ffff:ffff"));
        assert_ne!(prefix("2001:db8:0:1::1"), prefix("2001:db8:0:2::1"));
        assert_eq!(prefix("::ffff:192.0.2.1"), prefix("192.0.2.1"));
        assert_ne!(prefix("192.0.2.1"), prefix("192.0.2.2"));
    }

    /// THR-07, C-53b
    #[test]
    fn a_flood_of_addresses_neither_grows_the_table_nor_frees_a_blocked_one() {
        let (limiter, _) = limiter();
        let blocked = prefix("2001:db8::1");
        while limiter.admit(Act::SignIn, blocked).is_ok() {}
        for bits in 0..(2 * CAPACITY as u64) {
            let _ = limiter.admit(Act::Issue, Prefix { is_v6: true, bits });
        }
        let shards = limiter.shards.as_ref().unwrap();
        let entries: usize = shards.iter().map(|s| s.lock().unwrap().full_at.len()).sum();
        assert!(entries <= CAPACITY);
        assert!(limiter.admit(Act::SignIn, blocked).is_err());
    }

    #[test]
    fn idle_addresses_are_forgotten() {
        let (limiter, clock) = limiter();
        limiter.admit(Act::Issue, prefix("192.0.2.1")).unwrap();
        clock.advance(Duration::from_secs(60));
        limiter.sweep();
        let shards = limiter.shards.as_ref().unwrap();
        assert!(shards.iter().all(|s| s.lock().unwrap().full_at.is_empty()));
    }

    /// THR-05
    #[tokio::test]
    async fn an_account_is_tried_ten_times_however_parallel() {
        let (limiter, _) = limiter();
        let tries = (0..100).map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.admit_account("Mei@Example.org").await.is_ok() })
        });
        let mut admitted = 0;
        for attempt in tries.collect::<Vec<_>>() {
            admitted += u64::from(attempt.await.unwrap());
        }
        assert_eq!(admitted, ACCOUNT_TRIES);
        assert!(limiter.admit_account(" mei@example.org").await.is_err());
        limiter.forgive_account("mei@example.org").await.unwrap();
        assert!(limiter.admit_account("mei@example.org").await.is_ok());
    }
}
