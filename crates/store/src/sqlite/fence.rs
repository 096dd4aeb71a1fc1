//! The fence: since when `marks.db` surely remembers every mark.
//!
//! Commits to that file are not synchronised, so a power cut may lose the latest. Nobody can tell afterwards whether it did; but a file
//! that says it ended cleanly lost nothing. The file keeps one row of three:
//!
//! - `since` is the fence. It only ever rises: if the machine's clock was set back, the old fence stands.
//! - `clean` is 1 if every mark in the file is safe on disk and nobody has written since.
//! - `owner` is the opener who may say so.
//!
//! The steps, each a synchronised commit:
//!
//! 1. *Enter*: if `clean` is 0 the end before was unclean, so `since` becomes now. `clean` becomes 0 and we become the owner, before any mark.
//! 2. *Leave*: `clean` becomes 1 if we are still the owner. This commit is synchronised, and synchronising the log makes everything before it
//!    in the log safe, marks of other processes included.
//! 3. Each group of marks reads the row in its own transaction. If it finds `clean` = 1, somebody has left while we still write. It then takes
//!    the ownership with `clean` = 0, synchronised, before the first mark: a mark that may be lost never stands behind a 1 that is not.
//!
//! Two openers at once: the second finds `clean` = 0 and raises the fence, because it cannot tell a living first from a dead one. The first
//! is no owner any more, so its leaving says nothing; the second's leaving says 1, which is true at that moment, and by step 3 ends with the first's next mark.
//! The fence is read in the transaction that inserts the mark, so a process learns at once that another has raised it.

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

    pub(super) fn enter(self, marks: &Connection, now: u64) -> rusqlite::Result<()> {
        durably(
            marks,
            "UPDATE fence SET since = iif(clean, since, max(since, ?2)), clean = 0, owner = ?1",
            (self.0, now),
        )
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
