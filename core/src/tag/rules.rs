//! What may happen to tags: created, moved or deleted, by whom, and what an override changes.

use super::{State, Tag, TagKind, TagName};
use crate::audit::AuditRecord;
use crate::base::actor::Actor;
use crate::base::authority::Override;
use crate::base::published::Published;
use crate::base::revision::CommitSha;
use crate::base::rule::RuleId;
use crate::base::timestamp::Timestamp;
use crate::base::violation::{Findings, Violation, quoted};
use crate::version::Version;

/// What is to be done to a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagAction {
    /// A new tag on this commit.
    Create {
        /// The commit.
        commit: CommitSha,
    },
    /// The tag from one commit to another.
    Move {
        /// Where it stands.
        from: CommitSha,
        /// Where it is to stand.
        to: CommitSha,
    },
    /// The tag written again where it stands, with another message.
    Rewrite {
        /// Where it stands.
        commit: CommitSha,
    },
    /// The tag deleted, then made again.
    Replace {
        /// Where it stands.
        from: CommitSha,
        /// Where it is to stand.
        to: CommitSha,
    },
    /// The tag deleted from git.
    Delete {
        /// Where it stands.
        from: CommitSha,
    },
}

/// A tag and what is to be done to it.
#[derive(Debug, Clone, Copy)]
pub struct TagChange<'a> {
    /// The tag.
    pub tag: &'a Tag,
    /// What is to be done.
    pub action: TagAction,
}

impl TagChange<'_> {
    /// What an override that is limited to subjects calls it.
    fn subject(&self) -> &str {
        self.tag.name().as_str()
    }
}

/// What is the case in the repository and around it. A [survey](super::survey) gathers it; nobody else
/// can say what is the case.
#[derive(Debug, Clone)]
pub struct TagFacts<'a> {
    /// The commit on which a tag of this name stands now.
    pub(crate) existing: Option<CommitSha>,
    /// The ref, by full name, beside which git has no room for the tag.
    pub(crate) in_the_way: Option<String>,
    /// OWN047, where the name of another sub-project differs in case alone.
    pub(crate) alike: Option<Violation>,
    /// For a state tag, the commit of its version's tag.
    pub(crate) version_commit: Option<CommitSha>,
    /// Where that one is not there, the version tag with the nearest name.
    pub(crate) near_version: Option<String>,
    /// For an environment tag, whether the environment has a folder; `None` when nobody looked.
    pub(crate) environment_folder: Option<bool>,
    /// Where it has none, the environment with the nearest name that has one.
    pub(crate) near_environment: Option<String>,
    /// Whether the remote leads to the commit already.
    pub(crate) published: Published,
    /// What the tag says, where it is to get another message.
    pub(crate) message: Option<String>,
    /// Whether the tag goes to a remote.
    pub(crate) on_remote: bool,
    /// Whether a CI job does it.
    pub(crate) in_ci: bool,
    /// Who sets rules aside, and why.
    pub(crate) admin_override: Option<&'a Override>,
}

/// Facts that nobody gathered, for tests of the rules.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "the fields are those of the facts")]
pub struct MadeUp<'a> {
    pub existing: Option<CommitSha>,
    pub in_the_way: Option<String>,
    pub alike: Option<Violation>,
    pub version_commit: Option<CommitSha>,
    pub near_version: Option<String>,
    pub environment_folder: Option<bool>,
    pub near_environment: Option<String>,
    pub published: Published,
    pub message: Option<String>,
    pub on_remote: bool,
    pub in_ci: bool,
    pub admin_override: Option<&'a Override>,
}

#[cfg(any(test, feature = "testing"))]
impl<'a> From<MadeUp<'a>> for TagFacts<'a> {
    fn from(it: MadeUp<'a>) -> Self {
        Self {
            existing: it.existing,
            in_the_way: it.in_the_way,
            alike: it.alike,
            version_commit: it.version_commit,
            near_version: it.near_version,
            environment_folder: it.environment_folder,
            near_environment: it.near_environment,
            published: it.published,
            message: it.message,
            on_remote: it.on_remote,
            in_ci: it.in_ci,
            admin_override: it.admin_override,
        }
    }
}

