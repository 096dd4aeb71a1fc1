//! The fence: since when `marks.db` surely remembers every mark.
//!
//! Commits to that file are not synchronised, so a power cut may lose the latest. Nobody can tell afterwards
//! whether it did; but a file that says it ended cleanly lost nothing. The file keeps one row of three:
//!
//! - `since` is the fence. It only ever rises: if the machine's clock was set back, the old fence stands.
//! - `clean` is 1 if every mark in the file is safe on disk and nobody has written since.
//! - `owner` is the opener who may say so.
//!
//! The steps, each a synchronised commit:
//!
//! 1. *Enter*: if `clean` is 0 the end before was unclean, so `since` becomes now. `clean` becomes 0 and we become
//!    the owner, before any mark.
//! 2. *Leave*: `clean` becomes 1 if we are still the owner. This commit is synchronised, and synchronising the log
//!    makes everything before it in the log safe, marks of other processes included.
//! 3. Each group of marks reads the row in its own transaction. If it finds `clean` = 1, somebody has left while we
//!    still write. It then takes the ownership with `clean` = 0, synchronised, before the first mark: a mark that
//!    may be lost never stands behind a 1 that is not.
//!
//! Two openers at once: the second finds `clean` = 0 and raises the fence, because it cannot tell a living first
//! from a dead one. The first is no owner any more, so its leaving says nothing; the second's leaving says 1, which
//! is true at that moment, and by step 3 ends with the first's next mark. The fence is read in the transaction that
//! inserts the mark, so a process learns at once that another has raised it.

use std::time::Duration;

use rusqlite::Connection;

use super::file::{Synchronous, synchronise};
use crate::{Error, Fence, Result};

/// One opener of `marks.db`.
#[derive(Clone, Copy)]
pub(super) struct Owner([u8; 16]);

impl Owner {
    pub(super) fn new() -> Result<Self> {
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(Error::unavailable)?;
        Ok(Self(name))
    }

    /// Enters the file, and returns the fence.
    pub(super) fn enter(self, marks: &Connection, now: u64) -> rusqlite::Result<Fence> {
        durably(
            marks,
            "UPDATE fence SET since = iif(clean, since, max(since, ?2)), clean = 0, owner = ?1",
            (self.0, now),
        )?;
        marks.query_row("SELECT since FROM fence", (), |row| {
            row.get(0).map(Fence::since)
        })
    }

    pub(super) fn leave(self, marks: &Connection) -> rusqlite::Result<()> {
        durably(
            marks,
            "UPDATE fence SET clean = 1 WHERE owner = ?1",
            [self.0],
        )
    }

    /// Begins a transaction that may write marks, and reads the fence in it.
    pub(super) fn begin(self, marks: &Connection) -> rusqlite::Result<Fence> {
        loop {
            marks.execute_batch("BEGIN IMMEDIATE")?;
            let (since, clean): (u64, bool) = marks
                .prepare_cached("SELECT since, clean FROM fence")?
                .query_row((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            if !clean {
                return Ok(Fence::since(since));
            }
            // What a commit waits for cannot be changed inside a transaction.
            marks.execute_batch("ROLLBACK")?;
            durably(
                marks,
                "UPDATE fence SET clean = 0, owner = ?1 WHERE clean",
                [self.0],
            )?;
        }
    }
}

/// How far ahead of the clock a fence is, if so far that somebody has set the clock.
///
/// The fence is a moment that the clock has shown, so the clock was ahead then or is behind now. Which of the two,
/// only the operator knows. The fence stays: below it, used marks may be forgotten.
pub(super) fn ahead(fence: Fence, now: u64) -> Option<Duration> {
    let ahead = Duration::from_millis(fence.as_millis().saturating_sub(now));
    (ahead >= Duration::from_secs(1)).then_some(ahead)
}

fn durably(
    marks: &Connection,
    statement: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<()> {
    synchronise(marks, Synchronous::Full)?;
    let done = marks.execute(statement, values);
    synchronise(marks, Synchronous::Normal)?;
    done.map(drop)
}

#[cfg(test)]
mod tests {
    use std::{path::Path, thread::sleep};

    use super::*;
    use crate::{Key, Kind, SqliteStore, Store, sqlite::file::Database};

    const MINUTE: Duration = Duration::from_secs(60);

    /// Opens later than whatever happened before, by the clock of the fence.
    fn open(folder: &Path) -> SqliteStore {
        sleep(Duration::from_millis(3));
        SqliteStore::open(folder).unwrap()
    }

    /// Uses a mark and returns the fence read with it.
    async fn fence(store: &SqliteStore) -> Fence {
        let mut name = [0; 16];
        getrandom::fill(&mut name).unwrap();
        let mark = Key::new(Kind::Mark, &name);
        store.insert(&mark, b"", MINUTE).await.unwrap()
    }

    fn row(folder: &Path) -> (u64, bool) {
        let marks = Connection::open(folder.join("marks.db")).unwrap();
        marks
            .query_row("SELECT since, clean FROM fence", (), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap()
    }

    #[tokio::test]
    async fn a_clean_end_keeps_the_fence_and_the_marks() {
        let folder = tempfile::tempdir().unwrap();
        let mark = Key::new(Kind::Mark, b"used");
        let first = open(folder.path());
        let fence = first.insert(&mark, b"", MINUTE).await.unwrap();
        first.close().await.unwrap();
        assert!(row(folder.path()).1);
        drop(first);
        let second = open(folder.path());
        assert!(!row(folder.path()).1, "unclean from the moment it is open");
        assert!(second.insert(&mark, b"", MINUTE).await.is_err());
        assert_eq!(self::fence(&second).await, fence);
    }

    #[tokio::test]
    async fn an_unclean_end_raises_the_fence() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path());
        let before = fence(&first).await;
        drop(first);
        let second = open(folder.path());
        assert!(fence(&second).await > before);
    }

    #[tokio::test]
    async fn an_end_without_any_mark_is_clean_too() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path());
        let since = row(folder.path()).0;
        first.close().await.unwrap();
        assert_eq!(fence(&open(folder.path())).await.as_millis(), since);
    }

