//! Limits: how often one address, device or site may do what.
//!
//! They are counted in this process, in bounded memory, by the generic cell rate algorithm
//! (ITU-T I.371): per key one number, the time at which its bucket would be full again. Passwords
//! have a throttle of their own, in the store.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use inkgate::Timestamp;
use inkgate_store::Site;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::service::device::Device;

/// What is limited per address, or per site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Sealing a new ticket.
    Issue,
    /// Sealing one for a site, whoever asks.
    IssueFor,
    /// Drawing a picture.
    Draw,
    /// Checking a solution.
    Check,
    /// Following a link.
    Link,
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
            Self::IssueFor => "issue_for",
            Self::Draw => "draw",
            Self::Check => "check",
            Self::Link => "link",
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
            // Far more than a busy page needs: no site's flood takes the processor from the others.
            Self::IssueFor => (10_000, Duration::from_millis(1)),
            Self::Draw => (180, Duration::from_millis(250)),
            Self::Check => (30, Duration::from_secs(2)),
            Self::Link => (20, Duration::from_secs(10)),
            Self::Renew => (60, Duration::from_secs(2)),
            // Back ends ask for all their visitors from one address.
            Self::Verify => (2_000, Duration::from_millis(5)),
            Self::Redeem => (2_000, Duration::from_millis(5)),
            Self::BadSecret => (20, Duration::from_secs(10)),
        }
    }
}

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

impl Prefix {
    /// The network around it that one customer of a provider may rotate through: IPv4 /24, IPv6 /56.
    pub fn network(self) -> Self {
        Self {
            bits: self.bits & !0xff,
            ..self
        }
    }

    /// Its text: the address and, around it, the network that one customer of a provider may
    /// rotate through: IPv4 /24, IPv6 /56 (THR-03).
    pub fn names(&self) -> [String; 2] {
        let [narrow, wide] = match self.is_v6 {
            true => ["/64", "/56"],
            false => ["/32", "/24"],
        };
        [
            format!("{:x}{narrow}", self.bits),
            format!("{:x}{wide}", self.bits >> 8),
        ]
    }
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
    /// All devices that one member has signed in on: more cookies are no more room.
    Device(u64),
    /// A site, by a digest of its key.
    Site(u64),
}

impl From<Prefix> for Who {
    fn from(prefix: Prefix) -> Self {
        Self::Prefix(prefix)
    }
}

impl From<&Device> for Who {
    fn from(device: &Device) -> Self {
        Self::Device(device.owner())
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
    /// Which, for the log and for metrics.
    pub limit: &'static str,
    /// Until the next try can succeed.
    pub wait: Duration,
}

/// The one throttle mechanism.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// `None` when the operator switched throttles off.
    shards: Option<Arc<[Mutex<Shard>; SHARDS]>>,
    clock: Clock,
    metrics: Metrics,
}

impl Limiter {
    /// A limiter that has seen nobody yet.
    pub fn new(enabled: bool, clock: Clock, metrics: Metrics) -> Self {
        let shards = enabled.then(|| Arc::new(std::array::from_fn(|_| Mutex::default())));
        Self {
            shards,
            clock,
            metrics,
        }
    }

