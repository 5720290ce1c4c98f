//! What keeps a deployment from beginning: rules, other deployments, a person.

use super::world::{GONE, approval, commit, id, name, ref_name, request};
use super::*;
use crate::approval::{ApprovalPolicy, Decision};
use crate::ledger::memory::Fault;

/// Deploys, and sees that it is refused without a trace.
async fn refused(world: &World, request: Request) -> Report {
    let before = world.remote.refs();
    let report = world.deploy(request).await;
    assert_eq!(world.remote.refs(), before);
    assert!(report.deployment.is_none() && report.warnings.is_empty());
    report
}

/// Lets the n-th deployment claim staging and then die.
async fn dies_holding(world: &World, n: u8) {
    let twin = world.remote.store();
    let store = Store::new(twin).fault(1, Fault::LostRequest);
    unknown(&world.deploy_by(store, request(n)).await);
    assert_eq!(world.status("staging", n).await, Some(Status::InProgress));
}

#[tokio::test]
async fn a_busy_environment_is_refused_and_its_holder_named() {
    let world = World::new();
    dies_holding(&world, 1).await;
    world.pass(GONE - 1);
    let report = refused(&world, request(2)).await;
    assert_eq!(rules(&report), [RuleId::BUS001]);
    let found = &forbidden(&report)[0].found;
    assert!(found.contains(id(1).as_str()) && found.contains("of ada"), "{found}");
}

#[tokio::test(start_paused = true)]
async fn a_dead_holder_is_put_aside_after_its_lease() {
    let world = World::new();
    dies_holding(&world, 1).await;
    world.pass(GONE);
    let (report, commits) = world.commits_of(world.deploy(request(2))).await;
    assert_eq!((report.verdict, commits), (SUCCESS, 2));
    assert_eq!(world.tagged("api/staging"), Some(commit(2)));
    let dead = world.record("staging", 1).await.unwrap();
    assert_eq!(dead.status(), Status::Failed);
    let told = dead.progress.error_message().unwrap();
    assert!(told.contains("ada") && told.contains(id(2).as_str()), "{told}");
}

#[tokio::test]
async fn a_newer_version_deployed_since_the_plan_is_not_undone() {
    let world = World::new();
    assert_eq!(world.deploy(request(2)).await.verdict, SUCCESS);
    let older = Request { allow_downgrade: false, ..request(1) };
    assert_eq!(rules(&refused(&world, older).await), [RuleId::OWN002]);
    assert_eq!(world.tagged("api/staging"), Some(commit(2)));
}

#[tokio::test]
async fn nobody_overtakes_those_who_wait() {
    let world = World::new();
    world.enqueue("staging", id(9)).await;
    let report = refused(&world, request(1)).await;
    assert_eq!(rules(&report), [RuleId::QUE007]);
    let found = &forbidden(&report)[0].found;
    assert!(found.contains(id(9).as_str()) && found.contains("zoe"), "{found}");
}

#[tokio::test]
async fn who_waits_first_leaves_the_list_by_beginning() {
    let world = World::new();
    world.enqueue("staging", id(1)).await;
    world.enqueue("staging", id(9)).await;
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
    let queue = world.queue("staging").await.unwrap();
    assert_eq!((queue.position(&id(1)), queue.position(&id(9))), (None, Some(1)));
}

#[tokio::test]
async fn an_id_in_use_is_refused_wherever_it_is_used() {
    let world = World::new();
    world.deploy(Request { environment: name("qa"), ..request(1) }).await;
    let report = refused(&world, request(1)).await;
    assert_eq!(rules(&report), [RuleId::DEP001]);
    world.deploy(request(2)).await;
    assert_eq!(rules(&refused(&world, request(2)).await), [RuleId::DEP001]);
}

#[tokio::test]
async fn an_id_taken_at_the_last_moment_is_refused() {
    let world = World::new();
    let other = world.clone();
    let meanwhile = async move {
        let same = Request { environment: name("qa"), ..request(1) };
        assert_eq!(other.deploy(same).await.verdict, SUCCESS);
        let slot = ref_name(&format!("refs/ledger/deployments/staging/{}", id(1)));
        let name = format!("refs/ledger/deployments/qa/{}", id(1));
        let object = other.remote.refs().get(&name).unwrap().object;
        other.remote.set(&slot, object);
    };
    let (report, commits) =
        world.commits_of(world.deploy_by(world.store().before(0, meanwhile), request(1))).await;
    assert_eq!((rules(&report), commits), (vec![RuleId::DEP001], 2));
    assert!(world.queue("staging").await.is_none());
}

