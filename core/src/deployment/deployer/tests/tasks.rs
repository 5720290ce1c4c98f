//! Migrations and tests: in which order they run, what is recorded of them, and what is never run again.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::world::{commit, id, request, timed};
use super::*;
use crate::deployment::{CommandRollout, MigrationStatus, MigrationsRun, TestsRun};
use crate::rollout::{Migration, Restored, Rolled, Task, TaskEnd, TaskGivenUp, TaskKind, Test};

/// What was done, in order.
type Diary = Arc<Mutex<Vec<String>>>;

/// A task that writes into a diary, and fails where it is called to.
#[derive(Debug, Clone)]
struct Note {
    diary: Diary,
    name: &'static str,
    fails: bool,
    hangs: bool,
    began: Arc<Notify>,
}

impl Task for Note {
    fn run<'a>(&'a self, order: &'a Order, kind: TaskKind) -> TaskEnd<'a> {
        Box::pin(async move {
            let line = format!("{} {} {}", kind.action(), self.name, order.version);
            self.diary.lock().unwrap().push(line);
            self.began.notify_one();
            if self.hangs {
                std::future::pending::<()>().await;
            }
            if self.fails { Err("it ended with exit code 1".to_owned()) } else { Ok(()) }
        })
    }

    fn give_up<'a>(&'a self, _: &'a Order) -> TaskGivenUp<'a> {
        Box::pin(async move {
            if self.hangs {
                self.diary.lock().unwrap().push(format!("give up {}", self.name));
            }
        })
    }
}

/// A target that writes into a diary.
struct Scribe(Diary, Restored);

impl Target for Scribe {
    type Trace = CommandRollout;

    fn place(&self) -> Option<CommandRollout> {
        Some(CommandRollout { program: "deploy".to_owned(), begun: false, restored: false })
    }

    async fn roll_out(&self, _: &Order, _: &Permit, it: &mut Option<CommandRollout>) -> Rolled {
        self.0.lock().unwrap().push("roll out".to_owned());
        *it = self.place().map(|place| CommandRollout { begun: true, ..place });
        Rolled::Out
    }

    async fn confirm(&self, _: &Order, _: &Option<CommandRollout>) -> Rolled {
        self.0.lock().unwrap().push("confirm".to_owned());
        Rolled::Out
    }

    async fn restore(&self, _: &Order, _: &Permit, it: &mut Option<CommandRollout>) -> Restored {
        self.0.lock().unwrap().push("restore".to_owned());
        *it = it.take().map(|it| CommandRollout { restored: self.1 == Restored::Done, ..it });
        self.1.clone()
    }
}

struct Scene {
    world: World,
    diary: Diary,
    request: Request,
    began: Arc<Notify>,
}

impl Scene {
    /// Two migrations with a way back, and a test.
    fn new() -> Self {
        let (diary, began) = (Diary::default(), Arc::new(Notify::new()));
        let scene = Self { world: timed(), diary, request: request(1), began };
        let migration = |name: &'static str| Migration {
            name: name.to_owned(),
            task: scene.note(name, false),
            rollback: Some(scene.note(name, false)),
        };
        let migrations = vec![migration("0001"), migration("0002")];
        let tests = vec![Test { name: "smoke".to_owned(), task: scene.note("smoke", false) }];
        Self { request: Request { migrations, tests, ..scene.request.clone() }, ..scene }
    }

    fn note(&self, name: &'static str, fails: bool) -> Arc<dyn Task> {
        let (diary, began) = (Arc::clone(&self.diary), Arc::clone(&self.began));
        Arc::new(Note { diary, name, fails, hangs: false, began })
    }

    fn hanging(&self, name: &'static str) -> Arc<dyn Task> {
        let (diary, began) = (Arc::clone(&self.diary), Arc::clone(&self.began));
        Arc::new(Note { diary, name, fails: false, hangs: true, began })
    }

    async fn deploy(
        &self,
        restored: Restored,
        stop: impl Future<Output = String> + Send,
    ) -> Report {
        let target = Scribe(Arc::clone(&self.diary), restored);
        let deployer = self.world.deployer(self.world.store());
        deployer.deploy(self.request.clone(), Some(&target), stop).await
    }

    async fn undisturbed(&self) -> Report {
        self.deploy(Restored::Done, std::future::pending()).await
    }

    fn lines(&self) -> Vec<String> {
        self.diary.lock().unwrap().clone()
    }
}

/// What is recorded of the migrations.
fn migrations(report: &Report) -> MigrationsRun {
    report.deployment.clone().and_then(|it| it.migrations).expect("migrations on record")
}

#[tokio::test(start_paused = true)]
async fn everything_runs_in_order_and_is_recorded() {
    let scene = Scene::new();
    let report = scene.undisturbed().await;
    assert_eq!(report.verdict, SUCCESS);
    let expected = [
        "migrate 0001 api/v1.1.0",
        "migrate 0002 api/v1.1.0",
        "roll out",
        "test smoke api/v1.1.0",
        "confirm",
    ];
    assert_eq!(scene.lines(), expected);
    let recorded = migrations(&report);
    assert_eq!(recorded.applied, ["0001", "0002"]);
    assert_eq!(recorded.status, Some(MigrationStatus::Success));
    let tests = report.deployment.and_then(|it| it.tests);
    assert_eq!(tests, Some(TestsRun { passed: 1, failed: 0, skipped: 0 }));
}