/// Checks a change of a tag, blaming `tag_name` or `ref`: TAG009, TAG011, TAG013 to TAG015, XEN001,
/// OWN006, OWN047 and SCY003.
///
/// An override sets TAG009, TAG011, TAG015 (another commit), OWN006 and SCY003 aside; [`set_aside`] says
/// which it did, and [`audit`] makes the record that has to be written then.
#[must_use]
pub fn check(change: &TagChange<'_>, facts: &TagFacts<'_>) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.extend(protected(change, facts).into_iter().filter_map(|violation| {
        match facts.admin_override {
            Some(by) if by.lifts(violation.rule, change.subject()) => None,
            Some(by) => Some(by.not_lifting(violation)),
            None => Some(violation),
        }
    }));
    if let Some(commit) = goes_to(change.action) {
        findings.extend(already_there(change, commit, facts));
        findings.extend(facts.in_the_way.as_ref().map(|other| no_room(change.tag.name(), other)));
        findings.extend(facts.alike.clone().map(|alike| alike.under("tag_name")));
        findings.extend(unfounded_state(change.tag, commit, facts));
        findings.extend(without_folder(change.tag, facts));
    }
    findings.into_vec()
}

/// What an override lifts for this change; nothing without an override.
#[must_use]
pub fn lifted(change: &TagChange<'_>, facts: &TagFacts<'_>) -> Vec<Violation> {
    let Some(by) = facts.admin_override else { return Vec::new() };
    let mut found = protected(change, facts);
    found.retain(|violation| by.lifts(violation.rule, change.subject()));
    found
}

/// The rules that an override sets aside for this change; none without an override.
#[must_use]
pub fn set_aside(change: &TagChange<'_>, facts: &TagFacts<'_>) -> Vec<RuleId> {
    lifted(change, facts).into_iter().map(|violation| violation.rule).collect()
}

/// The record of an override that this change makes use of (SCY004); `None` when it uses none.
#[must_use]
pub fn audit(
    change: &TagChange<'_>,
    facts: &TagFacts<'_>,
    actor: &Actor,
    at: Timestamp,
) -> Option<AuditRecord> {
    let admin_override = facts.admin_override?;
    let rules = set_aside(change, facts);
    if rules.is_empty() {
        return None;
    }
    let (verb, before, after) = match change.action {
        TagAction::Create { commit } => ("create", facts.existing, Some(commit)),
        TagAction::Move { from, to } => ("move", Some(from), Some(to)),
        TagAction::Rewrite { commit } => ("rewrite", Some(commit), Some(commit)),
        TagAction::Replace { from, to } => ("replace", Some(from), Some(to)),
        TagAction::Delete { from } => ("delete", Some(from), None),
    };
    Some(AuditRecord {
        at,
        actor: actor.clone(),
        approved_by: admin_override.approved_by().clone(),
        reason: admin_override.reason().to_owned(),
        action: format!("{verb} tag {}", change.tag),
        rules: rules.iter().map(ToString::to_string).collect(),
        before,
        after,
    })
}

/// Checks that an audit record speaks of every rule that was set aside (SCY004).
#[must_use]
pub fn check_audited(set_aside: &[RuleId], audit: Option<&AuditRecord>) -> Vec<Violation> {
    let missing =
        set_aside.iter().filter(|rule| audit.is_none_or(|record| !record.sets_aside(**rule)));
    missing
        .map(|rule| {
            let found = format!("{rule} set aside without an audit record");
            let next = "Write the audit record in the same transaction as the change.";
            Violation::new(
                RuleId::SCY004,
                found,
                "an audit record of who, when, what and why",
                next,
            )
        })
        .collect()
}

/// What becomes of a tag in git when its resource is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDestroy {
    /// It is deleted: it was movable, or an override says so.
    Delete,
    /// It stays in git and is only forgotten (TAG009, TAG011).
    Forget,
}