#[tokio::test]
async fn a_version_whose_tag_is_gone_is_refused() {
    let world = World::new();
    world.untag("api/v1.1.0");
    let report = refused(&world, request(1)).await;
    assert_eq!(rules(&report), [RuleId::XEN002]);
    assert!(forbidden(&report)[0].found.contains("api/v1.1.0"));
}

#[tokio::test]
async fn a_version_whose_tag_went_after_the_plan_is_refused() {
    let world = World::new();
    let store = world.store();
    // What a plan in the same process has seen.
    assert!(store.snapshot().await.unwrap().tag("api/v1.1.0").is_some());
    world.untag("api/v1.1.0");
    let report = world.deploy_by(store, request(1)).await;
    assert_eq!(rules(&report), [RuleId::XEN002]);
}

#[tokio::test]
async fn a_version_on_another_commit_is_refused() {
    let world = World::new();
    world.tag("api/v1.1.0", commit(5));
    assert_eq!(rules(&refused(&world, request(1)).await), [RuleId::XEN002]);
}

#[tokio::test]
async fn an_unregistered_environment_is_refused_and_the_others_named() {
    let world = World::new();
    let report = refused(&world, Request { environment: name("stagin"), ..request(1) }).await;
    assert_eq!(rules(&report), [RuleId::DEP021]);
    let fault = &forbidden(&report)[0];
    assert!(fault.expected.contains("production") && fault.next.contains("staging"), "{fault}");
}

#[tokio::test]
async fn a_region_that_the_environment_lacks_is_refused() {
    let world = World::new();
    let region = Some("eu-west".parse().unwrap());
    assert_eq!(rules(&refused(&world, Request { region, ..request(1) }).await), [RuleId::DEP011]);
}

#[tokio::test]
async fn approvals_are_looked_at_again() {
    let cases = [
        None,
        approval("ada", commit(1)),
        approval("bob", commit(2)),
        approval("mallory", commit(1)),
    ];
    for approval in cases {
        let world = World::new();
        let wanted = Request { environment: name("production"), approval, ..request(1) };
        let report = refused(&world, wanted).await;
        assert!(rules(&report).iter().all(|rule| *rule == RuleId::DEP012), "{report:?}");
    }
}

/// Production asks for two people, whose approvals are good for an hour.
fn two_people() -> World {
    let world = World::new();
    let (count, valid_for) = (2.try_into().unwrap(), Some(3_600.try_into().unwrap()));
    world.register("production", ApprovalPolicy { count, valid_for, ..ApprovalPolicy::required() });
    world.decide("bob", 1, Decision::Approve);
    world.decide("carol", 1, Decision::Approve);
    world
}

#[tokio::test]
async fn approvals_of_the_ledger_are_counted_at_the_claim_and_kept() {
    let world = two_people();
    let wanted = || Request { environment: name("production"), ..request(1) };
    let report = world.deploy(wanted()).await;
    assert_eq!(report.verdict, SUCCESS);
    let record = report.deployment.unwrap();
    let people: Vec<_> = record.all_approvals().map(|it| it.approved_by.as_str()).collect();
    assert_eq!(people, ["bob", "carol"]);

    let world = two_people();
    world.decide("carol", 1, Decision::Reject);
    let report = refused(&world, wanted()).await;
    assert_eq!(rules(&report), [RuleId::POL002, RuleId::POL002], "rejected, and one of two");

    let world = two_people();
    world.pass(3_600);
    world.decide("carol", 1, Decision::Approve);
    let report = refused(&world, wanted()).await;
    assert_eq!(rules(&report), [RuleId::POL002]);
    assert!(forbidden(&report)[0].found.contains("older than 1h"), "{report:?}");

    let world = two_people();
    let report = refused(&world, Request { environment: name("production"), ..request(2) }).await;
    assert_eq!(rules(&report), [RuleId::POL002], "of another commit");
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let world = World::new();
    dies_holding(&world, 1).await;
    world.untag("api/v1.2.0");
    let region = Some("eu-west".parse().unwrap());
    let report = refused(&world, Request { id: id(1), region, ..request(2) }).await;
    assert_eq!(rules(&report), [RuleId::XEN002, RuleId::DEP011, RuleId::DEP001]);
    let report = refused(&world, request(2)).await;
    assert_eq!(rules(&report), [RuleId::XEN002, RuleId::BUS001]);
}

