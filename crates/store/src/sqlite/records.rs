//! The verbs, each inside a transaction that holds the write lock. Each decides and changes in one statement; what
//! comes before it only makes room.

use std::time::Duration;

use rusqlite::OptionalExtension;

use super::lane::Turn;
use crate::{COUNTER_MAX, Error, Fence, Key, Kind, Result, clock::end};

pub(super) fn insert(
    turn: &Turn<'_>,
    key: &Key,
    value: &[u8],
    ttl: Duration,
    cap: u64,
) -> Result<Fence> {
    if !has_room(turn, key.kind(), cap)? {
        return Err(if is_live(turn, key)? {
            Error::Conflict
        } else {
            Error::Full
        });
    }
    let inserted = turn
        .connection
        .prepare_cached(
            "INSERT INTO records (kind, digest, value, expires) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (kind, digest) DO UPDATE SET value = excluded.value, expires = excluded.expires
             WHERE records.expires <= ?5",
        )?
        .execute((code(key), key.digest(), value, end(turn.now, ttl), turn.now))?;
    if inserted == 0 {
        return Err(Error::Conflict);
    }
    Ok(turn.fence)
}

pub(super) fn update(turn: &Turn<'_>, key: &Key, value: &[u8], ttl: Duration) -> Result<bool> {
    let updated = turn
        .connection
        .prepare_cached(
            "UPDATE records SET value = ?3, expires = ?4 WHERE kind = ?1 AND digest = ?2 AND expires > ?5",
        )?
        .execute((code(key), key.digest(), value, end(turn.now, ttl), turn.now))?;
    Ok(updated == 1)
}

pub(super) fn get(turn: &Turn<'_>, key: &Key) -> Result<Option<Vec<u8>>> {
    let value = turn
        .connection
        .prepare_cached(
            "SELECT value FROM records WHERE kind = ?1 AND digest = ?2 AND expires > ?3",
        )?
        .query_row((code(key), key.digest(), turn.now), |row| row.get(0))
        .optional()?;
    Ok(value)
}

pub(super) fn take(turn: &Turn<'_>, key: &Key) -> Result<Option<Vec<u8>>> {
    let value = turn
        .connection
        .prepare_cached(
            "DELETE FROM records WHERE kind = ?1 AND digest = ?2 AND expires > ?3 RETURNING value",
        )?
        .query_row((code(key), key.digest(), turn.now), |row| row.get(0))
        .optional()?;
    Ok(value)
}

pub(super) fn increment(turn: &Turn<'_>, key: &Key, ttl: Duration, cap: u64) -> Result<u64> {
    if !has_room(turn, key.kind(), cap)? && !is_live(turn, key)? {
        return Err(Error::Full);
    }
    // A sum is kept as its digits. The last condition finds out whether a live record is one.
    turn.connection
        .prepare_cached(
            "INSERT INTO records (kind, digest, value, expires) VALUES (?1, ?2, x'31', ?3)
             ON CONFLICT (kind, digest) DO UPDATE SET
                 value = iif(expires <= ?4, x'31', CAST(min(CAST(value AS INTEGER), ?5 - 1) + 1 AS BLOB)),
                 expires = iif(expires <= ?4, excluded.expires, expires)
             WHERE expires <= ?4 OR value = CAST(CAST(value AS INTEGER) AS BLOB)
             RETURNING CAST(value AS INTEGER)",
        )?
        .query_row(
            (code(key), key.digest(), end(turn.now, ttl), turn.now, COUNTER_MAX),
            |row| row.get(0),
        )
        .optional()?
        .ok_or(Error::NotACounter)
}

/// Deletes the records of a kind that expired first, at most `limit` of them, and says how many.
pub(super) fn sweep(turn: &Turn<'_>, kind: Kind, limit: usize) -> Result<usize> {
    let swept = turn
        .connection
        .prepare_cached(
            "DELETE FROM records WHERE kind = ?1 AND digest IN
             (SELECT digest FROM records WHERE kind = ?1 AND expires <= ?2 ORDER BY expires LIMIT ?3)",
        )?
        .execute((kind.code(), turn.now, limit))?;
    Ok(swept)
}

/// How many expired records make room at once, so that a full kind is not searched for every insert.
const CLEARING: usize = 256;

fn has_room(turn: &Turn<'_>, kind: Kind, cap: u64) -> Result<bool> {
    let held: u64 = turn
        .connection
        .prepare_cached("SELECT held FROM tally WHERE kind = ?1")?
        .query_row([kind.code()], |row| row.get(0))?;
    Ok(held < cap || sweep(turn, kind, CLEARING)? > 0)
}

fn is_live(turn: &Turn<'_>, key: &Key) -> Result<bool> {
    Ok(get(turn, key)?.is_some())
}

fn code(key: &Key) -> u8 {
    key.kind().code()
}