/// What destroying the resource of a tag does.
#[must_use]
pub fn on_destroy(tag: &Tag, admin_override: Option<&Override>) -> OnDestroy {
    let rule = immutability(tag).map(|(rule, _)| rule);
    let lifts = |by: &Override| rule.is_some_and(|rule| by.lifts(rule, tag.name().as_str()));
    if tag.is_movable() || admin_override.is_some_and(lifts) {
        OnDestroy::Delete
    } else {
        OnDestroy::Forget
    }
}

/// Decides a move of an environment tag by compare-and-swap (TAG010): the tag has to stand where
/// the plan saw it.
///
/// # Errors
/// TAG010 with both commits, when somebody else moved, created or deleted it first.
pub fn check_swap(
    tag: &Tag,
    planned_from: Option<CommitSha>,
    found: Option<CommitSha>,
) -> Result<(), Violation> {
    if planned_from == found {
        return Ok(());
    }
    let place = |commit: Option<CommitSha>| match commit {
        Some(commit) => format!("on commit `{commit}`"),
        None => "nowhere, because it does not exist".to_owned(),
    };
    let expected = match planned_from {
        Some(_) => format!("it {}, where the plan saw it", place(planned_from)),
        None => "no tag of that name yet, or one that this configuration knows".to_owned(),
    };
    let next = match planned_from {
        Some(_) => "Look at who moved it, then try again; nothing was overwritten.".to_owned(),
        None => format!(
            "Look at who made it. To take it over, import it with the ID `{tag}`; nothing was overwritten."
        ),
    };
    Err(Violation::new(RuleId::TAG010, format!("the tag `{tag}` {}", place(found)), expected, next))
}

/// An immutable tag has to stand where it was made (TAG009, TAG011): one that somebody moved is not
/// touched, also by an override.
#[must_use]
pub fn check_stands(tag: &Tag, made_at: CommitSha, found: CommitSha) -> Option<Violation> {
    let (rule, _) = immutability(tag).filter(|_| made_at != found)?;
    let next = format!(
        "Put it back in git (`git push --force <remote> {made_at}:refs/tags/{tag}`), or, if the move is \
         right, forget the tag here and import it again."
    );
    let found = format!("`{tag}` on commit `{found}`, where somebody else moved it");
    let expected = format!("it on commit `{made_at}`, where it was made");
    Some(Violation::new(rule, found, expected, next).under("tag_name"))
}

/// Checks that another version is another object (VER006).
#[must_use]
pub fn check_version_change(
    prior: &Version,
    planned: &Version,
    replaces: bool,
) -> Option<Violation> {
    let kept = prior == planned || replaces;
    (!kept).then(|| {
        Violation::new(
            RuleId::VER006,
            format!(
                "a change of {} into {}",
                quoted(&prior.to_string()),
                quoted(&planned.to_string())
            ),
            "the same version, or a replacement",
            "Plan a replacement: a version does not change once it exists.",
        )
    })
}

/// What protects the tag against this change, whether or not somebody sets it aside.
fn protected(change: &TagChange<'_>, facts: &TagFacts<'_>) -> Vec<Violation> {
    let mut findings = Findings::new();
    let touches = match change.action {
        TagAction::Rewrite { .. } | TagAction::Replace { .. } | TagAction::Delete { .. } => true,
        TagAction::Create { .. } | TagAction::Move { .. } => moves(change, facts),
    };
    findings.extend(immutable(change, facts).filter(|_| touches));
    let stays = matches!(change.action, TagAction::Move { from, to } if from == to);
    let by_hand = facts.on_remote && !facts.in_ci && change.tag.is_movable() && !stays;
    findings.require(!by_hand, || pushed_by_hand(change.tag));
    findings.extend(unpublished(change, facts));
    findings.into_vec()
}

/// Whether a tag that exists comes to stand on another commit.
fn moves(change: &TagChange<'_>, facts: &TagFacts<'_>) -> bool {
    match change.action {
        TagAction::Move { from, to } => from != to,
        TagAction::Create { commit } => {
            let rule = immutability(change.tag).map(|(rule, _)| rule);
            let lifts = |by: &Override| rule.is_none_or(|rule| by.lifts(rule, change.subject()));
            facts.admin_override.is_some_and(lifts)
                && facts.existing.is_some_and(|found| found != commit)
        }
        TagAction::Rewrite { .. } | TagAction::Replace { .. } | TagAction::Delete { .. } => false,
    }
}

