//! The queue against a simple model of it, a list with a holder; and queues that somebody damaged.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::base::violation::Violations;
use crate::deployment::tests::deployment;
use crate::record::{Record, RecordError};
use crate::{Deployment, DeploymentId, RuleId, Timestamp};

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn id(number: usize) -> DeploymentId {
    DeploymentId::new(time(0), &format!("{number:0>6}")).unwrap()
}

fn claimant(number: usize) -> Claimant {
    Claimant { deployment_id: id(number), holder: "ada".parse().unwrap(), lease_seconds: 60 }
}

fn empty() -> QueueRecord {
    QueueRecord::new("production".parse().unwrap())
}

/// One holds the environment, two wait.
fn busy() -> QueueRecord {
    let held = empty().claim(claimant(1), time(0), Lapses::default()).unwrap().queue;
    held.enqueue(claimant(2), time(1)).enqueue(claimant(3), time(2))
}

/// What is wrong with the busy queue after somebody changed its record.
fn damaged(change: impl FnOnce(&mut Value)) -> Violations {
    let mut json = serde_json::from_str(&busy().to_json().unwrap()).unwrap();
    change(&mut json);
    match QueueRecord::from_json(json.to_string().as_bytes()).unwrap_err() {
        RecordError::Broken { faults, .. } => faults,
        other => panic!("{other}"),
    }
}

fn told(faults: &Violations) -> Vec<String> {
    faults.iter().map(|fault| format!("{} {}", fault.rule, fault.at)).collect()
}

#[test]
fn damaged_queues_are_refused_with_all_that_is_wrong() {
    let faults = damaged(|it| {
        it["environment"] = json!("Production");
        it["turn_since"] = json!(time(5));
        it["current"]["locked_at"] = Value::Null;
        it["current"]["lease_until"] = Value::Null;
        it["waiting"][1] = it["waiting"][0].clone();
    });
    let all = [
        "QUE001 environment",
        "QUE006 waiting[1].deployment_id",
        "QUE005 turn_since",
        "QUE005 current.locked_at",
        "QUE005 current.lease_until",
    ];
    assert_eq!(told(&faults), all);
    let faults = damaged(|it| it["waiting"][0]["deployment_id"] = json!(id(1)));
    assert_eq!(told(&faults), ["QUE002 waiting[0].deployment_id"]);
}

#[test]
fn serde_alone_reads_no_damaged_queue_either() {
    let queue = json!({ "environment": "staging", "turn_since": time(0), "current": {
        "deployment_id": id(1), "holder": "ada", "locked_at": time(0), "lease_until": time(60),
        "lease_seconds": 60,
    }});
    let error = serde_json::from_value::<QueueRecord>(queue).unwrap_err().to_string();
    assert!(error.contains("QUE005"), "{error}");
}

#[test]
fn a_queue_belongs_where_its_environment_is() {
    let at = |name: &str| busy().check_place(&name.parse().unwrap());
    assert_eq!(at("refs/ledger/queues/production"), Ok(()));
    let faults = at("refs/ledger/queues/staging").unwrap_err();
    assert!(faults.breaks(RuleId::QUE003), "{faults}");
}

#[test]
fn each_deployment_is_as_the_queue_says() {
    let queued = |number| Deployment { id: id(number), ..deployment() };
    let right = [queued(1).start(time(0)).unwrap(), queued(2), queued(3)];
    let of = |records: &[Deployment]| {
        let found = rules::check(&busy(), |id| records.iter().find(|record| record.id == *id));
        found.iter().map(|fault| format!("{} {}", fault.rule, fault.at)).collect::<Vec<_>>()
    };
    assert_eq!(of(&right), Vec::<String>::new());
    assert_eq!(of(&right[1..]), ["QUE004 current"]);
    let [current, second, third] = right;
    let ended = current.clone().succeed(time(9)).unwrap();
    let elsewhere = Deployment { environment: "staging".parse().unwrap(), ..third.clone() };
    assert_eq!(of(&[ended, second.clone(), elsewhere]), ["QUE003 waiting[1]", "QUE004 current"]);
    let begun = second.start(time(3)).unwrap();
    assert_eq!(of(&[current, begun, third]), ["QUE002 waiting[0]"]);
}

