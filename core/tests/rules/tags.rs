//! Cases of tags: their grammar, their parts, and what may be done to them.

use pipeline_core::git::Published;
use pipeline_core::tag::rules::{
    MadeUp, OnDestroy, TagAction, TagChange, TagFacts, audit, check, check_audited, check_stands,
    check_swap, on_destroy, set_aside,
};
use pipeline_core::{CommitSha, Override, RuleId, Tag, TagGrammar, TagName, TagParts, Violation};

use super::samples::{COMMIT, OTHER, actor, tag, time};
use super::{Case, Found, case, found, read};

const MOVE: TagAction = TagAction::Move { from: COMMIT, to: OTHER };
const STAY: TagAction = TagAction::Move { from: COMMIT, to: COMMIT };
const CREATE: TagAction = TagAction::Create { commit: COMMIT };
const REWRITE: TagAction = TagAction::Rewrite { commit: COMMIT };
const REPLACE: TagAction = TagAction::Replace { from: COMMIT, to: COMMIT };
const DELETE: TagAction = TagAction::Delete { from: COMMIT };

pub(crate) const CASES: &[Case] = &[
    case("TAG001", || grammar("api/v1.2.3"), || grammar("v1.2.3-rc.1")),
    case("TAG001", || lenient("v1.2.3-rc.1"), || lenient("api/1.2.3")),
    case("TAG002", || grammar("api/production"), || grammar("api/prodution")),
    case("TAG002", || configured("qa"), || grammar("qa")),
    case("TAG003", || grammar("api/v1.2.3-stable"), || grammar("v1.2.3-stabel")),
    case("TAG003", || lenient("v1.2.3-deprecated"), || lenient("v1.2.3-rc.1-stable")),
    case("TAG004", || said("v1.2.3", |_| ()), || said("v1.2.3", |it| it.is_movable = true)),
    case("TAG004", || said("v1.2.3", |_| ()), || said("v1.2.3", |it| it.semver = None)),
    case("TAG005", || said("staging", |_| ()), || said("staging", |it| it.is_movable = false)),
    case("TAG005", || said("staging", |_| ()), || said("staging", |it| it.environment = None)),
    case(
        "TAG006",
        || said("v1.2.3-stable", |_| ()),
        || said("v1.2.3-stable", |it| it.state = None),
    ),
    case("TAG007", || read::<CommitSha>(&COMMIT.to_string()), || read::<CommitSha>("abc123")),
    case("TAG008", || said("staging", moved), || said("v1.2.3", moved)),
    case("TAG009", || changed("v1.2.3", STAY), || changed("v1.2.3", MOVE)),
    case("TAG009", || changed("staging", DELETE), || changed("v1.2.3", DELETE)),
    case("TAG009", || changed("staging", REWRITE), || changed("v1.2.3", REWRITE)),
    case("TAG009", || changed("staging", REPLACE), || changed("v1.2.3", REPLACE)),
    case("TAG009", || reworded("staging", "Ready"), || reworded("v1.2.3", "Ready")),
    case("TAG009", || reworded("staging", ""), || reworded("v1.2.3", "")),
    case("TAG009", || stands("v1.2.3", COMMIT), || stands("v1.2.3", OTHER)),
    case("TAG010", || swap(Some(COMMIT), Some(COMMIT)), || swap(Some(COMMIT), Some(OTHER))),
    case("TAG010", || swap(None, None), || swap(Some(COMMIT), None)),
    case("TAG011", || changed("v1.2.3-stable", STAY), || changed("v1.2.3-stable", MOVE)),
    case("TAG011", || changed("staging", MOVE), || changed("v1.2.3-stable", DELETE)),
    case("TAG012", || found(Override::new("hotfix", "bob")), || found(Override::new("hotfix", ""))),
    case("TAG012", || overridden("v1.2.3", MOVE), || found(Override::new(" ", "bob"))),
    case("POL008", || limited(RuleId::TAG009), || limited(RuleId::QUE007)),
    case(
        "POL008",
        || found(by().only_subjects(vec!["v1.2.3".into()])),
        || found(by().only_subjects(vec![])),
    ),
    case(
        "POL008",
        || found(by().check_approver([&actor("eve")]).map_err(Into::into)),
        || found(by().check_approver([&actor("@Bob")]).map_err(Into::into)),
    ),
    case("TAG013", || read::<TagName>("api/v1.2.3"), || read::<TagName>("api/v1..2")),
    case("TAG013", || grammar("v1.2.3"), || grammar("a b/v1.2.3")),
    case("TAG013", || beside(None), || beside(Some("refs/tags/api"))),
    case("TAG014", || state(Some(COMMIT)), || state(None)),
    case("TAG014", || state(Some(COMMIT)), || state(Some(OTHER))),
    case("TAG015", || existing("v1.2.3", None), || existing("v1.2.3", Some(OTHER))),
    case("TAG015", || existing("staging", Some(OTHER)), || existing("v1.2.3", Some(COMMIT))),
    case("OWN006", || unpublished("v1.2.3", Published::Yes), || unpublished("v1.2.3", NOWHERE)),
    case("OWN006", || unpublished("staging", NOWHERE), || unpublished("v1.2.3-stable", trial())),
    case("OWN006", || unpublished("v1.2.3", Published::Unknown), || unpublished("v1.2.3", NOWHERE)),
    case("XEN001", || folder(true), || folder(false)),
    case("SCY003", || remote("staging", true), || remote("staging", false)),
    case("SCY003", || remote("v1.2.3", false), || remote("api/production", false)),
    case("SCY004", || audited(true), || audited(false)),
];

