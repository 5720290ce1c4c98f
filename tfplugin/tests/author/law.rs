//! Laws of the plan engine over random schemas, configurations and prior states.

use proptest::prelude::*;
use tfplugin::Value;
use tfplugin::plan::{Outcome, Proposal, Settled, finish, propose};
use tfplugin::schema::Block;

use crate::host::{compatible, proposed, valid};
use crate::random;

/// One plan as the host asks for it, without an author's hook.
fn plan(block: &Block, prior: &Value, config: &Value) -> (Proposal, Outcome) {
    let merged = proposed::proposed(block, prior, config);
    let proposal = propose(block, prior, config, merged);
    let settled =
        Settled { prior, config, planned: &proposal.planned, prior_identity: &Value::Null };
    let outcome = finish(block, None, settled, Vec::new());
    (proposal, outcome)
}

/// What an honest provider makes of a plan: the same value for the same unknown, every time.
fn apply(block: &Block, planned: &Value) -> Value {
    random::fill_unknown(block, planned)
}

fn check(block: &Block, prior: &Value, config: &Value) -> Result<Proposal, TestCaseError> {
    let (proposal, outcome) = plan(block, prior, config);
    let faults = valid::faults(block, prior, config, &proposal.planned);
    prop_assert!(
        faults.is_empty(),
        "the host would refuse: {faults:?}\nplan {:?}",
        proposal.planned
    );
    prop_assert!(outcome.diagnostics.is_empty(), "self-check: {:?}", outcome.diagnostics);
    prop_assert!(outcome.requires_replace.is_sorted(), "unsorted: {:?}", outcome.requires_replace);
    Ok(proposal)
}

/// Where two objects differ, for reading.
fn differences(before: &Value, after: &Value) -> Vec<String> {
    let (Value::Map(before), Value::Map(after)) = (before, after) else { return Vec::new() };
    let differ = before.keys().filter(|name| before[*name] != after[*name]);
    differ.map(|name| format!("{name}: {:?} -> {:?}", before[name], after[name])).collect()
}

/// A schema, two known configurations of it, and the second with parts made unknown.
fn case() -> impl Strategy<Value = (Block, Value, Value, Value)> {
    random::block().prop_flat_map(|block| {
        let known = random::config(&block);
        let other = random::config(&block);
        (Just(block), known, other).prop_flat_map(|(block, known, other)| {
            let partly = random::partly_unknown(&block, &other);
            (Just(block), Just(known), Just(other), partly)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_is_one_that_the_host_accepts((block, first, second, partly) in case()) {
        let created = check(&block, &Value::Null, &first)?;
        let prior = apply(&block, &created.planned);
        check(&block, &prior, &second)?;
        check(&block, &prior, &partly)?;
        check(&block, &Value::Null, &partly)?;
    }

    #[test]
    fn a_plan_after_an_apply_changes_nothing((block, first, second, _) in case()) {
        let created = check(&block, &Value::Null, &first)?;
        let prior = apply(&block, &created.planned);
        prop_assume!(random::is_possible(&block.ty(), &prior));
        let same = check(&block, &prior, &first)?;
        prop_assert!(!same.changed, "changed: {:?}", differences(&prior, &same.planned));
        prop_assert_eq!(&same.planned, &prior);
        let updated = check(&block, &prior, &second)?;
        let next = apply(&block, &updated.planned);
        prop_assume!(random::is_possible(&block.ty(), &next));
        let again = check(&block, &next, &second)?;
        prop_assert!(!again.changed, "changed: {:?}", differences(&next, &again.planned));
        prop_assert_eq!(&again.planned, &next);
    }

    #[test]
    fn a_plan_once_all_is_known_keeps_what_was_promised((block, first, second, partly) in case()) {
        let created = check(&block, &Value::Null, &first)?;
        let prior = apply(&block, &created.planned);
        let (early, outcome) = plan(&block, &prior, &partly);
        let prior = if outcome.requires_replace.is_empty() { prior } else { Value::Null };
        let early = if prior.is_null() { plan(&block, &prior, &partly).0 } else { early };
        let (late, _) = plan(&block, &prior, &second);
        let faults = compatible::faults(&block, &early.planned, &late.planned);
        prop_assert!(faults.is_empty(), "{faults:?}\nearly {:?}\nlate {:?}", early.planned, late.planned);
    }

    #[test]
    fn the_same_request_gives_the_same_plan((block, first, second, _) in case()) {
        let prior = apply(&block, &check(&block, &Value::Null, &first)?.planned);
        prop_assert_eq!(plan(&block, &prior, &second), plan(&block, &prior, &second));
    }

    #[test]
    fn the_self_check_and_the_host_agree(
        (block, first, second, partly) in case(),
        (position, from) in (any::<proptest::sample::Index>(), any::<bool>()),
    ) {
        let prior = apply(&block, &check(&block, &Value::Null, &first)?.planned);
        // A plan with one part of it taken from elsewhere: right or wrong, both must say the same.
        let (proposal, _) = plan(&block, &prior, &partly);
        let source = if from { &second } else { &prior };
        let (Value::Map(mut parts), Value::Map(other)) = (proposal.planned, source) else {
            return Err(TestCaseError::fail("an object is a map"));
        };
        let (name, value) = position.get(&other.iter().collect::<Vec<_>>()).to_owned();
        parts.insert(name.clone(), value.clone());
        let planned = Value::Map(parts);
        let settled =
            Settled { prior: &prior, config: &partly, planned: &planned, prior_identity: &Value::Null };
        let found = finish(&block, None, settled, Vec::new()).diagnostics;
        let faults = valid::faults(&block, &prior, &partly, &planned);
        prop_assert_eq!(found.is_empty(), faults.is_empty(), "{:?}\nhost {:?}", found, faults);
    }
}
