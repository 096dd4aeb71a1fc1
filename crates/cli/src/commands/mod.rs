//! A file for each subcommand.

pub(crate) mod config;
pub(crate) mod draw;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod member;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod sheet;
pub(crate) mod site;
pub(crate) mod speed;
pub(crate) mod styles;

use std::io::{self, Write};

use inkgate::Timestamp;
use inkgate_server::{
    Clock, Config,
    config::{ConfigError, Sources},
};

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

/// Writes to standard output, which may have been closed.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn now() -> Timestamp {
    Clock::system().now()
}
