//! Cases of deployments: their progress, whether they may begin, and how they end.

use pipeline_core::Authority;
use pipeline_core::base::retry::{backoff, exhausted};
use pipeline_core::deployment::completion::{Evidence, check_end, check_transaction, obstacles};
use pipeline_core::deployment::rules::{
    self, DeploymentFacts, DeploymentPlan, Known, Moment, OnRecord, References, check_free,
    check_unique,
};
use pipeline_core::deployment::{
    HealthCheckResult, HealthCheckStatus, History, MigrationStatus, ProgressParts,
};
use pipeline_core::queue::{Claimant, Lapses, QueueRecord};
use pipeline_core::{
    Actor, Approval, BodyPattern, CommitSha, Deployment, Environment, EnvironmentName, Progress,
    RefName, Status, TagGrammar, Timestamp, Version, WorkflowRunId,
};

use super::samples::{COMMIT, OTHER, actor, deployment, environment, id, running, time};
use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("DEP001", || unique("zzz999"), || unique("abc123")),
    case("DEP002", || found(deployment().check_beginning()), || found(done().check_beginning())),
    case("DEP002", || found(running().check_beginning()), || found(failed(10).check_beginning())),
    case(
        "DEP003",
        || parts(Status::Queued, |it| it.queue_position = Some(1)),
        || parts(Status::Queued, |_| ()),
    ),
    case(
        "DEP003",
        || parts(Status::InProgress, started),
        || {
            parts(Status::InProgress, |it| {
                started(it);
                it.queue_position = Some(1);
            })
        },
    ),
    case("DEP004", || parts(Status::InProgress, started), || parts(Status::InProgress, |_| ())),
    case("DEP005", || parts(Status::Succeeded, ended), || parts(Status::Succeeded, started)),
    case("DEP005", || parts(Status::Cancelled, ended), || parts(Status::InProgress, ended)),
    case(
        "DEP005",
        || parts(Status::Failed, ended),
        || {
            parts(Status::Failed, |it| {
                ended(it);
                it.completed_at = Some(time(-1));
            })
        },
    ),
    case("DEP006", || read::<WorkflowRunId>("1234567890"), || read::<WorkflowRunId>("run-1")),
    case("DEP007", || planned(|_| (), |_| ()), || planned(|_| (), |it| it.version_tag = None)),
    case("DEP007", || planned(|_| (), |_| ()), || planned(|it| it.commit = Some(OTHER), |_| ())),
    case("DEP008", || transaction(&done(), true), || transaction(&done(), false)),
    case("DEP008", || written(&done(), &[RECORD, TAG]), || written(&done(), &[TAG])),
    case("DEP009", || transaction(&done(), true), || written(&done(), &[RECORD, TAG, OTHER_TAG])),
    case("DEP009", || transaction(&failed(10), false), || transaction(&failed(10), true)),
    case("DEP009", || transaction(&cancelled(), false), || transaction(&cancelled(), true)),
    case("DEP010", || found(deployment().start(time(1))), || found(deployment().succeed(time(1)))),
    case(
        "DEP010",
        || found(done().roll_back(time(99), None)),
        || found(failed(10).roll_back(time(99), None)),
    ),
    case("DEP011", || region("us-east"), || region("eu-west")),
    case("DEP012", || approved(Some(("bob", COMMIT))), || approved(None)),
    case("DEP012", || approved(Some(("bob", COMMIT))), || approved(Some(("Ada", COMMIT)))),
    case("DEP012", || approved(Some(("carol", COMMIT))), || approved(Some(("bob", OTHER)))),
    case("DEP012", || dated(Some(time(5))), || dated(Some(time(-999)))),
    case("DEP012", || dated(None), || dated(Some(time(9999)))),
    case("DEP021", || planned(|_| (), |_| ()), || planned(|_| (), |it| it.environment = None)),
    case(
        "DEP025",
        || naming(OnRecord::ALL),
        || naming(OnRecord { pipeline_run: false, ..OnRecord::ALL }),
    ),
    case(
        "DEP026",
        || naming(OnRecord::ALL),
        || naming(OnRecord { infrastructure: false, ..OnRecord::ALL }),
    ),
    case("OWN055", || naming(OnRecord::ALL), || naming(OnRecord { fixes: None, ..OnRecord::ALL })),
    case(
        "OWN055",
        || naming(OnRecord { fixes: Some(Status::Succeeded), ..OnRecord::ALL }),
        || naming(OnRecord { fixes: Some(Status::Cancelled), ..OnRecord::ALL }),
    ),
    case(
        "OWN046",
        || because("see https://example.com/incidents/7"),
        || because("see https://example.com/incidents/7?token=abc"),
    ),
    case(
        "DEP036",
        || health(HealthCheckStatus::Passed, Some(42)),
        || health(HealthCheckStatus::Timeout, Some(42)),
    ),
    case("DEP039", || proven(|_| ()), || proven(|it| it.tests_passed = Some(false))),
    case(
        "DEP039",
        || proven(|it| it.migrations = Some(MigrationStatus::NotRequired)),
        || proven(|it| it.migrations = Some(MigrationStatus::Failed)),
    ),
    case(
        "DEP039",
        || proven(|it| it.health_check = None),
        || proven(|it| it.health_check = Some(HealthCheckResult::Timeout)),
    ),
    case("DEP040", || check_end(&failed(600)), || check_end(&failed(601))),
    case("DEP053", || parts(Status::Failed, explained), || parts(Status::Succeeded, explained)),
    case("DEP054", || given_up(1), || given_up(3)),
    case("DEP054", || given_up(2), || given_up(4)),
    case("BUS001", || free(time(121)), || free(time(59))),
    case("BUS002", || check_end(&failed(10)), || check_end(&not_restored())),
    case("XEN002", || at_start(Some(COMMIT)), || at_start(None)),
    case("XEN002", || at_start(Some(COMMIT)), || at_start(Some(OTHER))),
    case("SCY003", || by_hand(false), || by_hand(true)),
    case("OWN002", || running_now("api/v1.2.2", false), || running_now("api/v1.3.0", false)),
    case("OWN002", || running_now("api/v1.3.0", true), || running_now("api/v1.10.0", false)),
    case("OWN002", || running_now("web/v9.0.0", false), || running_now("api/v2.0.0-rc.1", false)),
    case("OWN041", || read::<BodyPattern>("^ok$"), || read::<BodyPattern>("[")),
    case("OWN041", || read::<BodyPattern>(r"\bhealthy\b"), || read::<BodyPattern>("")),
];