#[test]
fn lost_races_name_both_commits() {
    let told = swap(Some(COMMIT), Some(OTHER))[0].to_string();
    assert!(told.contains(&COMMIT.to_string()) && told.contains(&OTHER.to_string()), "{told}");
}

#[test]
fn tags_that_are_there_are_imported_or_named_with_both_commits() {
    let same = existing("v1.2.3", Some(COMMIT))[0].to_string();
    assert!(same.contains("Import it with the ID `v1.2.3`"), "{same}");
    let told = existing("v1.2.3", Some(OTHER))[0].to_string();
    assert!(told.contains(&COMMIT.to_string()) && told.contains(&OTHER.to_string()), "{told}");
}

#[test]
fn an_override_says_what_it_sets_aside() {
    let tag = tag("v1.2.3");
    let by = Override::new("hotfix", "bob").unwrap();
    let change = TagChange { tag: &tag, action: MOVE };
    let facts: TagFacts<'_> = MadeUp { admin_override: Some(&by), ..MadeUp::default() }.into();
    let record = audit(&change, &facts, &actor("ada"), time(0)).unwrap();
    assert_eq!(record.rules, ["TAG009"]);
    assert_eq!((record.before, record.after), (Some(COMMIT), Some(OTHER)));
    assert_eq!(record.action, "move tag v1.2.3");
}

#[test]
fn an_override_moves_what_exists_and_imports_what_is_right() {
    let tag = tag("v1.2.3");
    let by = Override::new("hotfix", "bob").unwrap();
    let change = TagChange { tag: &tag, action: CREATE };
    let facts = |existing| {
        TagFacts::from(MadeUp { existing, admin_override: Some(&by), ..MadeUp::default() })
    };
    assert_eq!(check(&change, &facts(Some(OTHER))), []);
    assert_eq!(set_aside(&change, &facts(Some(OTHER))), [RuleId::TAG009]);
    assert_eq!(check(&change, &facts(Some(COMMIT)))[0].rule, RuleId::TAG015);
    assert_eq!(set_aside(&change, &facts(Some(COMMIT))), []);
    assert_eq!(set_aside(&change, &facts(None)), []);
}

#[test]
fn destroying_an_immutable_tag_forgets_it() {
    let by = Override::new("hotfix", "bob").unwrap();
    assert_eq!(on_destroy(&tag("v1.2.3"), None), OnDestroy::Forget);
    assert_eq!(on_destroy(&tag("v1.2.3-stable"), None), OnDestroy::Forget);
    assert_eq!(on_destroy(&tag("v1.2.3"), Some(&by)), OnDestroy::Delete);
    assert_eq!(on_destroy(&tag("api/staging"), None), OnDestroy::Delete);
}

fn grammar(name: &str) -> Found {
    found(TagGrammar::default().parse(name))
}

