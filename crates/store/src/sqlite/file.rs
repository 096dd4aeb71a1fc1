use std::{
    fmt,
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::{Error, Result};

/// One of the two files.
pub(super) struct Database {
    name: &'static str,
    /// Each brings the schema from its place in this list to the next; `PRAGMA user_version` counts them.
    migrations: &'static [&'static str],
    /// What a commit waits for once the file is open.
    synchronous: Synchronous,
}

/// What a commit waits for (<https://www.sqlite.org/pragma.html#pragma_synchronous>): in WAL mode `Normal` loses no
/// commit when the process dies, and the latest ones when the machine does.
#[derive(Clone, Copy)]
pub(super) enum Synchronous {
    Normal,
    Full,
}

/// How long a statement waits for another process to finish its own: whoever is asked must answer soon.
const BUSY: Duration = Duration::from_secs(2);

/// How long opening waits: several may start at once, and the first makes the files.
const OPENING: Duration = Duration::from_secs(5);

impl Database {
    pub(super) const MAIN: Self = Self {
        name: "inkgate.db",
        migrations: &[
            include_str!("../../migrations/sqlite/inkgate/0001_records_and_members.sql"),
            include_str!("../../migrations/sqlite/inkgate/0002_sites.sql"),
        ],
        synchronous: Synchronous::Full,
    };

    pub(super) const MARKS: Self = Self {
        name: "marks.db",
        migrations: &[include_str!("../../migrations/sqlite/marks/0001_marks.sql")],
        synchronous: Synchronous::Normal,
    };

    /// A connection to this file in `folder`, which is made, for its owner's eyes only, and brought up to date
    /// (STO-06, STO-07).
    pub(super) fn open(&self, folder: &Path) -> Result<Connection> {
        let path = self.path(folder);
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|source| self.unopened(folder, source))?;
        // SQLite gives its -wal and -shm files the mode of the database.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(&path, flags)
            .and_then(set_up)
            .map_err(|source| self.failed(folder, source))
            .and_then(|connection| self.migrate(connection, folder))
    }

    /// The number of the schema that it has once it is open.
    pub(super) fn known(&self) -> i64 {
        i64::try_from(self.migrations.len()).expect("a short list")
    }

    pub(super) fn failed(&self, folder: &Path, source: rusqlite::Error) -> Error {
        self.unopened(folder, Said(source))
    }

    fn unopened(
        &self,
        folder: &Path,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        Error::Open {
            path: self.path(folder),
            source: source.into(),
        }
    }

    /// Whether somebody has used this file in `folder`.
    pub(super) fn is_in(&self, folder: &Path) -> bool {
        self.path(folder)
            .metadata()
            .is_ok_and(|file| file.is_file() && file.len() > 0)
    }

    fn path(&self, folder: &Path) -> PathBuf {
        folder.join(self.name)
    }

    fn migrate(&self, mut connection: Connection, folder: &Path) -> Result<Connection> {
        let known = self.known();
        let found = self
            .apply(&mut connection, known)
            .map_err(|source| self.failed(folder, source))?;
        if found > known {
            return Err(Error::NewerSchema {
                path: self.path(folder),
                found,
                known,
            });
        }
        synchronise(&connection, self.synchronous)
            .and_then(|()| connection.busy_timeout(BUSY))
            .map_err(|source| self.failed(folder, source))?;
        Ok(connection)
    }

    /// Runs the migrations that are missing, all or none, and returns the number of the schema found.
    fn apply(&self, connection: &mut Connection, known: i64) -> rusqlite::Result<i64> {
        let found = version(connection)?;
        if found >= known {
            return Ok(found);
        }
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have done it since.
        let found = version(&change)?;
        for migration in self
            .migrations
            .iter()
            .skip(usize::try_from(found).unwrap_or(0))
        {
            change.execute_batch(migration)?;
        }
        if found < known {
            change.pragma_update(None, "user_version", known)?;
        }
        change.commit()?;
        Ok(found)
    }
}

/// What SQLite said, without its cause: that is the code behind it, and says the same again.
#[derive(Debug)]
pub(super) struct Said(pub(super) rusqlite::Error);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Said {}

