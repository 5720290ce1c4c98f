//! Runs a case through the whole deployer, and compares everything with everything.

use std::sync::Arc;
use std::time::Duration;

use pipeline_acceptance::ecs::{Ecs, Script, World};
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::nobody::Nobody;
use pipeline_acceptance::{Failure, Outcome as Acceptance};
use pipeline_core::Status;
use pipeline_core::base::cause::in_full;
use pipeline_core::deployment::engine::{Outcome, Verdict};
use pipeline_core::deployment::{Deployment, EcsRollout, Rollout};
use pipeline_core::health::HealthCheck;
use pipeline_core::rollout::{Restored, Rolled};
use tokio::sync::Notify;

use crate::case::{Around, Back, Case, Ends};
use crate::clock::Clock;
use crate::ledger::Repository;
use crate::spy::{Heard, Lease, Spy};

const REVISION: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:";

/// What came of a case.
struct Came {
    ends: Ends,
    back: Option<Back>,
    reasons: String,
    rollout: Option<EcsRollout>,
    verdict: Verdict,
    record: Option<Deployment>,
    tagged: Option<u8>,
    held: bool,
}

/// Runs a case; what is wrong with its outcome.
pub(crate) fn run(case: &Case) -> Result<(), String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime
        .map_err(|error| error.to_string())?
        .block_on(play(case))
        .map_err(|failure| failure.to_string())
}

async fn play(case: &Case) -> Acceptance {
    let (clock, interrupted) = (Clock::default(), Arc::new(Notify::new()));
    let (lease, permit) = Lease::new();
    let lease = Arc::new(lease);
    let ecs = Ecs::start(script(case, &clock, &lease, &interrupted))?;
    let nobody = Nobody::new()?;
    let url = if case.around == Around::NobodyListens { &nobody.url } else { &ecs.url };
    let spy = Spy::new(case, url, &clock, (lease, permit));
    let stop = async {
        interrupted.notified().await;
        "somebody pressed Ctrl-C".to_owned()
    };
    let came = deploy(case, &spy, stop).await;
    let wrong = check(case, &ecs.world(), &came);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{}: {} ({})", case.name, wrong.join("; "), came.reasons)))
}

/// The script of a case, and what happens outside of ECS at the calls that the case names.
fn script(case: &Case, clock: &Clock, lease: &Arc<Lease>, interrupted: &Arc<Notify>) -> Script {
    let clock = clock.clone();
    let script = case.script.clone().when_silent(move || clock.go_on());
    match case.around {
        Around::Stop(operation, call) => {
            let interrupted = Arc::clone(interrupted);
            script.outside(operation, call, move || interrupted.notify_one())
        }
        Around::LeaseLost(operation, call) => {
            let lease = Arc::clone(lease);
            script.outside(operation, call, move || lease.lose())
        }
        _ => script,
    }
}

async fn deploy(case: &Case, spy: &Spy, stop: impl Future<Output = String> + Send) -> Came {
    let good = case.good.map(|(revision, service)| rollout(revision, service));
    let repository = Repository::new(good).await;
    let report = repository.deploy(2, Some(spy), health_check(case), stop).await;
    let heard = spy.heard();
    Came {
        ends: ends(&report.verdict, &heard),
        back: heard.restored.as_ref().map(back),
        reasons: reasons(&report.verdict, &heard),
        rollout: heard.rollout,
        verdict: report.verdict,
        record: repository.record(2).await,
        tagged: repository.tagged(),
        held: repository.holder().await.is_some(),
    }
}

fn health_check(case: &Case) -> Option<HealthCheck> {
    let status = match case.around {
        Around::Healthy => 200,
        Around::Unhealthy | Around::UnhealthyAndLost => 503,
        _ => return None,
    };
    let server = HealthServer::start(Health::Status(status)).unwrap();
    Some(HealthCheck {
        url: server.url.parse().unwrap(),
        expected_status: 200,
        expected_body: None,
        interval: Duration::from_secs(1),
        // The clock stands still meanwhile, so there is no pause between attempts.
        retries: Some(0),
        attempt_timeout: Duration::from_secs(5),
        timeout: Duration::from_secs(5),
    })
}

/// What the last known good deployment left.
fn rollout(revision: u32, service: &str) -> EcsRollout {
    EcsRollout {
        cluster: "main".to_owned(),
        service: service.to_owned(),
        container: "app".to_owned(),
        image: "web:good".to_owned(),
        task_definition: Some(format!("{REVISION}{revision}")),
        previous_task_definition: None,
        ecs_deployment_id: None,
        restored_task_definition: None,
    }
}

fn ends(verdict: &Verdict, heard: &Heard) -> Ends {
    match (verdict, &heard.rolled) {
        (Verdict::Recorded(Outcome::Cancelled { .. }), _) => Ends::Stopped,
        (Verdict::Recorded(Outcome::Failed { .. }), Some(Rolled::Out)) => Ends::Failed,
        (_, Some(Rolled::Out)) => Ends::Out,
        (_, Some(Rolled::Untouched { .. })) => Ends::Untouched,
        (_, Some(Rolled::Failed { .. })) => Ends::Failed,
        (_, Some(Rolled::RollingBack { .. })) => Ends::RollingBack,
        (_, Some(Rolled::Replaced { .. })) => Ends::Replaced,
        // What no case knows fails the case, which expects something else.
        (_, Some(_) | None) => Ends::Unknown,
    }
}

