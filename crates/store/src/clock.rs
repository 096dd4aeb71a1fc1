use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

/// Milliseconds since the Unix epoch, by the system's clock, never running backward.
///
/// When an administrator sets the clock back, time stands still here until it catches up: a record may live longer,
/// but what has expired stays expired.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    latest: AtomicU64,
}

impl Clock {
    pub(crate) fn now(&self) -> u64 {
        let system = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, millis)
            .min(FAR);
        self.latest.fetch_max(system, Ordering::Relaxed).max(system)
    }
}

/// The end of something that starts now and lives for `ttl`: it is live while the time is less than this.
pub(crate) fn end(now: u64, ttl: Duration) -> u64 {
    now.saturating_add(millis(ttl)).min(FAR)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(FAR)
}

/// The far end of time in every backend: SQLite's integers are signed.
const FAR: u64 = i64::MAX as u64;

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
        assert_eq!(end(Clock::default().now(), Duration::MAX), FAR);
    }
}
