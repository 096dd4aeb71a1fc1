//! The one place that asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use inkgate::Timestamp;

/// Tells the time to whoever decides something by it.
///
/// Within a process it never runs backward, whatever the machine's clock does: a step back
/// would let an expired ticket live again (OPS-03, THR-10).
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    System { latest: AtomicU64 },
    Manual { now: AtomicU64 },
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(Source::System {
            latest: AtomicU64::new(0),
        }))
    }

    /// A clock that stands still until [`Clock::advance`] moves it, for tests and simulations.
    pub fn manual(start: Timestamp) -> Self {
        Self(Arc::new(Source::Manual {
            now: AtomicU64::new(start.as_millis()),
        }))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let millis = match &*self.0 {
            Source::System { latest } => {
                let now = system_millis();
                now.max(latest.fetch_max(now, Ordering::Relaxed))
            }
            Source::Manual { now } => now.load(Ordering::Relaxed),
        };
        Timestamp::from_millis(millis)
    }

    /// Moves a manual clock on; the machine's clock cannot be moved and ignores it.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual { now } = &*self.0 {
            now.fetch_add(by.as_millis() as u64, Ordering::Relaxed);
        }
    }
}

fn system_millis() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
