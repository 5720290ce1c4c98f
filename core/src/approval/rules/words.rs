//! What an approval that does not count is called, alone and among others.

use super::ApprovalFacts;
use crate::approval::count::{Doubt, Doubted, Tally};
use crate::approval::{ApprovalPolicy, Signatures};
use crate::base::actor::Actor;
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, one_of, quoted};

/// How many people are named at most.
const SHOWN: usize = 20;

/// DEP012: there is none at all.
pub(super) fn missing(commit: Option<CommitSha>) -> Violation {
    Violation::new(
        RuleId::DEP012,
        "no approval",
        format!("an approval of {}, because the environment asks for one", of_commit(commit)),
        "Have somebody else look at the commit, and name them in `approval`.",
    )
    .under("approval")
}

fn of_commit(commit: Option<CommitSha>) -> String {
    commit.map_or_else(|| "its commit".to_owned(), |commit| format!("commit `{commit}`"))
}

/// Why one approval of the configuration does not count, where it stands.
pub(super) fn doubt(
    why: &Doubt,
    doubted: &Doubted<'_>,
    policy: &ApprovalPolicy,
    commit: Option<CommitSha>,
    facts: &ApprovalFacts<'_>,
    shortage: RuleId,
) -> Violation {
    let by = quoted(doubted.person.as_str());
    let other = "Have another person approve it.";
    let dep = |found: String, expected: String, next: &str, field| {
        Violation::new(RuleId::DEP012, found, expected, next).under(field)
    };
    let pol = |found: String, expected: &str, next: &str, field| {
        Violation::new(shortage, found, expected, next).under(field)
    };
    let again = "Have it approved again, and write when that was.";
    let told = match why {
        Doubt::NobodyKnown => dep(
            "a deployment triggered by nobody known".to_owned(),
            "a name, because nobody approves their own deployment".to_owned(),
            "Set `actor` to the name of the person who deploys.",
            "approved_by",
        ),
        Doubt::Own => dep(
            format!("{by}, who triggered the deployment"),
            "somebody else".to_owned(),
            other,
            "approved_by",
        ),
        Doubt::OtherName => dep(
            format!("{by}, another name of {}, who triggered the deployment", facts.triggered_by),
            "somebody else".to_owned(),
            other,
            "approved_by",
        ),
        Doubt::Stale(found) => dep(
            format!("an approval of commit `{found}`"),
            format!("an approval of {}, which is the one to be deployed", of_commit(commit)),
            "Have the commit that is to be deployed approved.",
            "commit_sha",
        ),
        Doubt::Stranger => dep(
            by,
            one_of(&policy.approvers.iter().map(Actor::as_str).collect::<Vec<_>>()),
            "Have one of them approve it.",
            "approved_by",
        ),
        Doubt::BeforeTheCommit { at, made } => dep(
            format!("`{at}`"),
            format!("a time after {made}, when {} was made", of_commit(commit)),
            "Have the commit that is to be deployed approved, and write when that was.",
            "approved_at",
        ),
        Doubt::InTheFuture(at) => dep(
            format!("`{at}`"),
            format!("a time that is not in the future, by a clock that shows {}", facts.now),
            "Write when it was approved, in UTC.",
            "approved_at",
        ),
        Doubt::TooOld { at, valid_for } => pol(
            format!("`{at}`"),
            &format!("a time less than {valid_for} before {}", facts.now),
            again,
            "approved_at",
        ),
        Doubt::Undated => pol(
            "no time".to_owned(),
            "when it was approved, because the environment limits how old an approval may be",
            "Write `approved_at`.",
            "approved_at",
        ),
        Doubt::NoRecord => pol(
            format!("an approval of {by} that the configuration says"),
            "a signed record, because the environment asks for signatures",
            "Have them record and sign it under their own name, and take this one out.",
            "approved_by",
        ),
        Doubt::Again => pol(
            format!("{by} a second time"),
            "approvals of different people",
            other,
            "approved_by",
        ),
        // Only of records, of which the summary tells.
        Doubt::Expired(_) | Doubt::Unsigned(_) | Doubt::WrittenBy(_) => pol(
            format!("{by}, {}", briefly(why, facts)),
            "an approval that counts",
            other,
            "approved_by",
        ),
    };
    match doubted.at.clone() {
        Some(at) => told.under(at),
        None => told,
    }
}

