//! Waits that grow: who has failed often waits before the next try.
//!
//! A try is reserved before it is made, with the store's conditional insert: each name has a chain
//! of numbered places, and of any number of callers, tasks or nodes, one gets the next. What a
//! place holds is how many failures led to it, so nothing is read, changed and written back.

use std::sync::Arc;
use std::time::Duration;

use inkgate::Timestamp;
use inkgate_store::{Error as StoreError, Key, Kind, Store};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::clock::Clock;

/// The first wait.
const SHORTEST: Duration = Duration::from_secs(30);
/// The longest; the waits between double.
const LONGEST: Duration = Duration::from_secs(3_600);

/// How long each failure in a row keeps the row in mind. A name that is tried once costs a record
/// for no longer than this, so a flood of names holds as many records as the hasher can check in
/// that time.
const MEMORY: Duration = Duration::from_secs(15 * 60);
const LONGEST_MEMORY: Duration = Duration::from_secs(86_400);

/// How long a place stays after the next was taken: longer than any request takes, so that nobody
/// who read the chain before can take it again.
const FADE: Duration = Duration::from_secs(60);

/// How many taken places are passed before a try gives up.
const MOST_PASSED: u64 = 128;

/// Failures in a row, and when the last try was.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
struct Row {
    failures: u32,
    at: u64,
}

impl Row {
    /// How long after the last try another may be made, where so many cost no wait.
    fn wait(self, free: u32) -> Duration {
        match self.failures.checked_sub(free) {
            None => Duration::ZERO,
            Some(more) => (SHORTEST * 2u32.pow(more.min(7))).min(LONGEST),
        }
    }

    fn memory(self, free: u32) -> Duration {
        (MEMORY * self.failures)
            .max(self.wait(free) * 2)
            .min(LONGEST_MEMORY)
    }
}

/// Names that are tried, and how often they have failed in a row.
#[derive(Clone, Debug)]
pub struct Curve {
    store: Arc<dyn Store>,
    clock: Clock,
}

/// A try that may be made, and counts as failed until [`Curve::forgive`] or [`Curve::give_back`].
#[derive(Clone, Debug)]
pub struct Reservation {
    name: String,
    place: u64,
    free: u32,
    before: Row,
}

impl Reservation {
    /// How many in a row had failed before.
    pub fn failures_before(&self) -> u32 {
        self.before.failures
    }
}

