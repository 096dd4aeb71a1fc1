use inkgate::{KeyEntry, LONGEST_LIFE, Timestamp};
use inkgate_server::data::DataFolder;

use super::{now, print};
use crate::args::{Key, KeyCommand};

pub(crate) fn run(args: &Key) -> anyhow::Result<()> {
    let folder = DataFolder::at(args.installation.config()?.data);
    match args.command {
        KeyCommand::List => list(&folder, now()),
        KeyCommand::Rotate => rotate(&folder),
    }
}

fn list(folder: &DataFolder, now: Timestamp) -> anyhow::Result<()> {
    let line = |key: KeyEntry| {
        let state = match key {
            _ if key.is_sealing => "sealing",
            _ if key.seals_from > now => "waiting",
            _ => "opening",
        };
        format!("{}\t{}\t{}\t{state}\n", key.id, key.created, key.seals_from)
    };
    let lines: String = folder.keys()?.keys(now).into_iter().map(line).collect();
    Ok(print(&lines)?)
}

fn rotate(folder: &DataFolder) -> anyhow::Result<()> {
    let (new, dropped) = folder.change_keys(|keyring| {
        let now = now();
        Ok((keyring.rotate(now)?, keyring.prune(now, LONGEST_LIFE)))
    })?;
    let added = format!("added\t{new}\n");
    let dropped = dropped.into_iter().map(|key| format!("dropped\t{key}\n"));
    Ok(print(
        &std::iter::once(added).chain(dropped).collect::<String>(),
    )?)
}
