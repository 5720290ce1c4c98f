//! Which version to go back to.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::rollback::target::{RejectedVersion, SelectionCriteria};
use crate::tag::releases::Releases;
use crate::{RuleId, State, TagGrammar};

/// Everything that a choice depends on.
#[derive(Debug)]
struct World {
    tags: Vec<(String, CommitSha)>,
    records: Vec<Deployment>,
    current: Option<Version>,
    active: BTreeMap<String, bool>,
}

impl World {
    /// Version 1.3.0 of the api runs; 1.0.0 to 1.2.0 were there before, and 1.2.1 was not.
    fn new() -> Self {
        let tags = ["api/v1.0.0", "api/v1.1.0", "api/v1.2.0", "api/v1.2.1", "api/v1.3.0"];
        let tags = tags.map(|name| (name.to_owned(), commit_of(&version(name)))).to_vec();
        let deployed = ["api/v1.0.0", "api/v1.1.0", "api/v1.2.0", "api/v1.3.0"];
        let records = (1..).zip(deployed).map(|(end, name)| good(name, end * 10)).collect();
        Self { tags, records, current: Some(version("api/v1.3.0")), active: BTreeMap::new() }
    }

    fn state(mut self, text: &str, state: State) -> Self {
        self.tags.push((format!("{text}-{state}"), commit_of(&version(text))));
        self
    }

    fn with(mut self, record: Deployment) -> Self {
        self.records.push(record);
        self
    }

    fn without_tag(mut self, name: &str) -> Self {
        self.tags.retain(|(tag, _)| tag != name);
        self
    }

    fn ask<T>(
        &self,
        criteria: SelectionCriteria,
        look: impl FnOnce(&RollbackFacts<'_>, Selection<'_>) -> T,
    ) -> T {
        let tags = self.tags.iter().map(|(name, commit)| (name.as_str(), *commit));
        let facts = RollbackFacts {
            environment: &"production".parse().unwrap(),
            project: &"api".parse().unwrap(),
            current: self.current.as_ref().map_or(Current::Nothing, Current::Version),
            releases: &Releases::read(&TagGrammar::default(), tags),
            records: &self.records,
            revision_active: &self.active,
        };
        look(&facts, select(&facts, criteria))
    }

    /// The target, or why there is none, and everything rejected with its reasons.
    fn answer(&self, criteria: SelectionCriteria) -> (Result<String, String>, Vec<String>) {
        self.ask(criteria, |facts, found| {
            assert_lawful(facts, &found, criteria);
            let told = |refused| {
                let RejectedVersion { version, reason } = RejectedVersion::from(refused);
                format!("{version}: {reason}")
            };
            let rejected = found.rejected.iter().map(told).collect();
            (found.target.map(|it| it.deployment.version.to_string()), rejected)
        })
    }

    fn target(&self, criteria: SelectionCriteria) -> String {
        self.answer(criteria).0.unwrap()
    }

    fn rejected(&self) -> Vec<String> {
        self.answer(SelectionCriteria::default()).1
    }
}

/// The answer is a rollback target without a fault, and obeys every rule about it.
fn assert_lawful(facts: &RollbackFacts<'_>, found: &Selection<'_>, criteria: SelectionCriteria) {
    let entity = found.entity(facts, criteria).unwrap();
    assert_eq!(entity.is_some(), found.target.is_ok());
    let errors = |target| check(target, facts).into_iter().filter(|it| !it.is_warning()).count();
    assert_eq!(entity.as_ref().map_or(0, errors), 0, "{entity:?}");
}

const PLAIN: SelectionCriteria = SelectionCriteria {
    prioritize_stable: false,
    exclude_deprecated: true,
    exclude_unstable: false,
};

#[test]
fn the_highest_version_that_was_good_here() {
    let (target, rejected) = World::new().answer(SelectionCriteria::default());
    assert_eq!(target.unwrap(), "api/v1.2.0");
    assert_eq!(rejected, ["api/v1.2.1: it was never deployed to this environment"]);
}