impl Curve {
    /// Rows of failures in this store.
    pub fn new(store: Arc<dyn Store>, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Reserves a try, or says how long to wait for one. The first `free` failures cost no wait
    /// (THR-01, THR-05).
    pub async fn reserve(
        &self,
        name: &str,
        free: u32,
    ) -> Result<Result<Reservation, Duration>, Error> {
        let (mut place, mut row) = self.last(name, free).await?;
        let most = place + MOST_PASSED;
        while place < most {
            if let Some(wait) = self.left(row, free) {
                return Ok(Err(wait));
            }
            let next = Row {
                failures: row.failures.saturating_add(1),
                at: self.clock.now().as_millis(),
            };
            let key = place_key(name, place + 1);
            match self
                .store
                .insert(&key, &encode(next), next.memory(free))
                .await
            {
                Ok(_) => {
                    let before = row;
                    self.move_on(name, place, before, next.memory(free)).await?;
                    return Ok(Ok(Reservation {
                        name: name.to_owned(),
                        place: place + 1,
                        free,
                        before,
                    }));
                }
                Err(StoreError::Conflict) => {
                    place += 1;
                    row = self.row(name, place, free).await?.unwrap_or_default();
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Err(Duration::from_secs(1)))
    }

    /// How many in a row have failed, as far as is remembered.
    pub async fn failures(&self, name: &str, free: u32) -> Result<u32, Error> {
        let (_, row) = self.last(name, free).await?;
        Ok(row.failures)
    }

    /// The try succeeded: what failed before it is forgotten (AUT-17).
    pub async fn forgive(&self, reservation: &Reservation) -> Result<(), Error> {
        self.put(reservation, Row::default()).await
    }

    /// The try was not made, or was none of the kind that counts: all is as before it. A name that
    /// had no record has none again, so tries that are refused fill no store with names.
    pub async fn give_back(&self, reservation: &Reservation) -> Result<(), Error> {
        let Reservation { name, place, .. } = reservation;
        if *place == 1 && reservation.before.failures == 0 && self.unnote(name, *place).await? {
            self.store.take(&place_key(name, *place)).await?;
            return Ok(());
        }
        self.put(reservation, reservation.before).await
    }

    /// Forgets a name's failures, whoever is trying it.
    pub async fn forget(&self, name: &str, free: u32) -> Result<(), Error> {
        let (place, _) = self.last(name, free).await?;
        let key = place_key(name, place);
        self.store
            .update(&key, &encode(Row::default()), MEMORY)
            .await?;
        Ok(())
    }

    async fn put(&self, reservation: &Reservation, row: Row) -> Result<(), Error> {
        let Reservation {
            name, place, free, ..
        } = reservation;
        let memory = row.memory(*free).max(FADE);
        self.store
            .update(&place_key(name, *place), &encode(row), memory)
            .await?;
        Ok(())
    }

    /// Takes the note away if it names this place. Whoever looks meanwhile finds the place itself,
    /// which goes only afterwards.
    async fn unnote(&self, name: &str, place: u64) -> Result<bool, Error> {
        let key = note_key(name);
        if self.store.get(&key).await?.and_then(number) != Some(place) {
            return Ok(false);
        }
        let Some(taken) = self.store.take(&key).await? else {
            return Ok(false);
        };
        if number(taken.clone()) == Some(place) {
            return Ok(true);
        }
        // Somebody has just gone on; a note written since is newer still.
        let life = LONGEST_MEMORY + FADE;
        match self.store.insert(&key, &taken, life).await {
            Ok(_) | Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn left(&self, row: Row, free: u32) -> Option<Duration> {
        let until = Timestamp::from_millis(row.at) + row.wait(free);
        let left = until.saturating_sub(self.clock.now());
        (!left.is_zero()).then_some(left)
    }

    /// The last place that was taken, as far as is known, and what it holds.
    ///
    /// The note of it may lag behind by as many tries as are made at once, and its place may be
    /// gone: then the places after it tell.
    async fn last(&self, name: &str, free: u32) -> Result<(u64, Row), Error> {
        let Some(noted) = self.store.get(&note_key(name)).await?.and_then(number) else {
            return Ok((0, Row::default()));
        };
        if let Some(row) = self.row(name, noted, free).await? {
            return Ok((noted, row));
        }
        for place in noted + 1..=noted + u64::from(free) + 1 {
            if let Some(row) = self.row(name, place, free).await? {
                return Ok((place, row));
            }
        }
        Ok((noted, Row::default()))
    }

    async fn row(&self, name: &str, place: u64, free: u32) -> Result<Option<Row>, Error> {
        let Some(bytes) = self.store.get(&place_key(name, place)).await? else {
            return Ok(None);
        };
        let row: Row = serde_json::from_slice(&bytes).unwrap_or_default();
        let age = self
            .clock
            .now()
            .saturating_sub(Timestamp::from_millis(row.at));
        Ok(Some(match age < row.memory(free) {
            true => row,
            false => Row::default(),
        }))
    }

    /// Notes which place was taken last, and lets the one before it fade.
    async fn move_on(
        &self,
        name: &str,
        place: u64,
        row: Row,
        memory: Duration,
    ) -> Result<(), Error> {
        let (key, note) = (note_key(name), (place + 1).to_string());
        let life = memory + FADE;
        if !self.store.update(&key, note.as_bytes(), life).await? {
            match self.store.insert(&key, note.as_bytes(), life).await {
                Ok(_) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if place > 0 {
            let key = place_key(name, place);
            self.store.update(&key, &encode(row), FADE).await?;
        }
        Ok(())
    }
}

fn place_key(name: &str, place: u64) -> Key {
    Key::new(
        Kind::Counter,
        format!("curve place {place} {name}").as_bytes(),
    )
}

fn note_key(name: &str) -> Key {
    Key::new(Kind::Counter, format!("curve note {name}").as_bytes())
}

fn encode(row: Row) -> Vec<u8> {
    serde_json::to_vec(&row).expect("two numbers have a text")
}

fn number(bytes: Vec<u8>) -> Option<u64> {
    std::str::from_utf8(&bytes).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve() -> (Curve, Clock) {
        let clock = Clock::manual(Timestamp::from_millis(1_000_000_000));
        let store = Arc::new(inkgate_store::MemoryStore::default());
        (Curve::new(store, clock.clone()), clock)
    }

    async fn wait(curve: &Curve, free: u32) -> u64 {
        match curve.reserve("ann", free).await.unwrap() {
            Ok(_) => 0,
            Err(wait) => wait.as_secs(),
        }
    }

    /// THR-01
    #[tokio::test]
    async fn after_some_failures_waits_begin_at_30_seconds_and_double_to_an_hour() {
        let (curve, clock) = curve();
        let mut waits = Vec::new();
        for _ in 0..14 {
            let first = wait(&curve, 3).await;
            if first > 0 {
                clock.advance(Duration::from_secs(first - 1));
                assert_eq!(wait(&curve, 3).await, 1);
                clock.advance(Duration::from_secs(1));
                assert_eq!(wait(&curve, 3).await, 0);
            }
            waits.push(first);
        }
        let expected = [
            0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600, 3_600,
        ];
        assert_eq!(waits, expected);
    }

    /// THR-05
    #[tokio::test]
    async fn of_a_thousand_tries_at_once_as_many_are_made_as_are_free() {
        let (curve, _) = curve();
        for free in [1, 5, 20] {
            let tries = (0..1_000).map(|_| {
                let curve = curve.clone();
                tokio::spawn(async move {
                    let name = format!("ann {free}");
                    curve.reserve(&name, free).await.unwrap().is_ok()
                })
            });
            let mut made = 0;
            for attempt in tries.collect::<Vec<_>>() {
                made += u32::from(attempt.await.unwrap());
            }
            assert_eq!(made, free);
        }
    }

    #[tokio::test]
    async fn a_success_forgives_and_a_try_given_back_never_was() {
        let (curve, clock) = curve();
        let reserve = async || curve.reserve("ann", 3).await.unwrap().unwrap();
        reserve().await;
        reserve().await;
        let third = reserve().await;
        assert_eq!(third.failures_before(), 2);
        curve.give_back(&third).await.unwrap();
        assert_eq!(curve.failures("ann", 3).await.unwrap(), 2);
        let fourth = reserve().await;
        assert_eq!(wait(&curve, 3).await, 30);
        curve.forgive(&fourth).await.unwrap();
        assert_eq!(curve.failures("ann", 3).await.unwrap(), 0);
        for _ in 0..3 {
            reserve().await;
        }
        assert_eq!(wait(&curve, 3).await, 30);
        curve.forget("ann", 3).await.unwrap();
        assert_eq!(reserve().await.failures_before(), 0);
        clock.advance(Duration::from_secs(15 * 60));
        assert_eq!(curve.failures("ann", 3).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_try_given_back_leaves_no_record_of_a_new_name() {
        let (curve, _) = curve();
        let (note, place) = (note_key("ann"), place_key("ann", 1));
        let first = curve.reserve("ann", 3).await.unwrap().unwrap();
        curve.give_back(&first).await.unwrap();
        for key in [&note, &place] {
            assert_eq!(curve.store.get(key).await.unwrap(), None);
        }
        // A try that was made meanwhile stays counted.
        let first = curve.reserve("ann", 3).await.unwrap().unwrap();
        curve.reserve("ann", 3).await.unwrap().unwrap();
        curve.give_back(&first).await.unwrap();
        assert!(curve.failures("ann", 3).await.unwrap() > 0);
    }

    /// A note that lags behind, as one of many writers may leave it, loses no failure.
    #[tokio::test]
    async fn a_lagging_note_forgives_nothing() {
        let (curve, _) = curve();
        for _ in 0..5 {
            curve.reserve("ann", 5).await.unwrap().unwrap();
        }
        let note = note_key("ann");
        for (noted, gone) in [(3, vec![3, 4]), (1, vec![1, 2, 3])] {
            for place in gone {
                curve.store.take(&place_key("ann", place)).await.unwrap();
            }
            let text = noted.to_string();
            curve
                .store
                .update(&note, text.as_bytes(), MEMORY)
                .await
                .unwrap();
            assert_eq!(curve.failures("ann", 5).await.unwrap(), 5);
            assert_eq!(wait(&curve, 5).await, 30);
        }
    }
}
