//! What GitHub sends when somebody pushes: the commit, the branch and who it was.
//!
//! A payload is foreign: it is limited in size and depth, each fault is told with its path, and a payload of
//! another kind is named. Nothing is received here; whoever has a payload hands it over as text.

mod dialect;
mod kind;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::base::revision::{BranchName, CommitSha};
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::url::HttpUrl;
use crate::base::violation::{FieldPath, Findings, Violation, Violations, quoted};

use kind::Kind;

/// The largest payload that is read, in bytes: GitHub sends none that is larger.
pub const LARGEST: usize = 25 * 1024 * 1024;

/// A push of commits to a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushEvent {
    /// The commit that the branch is on now.
    pub commit_sha: CommitSha,
    /// The branch as a ref, such as `refs/heads/main`.
    pub branch: String,
    /// Where the repository is cloned from.
    pub repo_url: HttpUrl,
    /// Who wrote the commit: the address, else the login, else the name.
    pub author: String,
    /// The whole message of the commit.
    pub message: String,
    /// When the commit was made, in UTC.
    pub timestamp: Timestamp,
    /// The repository as `owner/name`.
    pub repository: Option<String>,
    /// Who pushed.
    pub pusher: Option<String>,
    /// Whether the branch is new.
    pub created: bool,
    /// Whether commits that were on the branch are no longer on it.
    pub forced: bool,
}

impl PushEvent {
    /// Reads the payload of a push event.
    ///
    /// # Errors
    /// [`EVT001`](RuleId::EVT001) for what is no push event, or lacks a part; [`EVT002`](RuleId::EVT002) for a
    /// push of anything but a branch that exists; the rules of the parts, as [`DEP032`](RuleId::DEP032) for
    /// the name of the branch.
    pub fn read(json: &str) -> Result<Self, Violations> {
        let payload = payload(json)?;
        match Kind::of(&payload) {
            Kind::Push => pushed(&payload),
            other => Err(other.refused().into()),
        }
    }
}

/// The payload as an object.
fn payload(json: &str) -> Result<Value, Violation> {
    let none = |found: String| {
        let next =
            "Hand over the whole body of the webhook, or the file that `GITHUB_EVENT_PATH` names.";
        Violation::new(RuleId::EVT001, found, "the payload of a push event, a JSON object", next)
    };
    if json.len() > LARGEST {
        return Err(none(format!("{} bytes, more than GitHub sends", json.len())));
    }
    // The parser gives up at 128 levels.
    let value: Value = serde_json::from_str(json).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        none(format!("a text that is not JSON at {place}"))
    })?;
    if value.is_object() { Ok(value) } else { Err(none("JSON that is not an object".to_owned())) }
}

/// All parts of a push, or all that is wrong with them.
fn pushed(payload: &Value) -> Result<PushEvent, Violations> {
    let mut findings = Findings::new();
    let branch = findings.take("ref", branch(payload));
    let deleted = payload.get("deleted").and_then(Value::as_bool).unwrap_or_default();
    if branch.is_none() || deleted {
        // A tag or a deletion has no commit to tell of, so what else is missing is no fault of its own.
        findings.require(branch.is_none() || !deleted, || deletion(payload));
        return Err(findings.fail());
    }
    let commit_sha = parse(&mut findings, payload, &["after"], str::parse::<CommitSha>);
    let repo_url =
        parse(&mut findings, payload, &["repository", "clone_url"], str::parse::<HttpUrl>);
    let message =
        parse(&mut findings, payload, &["head_commit", "message"], |text| Ok(text.to_owned()));
    let timestamp = parse(&mut findings, payload, &["head_commit", "timestamp"], in_utc);
    let author = findings.take(path(&["head_commit", "author"]), author(payload));
    let parts = (branch, commit_sha, repo_url, message, timestamp, author);
    let (
        Some(branch),
        Some(commit_sha),
        Some(repo_url),
        Some(message),
        Some(timestamp),
        Some(author),
    ) = parts
    else {
        return Err(findings.fail());
    };
    let flag = |name: &str| payload.get(name).and_then(Value::as_bool).unwrap_or_default();
    let optional = |steps: &[&str]| at(payload, steps).and_then(Value::as_str).map(str::to_owned);
    let (created, forced) = (flag("created"), flag("forced"));
    let repository = optional(&["repository", "full_name"]);
    let pusher = optional(&["pusher", "name"]);
    findings.finish(PushEvent {
        commit_sha,
        branch,
        repo_url,
        author,
        message,
        timestamp,
        repository,
        pusher,
        created,
        forced,
    })
}

/// The ref of a branch; tags are refused by name.
fn branch(payload: &Value) -> Result<String, Violations> {
    let name = payload.get("ref").and_then(Value::as_str).unwrap_or_default();
    if let Some(short) = name.strip_prefix("refs/heads/") {
        return short.parse::<BranchName>().map(|_| name.to_owned());
    }
    let found = match name.strip_prefix("refs/tags/") {
        Some(tag) => format!("a push of the tag {}", quoted(tag)),
        None => format!("a push of {}", quoted(name)),
    };
    let next = "Filter the webhook for branches: `ref` begins with `refs/heads/`.";
    Err(Violation::new(RuleId::EVT002, found, "a branch, as in `refs/heads/main`", next).into())
}

fn deletion(payload: &Value) -> Violation {
    let name = payload.get("ref").and_then(Value::as_str).unwrap_or_default();
    let found = format!("the deletion of {}", quoted(name));
    let next = "Filter the webhook for pushes whose `deleted` is false.";
    Violation::new(RuleId::EVT002, found, "a branch that exists after the push", next)
        .under("deleted")
}

/// Address, login or name of the author, whichever is there first.
fn author(payload: &Value) -> Result<String, Violations> {
    let author = at(payload, &["head_commit", "author"]);
    let part = |name: &str| author.and_then(|author| author.get(name)).and_then(Value::as_str);
    let known =
        ["email", "username", "name"].into_iter().filter_map(part).find(|text| !text.is_empty());
    known.map(str::to_owned).ok_or_else(|| {
        let expected = "the author's `email`, `username` or `name`";
        Violation::new(RuleId::EVT001, "nobody", expected, WHOLE).into()
    })
}

const WHOLE: &str = "Hand over the payload as GitHub sends it, whole.";

/// The instant of a time with any offset.
fn in_utc(text: &str) -> Result<Timestamp, Violations> {
    text.parse::<jiff::Timestamp>().map(Timestamp::from_jiff).map_err(|_| {
        let expected = "a time with its offset, such as `2025-11-21T10:30:00-07:00`";
        Violation::new(RuleId::EVT001, quoted(text), expected, WHOLE).into()
    })
}

/// One text of the payload, parsed; what is wrong is noted at its path.
fn parse<T>(
    findings: &mut Findings,
    payload: &Value,
    steps: &[&'static str],
    read: impl FnOnce(&str) -> Result<T, Violations>,
) -> Option<T> {
    let parsed = match at(payload, steps) {
        Some(Value::String(text)) => read(text),
        found => {
            let found =
                found.map_or("nothing", |value| if value.is_null() { "null" } else { "no text" });
            Err(Violation::new(RuleId::EVT001, found, "a text", WHOLE).into())
        }
    };
    findings.take(path(steps), parsed)
}

fn at<'a>(payload: &'a Value, steps: &[&str]) -> Option<&'a Value> {
    steps.iter().try_fold(payload, |value, step| value.get(step))
}

fn path(steps: &[&'static str]) -> FieldPath {
    steps.iter().fold(FieldPath::root(), |path, step| path.field(*step))
}
