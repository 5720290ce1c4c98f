//! Points in time, in UTC only.

use std::fmt;
use std::str::FromStr;

use super::rule::RuleId;
use super::violation::{Violation, Violations, quoted};

/// A point in time. It prints as RFC 3339 with `Z`, in whole seconds unless it was read with a
/// fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// The first second of the year 0.
const FIRST_SECOND: i64 = -62_167_219_200;
/// The last second that jiff can hold, in the evening of 9999-12-30.
const LAST_SECOND: i64 = 253_402_207_200;

impl Timestamp {
    /// The beginning of 1970.
    pub const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// The second that holds this instant of a clock.
    #[must_use]
    pub fn from_jiff(instant: jiff::Timestamp) -> Self {
        let second = instant.as_nanosecond().div_euclid(1_000_000_000);
        Self(
            i64::try_from(second)
                .ok()
                .and_then(|s| jiff::Timestamp::from_second(s).ok())
                .unwrap_or(instant),
        )
    }

    /// The point in time so many seconds after 1970 began, if the calendar reaches it (years
    /// 0 to 9999).
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        let within = (FIRST_SECOND..=LAST_SECOND).contains(&seconds);
        within.then(|| jiff::Timestamp::from_second(seconds).ok().map(Self)).flatten()
    }

    /// Whole seconds since 1970 began, rounded down.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        let floor = self.0.as_nanosecond().div_euclid(1_000_000_000);
        i64::try_from(floor).unwrap_or_else(|_| self.0.as_second())
    }

    /// The same instant for use with a clock.
    #[must_use]
    pub fn as_jiff(self) -> jiff::Timestamp {
        self.0
    }

    /// This instant moved by so many seconds; at the ends of the calendar it stays there.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let end = if seconds < 0 { FIRST_SECOND } else { LAST_SECOND };
        let moved = self.0.checked_add(jiff::SignedDuration::from_secs(seconds)).ok();
        let within = moved.filter(|instant| instant.as_second() >= FIRST_SECOND);
        within.map(Self).or_else(|| Self::from_unix_seconds(end)).unwrap_or(self)
    }

    /// Whether this instant lies so far after `now` that no clock and no time zone explains it. Whoever may push
    /// may write any time into a record; what calls itself newest for years to come is not believed.
    #[must_use]
    pub fn is_beyond(self, now: Self) -> bool {
        self > now.plus_seconds(24 * 60 * 60)
    }

    /// Whole seconds from `earlier` to this instant; negative when it is not earlier.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0.duration_since(earlier.0).as_secs()
    }

    /// Date and time in UTC.
    pub(crate) fn civil(self) -> jiff::civil::DateTime {
        civil(self.0)
    }

    /// The instant of a date and time in UTC.
    pub(crate) fn from_civil(date_time: jiff::civil::DateTime) -> Option<Self> {
        let zoned = date_time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(zoned.timestamp()))
    }
}