#[tokio::test(start_paused = true)]
async fn a_migration_that_fails_ends_it_with_nothing_rolled_out() {
    let mut scene = Scene::new();
    scene.request.migrations[1].task = scene.note("0002", true);
    let report = scene.undisturbed().await;
    assert!(failed(&report).contains("migration `0002`"), "{report:?}");
    let expected = [
        "migrate 0001 api/v1.1.0",
        "migrate 0002 api/v1.1.0",
        "rollback_migration 0001 api/v1.1.0",
    ];
    assert_eq!(scene.lines(), expected);
    let recorded = migrations(&report);
    assert_eq!(
        (recorded.applied, recorded.rolled_back),
        (vec!["0001".into()], vec!["0001".into()])
    );
    assert_eq!(recorded.status, Some(MigrationStatus::Failed));
    assert_eq!(scene.world.tagged("api/staging"), None);
    // It said itself how it ended: it may be tried again.
    scene.request.migrations[1].task = scene.note("0002", false);
    scene.request.id = id(7);
    assert_eq!(scene.undisturbed().await.verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn tests_that_fail_put_back_the_target_and_then_the_migrations() {
    let mut scene = Scene::new();
    scene.request.tests[0].task = scene.note("smoke", true);
    let report = scene.undisturbed().await;
    assert!(failed(&report).contains("test `smoke`"), "{report:?}");
    let back =
        ["restore", "rollback_migration 0002 api/v1.1.0", "rollback_migration 0001 api/v1.1.0"];
    let lines = scene.lines();
    assert_eq!(lines[lines.len() - 3..], back);
    assert_eq!(migrations(&report).status, Some(MigrationStatus::RolledBack));
    let record = report.deployment.unwrap();
    assert_eq!(record.tests, Some(TestsRun { passed: 0, failed: 1, skipped: 0 }));
    assert_eq!(record.status(), Status::Failed);
}

#[tokio::test(start_paused = true)]
async fn migrations_stay_under_a_version_that_could_not_be_put_back() {
    let mut scene = Scene::new();
    scene.request.tests[0].task = scene.note("smoke", true);
    let stuck = Restored::Failed { reason: crate::rollout::Failure::LeaseOver };
    let report = scene.deploy(stuck, std::future::pending()).await;
    assert!(!scene.lines().iter().any(|line| line.starts_with("rollback_migration")));
    assert_eq!(migrations(&report).status, Some(MigrationStatus::Success));
}

#[tokio::test(start_paused = true)]
async fn an_interruption_takes_back_what_ran() {
    let mut scene = Scene::new();
    scene.request.migrations[1].task = scene.hanging("0002");
    let began = Arc::clone(&scene.began);
    let stop = async {
        began.notified().await;
        began.notified().await;
        "Ctrl-C".to_owned()
    };
    let report = scene.deploy(Restored::Done, stop).await;
    assert_eq!(cancelled(&report), "Ctrl-C");
    assert_eq!(scene.lines().last().unwrap(), "rollback_migration 0001 api/v1.1.0");
    assert_eq!(migrations(&report).status, Some(MigrationStatus::Failed));
}

#[tokio::test(start_paused = true)]
async fn what_goes_on_elsewhere_is_ended_before_anything_is_rolled_back() {
    let mut scene = Scene::new();
    scene.request.migrations[1].task = scene.hanging("0002");
    let began = Arc::clone(&scene.began);
    let stop = async move {
        began.notified().await;
        began.notified().await;
        "Ctrl-C".to_owned()
    };
    scene.deploy(Restored::Done, stop).await;
    let lines = scene.lines();
    assert_eq!(
        lines,
        [
            "migrate 0001 api/v1.1.0",
            "migrate 0002 api/v1.1.0",
            "give up 0002",
            "rollback_migration 0001 api/v1.1.0"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_holder_had_begun_is_never_run_again_unasked() {
    let mut scene = Scene::new();
    scene.request.migrations[1].task = scene.hanging("0002");
    let began = Arc::clone(&scene.began);
    let killed = async {
        began.notified().await;
        began.notified().await;
    };
    tokio::select! {
        report = scene.undisturbed() => panic!("{report:?}"),
        () = killed => {}
    }
    let before = scene.lines();
    scene.request.migrations[1].task = scene.note("0002", false);
    scene.request.on_busy = OnBusy::Wait { at_most: Duration::from_secs(3600) };
    let dead = std::mem::replace(&mut scene.request.id, id(7));
    let report = scene.undisturbed().await;
    assert_eq!(rules(&report), [RuleId::TSK001], "{report:?}");
    assert_eq!(scene.lines(), before);
    scene.request.id = id(8);
    scene.request.redeploy_after = Some(dead);
    assert_eq!(scene.undisturbed().await.verdict, SUCCESS);
    assert_eq!(scene.world.tagged("api/staging"), Some(commit(1)));
}
