//! Points in time, as the caller tells them.

use std::ops::Add;
use std::time::Duration;

/// Milliseconds since the Unix epoch.
///
/// The engine never asks a clock: whoever calls it says what time it is.
///
/// ```
/// use std::time::Duration;
/// use inkgate::Timestamp;
///
/// let issued = Timestamp::from_millis(1_000);
/// let expires = issued + Duration::from_secs(300);
/// assert_eq!(expires.as_millis(), 301_000);
/// assert_eq!(issued.saturating_sub(expires), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment so many milliseconds after the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to this moment; zero if `earlier` is later.
    pub const fn saturating_sub(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// A later moment, in whole milliseconds; the last one there is, if the sum is beyond it.
    fn add(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }
}
