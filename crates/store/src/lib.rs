//! Expiring records, counters, members and sites, behind three traits.
//!
//! A [`Store`] keeps bytes for a while under a [`Key`] and has six verbs. Each verb is one atomic step, so "once"
//! needs no lock: a used mark is an [`insert`](Store::insert) that meets a conflict the second time, a one-time
//! link is a [`take`](Store::take). Only digests of names reach a backend: whoever copies a database finds nothing
//! in it that opens a door.
//!
//! Most callers use the typed face, a [`Table`] of [`Record`]s named by unguessable [`Handle`]s:
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use inkgate_store::{Kind, MemoryStore, Record, Table};
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Invitation { to: String }
//! impl Record for Invitation { const KIND: Kind = Kind::Link; }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), inkgate_store::Error> {
//! let invitations = Table::<Invitation>::new(Arc::new(MemoryStore::new()));
//! let handle = invitations.issue(&Invitation { to: "ann@example.org".into() }, Duration::from_secs(3600)).await?;
//! assert_eq!(invitations.take(&handle).await?.expect("still there").to, "ann@example.org");
//! assert!(invitations.take(&handle).await?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! [`Members`] keeps accounts, unique by e-mail address; [`Sites`] keeps the web sites that ask for challenges. Memory
//! is always there; the feature `sqlite` adds one folder on disk, `postgres` a database that several nodes
//! share, `redis` a [`Store`] in Redis or Valkey.

#[cfg(any(feature = "postgres", feature = "redis"))]
mod address;
mod clock;
#[cfg(test)]
#[macro_use]
mod contract;
#[cfg(all(test, any(feature = "postgres", feature = "redis")))]
mod daemon;
mod error;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod gate;
mod members;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod sites;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod table;

pub use error::{Error, Result};
pub use members::{Email, Member, MemberId, Members, NewMember, PasswordHash};
pub use memory::{MemoryMembers, MemorySites, MemoryStore};
#[cfg(feature = "postgres")]
pub use postgres::{PostgresMembers, PostgresSites, PostgresStore};
#[cfg(feature = "redis")]
pub use redis::RedisStore;
pub use sites::{NewSite, Retired, SecretDigest, Site, Sites};
#[cfg(feature = "sqlite")]
pub use sqlite::{Restored, SqliteMembers, SqliteSites, SqliteStore};
pub use store::{COUNTER_MAX, Caps, Fence, Key, Kind, Store};
pub use table::{Handle, NotAHandle, Record, Table};
