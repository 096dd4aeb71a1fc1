use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::Result;

/// Bytes and counters that expire by themselves.
///
/// Every verb is one atomic step for all tasks, threads and processes that share the backend. Expiry is judged when
/// a record is used: a record is live while less than its TTL has passed, swept or not. A caller that gives up
/// waiting may still have its verb done.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// Adds a record, and says since when the store surely remembers records of this kind, read in the same step.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) if a live record has this key, [`Full`](crate::Error::Full) if its kind
    /// is at its cap.
    async fn insert(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<Fence>;

    /// Replaces a live record and restarts its TTL. `false` if there is none.
    async fn update(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<bool>;

    /// The bytes of a record that has not expired.
    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>>;

    /// Removes a record and returns its bytes; of any number of callers, one gets them.
    async fn take(&self, key: &Key) -> Result<Option<Vec<u8>>>;

    /// Adds one to a counter and returns the sum, which stops at [`COUNTER_MAX`].
    ///
    /// The first call starts the counter at one and starts its TTL, which later calls leave alone.
    /// [`get`](Self::get) reads it as decimal digits.
    ///
    /// # Errors
    /// [`NotACounter`](crate::Error::NotACounter) if the key holds other bytes, [`Full`](crate::Error::Full) if a
    /// new counter finds no room.
    async fn increment(&self, key: &Key, ttl: Duration) -> Result<u64>;

    /// Deletes what has expired and says how many records that were.
    async fn sweep(&self) -> Result<u64>;

    /// Notes a clean end. What was written before is then safe on disk, where the backend has one.
    async fn close(&self) -> Result<()>;
}

/// The largest sum of a counter: the largest signed 64-bit number, which every backend has.
pub const COUNTER_MAX: u64 = i64::MAX as u64;

/// The moment since which a store surely remembers what it was told.
///
/// A used mark from before it may be forgotten, so whoever checks a ticket refuses one issued earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(u64);

impl Fence {
    pub(crate) fn since(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn as_millis(self) -> u64 {
        self.0
    }
}

/// What a record is. Each kind has its own names, its own cap and, on disk, its own durability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A ticket or token has been used. May be forgotten at a power cut, which the [`Fence`] then tells.
    Mark,
    /// One signed-in browser.
    Session,
    /// A long-lived sign-in.
    Remember,
    /// A one-time link.
    Link,
    /// A count of attempts.
    Counter,
}

impl Kind {
    /// Every kind, in the order of [`code`](Self::code).
    pub const ALL: [Self; 5] = [
        Self::Mark,
        Self::Session,
        Self::Remember,
        Self::Link,
        Self::Counter,
    ];

    /// The number that stands for this kind in a backend; it never changes.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Mark => 0,
            Self::Session => 1,
            Self::Remember => 2,
            Self::Link => 3,
            Self::Counter => 4,
        }
    }
}

/// The name of a record: its kind and a digest. The name itself never reaches a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    kind: Kind,
    digest: [u8; 32],
}

impl Key {
    /// The key of the record of this kind that is called `name`.
    #[must_use]
    pub fn new(kind: Kind, name: &[u8]) -> Self {
        let digest = Sha256::new_with_prefix(b"inkgate store key\0")
            .chain_update([kind.code()])
            .chain_update(name)
            .finalize();
        Self {
            kind,
            digest: digest.into(),
        }
    }

    /// The key whose name has this digest, for a record that refers to another one without knowing its name.
    #[must_use]
    pub fn of_digest(kind: Kind, digest: [u8; 32]) -> Self {
        Self { kind, digest }
    }

    /// What the record is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// SHA-256 over the kind and the name.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// How many records of each kind a store holds at most. Live records are never evicted: at the cap an insert is
/// refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Used marks. A million of them, at 300 seconds each, is 3,300 checks a second.
    pub marks: u64,
    /// Sessions.
    pub sessions: u64,
    /// Remember-me records.
    pub remember: u64,
    /// One-time links.
    pub links: u64,
    /// Counters.
    pub counters: u64,
}

impl Caps {
    /// The cap of one kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Mark => self.marks,
            Kind::Session => self.sessions,
            Kind::Remember => self.remember,
            Kind::Link => self.links,
            Kind::Counter => self.counters,
        }
    }
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            marks: 1_000_000,
            sessions: 200_000,
            remember: 200_000,
            links: 10_000,
            counters: 500_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_in_two_kinds_is_two_keys() {
        let digests = Kind::ALL.map(|kind| *Key::new(kind, b"name").digest());
        for (i, one) in digests.iter().enumerate() {
            assert!(!digests[..i].contains(one));
        }
    }

    #[test]
    fn a_kinds_code_is_its_place_in_the_list() {
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(kind.code()), place);
        }
    }
}
