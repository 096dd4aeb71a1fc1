//! What an installation keeps things in, opened as the configuration says.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use inkgate_store::{
    Error, Members, MemoryMembers, MemorySites, MemoryStore, PostgresStore, RedisStore, Sites,
    SqliteStore, Store,
};

use crate::config::{Config, StoreAddress};
use crate::data::DataFolder;
use crate::state::StartError;

/// Records, members and sites of one installation.
#[derive(Clone, Debug)]
pub struct Storage {
    /// Marks, sessions, remember-me logins, links and counters.
    pub store: Arc<dyn Store>,
    /// Accounts.
    pub members: Arc<dyn Members>,
    /// Sites.
    pub sites: Arc<dyn Sites>,
    remotes: Remotes,
}

/// Who opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opener {
    /// The server, which raises the fence of a SQLite store that did not end cleanly.
    Server,
    /// A command beside it, which leaves the fence alone and has no marks.
    Command,
}

impl Storage {
    /// Opens everything, making what is missing. What is reached over the network is not waited for:
    /// [`Remotes::settled`] does that.
    ///
    /// # Panics
    /// Outside of a Tokio runtime, if something is reached over the network.
    pub fn open(config: &Config, opener: Opener) -> Result<Self, StartError> {
        let members = config.members_address();
        if members == config.store {
            return Self::of(&members, &config.data, opener);
        }
        let kept = Self::of(&config.store, &config.data, opener)?;
        let beside = Self::of(&members, &config.data, Opener::Command)?;
        Ok(Self {
            store: kept.store,
            remotes: Remotes([kept.remotes.0, beside.remotes.0].concat()),
            ..beside
        })
    }

    /// The stores that are reached over the network.
    pub fn remotes(&self) -> &Remotes {
        &self.remotes
    }

    /// All that is kept at one address. In Redis that is records only.
    fn of(address: &StoreAddress, data: &Path, opener: Opener) -> Result<Self, StartError> {
        let kept = match address {
            StoreAddress::Postgres(url) => Self::postgres(PostgresStore::open(url)?),
            StoreAddress::Redis(url) => Self::redis(RedisStore::open(url)?),
            StoreAddress::Memory | StoreAddress::File(_) => Self::memory(),
            StoreAddress::Sqlite(folder) => {
                let folder = DataFolder::at(folder.as_deref().unwrap_or(data));
                folder.create()?;
                Self::sqlite(match opener {
                    Opener::Server => SqliteStore::open(folder.path())?,
                    Opener::Command => SqliteStore::open_beside(folder.path())?,
                })
            }
        };
        Ok(kept)
    }

    fn memory() -> Self {
        Self {
            store: Arc::new(MemoryStore::default()),
            members: Arc::new(MemoryMembers::default()),
            sites: Arc::new(MemorySites::default()),
            remotes: Remotes::default(),
        }
    }

    fn sqlite(store: SqliteStore) -> Self {
        Self {
            members: Arc::new(store.members()),
            sites: Arc::new(store.sites()),
            store: Arc::new(store),
            remotes: Remotes::default(),
        }
    }

    fn postgres(store: PostgresStore) -> Self {
        let store = Arc::new(store);
        Self {
            members: Arc::new(store.members()),
            sites: Arc::new(store.sites()),
            store: Arc::clone(&store) as Arc<dyn Store>,
            remotes: Remotes(vec![Remote::Postgres(store)]),
        }
    }

    fn redis(store: RedisStore) -> Self {
        let store = Arc::new(store);
        Self {
            store: Arc::clone(&store) as Arc<dyn Store>,
            remotes: Remotes(vec![Remote::Redis(store)]),
            ..Self::memory()
        }
    }
}

/// Stores that are reached over the network: they connect by themselves, and again whenever they were away.
#[derive(Clone, Debug, Default)]
pub struct Remotes(Vec<Remote>);

#[derive(Clone, Debug)]
enum Remote {
    Postgres(Arc<PostgresStore>),
    Redis(Arc<RedisStore>),
}

impl Remotes {
    /// Waits until all of them answer, or it is known why one does not.
    ///
    /// # Errors
    /// [`Unavailable`](Error::Unavailable), which may pass, or what does not.
    pub async fn settled(&self, patience: Duration) -> Result<(), Error> {
        for remote in &self.0 {
            match remote {
                Remote::Postgres(store) => store.settled(patience).await?,
                Remote::Redis(store) => store.settled(patience).await?,
            }
        }
        Ok(())
    }
}