/// All that was said of why it went so.
fn reasons(verdict: &Verdict, heard: &Heard) -> String {
    let rolled = match &heard.rolled {
        Some(
            Rolled::Untouched { reason }
            | Rolled::Failed { reason }
            | Rolled::RollingBack { reason }
            | Rolled::Replaced { reason }
            | Rolled::Unknown { reason },
        ) => Some(in_full(reason)),
        Some(Rolled::Out) | None => None,
        Some(other) => Some(format!("{other:?}")),
    };
    let restored = match &heard.restored {
        Some(
            Restored::Nothing { reason }
            | Restored::Replaced { reason }
            | Restored::Failed { reason }
            | Restored::Unknown { reason },
        ) => Some(in_full(reason)),
        Some(Restored::Done | Restored::Unchanged) | None => None,
        Some(other) => Some(format!("{other:?}")),
    };
    let ended = match verdict {
        Verdict::Recorded(outcome) => outcome.error_message(),
        Verdict::Unknown { reason, resolution } => Some(reason.with(resolution.as_ref())),
        Verdict::Refused(refusal) => Some(format!("{refusal:?}")),
    };
    [rolled, restored, ended].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

const fn back(restored: &Restored) -> Back {
    match restored {
        Restored::Done => Back::Done,
        Restored::Unchanged => Back::Unchanged,
        Restored::Nothing { .. } => Back::Nothing,
        Restored::Replaced { .. } => Back::Replaced,
        Restored::Failed { .. } => Back::Failed,
        _ => Back::Unknown,
    }
}

/// Everything that is not as it must be.
fn check(case: &Case, world: &World, came: &Came) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    must(came.ends == case.ends, format!("it ended {:?}, not {:?}", came.ends, case.ends));
    must(
        came.back == case.back,
        format!("the way back ended {:?}, not {:?}", came.back, case.back),
    );
    for text in &case.says {
        must(came.reasons.contains(text), format!("nobody says {text:?}"));
    }
    let runs = world.runs();
    must(runs.as_deref() == case.runs, format!("ECS runs {runs:?}, not {:?}", case.runs));
    let updates = world.called("UpdateService");
    must(
        case.updates.is_none_or(|times| times == updates),
        format!("UpdateService was called {updates} times, not {:?}", case.updates),
    );
    for call in ["DeregisterTaskDefinition", "DeleteTaskDefinitions", "StopTask", ""] {
        must(world.called(call) == 0, format!("{call:?} was called"));
    }
    wrong.extend(with_ecs(case, world, came));
    wrong.extend(with_ledger(came));
    wrong
}

/// What is remembered of the rollout, against ECS.
fn with_ecs(case: &Case, world: &World, came: &Came) -> Option<String> {
    let service = world.service.as_ref()?;
    let front = service.deployments.iter().find(|it| it.is_primary)?;
    if case.revision.is_some_and(|revision| revision != front.revision) {
        return Some(format!("ECS has {front:?}, not revision {:?}", case.revision));
    }
    let rollout = came.rollout.as_ref()?;
    let arn = Some(format!("{REVISION}{}", front.revision));
    let whole = front.running >= service.desired && service.deployments.len() == 1;
    let agrees = match (came.ends, came.back) {
        (Ends::Out, _) => {
            let own = rollout.ecs_deployment_id.as_ref() == Some(&front.id);
            rollout.task_definition == arn
                && own
                && rollout.restored_task_definition.is_none()
                && whole
        }
        (_, Some(Back::Done)) => rollout.restored_task_definition == arn && whole,
        (_, Some(Back::Nothing | Back::Unchanged)) => rollout.restored_task_definition.is_none(),
        _ => true,
    };
    (!agrees).then(|| format!("ECS has {front:?}, and what is remembered is {rollout:?}"))
}

/// What the ledger says, against what happened.
fn with_ledger(came: &Came) -> Vec<String> {
    let Some(record) = &came.record else { return vec!["there is no record".to_owned()] };
    let unknown = matches!(came.verdict, Verdict::Unknown { .. });
    let status = match came.ends {
        Ends::Out => Status::Succeeded,
        Ends::Stopped => Status::Cancelled,
        Ends::Unknown => Status::InProgress,
        _ => Status::Failed,
    };
    let mut wrong = Vec::new();
    if record.status() != status || unknown != (status == Status::InProgress) {
        wrong.push(format!(
            "the record says {}, the verdict is {:?}",
            record.status(),
            came.verdict
        ));
    }
    let tag = if came.ends == Ends::Out { 2 } else { 1 };
    if came.tagged != Some(tag) {
        wrong.push(format!("the tag stands on version {:?}, not {tag}", came.tagged));
    }
    if came.held != unknown {
        wrong.push(format!("the environment is held: {}", came.held));
    }
    let goes_back = match (came.ends, came.back) {
        (Ends::Untouched, _) => true,
        (_, back) => matches!(back, Some(Back::Done | Back::Unchanged)),
    };
    let back = record.progress.rolled_back_to().map(ToString::to_string);
    let right = goes_back.then(|| "web/v1.0.0".to_owned());
    if back != right {
        wrong.push(format!("the record says that {back:?} runs again, not {right:?}"));
    }
    if !unknown
        && came.ends != Ends::Stopped
        && record.rollout.as_ref().and_then(Rollout::ecs) != came.rollout.as_ref()
    {
        wrong.push(format!("the record says {:?}, not {:?}", record.rollout, came.rollout));
    }
    wrong
}
