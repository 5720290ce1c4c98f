//! One contract for all that runs versions: what a deployment may rely on, whatever the target is.
//!
//! The same cases go through commands, a service of ECS and stacks of CloudFormation. What each of them does beyond
//! that, and how it words it, is its own tests'.

#![allow(clippy::unwrap_used, reason = "a sample that cannot be made is a failed test")]

mod bench;
mod commands;
mod ecs;
mod stacks;

use std::future::Future;
use std::time::Duration;

use bench::{Bench, Way, begun, order, permit};
use pipeline_acceptance::Outcome;
use pipeline_core::rollout::{Failure, GitOnly, Restored, Rolled, Target as _};
use tokio::time::Instant;

/// The longest that a stop may take. It takes moments, and this is no matter of how busy a machine is.
const BOUND: Duration = Duration::from_secs(120);

async fn brings_into_service<B: Bench>() -> Outcome {
    let bench = B::new()?;
    let target = bench.target("2", Way::Well);
    let ((_grant, permit), mut trace) = (permit(), None);
    assert_eq!(target.roll_out(&order(), &permit, &mut trace).await, Rolled::Out);
    assert_eq!(bench.runs()?, "2");
    assert!(begun(&trace), "it is on record that it was begun");
    assert_eq!(target.confirm(&order(), &trace).await, Rolled::Out);
    Ok(())
}

async fn follows_to_the_end<B: Bench>() -> Outcome {
    let bench = B::new()?;
    let target = bench.target("2", Way::Hangs);
    let ((_grant, permit), mut trace) = (permit(), None);
    let order = order();
    let mut rolling = std::pin::pin!(target.roll_out(&order, &permit, &mut trace));
    tokio::select! {
        early = &mut rolling => panic!("it is under way, and was said to be {early:?}"),
        reached = bench.is_under_way() => reached?,
    }
    bench.let_go()?;
    assert_eq!(rolling.await, Rolled::Out);
    assert_eq!(bench.runs()?, "2");
    Ok(())
}

async fn notices_somebody_else<B: Bench>() -> Outcome {
    let bench = B::new()?;
    let target = bench.target("2", Way::Well);
    let ((_grant, permit), mut trace) = (permit(), None);
    assert_eq!(target.roll_out(&order(), &permit, &mut trace).await, Rolled::Out);
    bench.taken_over()?;
    let confirmed = target.confirm(&order(), &trace).await;
    assert!(
        matches!(confirmed, Rolled::Replaced { .. } | Rolled::Failed { .. }),
        "somebody else's runs: {confirmed:?}"
    );
    if B::KNOWS_OTHERS {
        let back = target.restore(&order(), &permit, &mut trace).await;
        assert!(matches!(back, Restored::Replaced { .. }), "theirs is not touched: {back:?}");
        assert_eq!(bench.runs()?, bench::THEIRS);
    }
    Ok(())
}

async fn puts_back_what_was_there<B: Bench>() -> Outcome {
    let bench = B::new()?;
    let before = bench.everything()?;
    let target = bench.target("2", Way::Well);
    let ((_grant, permit), mut trace) = (permit(), None);
    assert_eq!(target.roll_out(&order(), &permit, &mut trace).await, Rolled::Out);
    assert_ne!(bench.everything()?, before);
    assert_eq!(target.restore(&order(), &permit, &mut trace).await, Restored::Done);
    assert_eq!(bench.everything()?, before);
    // Once more changes nothing.
    let again = target.restore(&order(), &permit, &mut trace).await;
    assert!(matches!(again, Restored::Done | Restored::Unchanged), "{again:?}");
    assert_eq!(bench.everything()?, before);
    Ok(())
}

async fn what_failed_is_put_back<B: Bench>() -> Outcome {
    let bench = B::new()?;
    let before = bench.everything()?;
    let target = bench.target("2", Way::Fails);
    let ((_grant, permit), mut trace) = (permit(), None);
    let rolled = target.roll_out(&order(), &permit, &mut trace).await;
    assert!(matches!(rolled, Rolled::Failed { .. } | Rolled::RollingBack { .. }), "{rolled:?}");
    assert_eq!(target.restore(&order(), &permit, &mut trace).await, Restored::Done);
    assert_eq!(bench.everything()?, before);
    Ok(())
}

