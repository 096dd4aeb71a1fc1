use std::path::PathBuf;

use anyhow::bail;
use inkgate_server::{Config, data::DataFolder};
use inkgate_store::SqliteStore;

use super::print;
use crate::args;

pub(crate) fn back_up(args: &args::Backup) -> anyhow::Result<()> {
    let folder = folder(&args.installation.config()?)?;
    SqliteStore::backup(&folder, &args.file)?;
    let shown = args.file.display();
    Ok(print(&format!(
        "members and sites are in {shown}; keep the `keys` of this folder with it, which their passwords need\n"
    ))?)
}

pub(crate) fn restore(args: &args::Backup) -> anyhow::Result<()> {
    let config = args.installation.config()?;
    let folder = folder(&config)?;
    // Found out first: without its keys a backup's passwords are good for nothing.
    DataFolder::at(&config.data).keys()?;
    let restored = SqliteStore::restore(&folder, &args.file)?;
    tracing::info!(
        event = "sys_restore",
        members = restored.members,
        sites = restored.sites,
        "members and sites were restored"
    );
    Ok(print(&format!(
        "restored {} members and {} sites; everybody is signed out\n",
        restored.members, restored.sites
    ))?)
}

/// Where members and sites lie.
fn folder(config: &Config) -> anyhow::Result<PathBuf> {
    let members = config.members_address();
    let Some(folder) = members.folder(&config.data) else {
        bail!(
            "store: only the embedded store is backed up here; a database server has its own ways"
        );
    };
    Ok(folder.to_owned())
}
