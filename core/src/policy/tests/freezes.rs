//! Freezes: what people write, and a year minute by minute.

use jiff::civil::Date;
use proptest::prelude::*;

use super::*;

fn freeze(from: &str, to: &str, zone: &str) -> Result<Freeze, crate::Violations> {
    Freeze::new(FreezeParts {
        name: "Year end".parse().unwrap(),
        from: from.parse()?,
        to: to.parse()?,
        timezone: zone.parse()?,
    })
}

fn window(days: &[Day], from: &str, to: &str, zone: &str) -> FreezeWindow {
    FreezeWindow::new(WindowParts {
        name: "No Fridays".parse().unwrap(),
        days: days.to_vec(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        timezone: zone.parse().unwrap(),
    })
    .unwrap()
}

fn span(freeze: &Freeze) -> (String, String) {
    (freeze.span().begin().to_string(), freeze.span().end().to_string())
}

fn until(windows: &[FreezeWindow], text: &str) -> Option<String> {
    frozen(&[], windows, at(text)).map(|it| it.until.unwrap().to_string())
}

#[test]
fn a_freeze_is_half_open_in_its_zone() {
    let freeze = freeze("2026-12-20T18:00", "2027-01-03T08:00", "Europe/Berlin").unwrap();
    assert_eq!(span(&freeze), ("2026-12-20T17:00:00Z".into(), "2027-01-03T07:00:00Z".into()));
    let on = |text: &str| frozen(std::slice::from_ref(&freeze), &[], at(text)).is_some();
    assert!(!on("2026-12-20T16:59:59Z") && on("2026-12-20T17:00:00Z"));
    assert!(on("2027-01-03T06:59:59Z") && !on("2027-01-03T07:00:00Z"));
    let shown = freeze.parts().timezone.shown(freeze.span().end());
    assert_eq!(shown, "2027-01-03 08:00 in Europe/Berlin");
}

#[test]
fn an_hour_that_clocks_skip_is_the_moment_at_which_they_do() {
    // At 02:00 the clocks of Berlin show 03:00.
    let gap = freeze("2026-03-29T02:30", "2026-03-29T03:15", "Europe/Berlin").unwrap();
    assert_eq!(span(&gap), ("2026-03-29T01:00:00Z".into(), "2026-03-29T01:15:00Z".into()));
    let gap = freeze("2026-03-29T01:30", "2026-03-29T02:30", "Europe/Berlin").unwrap();
    assert_eq!(span(&gap), ("2026-03-29T00:30:00Z".into(), "2026-03-29T01:00:00Z".into()));
    let inside = freeze("2026-03-29T02:15", "2026-03-29T02:45", "Europe/Berlin").unwrap_err();
    assert!(inside.breaks(RuleId::POL003), "no clock ever shows it");
    // Samoa had no 30 December 2011.
    let day = freeze("2011-12-29T12:00", "2011-12-30T12:00", "Pacific/Apia").unwrap();
    assert_eq!(span(&day), ("2011-12-29T22:00:00Z".into(), "2011-12-30T10:00:00Z".into()));
}

#[test]
fn an_hour_that_clocks_show_twice_counts_twice() {
    // At 03:00 the clocks of Berlin show 02:00 again.
    let fold = freeze("2026-10-25T02:15", "2026-10-25T02:45", "Europe/Berlin").unwrap();
    assert_eq!(span(&fold), ("2026-10-25T00:15:00Z".into(), "2026-10-25T01:45:00Z".into()));
    let before = freeze("2026-10-25T01:00", "2026-10-25T02:00", "Europe/Berlin").unwrap();
    assert_eq!(span(&before).1, "2026-10-25T00:00:00Z", "it is over before the hour begins");
    let after = freeze("2026-10-25T03:00", "2026-10-25T24:00", "Europe/Berlin").unwrap();
    assert_eq!(span(&after), ("2026-10-25T02:00:00Z".into(), "2026-10-25T23:00:00Z".into()));
}

#[test]
fn windows_end_at_midnight_or_pass_it() {
    let whole = [window(&[Day::Friday], "00:00", "24:00", "UTC")];
    assert_eq!(until(&whole, "2026-11-26T23:59:59Z"), None);
    assert_eq!(until(&whole, "2026-11-27T00:00:00Z").as_deref(), Some("2026-11-28T00:00:00Z"));
    let night = [window(&[Day::Friday], "22:00", "06:00", "UTC")];
    assert_eq!(until(&night, "2026-11-28T05:59:00Z").as_deref(), Some("2026-11-28T06:00:00Z"));
    assert_eq!(until(&night, "2026-11-27T05:59:00Z"), None, "Thursday begins none");
}

#[test]
fn freezes_that_overlap_or_touch_are_one() {
    let windows = [
        window(&[Day::Friday], "14:00", "24:00", "UTC"),
        window(&[Day::Saturday, Day::Sunday], "00:00", "24:00", "UTC"),
    ];
    let once = freeze("2026-11-29T20:00", "2026-11-30T09:30", "UTC").unwrap();
    let now = at("2026-11-27T15:00:00Z");
    let found = frozen(std::slice::from_ref(&once), &windows, now).unwrap();
    assert_eq!(found.until, Some(at("2026-11-30T09:30:00Z")));
    assert_eq!(found.names.len(), 1, "only one is on");
}

#[test]
fn a_freeze_without_an_end_is_said_to_have_none() {
    let always = [window(
        &[
            Day::Monday,
            Day::Tuesday,
            Day::Wednesday,
            Day::Thursday,
            Day::Friday,
            Day::Saturday,
            Day::Sunday,
        ],
        "00:00",
        "24:00",
        "UTC",
    )];
    let found = frozen(&[], &always, at("2026-11-27T15:00:00Z")).unwrap();
    assert_eq!(found.until, None);
}

#[test]
fn what_is_no_time_no_zone_and_no_name_is_refused() {
    for time in ["24:01", "9:30", "09:60", "0930", "09:30:00", "-1:00", "", "+1:00"] {
        assert!(time.parse::<ClockTime>().unwrap_err().breaks(RuleId::POL003), "{time}");
    }
    for time in ["2026-12-20 18:00", "2026-02-29T00:00", "2026-12-20T18:00Z", "1999-12-31T00:00"] {
        assert!(time.parse::<CivilTime>().unwrap_err().breaks(RuleId::POL003), "{time}");
    }
    assert!("2028-02-29T24:00".parse::<CivilTime>().is_ok());
    let zone = |text: &str| text.parse::<Zone>().unwrap_err().to_string();
    assert!(zone("europe/berlin").contains("Write `Europe/Berlin`."), "{}", zone("europe/berlin"));
    assert!(zone("Europe/Berln").contains("Did you mean `Europe/Berlin`?"));
    assert!(zone("CEST+2").contains("such as `UTC`") && "../../etc".parse::<Zone>().is_err());
    assert!("x".repeat(100_000).parse::<Zone>().is_err());
    for name in ["", " a", "a\nb", "\u{202e}", &"x".repeat(101)] {
        assert!(name.parse::<FreezeName>().unwrap_err().breaks(RuleId::POL003), "{name}");
    }
    assert!(freeze("2026-12-20T24:00", "2026-12-22T00:00", "UTC").is_err());
    assert!(freeze("2026-12-20T08:00", "2026-12-20T08:00", "UTC").is_err());
}

/// Where clocks do odd things: half an hour, midnight, the other half of the year, a day that there was not.
const ZONES: [(&str, i16); 7] = [
    ("UTC", 2028),
    ("Europe/Berlin", 2026),
    ("America/New_York", 2028),
    ("Australia/Lord_Howe", 2026),
    ("America/Sao_Paulo", 2018),
    ("Africa/Cairo", 2026),
    ("Pacific/Apia", 2011),
];

/// What clocks show, minute by minute.
struct Year {
    begins: i64,
    /// Date and minute of the day.
    shown: Vec<(Date, u16)>,
}

impl Year {
    fn of(zone: &str, year: i16) -> Self {
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        let begins: jiff::Timestamp = format!("{year}-01-01T00:00:00Z").parse().unwrap();
        let begins = begins.as_second();
        let shown = (0..=366 * 1440)
            .map(|minute| {
                let civil =
                    zone.to_datetime(jiff::Timestamp::from_second(begins + minute * 60).unwrap());
                let (hour, minute) = (u16::try_from(civil.hour()).unwrap(), civil.minute());
                (civil.date(), hour * 60 + u16::try_from(minute).unwrap())
            })
            .collect();
        Self { begins, shown }
    }

    /// The minutes from the first to the last that a turn says are in it.
    fn freeze(&self, frozen: &mut [bool], is_in: impl Fn(&(Date, u16)) -> bool) {
        let first = self.shown.iter().position(&is_in);
        let last = self.shown.iter().rposition(&is_in);
        if let (Some(first), Some(last)) = (first, last) {
            frozen[first..=last].fill(true);
        }
    }

    fn moment(&self, minute: usize) -> Timestamp {
        let minute = i64::try_from(minute).unwrap();
        Timestamp::from_unix_seconds(self.begins + minute * 60).unwrap()
    }
}

/// A window by its minutes.
type Weekly = (Vec<Day>, u16, u16);

fn text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn weekly() -> impl Strategy<Value = Weekly> {
    let days = proptest::sample::subsequence(Day::ALL, 1..=7);
    // Mostly about the hours at which clocks are set.
    let from = prop_oneof![0_u16..240, 1380_u16..1440, 0_u16..1440];
    let to = prop_oneof![0_u16..240, 1380_u16..=1440, 0_u16..=1440];
    (days, from, to).prop_filter("it has an end", |(_, from, to)| from != to)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5))]
    /// A whole year: each minute, and when the freeze that it lies in is over.
    #[test]
    fn every_minute_of_a_year_is_frozen_as_its_clocks_say(
        zone in proptest::sample::select(&ZONES[..]),
        windows in proptest::collection::vec(weekly(), 0..3),
        freezes in proptest::collection::vec((0_usize..500_000, 1_usize..40_000), 0..3),
    ) {
        let (name, number) = zone;
        let year = Year::of(name, number);
        let mut model = vec![false; year.shown.len()];
        let mut weekly = Vec::new();
        for (days, from, to) in &windows {
            weekly.push(window(days, &text(*from), &text(*to), name));
            let mut date = year.shown[0].0.yesterday().unwrap();
            while date <= year.shown[year.shown.len() - 1].0 {
                let next = date.tomorrow().unwrap();
                let is_day = days.iter().any(|day| {
                    let weekday = jiff::civil::Weekday::from_monday_zero_offset(
                        i8::try_from(Day::ALL.iter().position(|it| it == day).unwrap()).unwrap());
                    weekday.unwrap() == date.weekday()
                });
                if is_day {
                    // A turn is looked for only where it can be, or a year would take minutes.
                    let days_in = i64::from((date - year.shown[0].0).get_days());
                    let around = |by: i64| usize::try_from((days_in + by) * 1440).unwrap_or(0)
                        .min(year.shown.len());
                    let (low, high) = (around(-2), around(4));
                    let part = Year { begins: 0, shown: year.shown[low..high].to_vec() };
                    part.freeze(&mut model[low..high], |(shown, minute)| {
                        if to > from {
                            *shown == date && (*from..*to).contains(minute)
                        } else {
                            (*shown == date && minute >= from) || (*shown == next && minute < to)
                        }
                    });
                }
                date = next;
            }
        }
        let mut once = Vec::new();
        for (begin, length) in &freezes {
            let (from, to) = (year.shown[*begin], year.shown[(*begin + *length).min(year.shown.len() - 1)]);
            if from >= to {
                continue;
            }
            let told = |(date, minute): (Date, u16)| format!("{date}T{}", text(minute));
            once.push(freeze(&told(from), &told(to), name).unwrap());
            year.freeze(&mut model, |shown| *shown >= from && *shown < to);
        }
        // What began in the year before, or ends in the next, is not of this one.
        let (mut minute, end) = (3 * 1440, year.shown.len() - 3 * 1440);
        while minute < end {
            let found = frozen(&once, &weekly, year.moment(minute));
            prop_assert_eq!(found.is_some(), model[minute], "at {}", year.moment(minute));
            let Some(found) = found else { minute += 1; continue };
            let until = found.until.map_or(end, |until| {
                usize::try_from((until.unix_seconds() - year.begins) / 60).unwrap()
            });
            let seen = until.min(end);
            prop_assert!(model[minute..seen].iter().all(|it| *it), "from {}", year.moment(minute));
            prop_assert!(seen == end || !model[seen], "until {}", year.moment(seen));
            minute = seen.max(minute + 1);
        }
    }

    #[test]
    fn times_print_as_they_are_written(minute in 0_u16..=1440, day in 0_i32..36_500) {
        let time: ClockTime = text(minute).parse().unwrap();
        prop_assert_eq!(time.to_string(), text(minute));
        let date = jiff::civil::date(2000, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let both = format!("{date}T{}", text(minute));
        prop_assert_eq!(both.parse::<CivilTime>().unwrap().to_string(), both);
    }

    #[test]
    fn whatever_is_read_prints_back(text in "\\PC{0,20}|[0-9T:-]{0,17}|[A-Z][a-z]+/[A-Z][a-z]+") {
        for printed in [
            text.parse::<Zone>().ok().map(|it| it.to_string()),
            text.parse::<CivilTime>().ok().map(|it| it.to_string()),
            text.parse::<ClockTime>().ok().map(|it| it.to_string()),
            text.parse::<FreezeName>().ok().map(|it| it.to_string()),
            text.parse::<Soak>().ok().map(|it| it.to_string()),
        ].into_iter().flatten() {
            prop_assert_eq!(&printed, &text);
        }
    }
}
