//! How often a password may be tried: by whom, for which account, and in all.
//!
//! Strangers are counted four ways, each with waits that grow: per account, per account and
//! network, per address, per network; and together, per minute. An account is a typed name, known
//! or not, so both are throttled alike (THR-08). A device that the member has signed in on is
//! counted by itself, so that no stranger locks its owner out (THR-02). And whatever the waits,
//! strangers' passwords are compared no more than [`MOST_FAILURES`] times in a row with one
//! password of a member (THR-01); from then on they are wrong without being looked at.

use std::sync::Arc;
use std::time::Duration;

use inkgate_store::{Email, Key, Kind, Member, PasswordHash, Store};

use crate::Error;
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::service::curve::{Curve, Reservation};
use crate::service::device::{self, Device};
use crate::service::limiter::{Prefix, Throttled, Who};
use crate::service::session::Browser;

/// Failures in a row of one password from strangers, before only a one-time link, a known device
/// or the operator helps (NIST SP 800-63B-4, 3.2.2).
pub const MOST_FAILURES: u64 = 100;

/// Failures on one known device before it is a stranger's.
const MOST_ON_A_DEVICE: u64 = 10;

/// Failures that cost no wait: of one account from one network, …
const FREE_FOR_A_PAIR: u32 = 5;
/// … from everywhere, …
const FREE_FOR_AN_ACCOUNT: u32 = 10;
/// … of any accounts from one address (THR-04), …
const FREE_FOR_AN_ADDRESS: u32 = 20;
/// … from one network, …
const FREE_FOR_A_NETWORK: u32 = 100;
/// … and on a known device.
const FREE_FOR_A_DEVICE: u32 = 5;

/// Failures of all strangers in one minute before whoever passes no captcha waits for the next.
const MOST_A_MINUTE: u64 = 1_000;
const MINUTE: Duration = Duration::from_secs(60);

/// Longer than any account is left alone.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Where a try comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The address.
    pub prefix: Prefix,
    /// The device, if its cookie is one of ours.
    pub device: Option<Device>,
    /// The browser, as it says.
    pub browser: Browser,
    /// Whether a captcha was passed with this try.
    pub has_solved: bool,
}

impl Origin {
    /// Whom limits per address count: a known device by itself, so that its neighbours' floods
    /// are theirs.
    pub fn who(&self) -> Who {
        match &self.device {
            Some(device) => device.into(),
            None => self.prefix.into(),
        }
    }
}

/// Counts tries of passwords, on all nodes that share a store.
#[derive(Clone, Debug)]
pub struct Throttle {
    enabled: bool,
    curve: Curve,
    store: Arc<dyn Store>,
    clock: Clock,
    metrics: Metrics,
}

/// A try that may be made. It counts as failed unless it is said to have succeeded.
#[derive(Debug)]
pub struct Attempt {
    /// Whether the password may be compared; else it is wrong, at the same cost.
    pub may_compare: bool,
    /// Rows that a success ends, and those that it does not touch: somebody's own account must
    /// not free an address for others'.
    ended: Vec<Reservation>,
    untouched: Vec<Reservation>,
    counter: Option<Key>,
    is_a_strangers: bool,
}

impl Attempt {
    /// How many tries in a row had failed, at most, before this one.
    pub fn failures_before(&self) -> u32 {
        let failures = self.ended.iter().map(Reservation::failures_before);
        failures.max().unwrap_or_default()
    }
}

impl Throttle {
    /// Counting in this store.
    pub fn new(enabled: bool, store: Arc<dyn Store>, clock: Clock, metrics: Metrics) -> Self {
        Self {
            enabled,
            curve: Curve::new(Arc::clone(&store), clock.clone()),
            store,
            clock,
            metrics,
        }
    }

    /// Reserves a try before the password is looked at, so that tries made together cannot pass
    /// what tries one after another could not (THR-05).
    pub async fn begin(
        &self,
        email: &str,
        member: Option<&Member>,
        origin: &Origin,
    ) -> Result<Result<Attempt, Throttled>, Error> {
        if !self.enabled {
            return Ok(Ok(Attempt {
                may_compare: true,
                ended: Vec::new(),
                untouched: Vec::new(),
                counter: None,
                is_a_strangers: false,
            }));
        }
        if let Some(device) = origin.device
            && member.is_some_and(|member| device.is_of(member))
            && let Some(decided) = self.begin_on(&device).await?
        {
            return Ok(decided);
        }
        self.begin_as_stranger(email, member, origin).await
    }