#[test]
fn only_one_holds_the_environment() {
    let refused = busy().claim(claimant(9), time(6), Lapses::default()).unwrap_err();
    assert_eq!(refused.rule, RuleId::BUS001);
    assert!(refused.to_string().contains("000001"), "{refused}");
    let free = busy().release(&id(1), time(9)).unwrap();
    let refused = free.clone().claim(claimant(3), time(9), Lapses::default()).unwrap_err();
    assert_eq!(refused.rule, RuleId::QUE007);
    assert_eq!(free.release(&id(1), time(9)).unwrap_err().rule, RuleId::QUE008);
    assert_eq!(busy().release(&id(2), time(9)).unwrap_err().rule, RuleId::QUE008);
    assert_eq!(busy().renew(&id(2), time(9)).unwrap_err().rule, RuleId::BUS001);
}

fn locking(number: u8) -> Locking {
    let lock_id = format!("lock-20251121-103045-{number:0>6}").parse().unwrap();
    Locking { lock_id, reason: Some("release 7".to_owned()) }
}

/// One deploys under a lock, and two of others wait.
fn locked() -> QueueRecord {
    let held = empty().claim_under(Some((locking(1), 0)), claimant(1), time(0), Lapses::default());
    held.unwrap().queue.enqueue(claimant(2), time(1)).enqueue(claimant(3), time(2))
}

#[test]
fn a_lock_keeps_an_environment_between_its_deployments() {
    let (under, none) = (|ahead| Some((locking(1), ahead)), Lapses::default());
    let between = locked().release(&id(1), time(9)).unwrap();
    assert_eq!((between.is_held(), between.turn(), between.turn_since), (true, None, None));
    assert_eq!(between.lock.as_ref().unwrap().lease_until, time(69));
    let refused = between.clone().claim(claimant(2), time(9), none).unwrap_err();
    assert_eq!(refused.rule, RuleId::BUS001);
    assert!(refused.to_string().contains("release 7"), "{refused}");
    let other = Some((locking(2), 0));
    let refused = between.clone().claim_under(other, claimant(2), time(9), none).unwrap_err();
    assert_eq!(refused.rule, RuleId::BUS001);
    let waits = between.clone().claim_under(under(1), claimant(9), time(9), none).unwrap_err();
    assert_eq!(waits.rule, RuleId::QUE007);
    let again = between.claim_under(under(0), claimant(9), time(20), none).unwrap();
    assert_eq!((again.queue.waiting.len(), again.passed_over.len()), (2, 0));
    let again = again.queue.release(&id(9), time(30)).unwrap();
    assert_eq!(again.lock.as_ref().unwrap().deployments, 2);
    let free = again.clone().unlock(&locking(1).lock_id, time(40)).unwrap();
    assert_eq!((free.is_held(), free.turn_since), (false, Some(time(40))));
    assert_eq!(free.unlock(&locking(1).lock_id, time(41)).unwrap_err().rule, RuleId::BUS003);
    let lapsed = Lapses { holder: true, waiting: 0 };
    let taken = again.claim(claimant(2), time(200), lapsed).unwrap();
    assert_eq!(taken.unlocked.unwrap().lock_id, locking(1).lock_id);
    assert_eq!(taken.queue.lock, None);
    let lost = taken.queue.renew_lock(&locking(1).lock_id, time(201)).unwrap_err();
    assert_eq!(lost.rule, RuleId::BUS003);
}

#[test]
fn a_dead_deployment_under_a_lock_is_put_aside_by_the_next_one_alone() {
    let lapsed = Lapses { holder: true, waiting: 0 };
    let under = Some((locking(1), 0));
    let next = locked().claim_under(under, claimant(9), time(200), lapsed).unwrap();
    assert_eq!(next.superseded.unwrap().deployment_id, id(1));
    assert!(next.queue.is_locked_by(&locking(1).lock_id));
    let other = locked().claim(claimant(2), time(200), lapsed).unwrap();
    assert_eq!(other.unlocked.unwrap().lock_id, locking(1).lock_id);
}

#[test]
fn a_lock_that_ends_under_a_deployment_leaves_it_there() {
    let left = locked().unlock(&locking(1).lock_id, time(5)).unwrap();
    assert_eq!((left.lock.as_ref(), left.turn_since), (None, None));
    assert_eq!(left.release(&id(1), time(9)).unwrap().turn_since, Some(time(9)));
}

/// A release that knows no locks would take the environment between two deployments; it refuses the version.
#[test]
fn only_a_queue_with_a_lock_is_written_in_a_new_form() {
    let version = |queue: &QueueRecord| {
        let json: Value = serde_json::from_str(&queue.to_json().unwrap()).unwrap();
        json["schema_version"].clone()
    };
    assert_eq!((version(&busy()), version(&locked())), (json!(1), json!(3)));
    let free = locked().unlock(&locking(1).lock_id, time(5)).unwrap();
    assert_eq!(free.to_json().unwrap(), busy().to_json().unwrap());
    let text = locked().to_json().unwrap();
    assert_eq!(QueueRecord::from_json(text.as_bytes()).unwrap(), locked());
}