    /// Counts one act, or says how long it has to wait.
    pub fn admit(&self, act: Act, who: impl Into<Who>) -> Result<(), Throttled> {
        let Some(shards) = &self.shards else {
            return Ok(());
        };
        let key = (act, who.into());
        let shard = &shards[shard_of(&key.1)];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let admitted = shard.admit(key, act.allowance(), self.clock.now());
        admitted.map_err(|wait| {
            self.metrics.throttled(act.name());
            let limit = act.name();
            Throttled { limit, wait }
        })
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

/// Which shard holds a key: neighbours spread, so no one network owns a shard alone.
fn shard_of(who: &Who) -> usize {
    let bits = match who {
        Who::Prefix(prefix) => prefix.bits,
        Who::Device(bits) | Who::Site(bits) => *bits,
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
    ) -> Result<(), Duration> {
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
            Some(early) if early > 0 => Err(Duration::from_millis(early)),
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
        let limiter = Limiter::new(true, clock.clone(), Metrics::default());
        (limiter, clock)
    }

    fn prefix(address: &str) -> Prefix {
        Prefix::from(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn an_address_has_its_burst_and_then_waits() {
        let (limiter, clock) = limiter();
        let (burst, every) = Act::Link.allowance();
        let here = prefix("192.0.2.1");
        for _ in 0..burst {
            limiter.admit(Act::Link, here).unwrap();
        }
        let throttled = limiter.admit(Act::Link, here).unwrap_err();
        assert_eq!(throttled.wait, every);
        clock.advance(every);
        limiter.admit(Act::Link, here).unwrap();
        assert!(limiter.admit(Act::Link, here).is_err());
        limiter.admit(Act::Link, prefix("192.0.2.2")).unwrap();
        limiter.admit(Act::Check, here).unwrap();
    }

    #[test]
    fn the_guide_tells_these_limits() {
        let guide = include_str!("../../../../docs/api.md");
        for (act, what) in [
            (Act::Issue, "challenges | an address"),
            (Act::IssueFor, "challenges | a site"),
            (Act::Draw, "pictures | an address"),
            (Act::Check, "solutions | an address"),
            (Act::Verify, "`siteverify` | an address"),
            (Act::Redeem, "`siteverify` | a site's secret"),
            (
                Act::BadSecret,
                "`siteverify` with a secret that is no site's | an address",
            ),
        ] {
            let (burst, every) = act.allowance();
            let burst = match burst {
                0..1_000 => burst.to_string(),
                _ => format!("{},{:03}", burst / 1_000, burst % 1_000),
            };
            let every = match every.as_secs() {
                0 => format!("{} ms", every.as_millis()),
                seconds => format!("{seconds} s"),
            };
            let row = format!("| {what} | {burst} | {every} |");
            assert!(guide.contains(&row), "{row}");
        }
    }

    /// THR-03
    #[test]
    fn all_addresses_of_a_64_share_a_bucket_and_two_64s_do_not() {
        assert_eq!(prefix("2001:db8::1"), prefix("2001:db8::ffff:ffff"));
        assert_ne!(prefix("2001:db8:0:1::1"), prefix("2001:db8:0:2::1"));
        assert_eq!(prefix("::ffff:192.0.2.1"), prefix("192.0.2.1"));
        assert_ne!(prefix("192.0.2.1"), prefix("192.0.2.2"));
    }

    /// THR-03
    #[test]
    fn neighbours_share_the_network_around_them() {
        let wide = |address| prefix(address).names()[1].clone();
        assert_eq!(wide("192.0.2.1"), wide("192.0.2.255"));
        assert_ne!(wide("192.0.2.1"), wide("192.0.3.1"));
        assert_eq!(wide("2001:db8:0:ff::1"), wide("2001:db8::1"));
        assert_ne!(wide("2001:db8:0:100::1"), wide("2001:db8::1"));
    }

    /// THR-07, C-53b
    #[test]
    fn a_flood_of_addresses_neither_grows_the_table_nor_frees_a_blocked_one() {
        let (limiter, _) = limiter();
        let blocked = prefix("2001:db8::1");
        while limiter.admit(Act::Link, blocked).is_ok() {}
        for bits in 0..(2 * CAPACITY as u64) {
            let _ = limiter.admit(Act::Issue, Prefix { is_v6: true, bits });
        }
        let shards = limiter.shards.as_ref().unwrap();
        let entries: usize = shards.iter().map(|s| s.lock().unwrap().full_at.len()).sum();
        assert!(entries <= CAPACITY);
        assert!(limiter.admit(Act::Link, blocked).is_err());
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
}
