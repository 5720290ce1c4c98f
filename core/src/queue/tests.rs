//! The queue against a simple model of it: a list.

use proptest::prelude::*;

use super::*;
use crate::deployment::tests::deployment;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn numbered(number: usize) -> Deployment {
    let id = DeploymentId::new(time(0), &format!("{number:0>6}")).unwrap();
    Deployment { id, ..deployment() }
}

fn empty() -> DeploymentQueue {
    DeploymentQueue::new("production".parse().unwrap())
}

#[test]
fn parts_are_checked_together() {
    let elsewhere = Deployment { environment: "staging".parse().unwrap(), ..numbered(1) };
    let parts = QueueParts {
        environment: "Production".into(),
        queue: vec![numbered(2).start(time(1)).unwrap()],
        current_deployment: Some(numbered(3)),
        locked_at: None,
    };
    let faults = parts.check().unwrap_err();
    for rule in [RuleId::QUE001, RuleId::QUE002, RuleId::QUE004, RuleId::QUE005] {
        assert!(faults.breaks(rule), "{rule}: {faults}");
    }
    let running = elsewhere.clone().start(time(1)).unwrap();
    let parts = QueueParts {
        environment: "production".into(),
        queue: vec![elsewhere.clone(), elsewhere],
        current_deployment: Some(running),
        locked_at: Some(time(1)),
    };
    let faults = parts.check().unwrap_err();
    let told: Vec<_> = faults.iter().map(|fault| format!("{} {}", fault.rule, fault.at)).collect();
    assert_eq!(
        told,
        [
            "QUE003 queue[0].environment",
            "QUE003 queue[1].environment",
            "QUE006 queue[1].queue_position",
            "XEN003 current_deployment.environment",
        ]
    );
}

#[test]
fn only_one_is_in_progress() {
    let queue = empty().enqueue(numbered(1)).unwrap().enqueue(numbered(2)).unwrap();
    let queue = queue.start(time(5)).unwrap();
    let told = queue.clone().start(time(6)).unwrap_err();
    assert!(told.breaks(RuleId::BUS001) && told.to_string().contains("000001"), "{told}");
    let (queue, done) = queue.complete(|deployment| deployment.succeed(time(9))).unwrap();
    assert_eq!((done.status(), queue.locked_at()), (Status::Succeeded, None));
    assert!(queue.complete(Ok).unwrap_err().breaks(RuleId::QUE008));
    assert!(empty().start(time(1)).unwrap_err().breaks(RuleId::QUE007));
}

#[test]
fn an_unfinished_deployment_is_not_complete() {
    let queue = empty().enqueue(numbered(1)).unwrap().start(time(5)).unwrap();
    assert!(queue.complete(Ok).unwrap_err().breaks(RuleId::QUE008));
}

#[test]
fn doubles_and_strangers_are_refused() {
    let queue = empty().enqueue(numbered(1)).unwrap();
    assert!(queue.clone().enqueue(numbered(1)).unwrap_err().breaks(RuleId::DEP001));
    let running = numbered(2).start(time(1)).unwrap();
    assert!(queue.clone().enqueue(running).unwrap_err().breaks(RuleId::QUE002));
    let id = numbered(9).id;
    assert!(queue.cancel(&id, time(1), None).unwrap_err().breaks(RuleId::QUE002));
}

#[test]
fn estimates_grow_with_the_place() {
    let queue = empty().enqueue(numbered(1)).unwrap().enqueue(numbered(2)).unwrap();
    let queue = queue.enqueue(numbered(3)).unwrap().start(time(0)).unwrap();
    let estimated = queue.with_estimates(100, time(30));
    let waits: Vec<_> =
        estimated.waiting().iter().map(|d| d.progress.estimated_wait_seconds()).collect();
    assert_eq!(waits, [Some(70), Some(170)]);
}

#[derive(Debug, Clone)]
enum Step {
    Enqueue,
    Start,
    Complete,
    Cancel(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Enqueue),
        2 => Just(Step::Start),
        2 => Just(Step::Complete),
        1 => (0..4_usize).prop_map(Step::Cancel),
    ]
}

proptest! {
    /// Whatever is asked, the queue serves in the order of arrival, one at a time, and stays valid.
    #[test]
    fn the_queue_is_a_list_with_a_lock(steps in proptest::collection::vec(any_step(), 0..40)) {
        let mut queue = empty();
        let (mut list, mut running) = (Vec::new(), None);
        for (number, step) in steps.into_iter().enumerate() {
            let now = time(i64::try_from(number).unwrap());
            queue = match step {
                Step::Enqueue => {
                    list.push(numbered(number).id);
                    queue.enqueue(numbered(number)).unwrap()
                }
                Step::Start if running.is_none() && !list.is_empty() => {
                    running = Some(list.remove(0));
                    queue.start(now).unwrap()
                }
                Step::Start => {
                    prop_assert!(queue.clone().start(now).is_err());
                    queue
                }
                Step::Complete if running.is_some() => {
                    let (queue, done) = queue.complete(|d| d.fail(now, "x", None)).unwrap();
                    prop_assert_eq!(Some(done.id), running.take());
                    queue
                }
                Step::Complete => {
                    prop_assert!(queue.clone().complete(|d| d.succeed(now)).is_err());
                    queue
                }
                Step::Cancel(index) if index < list.len() => {
                    let id = list.remove(index);
                    queue.cancel(&id, now, None).unwrap().0
                }
                Step::Cancel(_) => queue,
            };
            let waiting: Vec<_> = queue.waiting().iter().map(|d| d.id.clone()).collect();
            prop_assert_eq!(&waiting, &list);
            prop_assert_eq!(queue.current().map(|d| d.id.clone()), running.clone());
            prop_assert_eq!(QueueParts::from(queue.clone()).check().unwrap(), queue.clone());
        }
    }
}