#[test]
fn stable_versions_come_first_where_they_have_priority() {
    let world = World::new().state("api/v1.0.0", State::Stable);
    assert_eq!(world.target(SelectionCriteria::default()), "api/v1.0.0");
    assert_eq!(world.target(PLAIN), "api/v1.2.0");
    let warned = world
        .ask(PLAIN, |facts, found| check(&found.entity(facts, PLAIN).unwrap().unwrap(), facts));
    assert_eq!(warned.len(), 1);
    assert!(warned[0].rule == RuleId::RBK003 && warned[0].is_warning(), "{warned:?}");
    let doubted = world.state("api/v1.0.0", State::Unstable);
    assert_eq!(doubted.target(SelectionCriteria::default()), "api/v1.2.0");
}

#[test]
fn deprecated_versions_are_never_the_target() {
    let world = World::new().state("api/v1.2.0", State::Deprecated);
    assert_eq!(world.target(SelectionCriteria::default()), "api/v1.1.0");
    assert!(world.rejected().contains(&"api/v1.2.0: it is deprecated".to_owned()));
    let kept = SelectionCriteria { exclude_deprecated: false, ..SelectionCriteria::default() };
    assert_eq!(world.target(kept), "api/v1.1.0");
    let (count, none) = (world.ask(kept, |_, found| found.candidates.len()), world.answer(kept).1);
    assert_eq!((count, none.len()), (3, 1), "a candidate that is not chosen");
    let all = world.state("api/v1.1.0", State::Deprecated).state("api/v1.0.0", State::Deprecated);
    assert!(all.answer(kept).0.unwrap_err().contains("is deprecated"));
    assert!(all.answer(PLAIN).0.unwrap_err().contains("is rejected"));
}

#[test]
fn unstable_versions_are_left_out_where_that_is_asked_for() {
    let world = World::new().state("api/v1.2.0", State::Unstable);
    assert_eq!(world.target(SelectionCriteria::default()), "api/v1.2.0");
    let strict = SelectionCriteria { exclude_unstable: true, ..SelectionCriteria::default() };
    assert_eq!(world.target(strict), "api/v1.1.0");
}

#[test]
fn what_failed_or_was_taken_back_is_no_target() {
    let world = World::new().with(rolled_out("api/v1.2.0", 90, true)).with(record(
        "api/v1.1.0",
        Status::RolledBack,
        91,
    ));
    assert_eq!(world.target(PLAIN), "api/v1.0.0");
    let rejected = world.rejected();
    assert!(rejected[1].starts_with("api/v1.2.0: its deployment deploy-"), "{rejected:?}");
    assert!(rejected[1].contains("-abc123 failed at ") && rejected[2].contains("was rolled back"));
}

#[test]
fn what_no_longer_exists_is_no_target() {
    let world = World::new().without_tag("api/v1.2.0");
    assert!(world.rejected().contains(&"api/v1.2.0: its version tag is gone".to_owned()));
    let mut moved = World::new();
    moved.tags[2].1 = CommitSha::from_bytes([7; 20]);
    assert!(moved.rejected()[1].contains("stands on commit 0707"), "{:?}", moved.rejected());
    let mut world = World::new();
    world.records[2].rollout = rolled_out("api/v1.2.0", 1, false).rollout;
    let active = |world: &World| world.ask(PLAIN, |_, found| found.target.unwrap().revision_active);
    assert_eq!(active(&world), None);
    world.active.insert("arn:api/v1.2.0".to_owned(), true);
    assert_eq!(active(&world), Some(true));
    world.active.insert("arn:api/v1.2.0".to_owned(), false);
    assert_eq!(world.target(PLAIN), "api/v1.1.0");
    assert!(world.rejected()[1].contains("arn:api/v1.2.0 is not active"), "{:?}", world.rejected());
}

#[test]
fn everything_that_speaks_against_a_version_is_told() {
    let world = World::new()
        .with(rolled_out("api/v2.0.0", 90, true))
        .state("api/v2.0.0", State::Deprecated);
    let first = world.rejected().remove(0);
    for reason in ["not lower", "failed at", "version tag is gone"] {
        assert!(first.contains(reason), "{first}");
    }
}

