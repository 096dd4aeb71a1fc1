//! A file for each subcommand.

pub(crate) mod backup;
pub(crate) mod config;
pub(crate) mod draw;
mod import;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod member;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod sheet;
pub(crate) mod site;
pub(crate) mod speed;
pub(crate) mod styles;

use std::{
    io::{self, Write},
    time::Duration,
};

use anyhow::bail;
use inkgate::Timestamp;
use inkgate_server::{
    Clock, Config, Opener, Storage,
    config::{ConfigError, Sources},
};
use inkgate_store::SqliteStore;

use crate::args::Installation;

impl Installation {
    /// Its configuration: the file, the environment over it, and `--data` over both.
    fn config(&self) -> Result<Config, ConfigError> {
        Config::load(&self.sources())
    }

    fn sources(&self) -> Sources {
        Sources {
            file: self.config.clone(),
            data: self.data.clone(),
            ..Sources::from_environment()
        }
    }
}

/// What an installation keeps things in, for work beside its server. Without `may_create` there must be something
/// already.
async fn open_beside(config: &Config, may_create: bool, what: &str) -> anyhow::Result<Storage> {
    if let Some(folder) = config.members_address().folder(&config.data)
        && !may_create
        && !SqliteStore::is_in(folder)
    {
        bail!(
            "{}: there are no {what}s here; `inkgate {what} add` adds the first",
            folder.display()
        );
    }
    let storage = Storage::open(config, Opener::Command)?;
    storage.remotes().settled(PATIENCE).await?;
    Ok(storage)
}

/// How long a command waits for a store elsewhere.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes to standard output, which may have been closed.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn now() -> Timestamp {
    Clock::system().now()
}
