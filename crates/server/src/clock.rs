//! The one place that asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use inkgate::Timestamp;

/// Tells the time to whoever decides something by it.
///
/// Within a process it never runs backward, whatever the machine's clock does: a step back
/// would let an expired ticket live again (OPS-03, THR-10).
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    System { begun: Instant, offset: AtomicU64 },
    Manual { now: AtomicU64 },
}

impl Clock {
    /// The machine's clock. Where that was set back, this one goes on at its own pace.
    pub fn system() -> Self {
        Self(Arc::new(Source::System {
            begun: Instant::now(),
            offset: AtomicU64::new(0),
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
            Source::System { begun, offset } => {
                let elapsed = begun.elapsed().as_millis() as u64;
                let apart = system_millis().saturating_sub(elapsed);
                apart.max(offset.fetch_max(apart, Ordering::Relaxed)) + elapsed
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