#[test]
fn where_there_is_no_target_it_says_why() {
    let mut world = World::new();
    world.records.drain(..3);
    let told = world.answer(PLAIN).0.unwrap_err();
    assert!(told.contains("lower than `api/v1.3.0` was ever deployed"), "{told}");
    world.current = None;
    assert!(world.answer(PLAIN).0.unwrap_err().contains("runs nothing of `api`"));
    let untagged = world.ask(PLAIN, |facts, _| {
        let current = Current::Untagged(CommitSha::from_bytes([7; 20]));
        select(&RollbackFacts { current, ..*facts }, PLAIN).target.unwrap_err()
    });
    assert!(untagged.contains("which no version tag names"), "{untagged}");
}

fn any_record() -> impl Strategy<Value = Deployment> {
    let status = proptest::sample::select(Status::ALL);
    (0..4_u64, status, 10..60_i64, any::<[bool; 4]>()).prop_map(
        |(minor, status, end, [ecs, restored, elsewhere, moved])| {
            let project = if elsewhere { "web" } else { "api" };
            let text = format!("{project}/v1.{minor}.0");
            let rollout = ecs.then(|| rolled_out(&text, end, restored).rollout).flatten();
            let made = record(&text, status, end);
            let commit_sha = if moved { CommitSha::from_bytes([7; 20]) } else { made.commit_sha };
            Deployment { rollout, commit_sha, ..made }
        },
    )
}

fn any_world() -> impl Strategy<Value = World> {
    let records = proptest::collection::vec(any_record(), 0..12);
    let tags = proptest::collection::vec((0..4_u64, 0..4_usize), 0..12);
    let active = proptest::collection::btree_map("arn:api/v1\\.[0-3]\\.0", any::<bool>(), 0..4);
    (records, tags, proptest::option::of(0..5_u64), active).prop_map(
        |(records, tags, current, active)| {
            let suffixes = ["", "-stable", "-unstable", "-deprecated"];
            let tag = |(minor, suffix): (u64, usize)| {
                let name = format!("api/v1.{minor}.0");
                (format!("{name}{}", suffixes[suffix]), commit_of(&version(&name)))
            };
            let current = current.map(|minor| version(&format!("api/v1.{minor}.0")));
            World { tags: tags.into_iter().map(tag).collect(), records, current, active }
        },
    )
}

proptest! {
    #[test]
    fn a_target_always_obeys_the_rules(world in any_world(), [first, second, third] in any::<[bool; 3]>()) {
        let criteria = SelectionCriteria {
            prioritize_stable: first,
            exclude_deprecated: second,
            exclude_unstable: third,
        };
        let backwards = {
            let (mut records, tags) = (world.records.clone(), world.tags.clone());
            records.reverse();
            World { records, tags, current: world.current.clone(), active: world.active.clone() }
        };
        // Two records of the same second and ID have no order.
        let mut ids: Vec<_> = world.records.iter().map(|record| record.id.clone()).collect();
        ids.sort();
        ids.dedup();
        if ids.len() == world.records.len() {
            prop_assert_eq!(world.answer(criteria), backwards.answer(criteria));
        }
        world.ask(criteria, |facts, found| {
            assert_lawful(facts, &found, criteria);
            let known = |it: &Candidate<'_>| world.active.get(it.task_definition().unwrap_or("")) != Some(&false);
            assert!(found.candidates.iter().all(known));
            let named = |version: &Version| {
                found.candidates.iter().any(|it| it.deployment.version == *version)
                    ^ found.rejected.iter().any(|it| it.version == version)
            };
            let of_api = world.records.iter().map(|record| &record.version);
            let mut of_api = of_api.filter(|it| it.sub_project_path() == facts.project);
            if let Current::Version(current) = facts.current {
                assert!(of_api.all(|it| it == current || named(it)), "{found:?}");
            }
        });
    }

    #[test]
    fn a_version_that_is_held_is_no_target(world in any_world()) {
        let held = |version: &Version| held(version, commit_of(version), &world.records, None);
        world.ask(SelectionCriteria::default(), |_, found| {
            let target = found.target.ok().map(|target| target.deployment.version.clone());
            assert!(target.is_none_or(|target| held(&target).is_none()));
        });
    }
}
