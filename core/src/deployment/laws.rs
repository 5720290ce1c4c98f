//! Laws of the policies; the cases of single rules are in the suite of the rules.

use proptest::prelude::*;

use super::completion::{check_end, check_transaction, tag_move};
use super::tests::deployment;
use crate::base::published::Published;
use crate::tag::rules::{TagAction, TagChange, TagFacts, audit, check, check_audited, set_aside};
use crate::{CommitSha, Override, RefName, RuleId, Status, TagGrammar, Timestamp};

fn any_facts() -> impl Strategy<Value = (TagFacts<'static>, bool)> {
    let commit = || proptest::option::of((1..3_u8).prop_map(|b| CommitSha::from_bytes([b; 20])));
    let folder = proptest::option::of(any::<bool>());
    (commit(), commit(), folder, any::<[bool; 4]>()).prop_map(
        |(existing, version_commit, environment_folder, [on_remote, in_ci, overridden, known])| {
            let facts = TagFacts {
                alike: None,
                existing,
                in_the_way: None,
                version_commit,
                near_version: None,
                environment_folder,
                near_environment: None,
                published: if known { Published::Yes } else { Published::No { trial: None } },
                message: None,
                on_remote,
                in_ci,
                admin_override: None,
            };
            (facts, overridden)
        },
    )
}

fn any_action() -> impl Strategy<Value = TagAction> {
    let commit = || (1..3_u8).prop_map(|b| CommitSha::from_bytes([b; 20]));
    prop_oneof![
        commit().prop_map(|commit| TagAction::Create { commit }),
        (commit(), commit()).prop_map(|(from, to)| TagAction::Move { from, to }),
        commit().prop_map(|commit| TagAction::Rewrite { commit }),
        (commit(), commit()).prop_map(|(from, to)| TagAction::Replace { from, to }),
        commit().prop_map(|from| TagAction::Delete { from }),
    ]
}

proptest! {
    /// An override only ever takes violations away, exactly those it says it sets aside (besides
    /// TAG015, which becomes the move it is), and is always audited.
    #[test]
    fn overrides_are_exact_and_audited(
        (facts, overridden) in any_facts(),
        action in any_action(),
        name in proptest::sample::select(vec!["v1.2.3", "api/production", "v1.2.3-stable"]),
    ) {
        let tag = TagGrammar::default().parse(name).unwrap();
        let change = TagChange { tag: &tag, action };
        let by = Override::new("hotfix", "bob").unwrap();
        let before = check(&change, &facts);
        let facts = TagFacts { admin_override: overridden.then_some(&by), ..facts };
        let after = check(&change, &facts);
        let aside = set_aside(&change, &facts);
        prop_assert!(after.iter().all(|violation| before.contains(violation)));
        prop_assert!(after.iter().all(|violation| !aside.contains(&violation.rule)));
        prop_assert!(overridden || aside.is_empty());
        let actor = "ada".parse().unwrap();
        let at = Timestamp::from_unix_seconds(0).unwrap();
        let record = audit(&change, &facts, &actor, at);
        prop_assert_eq!(record.is_some(), !aside.is_empty());
        prop_assert_eq!(check_audited(&aside, record.as_ref()), vec![]);
    }

    /// No order of changes makes an immutable tag move without an override.
    #[test]
    fn immutable_tags_stay((facts, _) in any_facts(), action in any_action()) {
        for name in ["v1.2.3", "v1.2.3-deprecated"] {
            let tag = TagGrammar::default().parse(name).unwrap();
            let violations = check(&TagChange { tag: &tag, action }, &facts);
            let touches = match action {
                TagAction::Create { commit } => facts.existing.is_some_and(|found| found != commit),
                TagAction::Move { from, to } => from != to,
                TagAction::Rewrite { .. }
                | TagAction::Replace { .. }
                | TagAction::Delete { .. } => true,
            };
            prop_assert!(!touches || !violations.is_empty());
        }
    }

    #[test]
    fn the_tag_moves_with_success_and_only_then(status in proptest::sample::select(Status::ALL), wanted in any::<bool>()) {
        let at = |seconds: i64| Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap();
        let base = crate::Deployment { will_move_env_tag: wanted, ..deployment() };
        let running = || base.clone().start(at(1)).unwrap();
        let it = match status {
            Status::Queued => base.clone(),
            Status::InProgress => running(),
            Status::Succeeded => running().succeed(at(2)).unwrap(),
            Status::Failed => {
                let before = running().previous_version;
                running().fail(at(2), "x", before).unwrap()
            },
            Status::Cancelled => running().cancel(at(2), None, None).unwrap(),
            Status::RolledBack => running().succeed(at(2)).unwrap().roll_back(at(3), None).unwrap(),
        };
        let grammar = TagGrammar::default();
        let moved = tag_move(&it, &grammar);
        prop_assert_eq!(moved.is_some(), wanted && status == Status::Succeeded);
        let name = |text: &str| text.parse::<RefName>().unwrap();
        let (record, tag) = (name("refs/ledger/deployments/production/x"), name("refs/tags/api/production"));
        let faults = |changed: &[&RefName]| {
            let faults = check_transaction(&it, &grammar, &record, changed.iter().copied());
            faults.iter().map(|fault| fault.rule).collect::<Vec<_>>()
        };
        let (both, alone) = (faults(&[&record, &tag]), faults(&[&record]));
        let (dep008, dep009) = (vec![RuleId::DEP008], vec![RuleId::DEP009]);
        let right = if moved.is_some() { (vec![], dep008.clone()) } else { (dep009.clone(), vec![]) };
        prop_assert_eq!((both, alone), right);
        prop_assert_eq!(faults(&[&tag]), if moved.is_some() { dep008 } else { dep009 });
        let other = name("refs/tags/v1.2.3");
        prop_assert_eq!(faults(&[&record, &tag, &other]).pop(), Some(RuleId::DEP009));
        prop_assert!(check_end(&it).iter().all(|violation| violation.rule != RuleId::BUS002));
    }
}
