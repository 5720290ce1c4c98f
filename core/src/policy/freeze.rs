//! Freezes: stretches of time in which no deployment to an environment begins.
//!
//! Each is one stretch without a break: from the first moment at which clocks show its beginning to the last at which
//! they show a time before its end. A time that clocks skip is the moment at which they skip it, and an hour that they
//! show twice counts twice.

use serde::{Deserialize, Serialize};

use super::zone::{CivilTime, ClockTime, Span, Zone};
use crate::base::foreign::hidden_fault;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};

/// The most that an environment has of each kind.
const MOST: usize = 32;

/// How many ends of freezes are looked behind, each of which may lie in another freeze.
const MOST_STEPS: usize = 1000;

/// The longest name.
const LONGEST_NAME: usize = 100;

checked_text! {
    /// What people call a freeze, such as `Year end`.
    pub struct FreezeName checked by check_name
}

fn check_name(text: &str) -> Result<(), Violation> {
    let length = text.chars().count();
    let fault = match hidden_fault(text) {
        Some(fault) => Some(fault),
        None if text.trim() != text || text.is_empty() => {
            Some("it is empty, or begins or ends with a space".to_owned())
        }
        None if length > LONGEST_NAME => Some(format!("it has {length} letters")),
        None => None,
    };
    match fault {
        None => Ok(()),
        Some(fault) => Err(Violation::new(
            RuleId::POL003,
            format!("{}: {fault}", quoted(text)),
            format!("a name of 1 to {LONGEST_NAME} letters"),
            "Write what people call this freeze, such as `Year end`.",
        )),
    }
}

closed_list! {
    /// A day of the week.
    pub enum Day breaks GLB004 {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
    }
}

/// A freeze that comes once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FreezeParts", into = "FreezeParts")]
pub struct Freeze {
    parts: FreezeParts,
    span: Span,
}

/// What is said of a freeze that comes once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeParts {
    /// What people call it.
    pub name: FreezeName,
    /// When it begins.
    pub from: CivilTime,
    /// When it is over.
    pub to: CivilTime,
    /// The zone whose clocks show that.
    pub timezone: Zone,
}

impl Freeze {
    /// Puts the parts together.
    ///
    /// # Errors
    /// POL003 where it is over before it begins, or begins at `24:00`.
    pub fn new(parts: FreezeParts) -> Result<Self, Violations> {
        let FreezeParts { from, to, timezone, .. } = &parts;
        if from.time().is_end_of_day() {
            return Err(begins_at_the_end(&from.to_string()).into());
        }
        let begin = timezone.begin(from.date(), from.time());
        match Span::between(begin, timezone.end(to.date(), to.time())) {
            Some(span) => Ok(Self { parts, span }),
            None => Err(Violation::new(
                RuleId::POL003,
                format!("`{to}`, which is not after `{from}`"),
                "the end of the freeze",
                "Write when it is over, as the clocks of the zone show it.",
            )
            .under("to")
            .into()),
        }
    }

    /// When it is.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// What is said of it.
    #[must_use]
    pub const fn parts(&self) -> &FreezeParts {
        &self.parts
    }
}

impl TryFrom<FreezeParts> for Freeze {
    type Error = Violations;
    fn try_from(parts: FreezeParts) -> Result<Self, Violations> {
        Self::new(parts)
    }
}

impl From<Freeze> for FreezeParts {
    fn from(freeze: Freeze) -> Self {
        freeze.parts
    }
}

/// A freeze that comes every week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WindowParts", into = "WindowParts")]
pub struct FreezeWindow(WindowParts);

/// What is said of a freeze that comes every week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowParts {
    /// What people call it.
    pub name: FreezeName,
    /// The days on which it begins.
    pub days: Vec<Day>,
    /// When it begins.
    pub from: ClockTime,
    /// When it is over: on the next day, where that is no later than it begins.
    pub to: ClockTime,
    /// The zone whose clocks show that.
    pub timezone: Zone,
}

