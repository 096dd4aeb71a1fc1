use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::file::Database;
use crate::{Error, Result};

/// What a restore has put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// How many members.
    pub members: u64,
    /// How many sites.
    pub sites: u64,
}

/// What a backup leaves out; nobody who reads it may find it.
const FORGET: &str = "DELETE FROM records; VACUUM; PRAGMA journal_mode = DELETE;";

pub(super) fn write(folder: &Path, file: &Path) -> Result<()> {
    let failed = |source| Error::Open {
        path: file.to_owned(),
        source,
    };
    if !Database::MAIN.is_in(folder) {
        return Err(Error::Open {
            path: folder.to_owned(),
            source: "there is no store here".into(),
        });
    }
    // Made first, for its owner's eyes only: SQLite would make it for everybody's.
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map_err(|source| failed(source.into()))?;
    let source = Database::MAIN.open(folder)?;
    let name = file.to_string_lossy();
    let copied = source
        .execute("VACUUM INTO ?1", [&*name])
        .and_then(|_| Connection::open(file)?.execute_batch(FORGET));
    copied.map_err(|source| {
        // Half a backup is none.
        let _ = std::fs::remove_file(file);
        failed(source.into())
    })
}

pub(super) fn read(folder: &Path, file: &Path) -> Result<Restored> {
    let failed = |source: rusqlite::Error| Error::Open {
        path: file.to_owned(),
        source: source.into(),
    };
    let known = Database::MAIN.known();
    let found = version(file).map_err(failed)?;
    if found > known {
        return Err(Error::NewerSchema {
            path: file.to_owned(),
            found,
            known,
        });
    }
    let target = Database::MAIN.open(folder)?;
    let name = file.to_string_lossy();
    target
        .execute("ATTACH DATABASE ?1 AS backup", [&*name])
        .and_then(|_| target.execute_batch(REPLACE))
        .map_err(failed)?;
    let count = |table: &str| {
        let question = format!("SELECT count(*) FROM main.{table}");
        target.query_row(&question, (), |row| row.get(0))
    };
    Ok(Restored {
        members: count("members").map_err(failed)?,
        sites: count("sites").map_err(failed)?,
    })
}

/// All or nothing. Numbers of members that came after the backup are not given again. Epochs rise above those of now and
/// of any restore before (they count up by one, and time is ahead of them): sessions may lie in another store.
const REPLACE: &str = "
    BEGIN IMMEDIATE;
    CREATE TEMP TABLE epochs AS SELECT id, epoch FROM main.members;
    DELETE FROM main.members;
    INSERT INTO main.members (id, email, canonical, name, password, disabled, epoch, created)
        SELECT id, email, canonical, name, password, disabled, 1 + max(
            members.epoch,
            coalesce((SELECT epochs.epoch FROM temp.epochs WHERE epochs.id = members.id), 0),
            CAST(1000 * unixepoch('subsec') AS INTEGER)
        ), created FROM backup.members AS members;
    DROP TABLE temp.epochs;
    DELETE FROM main.sites;
    INSERT INTO main.sites (id, name, key, secret, retired, retired_until, hosts, presets, actions, created)
        SELECT id, name, key, secret, retired, retired_until, hosts, presets, actions, created FROM backup.sites;
    DELETE FROM main.records;
    COMMIT;";

/// The schema of a backup whose pages are all in order.
fn version(file: &Path) -> rusqlite::Result<i64> {
    let backup = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let state: String = backup.query_row("PRAGMA integrity_check", (), |row| row.get(0))?;
    if state != "ok" {
        return Err(rusqlite::Error::InvalidPath(file.to_owned()));
    }
    backup.query_row("SELECT count(*) FROM members, sites", (), |_| Ok(()))?;
    backup.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use crate::{Error, Key, Kind, Members, NewMember, Restored, SqliteStore, Store};

    /// What was backed up comes back, under a store that is open, and nothing that expires does.
    #[tokio::test]
    async fn members_come_back_and_sessions_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.db");
        let store = SqliteStore::open(folder.path()).unwrap();
        let members = store.members();
        let add = async |email: &str| {
            let new = NewMember::new(email, "A", None).unwrap();
            members.add(new).await.unwrap()
        };
        let ann = add("ann@example.org").await;
        let key = Key::new(Kind::Session, b"a session");
        let minute = Duration::from_secs(60);
        store.insert(&key, b"secret session", minute).await.unwrap();
        SqliteStore::backup(folder.path(), &file).unwrap();
        assert!(SqliteStore::backup(folder.path(), &file).is_err());
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(14).any(|part| part == b"secret session"));
        let bob = add("bob@example.org").await;
        members.remove(ann.id).await.unwrap();
        let restored = SqliteStore::restore(folder.path(), &file).unwrap();
        let expected = Restored {
            members: 1,
            sites: 0,
        };
        assert_eq!(restored, expected);
        let back = members.by_id(ann.id).await.unwrap().unwrap();
        assert_eq!(back.email, ann.email);
        assert!(back.epoch > ann.epoch);
        assert!(members.by_id(bob.id).await.unwrap().is_none());
        assert!(add("eve@example.org").await.id > bob.id);
        assert_eq!(store.get(&key).await.unwrap(), None);
    }

    /// Sessions may lie in another store, which a restore does not reach: only epochs end them.
    #[tokio::test]
    async fn each_restore_ends_what_was_signed_in_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.db");
        let store = SqliteStore::open(folder.path()).unwrap();
        let members = store.members();
        let new = NewMember::new("ann@example.org", "A", None).unwrap();
        let ann = members.add(new).await.unwrap();
        SqliteStore::backup(folder.path(), &file).unwrap();
        members.raise_epoch(ann.id).await.unwrap();
        let mut seen = vec![ann.epoch, ann.epoch + 1];
        for _ in 0..3 {
            SqliteStore::restore(folder.path(), &file).unwrap();
            let back = members.by_id(ann.id).await.unwrap().unwrap();
            assert!(seen.iter().all(|epoch| back.epoch > *epoch));
            seen.push(back.epoch);
        }
    }

    #[tokio::test]
    async fn what_is_no_backup_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.db");
        let store = SqliteStore::open(folder.path()).unwrap();
        let new = NewMember::new("ann@example.org", "A", None).unwrap();
        store.members().add(new).await.unwrap();
        SqliteStore::backup(folder.path(), &file).unwrap();
        let whole = std::fs::read(&file).unwrap();
        let mut later = whole.clone();
        later[60..64].copy_from_slice(&99u32.to_be_bytes());
        let refused = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            SqliteStore::restore(folder.path(), &file).unwrap_err()
        };
        for bytes in [&b""[..], b"no database", &whole[..whole.len() / 2]] {
            assert!(matches!(refused(bytes), Error::Open { .. }));
        }
        assert!(matches!(refused(&later), Error::NewerSchema { .. }));
        assert_eq!(store.members().count().await.unwrap(), 1);
    }
}
