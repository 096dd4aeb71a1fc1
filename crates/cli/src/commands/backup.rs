use anyhow::bail;
use inkgate_server::{config::StoreKind, data::DataFolder};
use inkgate_store::SqliteStore;

use super::print;
use crate::args;

pub(crate) fn back_up(args: &args::Backup) -> anyhow::Result<()> {
    let folder = folder(&args.installation)?;
    SqliteStore::backup(folder.path(), &args.file)?;
    let shown = args.file.display();
    Ok(print(&format!(
        "members and sites are in {shown}; keep the `keys` of this folder with it, which their passwords need\n"
    ))?)
}

pub(crate) fn restore(args: &args::Backup) -> anyhow::Result<()> {
    let folder = folder(&args.installation)?;
    // Found out first: without its keys a backup's passwords are good for nothing.
    folder.keys()?;
    let restored = SqliteStore::restore(folder.path(), &args.file)?;
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

fn folder(installation: &args::Installation) -> anyhow::Result<DataFolder> {
    let config = installation.config()?;
    if config.store != StoreKind::Sqlite {
        bail!(
            "store: only the embedded store is backed up here; a database server has its own ways"
        );
    }
    Ok(DataFolder::at(&config.data))
}