fn lenient(name: &str) -> Found {
    found(TagGrammar { allow_prerelease: true, ..TagGrammar::default() }.parse(name))
}

fn configured(name: &str) -> Found {
    let environment_names = vec![name.parse().unwrap()];
    found(TagGrammar { environment_names, ..TagGrammar::default() }.parse(name))
}

/// What somebody wrote down of a tag, after a change.
fn said(name: &str, spoil: fn(&mut TagParts)) -> Found {
    let tag = tag(name);
    let mut parts = TagParts::from(&tag);
    spoil(&mut parts);
    parts.faults(&tag)
}

fn moved(parts: &mut TagParts) {
    parts.updated_at = Some(time(1));
}

fn decided(tag: &Tag, action: TagAction, facts: &TagFacts<'_>) -> Found {
    check(&TagChange { tag, action }, facts)
}

fn changed(name: &str, action: TagAction) -> Found {
    // The version of a state tag is where it should be; only the move itself is looked at.
    let version_commit = match action {
        TagAction::Move { to, .. } | TagAction::Replace { to, .. } => Some(to),
        TagAction::Create { commit } | TagAction::Rewrite { commit } => Some(commit),
        TagAction::Delete { .. } => None,
    };
    decided(&tag(name), action, &MadeUp { version_commit, ..MadeUp::default() }.into())
}

/// A new message for a tag that says something, or nothing.
fn reworded(name: &str, says: &str) -> Found {
    let message = Some(says.to_owned());
    decided(&tag(name), REWRITE, &MadeUp { message, ..MadeUp::default() }.into())
}

fn by() -> Override {
    Override::new("hotfix", "bob").unwrap()
}

fn limited(rule: RuleId) -> Vec<Violation> {
    found(by().only_rules(vec![rule]))
}

fn overridden(name: &str, action: TagAction) -> Found {
    let by = Override::new("hotfix", "bob").unwrap();
    let facts: TagFacts<'_> = MadeUp { admin_override: Some(&by), ..MadeUp::default() }.into();
    decided(&tag(name), action, &facts)
}

fn swap(planned: Option<CommitSha>, seen: Option<CommitSha>) -> Found {
    check_swap(&tag("api/production"), planned, seen).err().into_iter().collect()
}

fn stands(name: &str, found: CommitSha) -> Found {
    check_stands(&tag(name), COMMIT, found).into_iter().collect()
}

fn state(version_commit: Option<CommitSha>) -> Found {
    decided(&tag("v1.2.3-stable"), CREATE, &MadeUp { version_commit, ..MadeUp::default() }.into())
}

fn existing(name: &str, existing: Option<CommitSha>) -> Found {
    decided(&tag(name), CREATE, &MadeUp { existing, ..MadeUp::default() }.into())
}

fn beside(in_the_way: Option<&str>) -> Found {
    let in_the_way = in_the_way.map(str::to_owned);
    decided(&tag("api/v1.2.3"), CREATE, &MadeUp { in_the_way, ..MadeUp::default() }.into())
}

const NOWHERE: Published = Published::No { trial: None };

fn trial() -> Published {
    Published::No { trial: Some("refs/pull/7/merge".to_owned()) }
}

fn unpublished(name: &str, published: Published) -> Found {
    let version_commit = Some(COMMIT);
    decided(&tag(name), CREATE, &MadeUp { version_commit, published, ..MadeUp::default() }.into())
}

fn folder(present: bool) -> Found {
    let facts: TagFacts<'_> =
        MadeUp { environment_folder: Some(present), ..MadeUp::default() }.into();
    decided(&tag("api/staging"), CREATE, &facts)
}

fn remote(name: &str, in_ci: bool) -> Found {
    decided(&tag(name), CREATE, &MadeUp { on_remote: true, in_ci, ..MadeUp::default() }.into())
}

fn audited(written: bool) -> Found {
    let tag = tag("v1.2.3");
    let by = Override::new("hotfix", "bob").unwrap();
    let change = TagChange { tag: &tag, action: DELETE };
    let facts: TagFacts<'_> = MadeUp { admin_override: Some(&by), ..MadeUp::default() }.into();
    let record = audit(&change, &facts, &actor("ada"), time(0));
    check_audited(&[RuleId::TAG009], record.as_ref().filter(|_| written))
}