    #[tokio::test]
    async fn a_second_opener_raises_the_fence_for_both() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path());
        let before = fence(&first).await;
        let second = open(folder.path());
        let after = fence(&second).await;
        assert!(after > before);
        assert_eq!(fence(&first).await, after);
    }

    #[tokio::test]
    async fn whoever_is_no_owner_any_more_does_not_say_clean() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path());
        let second = open(folder.path());
        fence(&second).await;
        first.close().await.unwrap();
        assert!(!row(folder.path()).1);
        second.close().await.unwrap();
        assert!(row(folder.path()).1);
    }

    #[tokio::test]
    async fn a_mark_after_anothers_clean_end_makes_it_unclean_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path());
        let second = open(folder.path());
        second.close().await.unwrap();
        assert!(row(folder.path()).1);
        let before = fence(&first).await;
        assert!(!row(folder.path()).1);
        drop(first);
        assert!(fence(&open(folder.path())).await > before);
    }

    #[tokio::test]
    async fn whoever_writes_after_anothers_clean_end_may_end_cleanly() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path());
        open(folder.path()).close().await.unwrap();
        let before = fence(&first).await;
        first.close().await.unwrap();
        assert_eq!(fence(&open(folder.path())).await, before);
    }

    #[tokio::test]
    async fn the_fence_never_falls_when_the_clock_does() {
        let folder = tempfile::tempdir().unwrap();
        let before = fence(&open(folder.path())).await.as_millis() + 3_600_000;
        let marks = Connection::open(folder.path().join("marks.db")).unwrap();
        marks
            .execute("UPDATE fence SET since = ?1", [before])
            .unwrap();
        assert_eq!(fence(&open(folder.path())).await.as_millis(), before);
    }

    #[test]
    fn a_fence_ahead_of_the_clock_is_kept_and_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Database::MARKS.open(folder.path()).unwrap();
        let owner = Owner::new().unwrap();
        let now = 1_600_000_000_000;
        let fence = owner.enter(&marks, now).unwrap();
        assert_eq!((fence.as_millis(), ahead(fence, now)), (now, None));
        let year = Duration::from_secs(31_536_000);
        let before = now - 31_536_000_000;
        let fence = owner.enter(&marks, before).unwrap();
        assert_eq!(fence.as_millis(), now);
        assert_eq!(ahead(fence, before), Some(year));
        // Clocks are put right by some milliseconds every day.
        assert_eq!(ahead(fence, now - 999), None);
    }

    #[tokio::test]
    async fn a_command_beside_the_server_leaves_the_fence_alone() {
        let folder = tempfile::tempdir().unwrap();
        let server = open(folder.path());
        let before = (fence(&server).await, row(folder.path()));
        let beside = SqliteStore::open_beside(folder.path()).unwrap();
        let link = Key::new(Kind::Link, b"a");
        beside.insert(&link, b"", MINUTE).await.unwrap();
        beside.close().await.unwrap();
        drop(beside);
        assert_eq!((fence(&server).await, row(folder.path())), before);
    }

    #[tokio::test]
    async fn commits_of_marks_wait_for_the_disk_only_at_the_fence() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        store.close().await.unwrap();
        fence(&store).await;
        let marks = store.marks.as_ref().unwrap();
        marks
            .lane
            .alone(|marks| {
                let level: i64 = marks.pragma_query_value(None, "synchronous", |r| r.get(0))?;
                assert_eq!(level, 1, "NORMAL");
                Ok(())
            })
            .await
            .unwrap();
    }
}
