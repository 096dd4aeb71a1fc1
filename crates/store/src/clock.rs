use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant, SystemTime},
};

/// Milliseconds since the Unix epoch, by the system's clock, never running backward.
///
/// When an administrator sets the clock back, time goes on here from where it was: a record lives as long as it was
/// told to, and what has expired stays expired.
#[derive(Debug)]
pub(crate) struct Clock {
    begun: Instant,
    /// The largest distance yet between the system's clock and the time since `begun`.
    offset: AtomicU64,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            offset: AtomicU64::new(0),
        }
    }
}

impl Clock {
    pub(crate) fn now(&self) -> u64 {
        let system = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, millis);
        self.reads(system.min(FAR), millis(self.begun.elapsed()))
    }

    fn reads(&self, system: u64, elapsed: u64) -> u64 {
        let offset = system.saturating_sub(elapsed);
        offset.max(self.offset.fetch_max(offset, Ordering::Relaxed)) + elapsed
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
    fn a_clock_that_jumps_ahead_and_back_goes_on_from_where_it_was() {
        let clock = Clock::default();
        assert_eq!(clock.reads(1_000_000, 10), 1_000_000);
        assert_eq!(clock.reads(4_600_000, 20), 4_600_000);
        assert_eq!(clock.reads(1_000_020, 30), 4_600_010);
        assert_eq!(clock.reads(1_000_520, 530), 4_600_510);
        assert_eq!(clock.reads(4_700_000, 540), 4_700_000);
    }

    #[test]
    fn the_clock_is_the_systems() {
        let system = || millis(SystemTime::UNIX_EPOCH.elapsed().unwrap());
        let before = system();
        let now = Clock::default().now();
        assert!((before..=system()).contains(&now));
    }

    #[test]
    fn an_endless_life_ends_at_the_far_end_of_time() {
        assert_eq!(end(Clock::default().now(), Duration::MAX), FAR);
    }
}
