//! Time as clocks on the wall show it: zones, times of the day, dates with a time.
//!
//! What clocks show is no moment by itself: they skip an hour in spring and show one twice in autumn. Which moments
//! are meant is decided here, once. The rules of the zones come with this library, so that every machine means the
//! same; nothing here asks the machine for its zone or its time.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Violation, Violations, quoted};

/// A time zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A time of the day to the minute, from `00:00` to `24:00`, which is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockTime {
    minute: u16,
}

/// A date and a time of that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CivilTime {
    date: Date,
    time: ClockTime,
}

/// From a moment up to, and without, a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    begin: Timestamp,
    end: Timestamp,
}

/// The longest name of a zone that is looked up, in bytes; the longest there is has 30.
const LONGEST_ZONE: usize = 64;

/// The years of dates: before, zones had offsets of odd seconds, and nobody deploys after.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2999;

impl Span {
    /// The moments between two; nothing where there are none.
    pub(super) fn between(begin: Option<Timestamp>, end: Option<Timestamp>) -> Option<Self> {
        let (begin, end) = (begin?, end?);
        (begin < end).then_some(Self { begin, end })
    }

    /// The first moment.
    #[must_use]
    pub const fn begin(self) -> Timestamp {
        self.begin
    }

    /// The first moment after it.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// Whether it holds a moment.
    #[must_use]
    pub fn holds(self, at: Timestamp) -> bool {
        self.begin <= at && at < self.end
    }
}

impl Zone {
    /// Its name in the database.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What its clocks show.
    #[must_use]
    pub fn shown(&self, at: Timestamp) -> String {
        let civil = self.0.to_datetime(at.as_jiff());
        format!("{} in {}", civil.strftime("%Y-%m-%d %H:%M"), self.name())
    }

    /// The date that its clocks show.
    pub(super) fn date(&self, at: Timestamp) -> Date {
        self.0.to_datetime(at.as_jiff()).date()
    }

    /// The first moment at which clocks show this time, or a later one where they skip it.
    pub(super) fn begin(&self, date: Date, time: ClockTime) -> Option<Timestamp> {
        let (date, minute) = match time.minute {
            ClockTime::DAY => (date.tomorrow().ok()?, 0),
            minute => (date, minute),
        };
        let civil = at_minute(date, minute)?;
        match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => moment(offset, civil),
            AmbiguousOffset::Gap { after, .. } => self.skip(civil, after),
            AmbiguousOffset::Fold { before, .. } => moment(before, civil),
        }
    }

    /// The end of the last minute that clocks show before this time: of an hour that they show twice, in its second
    /// turn.
    pub(super) fn end(&self, date: Date, time: ClockTime) -> Option<Timestamp> {
        let (date, minute) = match time.minute.checked_sub(1) {
            Some(minute) => (date, minute),
            None => (date.yesterday().ok()?, ClockTime::DAY - 1),
        };
        let civil = at_minute(date, minute)?;
        match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Gap { after, .. } => self.skip(civil, after),
            AmbiguousOffset::Unambiguous { offset: last }
            | AmbiguousOffset::Fold { after: last, .. } => {
                moment(last, civil).map(|it| it.plus_seconds(60))
            }
        }
    }

    /// The moment at which clocks skip a time.
    fn skip(&self, skipped: DateTime, after: Offset) -> Option<Timestamp> {
        let before = after.to_timestamp(skipped).ok()?;
        let mut next = self.0.following(before);
        next.find(|it| it.offset() == after).map(|it| Timestamp::from_jiff(it.timestamp()))
    }
}

fn at_minute(date: Date, minute: u16) -> Option<DateTime> {
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    Some(date.at(hour, minute, 0, 0))
}

fn moment(offset: Offset, civil: DateTime) -> Option<Timestamp> {
    offset.to_timestamp(civil).ok().map(Timestamp::from_jiff)
}

impl FromStr for Zone {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let found = (text.len() <= LONGEST_ZONE)
            .then(|| TimeZoneDatabase::bundled().get(text).ok())
            .flatten()
            .filter(|zone| !zone.is_unknown());
        match found.as_ref().and_then(TimeZone::iana_name) {
            Some(name) if name == text => Ok(Self(found.unwrap_or(TimeZone::UTC))),
            Some(name) => Err(no_zone(text, format!("Write `{name}`.")).into()),
            None => Err(no_zone(text, near_zone(text)).into()),
        }
    }
}

fn near_zone(text: &str) -> String {
    let names: Vec<_> =
        TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
    let otherwise = || "Write a name such as `UTC`, `Europe/Berlin` or `America/New_York`.".into();
    let short: String = text.chars().take(LONGEST_ZONE).collect();
    did_you_mean_or(&short, names.iter().map(String::as_str), otherwise)
}

fn no_zone(text: &str, next: String) -> Violation {
    Violation::new(RuleId::POL003, quoted(text), "the name of a zone of the IANA database", next)
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl ClockTime {
    /// The minutes of a day of 24 hours.
    const DAY: u16 = 24 * 60;

    /// Whether it is the end of the day.
    #[must_use]
    pub const fn is_end_of_day(self) -> bool {
        self.minute == Self::DAY
    }
}

impl FromStr for ClockTime {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        minute(text).map(|minute| Self { minute }).ok_or_else(|| {
            let next = "Write hours and minutes, such as `09:30`; the end of a day is `24:00`.";
            Violation::new(RuleId::POL003, quoted(text), "a time from `00:00` to `24:00`", next)
                .into()
        })
    }
}

/// The minute of the day that `HH:MM` means.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= ClockTime::DAY).then_some(total)
}

fn two_digits(text: &str) -> Option<u16> {
    let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minute / 60, self.minute % 60)
    }
}

impl CivilTime {
    /// The date.
    pub(super) const fn date(self) -> Date {
        self.date
    }

    /// The time of that day.
    #[must_use]
    pub const fn time(self) -> ClockTime {
        self.time
    }
}

impl FromStr for CivilTime {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        civil(text).ok_or_else(|| {
            let expected = format!(
                "a date and a time without an offset, of the years {} to {}",
                YEARS.start(),
                YEARS.end()
            );
            let next = "Write it as the clocks of the zone show it, such as `2026-12-20T18:00`, and name the zone \
                        in `timezone`.";
            Violation::new(RuleId::POL003, quoted(text), expected, next).into()
        })
    }
}

fn civil(text: &str) -> Option<CivilTime> {
    let (date, time) = text.split_once('T')?;
    let written = date.len() == 10 && date.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date: Date = written.then(|| date.parse().ok()).flatten()?;
    let time = ClockTime { minute: minute(time)? };
    YEARS.contains(&date.year()).then_some(CivilTime { date, time })
}

impl fmt::Display for CivilTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.date, self.time)
    }
}

text_serde!(Zone, ClockTime, CivilTime);
