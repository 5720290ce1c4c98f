//! What somebody should look at, worst first.

use super::facts::{EnvironmentFacts, ReportFacts};
use super::model::{Attention, Severity};
use super::{Lane, shown};
use crate::audit::AuditRecord;
use crate::deployment::{Deployment, Origin, Status};
use crate::queue::{HeldBy, QueueRecord};
use crate::{Timestamp, Version};

pub(super) fn all(facts: &ReportFacts, since: Timestamp, now: Timestamp) -> Vec<Attention> {
    let mut found = Vec::new();
    for environment in &facts.environments {
        found.extend(failures(environment));
        found.extend(moved(environment));
        found.extend(abandoned(environment, now));
    }
    found.extend(unreadable(facts));
    found.extend(overdue(facts, now));
    found.extend(overrides(facts, since));
    // Stable: within a severity, the order of environments stays.
    found.sort_by_key(|it| it.severity);
    found
}

/// Places whose newest deployment that came to a verdict failed.
fn failures(environment: &EnvironmentFacts) -> impl Iterator<Item = Attention> {
    let records = environment.history.in_order();
    let of_place = |lane: &Lane| last(&records, lane).filter(|it| it.status() == Status::Failed);
    let failed: Vec<&Deployment> =
        environment.places.iter().filter_map(|place| of_place(&place.lane)).collect();
    failed.into_iter().map(|record| {
        let why = record.progress.error_message().unwrap_or("nobody said why");
        let kept = record.progress.rolled_back_to().map_or_else(String::new, put_back);
        Attention {
            severity: Severity::Broken,
            what: format!("The newest deployment to {} failed", Lane::of(record)),
            why: format!("{}: {}{kept}", record.version, shown::foreign(why)),
            next: "Mend it and deploy again, or go back.".to_owned(),
            command: None,
        }
    })
}

fn put_back(version: &Version) -> String {
    format!("; {version} was put back")
}

/// The newest deployment to a place that succeeded, failed or was taken back.
pub(super) fn last<'a>(records: &[&'a Deployment], lane: &Lane) -> Option<&'a Deployment> {
    let decided = |it: &&&Deployment| {
        Lane::of(it) == *lane
            && matches!(it.status(), Status::Succeeded | Status::Failed | Status::RolledBack)
    };
    records.iter().rev().find(decided).copied()
}

/// Places whose tag somebody moved.
fn moved(environment: &EnvironmentFacts) -> impl Iterator<Item = Attention> {
    let by_hand = environment.places.iter().filter_map(|place| {
        let running = place.running.as_ref().filter(|it| it.origin == Origin::Tag)?;
        Some((&place.lane, running))
    });
    by_hand.map(|(lane, running)| {
        let version = running.version.as_ref().map_or_else(String::new, |it| format!(" ({it})"));
        Attention {
            severity: Severity::Warning,
            what: format!("The tag of {lane} was moved without a deployment"),
            why: format!(
                "It stands on {}{version}, which no deployment put there",
                shown::short(running.commit)
            ),
            next: "Plan the configuration that owns the environment: it shows who moved it."
                .to_owned(),
            command: None,
        }
    })
}

/// A deployment or a lock that holds an environment and gave no sign of life.
fn abandoned(
    environment: &EnvironmentFacts,
    now: Timestamp,
) -> impl Iterator<Item = Attention> + '_ {
    let held = environment.queues.iter().filter_map(QueueRecord::holding);
    held.filter(move |holding| holding.lease_until <= now).map(|holding| Attention {
        severity: Severity::Broken,
        what: match &holding.by {
            HeldBy::Deployment(_) => {
                format!("A deployment to {} gives no sign of life", environment.name)
            }
            HeldBy::Lock(_) => format!("A lock of {} gives no sign of life", environment.name),
        },
        why: format!(
            "{} of {} held the environment until {} UTC",
            holding.by,
            shown::foreign(holding.holder.as_str()),
            shown::time(holding.lease_until)
        ),
        next: "The next deployment takes over; look whether what runs is whole.".to_owned(),
        command: None,
    })
}

fn unreadable(facts: &ReportFacts) -> impl Iterator<Item = Attention> + '_ {
    facts.unreadable.iter().map(|told| Attention {
        severity: Severity::Warning,
        what: "A record of the ledger cannot be used".to_owned(),
        why: shown::foreign(told),
        next: "Restore it from an earlier object of its ref, or delete the ref.".to_owned(),
        command: None,
    })
}

fn overdue(facts: &ReportFacts, now: Timestamp) -> impl Iterator<Item = Attention> + '_ {
    let late = facts.secrets.iter().filter(move |it| it.is_overdue(now));
    late.map(move |secret| {
        let due = secret.next_rotation_due();
        let late = due.map_or(0, |due| now.seconds_since(due));
        Attention {
            severity: Severity::Warning,
            what: format!("The secret {} of {} is overdue", secret.name, secret.environment),
            why: format!("Its rotation was due {} ago", shown::duration(late)),
            next: "Rotate it in its Key Vault, then set `last_rotated_at`.".to_owned(),
            command: None,
        }
    })
}

fn overrides(facts: &ReportFacts, since: Timestamp) -> impl Iterator<Item = Attention> + '_ {
    let wanted = |it: &&AuditRecord| it.at >= since && it.is_override();
    let mut recent: Vec<_> = facts.audits.iter().filter(wanted).collect();
    recent.sort_by_key(|it| std::cmp::Reverse(it.at));
    recent.into_iter().map(|audit| Attention {
        severity: Severity::Note,
        what: format!("{} set aside: {}", audit.rules.join(", "), shown::foreign(&audit.action)),
        why: format!(
            "{} UTC by {}, approved by {}: {}",
            shown::time(audit.at),
            shown::foreign(audit.actor.as_str()),
            shown::foreign(audit.approved_by.as_str()),
            shown::foreign(&audit.reason)
        ),
        next: "Remove the override from the configuration if it is still there.".to_owned(),
        command: None,
    })
}
