//! Cases of queues.

use pipeline_core::queue::QueueParts;
use pipeline_core::{Deployment, DeploymentQueue};

use super::samples::{deployment, id, running, time};
use super::{Case, Found, case, found};

pub(crate) const CASES: &[Case] = &[
    case("QUE001", || parts(|_| ()), || parts(|it| it.environment = "Production".into())),
    case("QUE002", || parts(|_| ()), || parts(|it| it.queue = vec![running()])),
    case("QUE002", || found(queue().enqueue(deployment())), || found(queue().enqueue(running()))),
    case("QUE003", || parts(|_| ()), || parts(|it| it.queue = vec![elsewhere(deployment())])),
    case(
        "QUE003",
        || found(queue().enqueue(deployment())),
        || found(queue().enqueue(elsewhere(deployment()))),
    ),
    case(
        "QUE004",
        || parts(current),
        || {
            parts(|it| {
                current(it);
                it.current_deployment = Some(deployment());
            })
        },
    ),
    case(
        "QUE005",
        || parts(current),
        || {
            parts(|it| {
                current(it);
                it.locked_at = None;
            })
        },
    ),
    case("QUE005", || parts(|_| ()), || parts(|it| it.locked_at = Some(time(0)))),
    case(
        "QUE006",
        || parts(|it| it.queue = vec![deployment()]),
        || {
            parts(|it| {
                it.queue = vec![deployment(), Deployment { id: id("zzz999"), ..deployment() }]
            })
        },
    ),
    case(
        "QUE007",
        || found(queue().enqueue(deployment()).and_then(|it| it.start(time(1)))),
        || found(queue().start(time(1))),
    ),
    case("QUE008", completed, || found(queue().complete(|it| it.succeed(time(9))))),
    case(
        "XEN003",
        || parts(current),
        || {
            parts(|it| {
                current(it);
                it.current_deployment = Some(elsewhere(running()));
            })
        },
    ),
];

fn queue() -> DeploymentQueue {
    DeploymentQueue::new("production".parse().unwrap())
}

fn elsewhere(deployment: Deployment) -> Deployment {
    Deployment { environment: "staging".parse().unwrap(), ..deployment }
}

fn current(parts: &mut QueueParts) {
    parts.current_deployment = Some(Deployment { id: id("run111"), ..running() });
    parts.locked_at = Some(time(10));
}

fn parts(change: fn(&mut QueueParts)) -> Found {
    let mut parts = QueueParts {
        environment: "production".into(),
        queue: vec![deployment()],
        current_deployment: None,
        locked_at: None,
    };
    change(&mut parts);
    found(parts.check())
}

fn completed() -> Found {
    let started = queue().enqueue(deployment()).and_then(|it| it.start(time(1)));
    let ended = started.and_then(|it| it.complete(|it| it.succeed(time(9))));
    if let Ok((queue, _)) = &ended {
        assert!(queue.current().is_none() && queue.locked_at().is_none());
    }
    found(ended)
}
