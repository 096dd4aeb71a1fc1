use std::{
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

/// What a commit waits for (<https://www.sqlite.org/pragma.html#pragma_synchronous>): in WAL mode `Normal` loses no commit when the
/// process dies, and the latest ones when the machine does.
#[derive(Clone, Copy)]
pub(super) enum Synchronous {
    Normal,
    Full,
}

/// How long a statement waits for another process to finish its own.
const BUSY: Duration = Duration::from_secs(5);

impl Database {
    pub(super) const MAIN: Self = Self {
        name: "inkgate.db",
        migrations: &[include_str!(
            "../../migrations/sqlite/inkgate/0001_records_and_members.sql"
        )],
        synchronous: Synchronous::Full,
    };

    pub(super) const MARKS: Self = Self {
        name: "marks.db",
        migrations: &[include_str!("../../migrations/sqlite/marks/0001_marks.sql")],
        synchronous: Synchronous::Normal,
    };

    /// A connection to this file in `folder`, which is made, for its owner's eyes only, and brought up to date (STO-06, STO-07).
    pub(super) fn open(&self, folder: &Path) -> Result<Connection> {
        let path = self.path(folder);
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|source| self.failed(folder, source))?;
        // SQLite gives its -wal and -shm files the mode of the database.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(&path, flags)
            .and_then(set_up)
            .map_err(|source| self.failed(folder, source))
            .and_then(|connection| self.migrate(connection, folder))
    }

    pub(super) fn failed(
        &self,
        folder: &Path,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        Error::Open {
            path: self.path(folder),
            source: source.into(),
        }
    }

    fn path(&self, folder: &Path) -> PathBuf {
        folder.join(self.name)
    }

    fn migrate(&self, mut connection: Connection, folder: &Path) -> Result<Connection> {
        let known = i64::try_from(self.migrations.len()).expect("a short list");
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
        synchronise(&connection, self.synchronous).map_err(|source| self.failed(folder, source))?;
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
    connection.busy_timeout(BUSY)?;
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
    let patience = Instant::now() + BUSY;
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