#[test]
fn retries_wait_two_and_four_seconds() {
    assert_eq!([1, 2].map(|attempt| backoff(attempt).as_secs()), [2, 4]);
}

#[test]
fn near_environments_are_offered() {
    let staging: EnvironmentName = "staging".parse().unwrap();
    let found = planned_to("stagign", |it| {
        it.environment = None;
        it.environment_names = vec![&staging];
    });
    assert!(found[0].to_string().contains("Did you mean `staging`?"), "{found:?}");
}

#[test]
fn where_nothing_is_registered_it_says_so() {
    let found = planned_to("staging", |it| it.environment = None);
    assert!(found[0].expected.contains("none yet"), "{found:?}");
    assert_eq!(found[0].next, "Register `staging` first.", "{found:?}");
}

fn done() -> Deployment {
    running().succeed(time(70)).unwrap()
}

fn failed(seconds: i64) -> Deployment {
    let before = running().previous_version;
    running().fail(time(10 + seconds), "no answer", before).unwrap()
}

fn cancelled() -> Deployment {
    running().cancel(time(20), None, None).unwrap()
}

fn not_restored() -> Deployment {
    let progress = Progress::Failed {
        started_at: time(10),
        completed_at: time(20),
        error_message: "no answer".into(),
        rolled_back_to: None,
    };
    Deployment { progress, ..deployment() }
}

fn unique(suffix: &str) -> Found {
    check_unique(&id(suffix), &[id("aaaaaa"), id("abc123")]).into_iter().collect()
}

