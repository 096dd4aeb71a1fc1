use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

/// Milliseconds since the Unix epoch, by the system's clock, never running backward.
///
/// When an administrator sets the clock back, time stands still here until it catches up: a record may live longer, but what has
/// expired stays expired.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    latest: AtomicU64,
}

impl Clock {
    pub(crate) fn now(&self) -> u64 {
        let system = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, millis);
        self.latest.fetch_max(system, Ordering::Relaxed).max(system)
    }

    /// Now, and the end of something that starts now and lives for `ttl`: it is live while `now() < end`.
    pub(crate) fn span(&self, ttl: Duration) -> (u64, u64) {
        let now = self.now();
        (now, now.saturating_add(millis(ttl)))
    }
}

fn millis(duration: Duration) -> u64 {
    // SQLite's integers are signed, so this is the far end of time in every backend.
    u64::try_from(duration.as_millis()).map_or(FAR, |millis| millis.min(FAR))
}

const FAR: u64 = i64::MAX as u64 / 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_runs_backward() {
        let clock = Clock::default();
        let before = clock.now();
        clock.latest.store(before + 60_000, Ordering::Relaxed);
        assert_eq!(clock.now(), before + 60_000);
    }

    #[test]
    fn an_endless_life_ends_at_the_far_end_of_time() {
        let (_, end) = Clock::default().span(Duration::MAX);
        assert!(i64::try_from(end).is_ok());
    }
}
