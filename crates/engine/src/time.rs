//! Points in time, as the caller tells them.

use std::fmt;
use std::ops::Add;
use std::str::FromStr;
use std::time::Duration;

/// Milliseconds since the Unix epoch.
///
/// The engine never asks a clock: whoever calls it says what time it is. As text it is RFC 3339 in UTC, to the
/// second, or to the millisecond if there is a fraction.
///
/// ```
/// use std::time::Duration;
/// use inkgate::Timestamp;
///
/// let issued = Timestamp::from_millis(1_000);
/// let expires = issued + Duration::from_secs(300);
/// assert_eq!(expires.as_millis(), 301_000);
/// assert_eq!(expires.to_string(), "1970-01-01T00:05:01Z");
/// assert_eq!("1970-01-01T00:05:01Z".parse(), Ok(expires));
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

const DAY: u64 = 86_400;

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0 / 1_000, self.0 % 1_000);
        let (year, month, day) = date(seconds / DAY);
        let (hour, minute, second) = (seconds % DAY / 3_600, seconds % 3_600 / 60, seconds % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        match millis {
            0 => f.write_str("Z"),
            _ => write!(f, ".{millis:03}Z"),
        }
    }
}

/// The text is no moment from 1970 to 9999 in the form `2026-11-21T12:00:00Z` or `2026-11-21T12:00:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time of the form 2026-11-21T12:00:00Z")]
pub struct NotATime;

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        read(text.as_bytes()).map(Self).ok_or(NotATime)
    }
}

/// Milliseconds since the epoch of a moment written as [`Timestamp`] writes it.
fn read(text: &[u8]) -> Option<u64> {
    let (whole, millis) = match text.len() {
        20 => (text.strip_suffix(b"Z")?, 0),
        24 if text[19] == b'.' => (&text[..19], number(text[20..].strip_suffix(b"Z")?)?),
        _ => return None,
    };
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|&(place, mark)| whole[place] != mark) {
        return None;
    }
    let [year, month, day] = [
        number(&whole[..4])?,
        number(&whole[5..7])?,
        number(&whole[8..10])?,
    ];
    let [hour, minute, second] = [
        number(&whole[11..13])?,
        number(&whole[14..16])?,
        number(&whole[17..])?,
    ];
    let is_a_time =
        year >= 1970 && (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
    if !is_a_time || day == 0 || date(days(year, month, day)) != (year, month, day) {
        return None;
    }
    let seconds = days(year, month, day) * DAY + hour * 3_600 + minute * 60 + second;
    Some(seconds * 1_000 + millis)
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u64::from(digit - b'0'))
    })
}

/// The days from 0000-03-01, where the years of these formulas begin, to 1970-01-01.
const EPOCH: u64 = 719_468;

/// Year, month and day so many days after 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms": `civil_from_days`).
fn date(days: u64) -> (u64, u64, u64) {
    let (era, of_era) = ((days + EPOCH) / 146_097, (days + EPOCH) % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// Days from 1970-01-01 to a date not before it (Hinnant's `days_from_civil`).
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let year_of_era = year % 400;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    year / 400 * 146_097 + of_era - EPOCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_read_and_write() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799_000),
            ("2026-11-21T12:00:00.096Z", 1_795_262_400_096),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] {
            assert_eq!(Timestamp(millis).to_string(), text);
            assert_eq!(text.parse(), Ok(Timestamp(millis)));
        }
        assert_eq!(
            "2026-11-21T12:00:00.000Z".parse(),
            Ok(Timestamp(1_795_262_400_000))
        );
    }

    #[test]
    fn every_day_of_four_centuries_reads_back() {
        for day in 0..146_097 {
            let noon = Timestamp((day * DAY + DAY / 2) * 1_000);
            assert_eq!(noon.to_string().parse(), Ok(noon));
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2026-11-21",
            "2026-11-21T12:00:00",
            "2026-11-21 12:00:00Z",
            "2026-11-21T12:00:00z",
            "2025-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-31T00:00:00Z",
            "2026-11-00T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T12:60:00Z",
            "2026-11-21T12:00:60Z",
            "2026-11-21T12:00:00,000Z",
            "+026-11-21T12:00:00Z",
            "2026-11-21T12:00:00.00000Z",
            "２０26-11-21T1:00:00Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn sums_stop_at_the_end_of_time() {
        let end = Timestamp(u64::MAX);
        assert_eq!(end + Duration::from_secs(1), end);
        assert_eq!(Timestamp(1) + Duration::MAX, end);
        assert!(!end.to_string().is_empty());
    }
}