/// Moves what the log holds into the database file and synchronises both, as far as other processes let it.
pub(super) fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
}

pub(super) fn synchronise(
    connection: &Connection,
    synchronous: Synchronous,
) -> rusqlite::Result<()> {
    let value = match synchronous {
        Synchronous::Normal => "NORMAL",
        Synchronous::Full => "FULL",
    };
    connection.pragma_update(None, "synchronous", value)
}

fn set_up(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(OPENING)?;
    into_wal(&connection)?;
    // Full until the file is up to date and the fence is set.
    synchronise(&connection, Synchronous::Full)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Of two processes that switch a new file to WAL at once, SQLite tells one that it is busy without letting it wait.
fn into_wal(connection: &Connection) -> rusqlite::Result<()> {
    let patience = Instant::now() + OPENING;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && Instant::now() < patience => {
                thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn pragma(connection: &Connection, name: &str) -> String {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| match value {
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Integer(number) => number.to_string(),
                other => panic!("{other:?}"),
            })
            .unwrap()
    }

    /// STO-06: only what a fence makes up for may be lost at a power cut.
    #[test]
    fn members_are_synchronised_and_marks_are_not() {
        let folder = tempfile::tempdir().unwrap();
        for (database, synchronous) in [(Database::MAIN, "2"), (Database::MARKS, "1")] {
            let connection = database.open(folder.path()).unwrap();
            assert_eq!(pragma(&connection, "journal_mode"), "wal");
            assert_eq!(pragma(&connection, "synchronous"), synchronous);
            assert_eq!(pragma(&connection, "foreign_keys"), "1");
            assert_eq!(pragma(&connection, "busy_timeout"), "2000");
            assert_eq!(pragma(&connection, "integrity_check"), "ok");
        }
    }

    /// STO-06
    #[test]
    fn only_the_owner_may_read_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Database::MAIN.open(folder.path()).unwrap();
        connection.execute_batch("CREATE TABLE t (a)").unwrap();
        let files: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .collect();
        assert_eq!(files.len(), 3, "the database, its log and the log's index");
        for file in files {
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{:?}", file.path());
        }
    }

    /// STO-07
    #[test]
    fn a_newer_schema_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let newer = Database::MAIN.open(folder.path()).unwrap();
        newer.pragma_update(None, "user_version", 77).unwrap();
        let refused = Database::MAIN.open(folder.path()).unwrap_err();
        assert!(matches!(refused, Error::NewerSchema { found: 77, .. }));
        let line = refused.to_string();
        assert!(line.contains("inkgate.db has schema 77"), "{line}");
        assert_eq!(version(&newer).unwrap(), 77);
    }

    /// STO-07
    #[test]
    fn a_migration_that_fails_leaves_the_old_schema() {
        let folder = tempfile::tempdir().unwrap();
        let migrations = [
            "CREATE TABLE a (a)",
            "CREATE TABLE b (b); CREATE TABLE a (again)",
        ];
        let first = Database {
            name: "x.db",
            migrations: Box::leak(Box::new([migrations[0]])),
            synchronous: Synchronous::Full,
        };
        let second = Database {
            migrations: Box::leak(Box::new(migrations)),
            ..first
        };
        let old = first.open(folder.path()).unwrap();
        assert!(matches!(
            second.open(folder.path()),
            Err(Error::Open { .. })
        ));
        assert_eq!(version(&old).unwrap(), 1);
        assert!(!old.table_exists(None, "b").unwrap());
    }

    #[test]
    fn many_open_a_new_folder_at_once() {
        let folder = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            let openers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Database::MARKS.open(folder.path())))
                .collect();
            for opener in openers {
                assert_eq!(version(&opener.join().unwrap().unwrap()).unwrap(), 1);
            }
        });
    }

    #[test]
    fn what_is_no_database_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("inkgate.db"), "a letter".repeat(1000)).unwrap();
        let error = Database::MAIN.open(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with("inkgate.db"), "{error}");
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "file is not a database");
        assert!(source.source().is_none(), "said once");
        let missing = folder.path().join("missing");
        assert!(matches!(
            Database::MAIN.open(&missing),
            Err(Error::Open { .. })
        ));
    }
}
