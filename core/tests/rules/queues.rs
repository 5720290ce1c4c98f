//! Cases of queues, as the ledger has them.

use pipeline_core::environment::{Concurrency, Environment, EnvironmentParts};
use pipeline_core::queue::release::{alive, held};
use pipeline_core::queue::{
    Claimant, HeldBy, Lapses, LockId, Locking, QueueRecord, rules, supersede,
};
use pipeline_core::{Deployment, DeploymentId};
use serde_json::{Value, json};

use super::ledger::Place;
use super::samples::{actor, deployment, id, time};
use super::{Case, Found, case};

pub(crate) const CASES: &[Case] = &[
    case("QUE001", || queue(|_| ()), || queue(|it| it["environment"] = json!("Production"))),
    case("QUE002", || with("wait22", |it| it), || with("wait22", |it| it.start(time(3)).unwrap())),
    case("QUE002", || queue(|_| ()), || queue(|it| it["waiting"][1] = waiting("hold11"))),
    case("QUE002", || queue(|_| ()), || queue(|it| it["waiting"][1] = waiting("gone44"))),
    case("QUE003", || queue(|_| ()), || queue(|it| it["environment"] = json!("staging"))),
    case("QUE003", || with("wait33", |it| it), || with("wait33", elsewhere)),
    case(
        "QUE004",
        || with("hold11", |it| it),
        || with("hold11", |it| it.succeed(time(9)).unwrap()),
    ),
    case("QUE005", || queue(|_| ()), || queue(|it| it["current"]["locked_at"] = Value::Null)),
    case("QUE005", || queue(free), || queue(|it| it["turn_since"] = json!(time(5)))),
    case("QUE006", || queue(|_| ()), || queue(|it| it["waiting"][1] = waiting("wait22"))),
    case("QUE007", || claimed("wait22"), || claimed("wait33")),
    case("QUE007", || claimed("wait22"), || claimed("new555")),
    case("POL007", || superseded("1.0.0", None), || superseded("9.0.0", None)),
    case("POL007", || superseded("9.0.0", Some("eu-west")), || superseded("9.0.0", None)),
    case("OWN058", || releasable("hold11"), || releasable("wait22")),
    case(
        "OWN058",
        || releasable("hold11"),
        || vec![alive(&HeldBy::Deployment(id("hold11")), time(90))],
    ),
    case("QUE008", || released("hold11"), || released("wait22")),
    case("BUS003", || renewed("abc123"), || renewed("zzz999")),
    case("BUS004", || lockable(Concurrency::Environment), || lockable(Concurrency::SubProject)),
];

fn claimant(id: DeploymentId) -> Claimant {
    Claimant { deployment_id: id, holder: actor("ada"), lease_seconds: 60 }
}

/// One deployment holds production, two wait.
fn busy() -> QueueRecord {
    let queue = QueueRecord::new("production".parse().unwrap());
    let held = queue.claim(claimant(id("hold11")), time(0), Lapses::default()).unwrap().queue;
    held.enqueue(claimant(id("wait22")), time(1)).enqueue(claimant(id("wait33")), time(2))
}

/// Whether the lock of a deployment may be looked at to be released.
fn releasable(name: &str) -> Found {
    let production = "production".parse().unwrap();
    held(&production, [&busy()], &HeldBy::Deployment(id(name))).err().into_iter().collect()
}

fn waiting(name: &str) -> Value {
    json!({ "deployment_id": id(name), "holder": "ada", "queued_at": time(2), "lease_seconds": 60 })
}

/// Production as a ledger has it, with one deployment as `change` makes it.
fn place(name: &str, change: fn(Deployment) -> Deployment) -> Place {
    let (place, production) = (Place::new(), "production".parse().unwrap());
    let queued = |name| Deployment { id: id(name), ..deployment() };
    let records = [queued("hold11").start(time(0)).unwrap(), queued("wait22"), queued("wait33")];
    for record in records {
        let slot = place.ledger.deployment(&production, &record.id);
        let record = if record.id == id(name) { change(record) } else { record };
        place.put(&slot, &record, |_| ());
    }
    place.put(&place.ledger.queue(&production), &busy(), |_| ());
    place
}

fn with(name: &str, change: fn(Deployment) -> Deployment) -> Found {
    place(name, change).queue()
}

fn elsewhere(deployment: Deployment) -> Deployment {
    Deployment { environment: "staging".parse().unwrap(), ..deployment }
}

/// The queue after somebody changed its record.
fn queue(change: fn(&mut Value)) -> Found {
    let place = place("hold11", |it| it);
    place.put(&place.ledger.queue(&"production".parse().unwrap()), &busy(), change);
    place.queue()
}

/// Nobody holds the environment.
fn free(queue: &mut Value) {
    queue["current"] = Value::Null;
    queue["turn_since"] = json!(time(5));
}

/// Beginning when the holder is done.
fn claimed(name: &str) -> Found {
    let free = busy().release(&id("hold11"), time(9)).unwrap();
    let claimed = free.claim(claimant(id(name)), time(9), Lapses::default());
    if let Ok(claimed) = &claimed {
        assert_eq!(claimed.queue.current.as_ref().unwrap().locked_at, time(9));
        assert_eq!(claimed.queue.waiting.len(), 1);
    }
    claimed.err().into_iter().collect()
}

fn released(name: &str) -> Found {
    let released = busy().release(&id(name), time(9));
    if let Ok(queue) = &released {
        assert_eq!((queue.current.as_ref(), queue.waiting.len()), (None, 2));
    }
    released.err().into_iter().collect()
}

/// A sign of life of a lock with this ID, while the first one holds production.
fn renewed(name: &str) -> Found {
    let lock = |name: &str| -> LockId { format!("lock-20251121-103045-{name}").parse().unwrap() };
    let locking = Locking { lock_id: lock("abc123"), reason: None };
    let queue = QueueRecord::new("production".parse().unwrap());
    let under = claimant(id("hold11"));
    let held = queue.claim_under(Some((locking, 0)), under, time(0), Lapses::default());
    let renewed = held.unwrap().queue.renew_lock(&lock(name), time(9));
    renewed.err().into_iter().collect()
}

/// To lock production, whose policy says this.
fn lockable(concurrency: Concurrency) -> Found {
    let parts = Environment::by_convention("production".parse().unwrap()).into_parts();
    let environment = Environment::new(EnvironmentParts { concurrency, ..parts }).unwrap();
    rules::check_lockable(&environment).into_iter().collect()
}

/// What those who wait are told when a version enters, to a region or to all.
fn superseded(version: &str, region: Option<&str>) -> Found {
    let version = format!("api/v{version}").parse().unwrap();
    let region = region.map(|region| region.parse().unwrap());
    let waits = [Deployment { id: id("wait22"), ..deployment() }];
    let new = Deployment { id: id("new555"), version, region, ..deployment() };
    let record_of = |id: &DeploymentId| waits.iter().find(|record| record.id == *id);
    let found = supersede::superseded(&busy(), &new, record_of, |_| false);
    found.into_iter().map(|(_, fault)| fault).collect()
}