#[tokio::test]
async fn an_interruption_before_the_claim_leaves_nothing() {
    let world = World::new();
    let before = world.remote.refs();
    let stop = std::future::ready("Ctrl-C".to_owned());
    let report = world.deployer(world.store()).deploy(request(1), NO_TARGET, stop).await;
    assert_eq!(report.verdict, Verdict::Refused(Refusal::Stopped));
    assert_eq!(world.remote.refs(), before);
}

#[tokio::test]
async fn an_interruption_while_claiming_is_recorded() {
    let world = World::new();
    let (ask, asked) = tokio::sync::oneshot::channel();
    let store = world.store().before(0, async move { ask.send("Ctrl-C".to_owned()).unwrap() });
    let stop = async move { asked.await.unwrap() };
    let report = world.deployer(store).deploy(request(1), NO_TARGET, stop).await;
    assert_eq!(report.verdict, Verdict::Recorded(interrupted()));
    assert_eq!(world.status("staging", 1).await, Some(Status::Cancelled));
    assert!(world.is_free("staging").await);
    assert_eq!(world.tagged("api/staging"), None);
}

#[tokio::test]
async fn an_interruption_ends_the_races_for_the_queue() {
    let world = World::new();
    let (ask, asked) = tokio::sync::oneshot::channel();
    let other = world.clone();
    let meanwhile = async move {
        other.change_queue("staging", |queue| queue).await;
        ask.send("Ctrl-C".to_owned()).unwrap();
    };
    let stop = async move { asked.await.unwrap() };
    let deployer = world.deployer(world.store().before(0, meanwhile));
    let (report, commits) = world.commits_of(deployer.deploy(request(1), NO_TARGET, stop)).await;
    assert_eq!((report.verdict, commits), (Verdict::Refused(Refusal::Stopped), 0));
}

#[tokio::test]
async fn a_race_for_a_free_queue_is_run_again() {
    let world = World::new();
    let other = world.clone();
    let touched = async move { other.change_queue("staging", |queue| queue).await };
    let other = world.clone();
    let second = async move { assert_eq!(other.deploy(request(2)).await.verdict, SUCCESS) };
    let store = world.store().before(0, touched).before(1, second);
    assert_eq!(world.deploy_by(store, request(1)).await.verdict, SUCCESS);
    assert_eq!(world.tagged("api/staging"), Some(commit(1)));
    let record = world.record("staging", 1).await.unwrap();
    assert_eq!(record.previous_commit, Some(commit(2)), "it saw what the other one did");
}

#[tokio::test]
async fn a_queue_that_somebody_removes_is_opened_anew() {
    let world = World::new();
    world.deploy(request(2)).await;
    let queue = ref_name("refs/ledger/queues/staging");
    let store = world.store().fault(0, Fault::Overtaken(queue, None));
    let (report, commits) = world.commits_of(world.deploy_by(store, request(1))).await;
    assert_eq!((report.verdict, commits), (SUCCESS, 2));
}

#[tokio::test]
async fn a_race_lost_to_a_deployment_in_progress_is_refused() {
    let world = World::new();
    let other = world.clone();
    let store = world.store().before(0, async move { dies_holding(&other, 2).await });
    let report = world.deploy_by(store, request(1)).await;
    assert_eq!(rules(&report), [RuleId::BUS001]);
    assert_eq!(world.status("staging", 1).await, None);
}

#[tokio::test(start_paused = true)]
async fn races_come_to_an_end() {
    let world = World::new();
    let contested = (0..RACES).fold(world.store(), |store, race| {
        let other = world.clone();
        let touched = async move { other.change_queue("staging", |queue| queue).await };
        store.before(usize::try_from(race).unwrap(), touched)
    });
    let (report, commits) = world.commits_of(world.deploy_by(contested, request(1))).await;
    assert_eq!(commits, 0);
    let outrun = Refusal::Unclaimed(Unwritten::Outrun);
    assert_eq!(report.verdict, Verdict::Refused(outrun));
    assert!(unclaimed(&report).contains("first each time"));
}
