//! Used marks: the one thing that is stored of a ticket or token, and what makes "once" true.

use std::sync::Arc;
use std::time::Duration;

use inkgate::{FirstUse, Mark, Timestamp};
use inkgate_store::{Error, Key, Kind, Store};

/// Remembers which tickets and tokens have been used.
#[derive(Clone, Debug)]
pub struct Marks(Arc<dyn Store>);

/// The first use of a mark.
#[derive(Debug)]
pub struct First {
    /// The witness of it.
    pub witness: FirstUse,
    /// Since when the store surely remembers: what was sealed earlier may have been used before.
    pub fence: Timestamp,
}

impl Marks {
    /// Marks in this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }

    /// Marks a first use and keeps a note beside it, in one step. `None` if it was used before:
    /// of any number of callers, one gets the witness (CAP-01).
    pub async fn first(
        &self,
        mark: Mark,
        note: &[u8],
        life: Duration,
    ) -> Result<Option<First>, Error> {
        match self.0.insert(&key(&mark), note, life).await {
            Ok(fence) => Ok(Some(First {
                witness: FirstUse::of(mark),
                fence: Timestamp::from_millis(fence.as_millis()),
            })),
            Err(Error::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Leaves another note beside a mark that is there.
    pub async fn leave(&self, mark: &Mark, note: &[u8], life: Duration) -> Result<(), Error> {
        self.0.update(&key(mark), note, life).await.map(drop)
    }

    /// The note that was left at the first use.
    pub async fn note(&self, mark: &Mark) -> Result<Option<Vec<u8>>, Error> {
        self.0.get(&key(mark)).await
    }
}

fn key(mark: &Mark) -> Key {
    Key::new(Kind::Mark, mark.as_bytes())
}