#[test]
fn a_lock_that_contradicts_its_queue_is_refused() {
    let damaged = |change: fn(&mut Value)| {
        let between = locked().release(&id(1), time(9)).unwrap();
        let mut json = serde_json::from_str(&between.to_json().unwrap()).unwrap();
        change(&mut json);
        match QueueRecord::from_json(json.to_string().as_bytes()).unwrap_err() {
            RecordError::Broken { faults, .. } => told(&faults),
            other => vec![other.to_string()],
        }
    };
    assert_eq!(damaged(|it| it["turn_since"] = json!(time(9))), ["QUE005 turn_since"]);
    let split = damaged(|it| {
        it["waiting"] = json!([]);
        it["sub_projects"] = json!(["api"]);
    });
    assert_eq!(split, ["QUE005 sub_projects"]);
    let id = damaged(|it| it["lock"]["lock_id"] = json!("lock-1"));
    assert!(id[0].contains("lock-YYYYMMDD-HHMMSS-xxxxxx"), "{id:?}");
}

#[derive(Debug, Clone)]
enum Step {
    Enqueue,
    Claim(usize),
    Release,
    Leave(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Enqueue),
        2 => (0..2_usize).prop_map(Step::Claim),
        2 => Just(Step::Release),
        1 => (0..4_usize).prop_map(Step::Leave),
    ]
}

proptest! {
    /// Whatever is asked, the queue serves in the order of arrival, one at a time, and is read back as it
    /// was written.
    #[test]
    fn the_queue_is_a_list_with_a_lock(steps in proptest::collection::vec(any_step(), 0..40)) {
        let mut queue = empty();
        let (mut list, mut holder) = (Vec::new(), None);
        for (number, step) in steps.into_iter().enumerate() {
            let now = time(i64::try_from(number).unwrap());
            queue = match step {
                Step::Enqueue => {
                    list.push(number);
                    queue.enqueue(claimant(number), now)
                }
                Step::Claim(0) if holder.is_none() && !list.is_empty() => {
                    let first = list.remove(0);
                    holder = Some(first);
                    queue.claim(claimant(first), now, Lapses::default()).unwrap().queue
                }
                Step::Claim(place) if place < list.len() => {
                    let other = claimant(list[place]);
                    let refused = queue.clone().claim(other, now, Lapses::default()).unwrap_err();
                    let right = if holder.is_some() { RuleId::BUS001 } else { RuleId::QUE007 };
                    prop_assert_eq!(refused.rule, right);
                    queue
                }
                Step::Release if holder.is_some() => {
                    queue.release(&id(holder.take().unwrap()), now).unwrap()
                }
                Step::Release => {
                    let refused = queue.clone().release(&id(number), now).unwrap_err();
                    prop_assert_eq!(refused.rule, RuleId::QUE008);
                    queue
                }
                Step::Leave(place) if place < list.len() => queue.without(&id(list.remove(place)), now),
                Step::Claim(_) | Step::Leave(_) => queue,
            };
            let waiting: Vec<_> = queue.waiting.iter().map(|it| it.deployment_id.clone()).collect();
            let expected: Vec<_> = list.iter().copied().map(id).collect();
            prop_assert_eq!(waiting, expected);
            let current = queue.current.as_ref().map(|claim| claim.deployment_id.clone());
            prop_assert_eq!(current, holder.map(id));
            let text = queue.to_json().unwrap();
            prop_assert_eq!(&QueueRecord::from_json(text.as_bytes()).unwrap(), &queue);
        }
    }
}

#[test]
fn in_a_crowd_a_holder_that_is_to_renew_comes_first() {
    let busy = busy();
    assert_eq!(busy.renewal(time(45)), None, "two wait");
    let crowd = busy.enqueue(claimant(4), time(3)).enqueue(claimant(5), time(3));
    let half = Some(std::time::Duration::from_secs(30));
    let told = [29, 30, 60, 120].map(|seconds| crowd.renewal(time(seconds)));
    assert_eq!(told, [None, half, half, half]);
    assert_eq!(crowd.renewal(time(121)), None, "it died long ago");
    let free = crowd.release(&id(1), time(31));
    assert_eq!(free.map(|it| it.renewal(time(45))), Ok(None));
}
