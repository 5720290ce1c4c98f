//! What must be true of every contest, whoever died.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use pipeline_acceptance::witness::Visit;
use pipeline_acceptance::{Failure, Outcome};
use serde_json::Value as Json;

use super::contest::Story;
use super::fates::Fate;
use super::history::{Loss, Moment};
use crate::host::End;

/// A contest without fault.
#[derive(Debug)]
pub(super) struct Verdict {
    served: usize,
    deployed: usize,
    killed: usize,
    lost: usize,
}

/// Judges a contest.
///
/// # Errors
/// Everything that is wrong, at once.
pub(super) fn judge(story: &Story) -> Outcome<Verdict> {
    let records = by_name(&story.records)?;
    let losses = story.history.losses();
    let mut faults = story.history.faults();
    faults.extend(everybody(story, &records));
    faults.extend(ends(story, &records, &losses));
    faults.extend(fates(story, &records));
    faults.extend(one_at_a_time(&records));
    faults.extend(seen_from_outside(&story.visits));
    faults.extend(succession(story, &records));
    if !faults.is_empty() {
        return Err(Failure::new(format!("{}\n{}", faults.join("\n"), told(story, &records))));
    }
    let is_doomed = |loss: &&Loss| !story.fates.contains_key(&loss.who);
    Ok(Verdict {
        served: story.history.holders().len(),
        deployed: records.values().filter(|record| succeeded(record)).count(),
        killed: story.fates.len(),
        lost: losses.iter().filter(is_doomed).count(),
    })
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { served, deployed, killed, lost } = self;
        write!(f, "{served} served, {deployed} deployed, {killed} killed, {lost} late alive")
    }
}

fn by_name(records: &[Json]) -> Outcome<BTreeMap<String, Json>> {
    let mut named = BTreeMap::new();
    for record in records {
        let name = record["triggered_by"].as_str().unwrap_or_default().to_owned();
        if named.insert(name, record.clone()).is_some() {
            return Err(Failure::new(format!("two records of one deployment: {record}")));
        }
    }
    Ok(named)
}

/// What happened, for whoever has to find out why.
fn told(story: &Story, records: &BTreeMap<String, Json>) -> String {
    let mut told = format!("fates {:?}\nlosses {:?}", story.fates, story.history.losses());
    for moment in story.history.moments() {
        let Moment { at, holder, waiting } = moment;
        let _ = write!(told, "\n{at} held by {holder:?}, then {waiting:?}");
    }
    for (who, record) in records {
        let field = |name: &str| record[name].as_str().unwrap_or("-").to_owned();
        let (status, error) = (field("status"), field("error_message"));
        let (from, until) = (field("started_at"), field("completed_at"));
        let _ = write!(told, "\n{who} {status} {from} {until} {error}");
    }
    told
}

/// A success that a later, lower version took back is a success.
fn succeeded(record: &Json) -> bool {
    record["status"] == "succeeded" || record["status"] == "rolled_back"
}

/// Who came has a record, and nobody else; all of them have ended.
fn everybody(story: &Story, records: &BTreeMap<String, Json>) -> Vec<String> {
    let arrivals = story.history.arrivals();
    let lost = arrivals.iter().filter(|who| !records.contains_key(*who));
    let invented = records.keys().filter(|who| !arrivals.contains(who));
    let missing = story.ends.keys().filter(|who| !arrivals.contains(who));
    let is_open = |record: &Json| record["completed_at"].is_null();
    let open = records.iter().filter(|(_, record)| is_open(record)).map(|(who, _)| who);
    lost.map(|who| format!("{who} came and has no record"))
        .chain(invented.map(|who| format!("{who} never came and has a record")))
        .chain(missing.map(|who| format!("{who} never came")))
        .chain(open.map(|who| format!("the deployment of {who} never ended")))
        .collect()
}

/// Who lives has deployed, unless the machine was so slow that they seemed dead for a lease.
fn ends(story: &Story, records: &BTreeMap<String, Json>, losses: &[Loss]) -> Vec<String> {
    let excused =
        |who: &str| story.fates.contains_key(who) || losses.iter().any(|loss| loss.who == who);
    let told = story.ends.iter().filter_map(|(who, end)| {
        let good = records.get(who).is_some_and(succeeded);
        match end {
            End::Applied(state) if !good || state["status"] != "succeeded" => {
                Some(format!("{who} was told of a success that is not on record"))
            }
            End::Refused(text) if good || !excused(who) => Some(format!("{who} was told: {text}")),
            End::Died if !story.fates.contains_key(who) => Some(format!("{who} died by itself")),
            _ => None,
        }
    });
    told.collect()
}

/// The dead are on record as what they were.
fn fates(story: &Story, records: &BTreeMap<String, Json>) -> Vec<String> {
    let held = story.history.holders();
    let wrong = story.fates.iter().filter_map(|(who, fate)| {
        let record = records.get(who)?;
        let status = record["status"].as_str().unwrap_or_default();
        let fits = match fate {
            // It may have been its turn at the very moment.
            Fate::Waiting(_) => held.contains(who) || status == "cancelled",
            Fate::Holding(_) | Fate::Ending(false) => status == "failed",
            // What is on its way loses to whoever entered the queue meanwhile, and nobody tries again.
            Fate::Ending(true) if story.history.was_joined(who) => {
                succeeded(record) || status == "failed"
            }
            Fate::Ending(true) => succeeded(record),
        };
        (!fits).then(|| format!("{who}, {fate:?}, is on record as {status}"))
    });
    wrong.collect()
}

/// By the records, no deployment began before the last one had ended.
fn one_at_a_time(records: &BTreeMap<String, Json>) -> Vec<String> {
    let time = |record: &Json, name: &str| record[name].as_str().map(str::to_owned);
    let span = |(who, record): (&String, &Json)| {
        Some((time(record, "started_at")?, time(record, "completed_at")?, who.clone()))
    };
    let mut spans: Vec<_> = records.iter().filter_map(span).collect();
    spans.sort();
    let overlaps = spans.windows(2).filter(|pair| pair[1].0 < pair[0].1);
    overlaps.map(|pair| format!("{:?} and {:?} overlap", pair[0], pair[1])).collect()
}

/// By the health endpoint, the same.
fn seen_from_outside(visits: &[Visit]) -> Vec<String> {
    let overlaps =
        visits.windows(2).filter(|pair| pair[0].until.is_none_or(|until| until > pair[1].from));
    overlaps.map(|pair| format!("{} and {} at once", pair[0].who, pair[1].who)).collect()
}

/// Each deployment replaced what the last success left, and the tag is where the last one put it.
fn succession(story: &Story, records: &BTreeMap<String, Json>) -> Vec<String> {
    let (mut faults, mut runs) = (Vec::new(), &Json::Null);
    let (mut tag, mut before_last) = (None, None);
    for who in story.history.holders() {
        let Some(record) = records.get(&who) else { continue };
        if record["previous_version"] != *runs {
            faults.push(format!("{who} replaced {runs}, and its record says {record}"));
        }
        if who == story.last {
            before_last = tag.clone();
        }
        if succeeded(record) {
            runs = &record["version"];
            tag = story.commits.get(&who).cloned();
        }
    }
    if before_last != story.tag {
        faults.push(format!("the tag is at {:?} instead of {before_last:?}", story.tag));
    }
    faults
}