impl FreezeWindow {
    /// Puts the parts together.
    ///
    /// # Errors
    /// POL003 for no day or one that is listed twice, for a window that begins at `24:00`, and for one whose
    /// beginning is its end.
    pub fn new(parts: WindowParts) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        let WindowParts { days, from, to, .. } = &parts;
        findings.require(!days.is_empty(), || {
            let next = "Name the days on which it begins, such as `fri`.";
            Violation::new(RuleId::POL003, "no days", "at least one day", next).under("days")
        });
        for (index, day) in days.iter().enumerate() {
            findings.require(!days[..index].contains(day), || {
                let found = format!("`{day}` a second time");
                Violation::new(RuleId::POL003, found, "each day once", "Remove one of the two.")
                    .under(FieldPath::from("days").index(index))
            });
        }
        if from.is_end_of_day() {
            findings.push(begins_at_the_end(&from.to_string()));
        } else {
            findings.require(from != to, || {
                Violation::new(
                    RuleId::POL003,
                    format!("`{to}`, which is when it begins"),
                    "the end of the window",
                    "Write another time; a whole day is from `00:00` to `24:00`.",
                )
                .under("to")
            });
        }
        findings.finish(Self(parts))
    }

    /// What is said of it.
    #[must_use]
    pub const fn parts(&self) -> &WindowParts {
        &self.0
    }

    /// Its turns that a moment could lie in.
    fn about(&self, at: Timestamp) -> impl Iterator<Item = Span> + '_ {
        let WindowParts { days, from, to, timezone, .. } = &self.0;
        let today = timezone.date(at);
        // Clocks that go back around midnight show yesterday again.
        let dates = (-2_i32..=1).filter_map(move |by| {
            let date = today.checked_add(jiff::Span::new().try_days(by).ok()?).ok()?;
            days.contains(&Day::of(date)).then_some(date)
        });
        dates.filter_map(move |date| {
            let last = if to > from { date } else { date.tomorrow().ok()? };
            Span::between(timezone.begin(date, *from), timezone.end(last, *to))
        })
    }
}

impl TryFrom<WindowParts> for FreezeWindow {
    type Error = Violations;
    fn try_from(parts: WindowParts) -> Result<Self, Violations> {
        Self::new(parts)
    }
}

impl From<FreezeWindow> for WindowParts {
    fn from(window: FreezeWindow) -> Self {
        window.0
    }
}

impl Day {
    fn of(date: jiff::civil::Date) -> Self {
        use jiff::civil::Weekday;
        match date.weekday() {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

fn begins_at_the_end(found: &str) -> Violation {
    let next = "Write `00:00` of the next day.";
    Violation::new(RuleId::POL003, quoted(found), "a time before `24:00`", next).under("from")
}

/// POL003: there are more than anybody reads.
pub(crate) fn too_many(field: &'static str, count: usize) -> Option<Violation> {
    (count > MOST).then(|| {
        let (found, expected) = (format!("{count} of them"), format!("at most {MOST}"));
        let next = "Remove those that are over, or unite some.";
        Violation::new(RuleId::POL003, found, expected, next).under(field)
    })
}

/// The freezes in which a moment lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen<'a> {
    /// What people call those that are on.
    pub names: Vec<&'a FreezeName>,
    /// When there is none any more, those included that begin before the others are over. `None`: that is too far
    /// away to be seen.
    pub until: Option<Timestamp>,
    /// The zone of one of them.
    pub zone: &'a Zone,
}

/// Whether a moment lies in a freeze, and when that is over.
#[must_use]
pub fn frozen<'a>(
    freezes: &'a [Freeze],
    windows: &'a [FreezeWindow],
    at: Timestamp,
) -> Option<Frozen<'a>> {
    let on = |at: Timestamp| {
        let once = freezes.iter().map(|it| (&it.parts.name, &it.parts.timezone, it.span));
        let weekly = windows
            .iter()
            .flat_map(move |it| it.about(at).map(move |span| (&it.0.name, &it.0.timezone, span)));
        once.chain(weekly).filter(move |(_, _, span)| span.holds(at))
    };
    let now: Vec<_> = on(at).collect();
    let (_, zone, _) = *now.first()?;
    let mut names: Vec<&FreezeName> = now.iter().map(|(name, _, _)| *name).collect();
    names.dedup();
    let mut until = now.iter().map(|(_, _, span)| span.end()).max();
    for _ in 0..MOST_STEPS {
        match until.and_then(|at| on(at).map(|(_, _, span)| span.end()).max()) {
            None => return Some(Frozen { names, until, zone }),
            later => until = later,
        }
    }
    Some(Frozen { names, until: None, zone })
}