/// Where a tag stands after the change.
const fn goes_to(action: TagAction) -> Option<CommitSha> {
    match action {
        TagAction::Create { commit }
        | TagAction::Move { to: commit, .. }
        | TagAction::Replace { to: commit, .. }
        | TagAction::Rewrite { commit } => Some(commit),
        TagAction::Delete { .. } => None,
    }
}

/// The rule that keeps this kind of tag where it is, and the word for the kind.
const fn immutability(tag: &Tag) -> Option<(RuleId, &'static str)> {
    match tag.kind() {
        TagKind::Version(_) => Some((RuleId::TAG009, "version")),
        TagKind::State { .. } => Some((RuleId::TAG011, "state")),
        TagKind::Environment { .. } => None,
    }
}

fn immutable(change: &TagChange<'_>, facts: &TagFacts<'_>) -> Option<Violation> {
    let tag = change.tag;
    let (rule, kind) = immutability(tag)?;
    let (found, under, next) = match change.action {
        TagAction::Rewrite { .. } => return Some(rewritten(tag, rule, facts.message.as_deref())),
        TagAction::Replace { from, .. } => return Some(replaced(tag, (rule, kind), from)),
        TagAction::Create { commit } => {
            let from =
                facts.existing.map_or_else(String::new, |from| format!(" from commit `{from}`"));
            (format!("a move of `{tag}`{from} to commit `{commit}`"), "ref", RELEASE)
        }
        TagAction::Move { from, to } => {
            (format!("a move of `{tag}` from commit `{from}` to commit `{to}`"), "ref", STAY)
        }
        TagAction::Delete { from } => {
            (format!("a deletion of `{tag}` from commit `{from}`"), "tag_name", RELEASE)
        }
    };
    let expected = format!("the tag to stay, because a {kind} tag is never moved or deleted");
    Some(Violation::new(rule, found, expected, next).under(under))
}

const RELEASE: &str =
    "Release another version; in an emergency, use an override with `reason` and `approved_by`.";

/// What a tag needs that is there already.
const STAY: &str = "Release another version, or leave `ref` out: then the tag stays where it is. In an \
                    emergency, use an override with `reason` and `approved_by`.";

fn rewritten(tag: &Tag, rule: RuleId, has: Option<&str>) -> Violation {
    let has = match has {
        Some("") => "no message, as it was made without one".to_owned(),
        Some(message) => format!("the message that it was made with, {}", quoted(message)),
        None => "the message that it was made with".to_owned(),
    };
    Violation::new(
        rule,
        format!("another message for `{tag}`"),
        format!("{has}, because an immutable tag is never written again"),
        "Restore the old message, or leave `message` out: then it is whatever the tag says.",
    )
    .under("message")
}

/// OWN006: a tag that never moves would be all that leads to the commit.
fn unpublished(change: &TagChange<'_>, facts: &TagFacts<'_>) -> Option<Violation> {
    immutability(change.tag)?;
    let commit = goes_to(change.action)?;
    let Published::No { trial } = &facts.published else { return None };
    let what =
        trial.as_ref().map_or_else(String::new, |name| format!(", a trial merge (`{name}`)"));
    Some(
        Violation::new(
            RuleId::OWN006,
            format!("commit `{commit}`{what}, to which no branch or tag of the remote leads"),
            "a commit of a branch or tag there, because this tag would stay on it for ever",
            "Push the commit to a branch, or name another one; where the tag alone is to lead there, use an \
             override with `reason` and `approved_by`.",
        )
        .under("ref"),
    )
}