    /// The try succeeded: its row of failures ends (AUT-17).
    pub async fn succeeded(&self, attempt: &Attempt) -> Result<(), Error> {
        for reservation in &attempt.ended {
            self.curve.forgive(reservation).await?;
        }
        for reservation in &attempt.untouched {
            self.curve.give_back(reservation).await?;
        }
        if let Some(counter) = &attempt.counter {
            self.store.take(counter).await?;
        }
        Ok(())
    }

    /// The try failed, as reserved.
    pub async fn failed(&self, attempt: &Attempt) -> Result<(), Error> {
        if attempt.is_a_strangers {
            self.store
                .increment(&self.this_minute(), MINUTE * 2)
                .await?;
        }
        Ok(())
    }

    /// The try was not made.
    pub async fn abandon(&self, attempt: &Attempt) -> Result<(), Error> {
        for reservation in attempt.ended.iter().chain(&attempt.untouched) {
            self.curve.give_back(reservation).await?;
        }
        Ok(())
    }

    /// Forgets an account's failures: its password is new, or its operator says so.
    pub async fn forget(&self, member: &Member) -> Result<(), Error> {
        let name = account_name(&member.email);
        self.curve.forget(&name, FREE_FOR_AN_ACCOUNT).await?;
        if let Some(hash) = &member.password {
            self.store.take(&wrong_key(member, hash)).await?;
        }
        Ok(())
    }

    /// How many tries of an account have failed in a row, wherever from.
    pub async fn failures_of_account(&self, email: &str) -> Result<u32, Error> {
        let name = account_name(email);
        self.curve.failures(&name, FREE_FOR_AN_ACCOUNT).await
    }

    /// How many tries from an address have failed in a row, of whatever account.
    pub async fn failures_of_address(&self, prefix: Prefix) -> Result<u32, Error> {
        let [address, _] = prefix.names();
        let name = address_name(&address);
        self.curve.failures(&name, FREE_FOR_AN_ADDRESS).await
    }

    /// How many tries of strangers have failed in this minute and the one before it.
    pub async fn failures_lately(&self) -> Result<u64, Error> {
        let minute = self.clock.now().as_millis() / 60_000;
        let mut sum = 0;
        for minute in [minute, minute.saturating_sub(1)] {
            sum += self.count(&minute_key(minute)).await?;
        }
        Ok(sum)
    }

    /// `None` if the device has failed so often that it counts as a stranger's.
    async fn begin_on(&self, device: &Device) -> Result<Option<Result<Attempt, Throttled>>, Error> {
        let name = device_name(device);
        let counter = Key::new(Kind::Counter, format!("wrong on {name}").as_bytes());
        if self.count(&counter).await? >= MOST_ON_A_DEVICE {
            return Ok(None);
        }
        let reservation = match self.curve.reserve(&name, FREE_FOR_A_DEVICE).await? {
            Ok(reservation) => reservation,
            Err(wait) => return Ok(Some(Err(self.refuse("device", wait)))),
        };
        if self.store.increment(&counter, device::LIFE).await? > MOST_ON_A_DEVICE {
            return Ok(None);
        }
        Ok(Some(Ok(Attempt {
            may_compare: true,
            ended: vec![reservation],
            untouched: Vec::new(),
            counter: Some(counter),
            is_a_strangers: false,
        })))
    }

