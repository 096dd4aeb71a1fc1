use inkgate_server::config::DEFAULT_FILE;

use super::print;
use crate::args::{Config, ConfigCommand};

pub(crate) fn run(args: &Config) -> anyhow::Result<()> {
    match args.command {
        None => print(DEFAULT_FILE)?,
        Some(ConfigCommand::Check) => {
            let config = args.installation.config()?;
            config.check_reach()?;
            let styles = inkgate_server::styles(&config)?;
            let with_faces = styles
                .iter()
                .filter(|style| config.style.contains_key(&style.name));
            for style in with_faces {
                print(&format!(
                    "style.{}: faces: {}\n",
                    style.name,
                    style.faces.len()
                ))?;
            }
            print("the configuration is good\n")?;
        }
    }
    Ok(())
}