async fn a_stop_ends_soon<B: Bench>() -> Outcome {
    let bench = B::new()?;
    let before = bench.everything()?;
    let target = bench.target("2", Way::Hangs);
    let ((_grant, permit), mut trace) = (permit(), None);
    {
        let order = order();
        let mut rolling = std::pin::pin!(target.roll_out(&order, &permit, &mut trace));
        tokio::select! {
            early = &mut rolling => panic!("it is under way, and was said to be {early:?}"),
            reached = bench.is_under_way() => reached?,
        }
    }
    // What was dropped may still be under way.
    bench.let_go()?;
    let back = tokio::time::timeout(BOUND, target.restore(&order(), &permit, &mut trace)).await;
    assert_eq!(back.map_err(|_| "it goes on for ever")?, Restored::Done);
    assert_eq!(bench.everything()?, before);
    Ok(())
}

async fn is_not_begun_twice<B: Bench>() -> Outcome {
    let bench = B::new()?;
    let before = bench.everything()?;
    let target = bench.target("2", Way::Well);
    let ((_grant, permit), mut trace) = (permit(), None);
    assert_eq!(target.roll_out(&order(), &permit, &mut trace).await, Rolled::Out);
    let times = bench.times_begun()?;
    assert_eq!(target.roll_out(&order(), &permit, &mut trace).await, Rolled::Out);
    assert_eq!(bench.times_begun()?, times);
    assert_eq!(target.restore(&order(), &permit, &mut trace).await, Restored::Done);
    assert_eq!(bench.everything()?, before, "it still knows what was there");
    Ok(())
}

async fn does_nothing_without_the_environment<B: Bench>() -> Outcome {
    let bench = B::new()?;
    let before = bench.everything()?;
    let target = bench.target("2", Way::Well);
    let ((grant, permit), mut trace) = (permit(), None);
    grant.revoke(Instant::now());
    let rolled = target.roll_out(&order(), &permit, &mut trace).await;
    assert_eq!(rolled, Rolled::Untouched { reason: Failure::LeaseOver });
    assert_eq!((bench.everything()?, bench.times_begun()?), (before, 0));
    assert!(!begun(&trace));
    let (grant, permit) = bench::permit();
    assert_eq!(target.roll_out(&order(), &permit, &mut trace).await, Rolled::Out);
    grant.revoke(Instant::now());
    let back = target.restore(&order(), &permit, &mut trace).await;
    assert_eq!(back, Restored::Failed { reason: Failure::LeaseOver });
    assert_eq!(bench.runs()?, "2");
    Ok(())
}

/// Runs a case: the work of adapters is deep.
fn run(case: impl Future<Output = Outcome>) -> Outcome {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(1).build()?;
    runtime.block_on(Box::pin(case))
}

/// The cases, for one kind of target each.
macro_rules! contract {
    ($($room:ident: $bench:ty),+) => {$(
        mod $room {
            use super::*;

            contract!(cases $bench: brings_into_service follows_to_the_end notices_somebody_else
                puts_back_what_was_there what_failed_is_put_back a_stop_ends_soon is_not_begun_twice
                does_nothing_without_the_environment);
        }
    )+};
    (cases $bench:ty: $($case:ident)+) => {$(
        #[test]
        fn $case() -> Outcome {
            run(super::$case::<$bench>())
        }
    )+};
}

contract!(of_commands: commands::Commands, of_ecs: ecs::Service, of_stacks: stacks::Stack);

#[tokio::test]
async fn no_target_changes_nothing() {
    let ((_grant, permit), mut trace) = (permit(), None);
    assert!(GitOnly.place().is_none());
    assert_eq!(GitOnly.roll_out(&order(), &permit, &mut trace).await, Rolled::Out);
    assert_eq!(GitOnly.confirm(&order(), &trace).await, Rolled::Out);
    for _ in 0..2 {
        assert_eq!(GitOnly.restore(&order(), &permit, &mut trace).await, Restored::Unchanged);
    }
    assert!(trace.is_none());
}