    async fn begin_as_stranger(
        &self,
        email: &str,
        member: Option<&Member>,
        origin: &Origin,
    ) -> Result<Result<Attempt, Throttled>, Error> {
        // A captcha holds a flood off by itself, and what passes it the queue of the hasher.
        if !origin.has_solved && self.count(&self.this_minute()).await? >= MOST_A_MINUTE {
            let left = 60_000 - self.clock.now().as_millis() % 60_000;
            return Ok(Err(self.refuse("everybody", Duration::from_millis(left))));
        }
        let [address, network] = origin.prefix.names();
        let account = account_name(email);
        let pair = format!("{account} from {network}");
        let (address, network) = (address_name(&address), format!("network {network}"));
        // Who is refused for himself is not counted against the account, and leaves no record of
        // a name that he has thought of.
        let first = [
            ("address", address.as_str(), FREE_FOR_AN_ADDRESS),
            ("network", &network, FREE_FOR_A_NETWORK),
        ];
        let second = [
            ("pair", pair.as_str(), FREE_FOR_A_PAIR),
            ("account", &account, FREE_FOR_AN_ACCOUNT),
        ];
        let [address, network] = match self.reserve(first).await? {
            Ok(reserved) => reserved,
            Err(throttled) => return Ok(Err(throttled)),
        };
        let [pair, account] = match self.reserve(second).await? {
            Ok(reserved) => reserved,
            Err(throttled) => {
                self.curve.give_back(&address).await?;
                self.curve.give_back(&network).await?;
                return Ok(Err(throttled));
            }
        };
        let counter = member.and_then(|member| Some(wrong_key(member, member.password.as_ref()?)));
        // The store works as much where nobody has a password: how long it takes tells nothing.
        let counted = counter.unwrap_or_else(nobodys_key);
        let counted = self.store.increment(&counted, FOR_EVER).await?;
        let failed = match counter {
            Some(_) => counted,
            None => 0,
        };
        if failed > MOST_FAILURES {
            tracing::warn!(
                event = "authn_login_lock",
                member = member.map(|member| member.id.number()),
                "too many wrong passwords: strangers' are no longer compared"
            );
        }
        Ok(Ok(Attempt {
            may_compare: failed <= MOST_FAILURES,
            ended: vec![pair, account],
            untouched: vec![address, network],
            counter,
            is_a_strangers: true,
        }))
    }

    /// Both or none.
    async fn reserve(
        &self,
        [(one, one_name, one_free), (other, other_name, other_free)]: [(&'static str, &str, u32);
            2],
    ) -> Result<Result<[Reservation; 2], Throttled>, Error> {
        let reserved = tokio::try_join!(
            self.curve.reserve(one_name, one_free),
            self.curve.reserve(other_name, other_free),
        )?;
        let (kept, refusal) = match reserved {
            (Ok(one), Ok(other)) => return Ok(Ok([one, other])),
            (Err(a), Err(b)) if a < b => (None, self.refuse(other, b)),
            (Err(a), Err(_)) => (None, self.refuse(one, a)),
            (Err(a), Ok(kept)) => (Some(kept), self.refuse(one, a)),
            (Ok(kept), Err(b)) => (Some(kept), self.refuse(other, b)),
        };
        if let Some(kept) = kept {
            self.curve.give_back(&kept).await?;
        }
        Ok(Err(refusal))
    }

    fn refuse(&self, limit: &'static str, wait: Duration) -> Throttled {
        self.metrics.throttled(limit);
        Throttled { limit, wait }
    }

    fn this_minute(&self) -> Key {
        minute_key(self.clock.now().as_millis() / 60_000)
    }

    async fn count(&self, key: &Key) -> Result<u64, Error> {
        let bytes = self.store.get(key).await?.unwrap_or_default();
        let digits = std::str::from_utf8(&bytes).unwrap_or_default();
        Ok(digits.parse().unwrap_or_default())
    }
}

/// One name for all spellings of an address, and for none of two addresses (THR-03).
fn account_name(email: &str) -> String {
    match Email::parse(email) {
        Ok(email) => format!("account {}", email.canonical()),
        Err(_) => format!("no account {}", email.trim()),
    }
}

fn address_name(prefix: &str) -> String {
    format!("address {prefix}")
}

fn device_name(device: &Device) -> String {
    let digits: String = device.number.iter().map(|b| format!("{b:02x}")).collect();
    format!("device {digits}")
}

fn minute_key(minute: u64) -> Key {
    Key::new(
        Kind::Counter,
        format!("failures in minute {minute}").as_bytes(),
    )
}

/// What is counted in place of a password that there is not.
fn nobodys_key() -> Key {
    Key::new(Kind::Counter, b"wrong for nobody")
}

/// Where the wrong tries of a member's password are counted: a new password has a new count.
fn wrong_key(member: &Member, hash: &PasswordHash) -> Key {
    let name = format!("wrong for {} {}", member.id, hash.phc());
    Key::new(Kind::Counter, name.as_bytes())
}
