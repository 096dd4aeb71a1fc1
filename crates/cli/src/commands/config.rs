use inkgate_server::config::DEFAULT_FILE;

use super::print;
use crate::args::{Config, ConfigCommand};

pub(crate) fn run(args: &Config) -> anyhow::Result<()> {
    match args.command {
        None => print(DEFAULT_FILE)?,
        Some(ConfigCommand::Check) => {
            let config = args.installation.config()?;
            config.check_reach()?;
            inkgate_server::styles(&config)?;
            print("the configuration is good\n")?;
        }
    }
    Ok(())
}