fn parts(status: Status, change: fn(&mut ProgressParts)) -> Found {
    let mut parts = ProgressParts::of(status);
    change(&mut parts);
    found(parts.check())
}

fn started(parts: &mut ProgressParts) {
    parts.started_at = Some(time(0));
}

fn ended(parts: &mut ProgressParts) {
    started(parts);
    parts.completed_at = Some(time(5));
}

fn explained(parts: &mut ProgressParts) {
    ended(parts);
    parts.error_message = Some("no answer".into());
}

/// Everything that speaks against a deployment, for one who does not wait.
pub(crate) fn check(
    plan: &DeploymentPlan<'_>,
    facts: &DeploymentFacts<'_>,
    moment: Moment,
) -> Found {
    rules::check(plan, facts, moment).into_violations()
}

/// A plan that satisfies every rule, as changed.
fn planned(plan: fn(&mut DeploymentPlan<'_>), facts: fn(&mut DeploymentFacts<'_>)) -> Found {
    with_plan(&environment(), |mut it, mut around| {
        plan(&mut it);
        facts(&mut around);
        check(&it, &around, Moment::Plan)
    })
}

fn planned_to<'a>(name: &str, change: impl FnOnce(&mut DeploymentFacts<'a>)) -> Found {
    let version: Version = "api/v1.2.3".parse().unwrap();
    let (name, by): (EnvironmentName, _) = (name.parse().unwrap(), actor("ada"));
    let history: &'static History = Box::leak(Box::default());
    let mut facts = DeploymentFacts::of_nothing(history, time(100));
    facts.version_tag = Some(COMMIT);
    change(&mut facts);
    check(&plan(&version, &name, &by), &facts, Moment::Plan)
}

pub(crate) fn plan<'a>(
    version: &'a Version,
    environment: &'a EnvironmentName,
    triggered_by: &'a Actor,
) -> DeploymentPlan<'a> {
    DeploymentPlan {
        version,
        commit: Some(COMMIT),
        environment,
        region: None,
        triggered_by,
        also_known_as: &[],
        approval: Known::Is(None),
        approvals: Known::Is(&[]),
        allow_downgrade: Known::Is(false),
        redeploy_after: Known::Is(None),
        moves_tag: true,
        runs_tests: Known::Is(false),
        references: References::default(),
        reason: None,
        authority: &NO_AUTHORITY,
    }
}

/// A person without CI and without an override.
const NO_AUTHORITY: Authority =
    Authority { in_ci: false, admin_override: None, protected_push: None };

/// A deployment by hand where the tag is on a remote or not.
fn by_hand(shared_tag: bool) -> Found {
    with_plan(&environment(), |it, mut facts| {
        facts.shared_tag = shared_tag;
        check(&it, &facts, Moment::Claim)
    })
}

fn with_plan(
    environment: &Environment,
    decide: impl FnOnce(DeploymentPlan<'_>, DeploymentFacts<'_>) -> Found,
) -> Found {
    let version: Version = "api/v1.2.3".parse().unwrap();
    let (history, by) = (History::default(), actor("ada"));
    let mut facts = DeploymentFacts::of_nothing(&history, time(100));
    facts.version_tag = Some(COMMIT);
    facts.environment = Some(environment);
    let approval = approval("bob", COMMIT);
    let plan = plan(&version, &environment.name, &by);
    decide(DeploymentPlan { approval: Known::Is(Some(&approval)), ..plan }, facts)
}

fn region(name: &str) -> Found {
    let name = name.parse().unwrap();
    with_plan(&environment(), |it, facts| {
        check(&DeploymentPlan { region: Some(&name), ..it }, &facts, Moment::Plan)
    })
}

fn approval(name: &str, commit_sha: CommitSha) -> Approval {
    Approval { approved_by: actor(name), commit_sha, approved_at: None, reference: None }
}

fn approved(approved_by: Option<(&str, CommitSha)>) -> Found {
    let approval = approved_by.map(|(name, commit_sha)| approval(name, commit_sha));
    with_plan(&environment(), |it, facts| {
        let plan = DeploymentPlan { approval: Known::Is(approval.as_ref()), ..it };
        check(&plan, &facts, Moment::Plan)
    })
}