fn replaced(tag: &Tag, (rule, kind): (RuleId, &str), from: CommitSha) -> Violation {
    let expected = format!(
        "one resource for it, which is kept, because a {kind} tag is made once: it stays in git on commit \
         `{from}`, and would be in the way of a new one"
    );
    let next = format!(
        "Where another resource names the same tag, remove one of the two; where its address changed, write a \
         `moved` block; else plan without `-replace` and `replace_triggered_by`. To read anew what git says of it, `terraform state rm` it and import it with the ID `{tag}`."
    );
    Violation::new(
        rule,
        format!("a plan to make the tag `{tag}` again, which the state has already"),
        expected,
        next,
    )
    .under("tag_name")
}

fn pushed_by_hand(tag: &Tag) -> Violation {
    Violation::new(
        RuleId::SCY003,
        format!("the environment tag `{tag}` changed by hand on a remote"),
        "CI to do it (a variable such as `CI` says so)",
        "Run it in CI; in an emergency, use an override with `reason` and `approved_by`.",
    )
    .under("tag_name")
}

/// TAG015: an immutable tag of that name exists.
fn already_there(
    change: &TagChange<'_>,
    commit: CommitSha,
    facts: &TagFacts<'_>,
) -> Option<Violation> {
    let tag = change.tag;
    let is_new = matches!(change.action, TagAction::Create { .. }) && !moves(change, facts);
    let found = facts.existing.filter(|_| is_new && !tag.is_movable())?;
    let (expected, next) = if found == commit {
        (
            "no tag of that name yet, or one that this configuration knows".to_owned(),
            format!("Import it with the ID `{tag}`; it stands where it should."),
        )
    } else {
        (
            format!("no tag of that name, or one on commit `{commit}`"),
            "Release another version, or correct `ref`.".to_owned(),
        )
    };
    let text = format!("the tag `{tag}` on commit `{found}`, not created by this configuration");
    Some(Violation::new(RuleId::TAG015, text, expected, next).under("tag_name"))
}

/// TAG013: git has no room for a tag beside another ref, whose full name is given.
pub(crate) fn no_room(name: &TagName, other: &str) -> Violation {
    let short = other.strip_prefix("refs/tags/").unwrap_or(other);
    let expected =
        format!("no tag above or below `{name}`, because git stores no ref below another");
    let next = format!("Choose another name, or rename or delete `{short}` first.");
    let found = format!("the tag `{short}`, beside which git cannot store `{name}`");
    Violation::new(RuleId::TAG013, found, expected, next).under("tag_name")
}

/// TAG014: the version of a state tag is there, and at this commit.
fn unfounded_state(tag: &Tag, commit: CommitSha, facts: &TagFacts<'_>) -> Option<Violation> {
    let (version, state) = (tag.version()?, tag.state()?);
    let state = State::as_str(state);
    match facts.version_commit {
        None => Some(
            Violation::new(
                RuleId::TAG014,
                format!("no version tag `{version}`"),
                format!("the tag of the version that it calls {state}"),
                match &facts.near_version {
                    Some(near) => format!(
                        "Did you mean `{near}-{state}`? Else create the tag `{version}` first."
                    ),
                    None => format!("Create the tag `{version}` first."),
                },
            )
            .under("tag_name"),
        ),
        Some(right) if right != commit => Some(
            Violation::new(
                RuleId::TAG014,
                format!("`{tag}` for commit `{commit}`"),
                format!("commit `{right}`, on which the version tag `{version}` stands"),
                format!("Set `ref = \"{version}\"`."),
            )
            .under("ref"),
        ),
        Some(_) => None,
    }
}

/// XEN001: the environment of the tag has a folder.
fn without_folder(tag: &Tag, facts: &TagFacts<'_>) -> Option<Violation> {
    let environment = tag.environment()?;
    let missing = facts.environment_folder == Some(false);
    missing.then(|| {
        let folder = environment.folder();
        Violation::new(
            RuleId::XEN001,
            format!("no folder `{folder}` in the repository"),
            format!("a configuration folder for the environment of `{tag}`"),
            match &facts.near_environment {
                Some(near) => format!("Did you mean `{near}`? Else add `{folder}` to the commit."),
                None => format!("Add `{folder}` to the commit, or correct the name of the tag."),
            },
        )
        .under("tag_name")
    })
}
