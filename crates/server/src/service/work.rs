//! Checking proofs of work: what is wrong costs little and waits for nobody, the rest takes turns.

use std::sync::Arc;

use inkgate::Puzzles;
use tokio::sync::Semaphore;

use crate::Error;

/// How many proofs may wait for their turn.
const MOST_WAITING: usize = 256;

/// Checks proofs on the blocking pool, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct Checker {
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Default for Checker {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))),
            room: Arc::new(Semaphore::new(MOST_WAITING)),
        }
    }
}

impl Checker {
    /// Whether the counters solve the puzzles. The first puzzle is checked at once, tens of microseconds in which
    /// nearly every wrong proof ends; the others take turns of a fraction of a millisecond (C-46).
    pub async fn is_proof(&self, puzzles: &Puzzles, counters: &[u32]) -> Result<bool, Error> {
        let is_whole = counters.len() == usize::from(puzzles.work().puzzles);
        let Some(&first) = counters.first().filter(|_| is_whole) else {
            return Ok(false);
        };
        if !puzzles.is_solved(0, first) {
            return Ok(false);
        }
        if counters.len() == 1 {
            return Ok(true);
        }
        let _place = self.room.try_acquire().map_err(|_| Error::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Error::Internal("the turns are over"))?;
        let (puzzles, counters) = (puzzles.clone(), counters.to_vec());
        let checked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            puzzles.are_solved_by(&counters)
        });
        checked
            .await
            .map_err(|_| Error::Internal("checking a proof failed"))
    }
}