/// An approval given then, of a commit made at 0 that is deployed at 100.
fn dated(approved_at: Option<Timestamp>) -> Found {
    let given = Approval { approved_at, ..approval("bob", COMMIT) };
    with_plan(&environment(), |it, mut facts| {
        facts.committed_at = Some(time(0));
        let plan = DeploymentPlan { approval: Known::Is(Some(&given)), ..it };
        check(&plan, &facts, Moment::Plan)
    })
}

/// A deployment for this reason.
fn because(reason: &str) -> Found {
    with_plan(&environment(), |it, facts| {
        check(&DeploymentPlan { reason: Some(reason), ..it }, &facts, Moment::Claim)
    })
}

/// A deployment that names a run, a resource and a deployment, of which one may be missing.
fn naming(on_record: OnRecord) -> Found {
    let (service, run, failed) = (
        "aws/aws_ecs_service/web".parse().unwrap(),
        "production-deploy/run-20251020-143045-k8m3q2".parse().unwrap(),
        "deploy-20251020-143045-k8m3q2".parse().unwrap(),
    );
    with_plan(&environment(), |it, mut facts| {
        facts.on_record = on_record;
        let references = References {
            infrastructure: Some(&service),
            pipeline_run: Some(&run),
            fixes: Some(&failed),
        };
        check(&DeploymentPlan { references, ..it }, &facts, Moment::Plan)
    })
}

fn at_start(version_tag: Option<CommitSha>) -> Found {
    with_plan(&environment(), |it, mut facts| {
        facts.version_tag = version_tag;
        check(&it, &facts, Moment::Claim)
    })
}

fn running_now(version: &str, allow_downgrade: bool) -> Found {
    let version: &'static Version = Box::leak(Box::new(version.parse().unwrap()));
    with_plan(&environment(), |it, mut facts| {
        facts.running = Some(version);
        let allow_downgrade = Known::Is(allow_downgrade);
        check(&DeploymentPlan { allow_downgrade, ..it }, &facts, Moment::Plan)
    })
}

const RECORD: &str = "refs/ledger/deployments/production/deploy-20251009-085320-abc123";
const TAG: &str = "refs/tags/api/production";
const OTHER_TAG: &str = "refs/tags/api/staging";

fn transaction(deployment: &Deployment, moves: bool) -> Found {
    written(deployment, if moves { &[RECORD, TAG] } else { &[RECORD] })
}

/// The end of a deployment in a transaction that changes these refs.
fn written(deployment: &Deployment, refs: &[&str]) -> Found {
    let names: Vec<RefName> = refs.iter().map(|name| name.parse().unwrap()).collect();
    check_transaction(deployment, &TagGrammar::default(), &RECORD.parse().unwrap(), &names)
}

fn health(status: HealthCheckStatus, time: Option<u64>) -> Found {
    found(HealthCheckResult::new(status, time))
}

fn proven(change: fn(&mut Evidence)) -> Found {
    let mut evidence = Evidence {
        tests_passed: Some(true),
        migrations: Some(MigrationStatus::Success),
        health_check: Some(HealthCheckResult::Passed { response_time_ms: Some(42) }),
    };
    change(&mut evidence);
    obstacles(&evidence)
}

fn given_up(attempts: u32) -> Found {
    exhausted(attempts).into_iter().collect()
}

fn free(now: Timestamp) -> Found {
    let queue = QueueRecord::new("production".parse().unwrap());
    let held = {
        let (deployment_id, holder) = (id("abc123"), actor("ada"));
        let claimant = Claimant { deployment_id, holder, lease_seconds: 60 };
        queue.claim(claimant, time(0), Lapses::default()).unwrap().queue
    };
    assert!(
        check_free(&held, Some(&id("abc123")), now).is_none(),
        "one's own claim is no obstacle"
    );
    check_free(&held, Some(&id("zzz999")), now).into_iter().collect()
}