fn civil(instant: jiff::Timestamp) -> jiff::civil::DateTime {
    instant.to_zoned(jiff::tz::TimeZone::UTC).datetime()
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Timestamp {
    type Err = Violations;
    /// Reads RFC 3339 in UTC: `2025-11-21T10:30:00Z`, or with `+00:00` for the `Z`, which prints
    /// back as `Z`.
    fn from_str(text: &str) -> Result<Self, Violations> {
        if has_shape(text)
            && let Ok(instant) = text.parse::<jiff::Timestamp>()
        {
            return Ok(Self(instant));
        }
        Err(bad_time(text).into())
    }
}

text_serde!(Timestamp);

/// `YYYY-MM-DDTHH:MM:SS[.fraction](Z|+00:00)` with seconds up to 59, because a leap second would
/// be read as another time than it was written.
fn has_shape(text: &str) -> bool {
    let Some(local) = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")) else {
        return false;
    };
    let (seconds, fraction) = match local.split_once('.') {
        Some((seconds, fraction)) => (seconds, Some(fraction)),
        None => (local, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let pattern = seconds.len() == 19
        && seconds.bytes().zip("0000-00-00T00:00:00".bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            mark => byte == mark,
        });
    pattern
        && !seconds.ends_with("60")
        && fraction.is_none_or(|part| digits(part) && part.len() <= 9)
}

fn bad_time(text: &str) -> Violation {
    let expected = "a time in UTC by RFC 3339, such as `2025-11-21T10:30:00Z`";
    let next = match in_another_zone(text) {
        Some(instant) => format!("Write the same time in UTC: `{instant}`."),
        None => "Write date, `T`, time and `Z`.".to_owned(),
    };
    Violation::new(RuleId::GLB001, quoted(text), expected, next)
}

/// The instant, where the text is a complete time that only has another offset or spelling.
fn in_another_zone(text: &str) -> Option<Timestamp> {
    let instant = text.parse::<jiff::Timestamp>().ok()?;
    let leap = text.contains(":60");
    (!leap).then_some(Timestamp(instant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn both_spellings_of_utc_are_the_same_instant() {
        assert_eq!(read("2025-11-21T10:30:00Z"), read("2025-11-21T10:30:00+00:00"));
        assert_eq!(read("2025-11-21T10:30:00.000Z").to_string(), "2025-11-21T10:30:00Z");
        assert_eq!(read("2025-11-21T10:30:00.25Z").to_string(), "2025-11-21T10:30:00.25Z");
    }

    #[test]
    fn other_offsets_are_told_the_time_in_utc() {
        let error = "2025-11-21T12:30:00+02:00".parse::<Timestamp>().unwrap_err();
        assert!(error.breaks(RuleId::GLB001));
        assert!(error.to_string().contains("`2025-11-21T10:30:00Z`"), "{error}");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2025-11-21",
            "2025-11-21T10:30:00",
            "2025-11-21 10:30:00Z",
            "2025-13-21T10:30:00Z",
            "2025-02-30T10:30:00Z",
            "2025-11-21T24:00:00Z",
            "2025-11-21T10:30:60Z",
            "2025-11-21T10:30:00-00:00",
            "2025-11-21t10:30:00z",
            "20251121T103000Z",
            "2025-11-21T10:30:00.Z",
            "2025-11-21T10:30:00.1234567890Z",
            "2025-11-21T10:30:00Z[UTC]",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_leap_second_is_not_read_as_another_time() {
        let told = "2016-12-31T23:59:60Z".parse::<Timestamp>().unwrap_err().to_string();
        assert!(told.ends_with("Write date, `T`, time and `Z`."), "{told}");
    }

    #[test]
    fn clocks_are_cut_to_seconds() {
        let instant: jiff::Timestamp = "2025-11-21T10:30:00.987Z".parse().unwrap();
        assert_eq!(Timestamp::from_jiff(instant).to_string(), "2025-11-21T10:30:00Z");
        let early: jiff::Timestamp = "1969-12-31T23:59:59.5Z".parse().unwrap();
        assert_eq!(Timestamp::from_jiff(early).unix_seconds(), -1);
    }

    #[test]
    fn differences_are_in_seconds() {
        let (start, end) = (read("2026-01-31T20:30:00Z"), read("2026-01-31T20:40:00Z"));
        assert_eq!(end.seconds_since(start), 600);
        assert_eq!(start.plus_seconds(600), end);
        let last = Timestamp::from_unix_seconds(LAST_SECOND).unwrap();
        assert_eq!(last.plus_seconds(9), last);
        let first = Timestamp::from_unix_seconds(FIRST_SECOND).unwrap();
        assert_eq!(first.plus_seconds(-9), first);
        assert_eq!(first.to_string(), "0000-01-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn times_round_trip(seconds in FIRST_SECOND..LAST_SECOND) {
            let time = Timestamp::from_unix_seconds(seconds).unwrap();
            prop_assert_eq!(read(&time.to_string()), time);
            prop_assert_eq!(time.unix_seconds(), seconds);
            prop_assert_eq!(time.to_string().len(), 20);
            prop_assert_eq!(Timestamp::from_civil(time.civil()), Some(time));
        }
    }
}