/// POL001 or POL002: how many there are, what became of the others, and who could still approve.
pub(super) fn summary(
    policy: &ApprovalPolicy,
    commit: Option<CommitSha>,
    tally: &Tally<'_>,
    facts: &ApprovalFacts<'_>,
    rule: RuleId,
) -> Violation {
    let (counted, needed) = (tally.counted.len(), tally.needed);
    let mut found = format!("{counted} of {needed} approvals of {}", of_commit(commit));
    let names: Vec<&str> = tally.counted.iter().map(|it| it.approved_by.as_str()).collect();
    if !names.is_empty() {
        found.push_str(&format!(", by {}", all_of(&names)));
    }
    for doubted in tally.doubted.iter().take(SHOWN) {
        let why: Vec<String> = doubted.why.iter().map(|why| briefly(why, facts)).collect();
        let person = quoted(doubted.person.as_str());
        found.push_str(&format!("; not counted: {person}, {}", why.join(" and ")));
    }
    Violation::new(rule, found, asked(policy), next(policy, tally, facts)).under("approvals")
}

/// What the policy asks for.
fn asked(policy: &ApprovalPolicy) -> String {
    let needed = policy.needed();
    let mut text = if needed == 1 {
        "one approval of that commit".to_owned()
    } else {
        format!("{needed} approvals of that commit by different people")
    };
    if !policy.allow_trigger {
        text.push_str(", not by who triggers the deployment");
    }
    if !policy.approvers.is_empty() {
        let names: Vec<&str> = policy.approvers.iter().map(Actor::as_str).take(SHOWN).collect();
        text.push_str(&format!(", out of {}", all_of(&names)));
    }
    let each = if needed == 1 { "" } else { "each " };
    if let Some(valid_for) = policy.valid_for {
        text.push_str(&format!(", {each}less than {valid_for} old"));
    }
    if policy.signatures == Signatures::Required {
        text.push_str(&format!(", {each}in a record that the person signed"));
    }
    text
}

/// Who could still approve.
fn next(policy: &ApprovalPolicy, tally: &Tally<'_>, facts: &ApprovalFacts<'_>) -> String {
    let more = tally.needed.saturating_sub(tally.counted.len());
    let can = |person: &&Actor| {
        let counts = tally.counted.iter().any(|it| it.approved_by.is_same_person(person));
        let rejects = tally.rejections.iter().any(|it| it.review.person.is_same_person(person));
        let triggers = person.is_same_person(facts.triggered_by) && !policy.allow_trigger;
        !counts && !rejects && !triggers
    };
    let names: Vec<&str> =
        policy.approvers.iter().filter(can).map(Actor::as_str).take(SHOWN).collect();
    let who = match (more, names.as_slice()) {
        (1, []) => "one more person".to_owned(),
        (more, []) => format!("{more} more people"),
        (1, names) => one_of(names),
        (more, names) => format!("{more} of {}", all_of(names)),
    };
    let own = if policy.signatures == Signatures::Required {
        "approve the version in a signed record of their own"
    } else {
        "approve the version in a record of their own"
    };
    format!("Have {who} {own}.")
}

/// Why an approval does not count, after the name of the person.
fn briefly(why: &Doubt, facts: &ApprovalFacts<'_>) -> String {
    match why {
        Doubt::NobodyKnown => "because nobody knows who triggers the deployment".to_owned(),
        Doubt::Own => "who triggers the deployment".to_owned(),
        Doubt::OtherName => {
            format!("another name of {}, who triggers the deployment", facts.triggered_by)
        }
        Doubt::Stale(commit) => format!("who approved commit `{commit}`"),
        Doubt::Stranger => "whom the environment does not name".to_owned(),
        Doubt::BeforeTheCommit { at, .. } => {
            format!("whose approval of {at} is older than the commit")
        }
        Doubt::InTheFuture(at) => format!("whose approval is dated {at}, in the future"),
        Doubt::TooOld { at, valid_for } => {
            format!("whose approval of {at} is older than {valid_for}")
        }
        Doubt::Undated => "whose approval has no time".to_owned(),
        Doubt::Expired(at) => format!("whose approval ended at {at}"),
        Doubt::NoRecord => "whose approval is not a signed record".to_owned(),
        Doubt::Unsigned(why) => format!("whose signature is not accepted ({why})"),
        Doubt::Again => "who counts once".to_owned(),
        Doubt::WrittenBy(name) => format!("in whose place {} wrote", quoted(name)),
    }
}

/// `` `a`, `b` and `c` ``.
fn all_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    match quoted.as_slice() {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
