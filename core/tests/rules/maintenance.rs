//! Cases of maintenance tasks, claimed, ended and read as the provider does it, in a ledger in memory.

use pipeline_core::archive::{Archive, Expired, Kept, NotKept};
use pipeline_core::base::actor::Author;
use pipeline_core::deployment::{Deployment, HealthCheckResult};
use pipeline_core::ledger::Ledger;
use pipeline_core::ledger::memory::RefStore as Store;
use pipeline_core::maintenance::{
    Batch, Cleanup, Keep, MaintenanceTask, StagedTask, TaskId, TaskType, Working, cleanup, needs,
    survey,
};
use pipeline_core::registration::Registered;
use pipeline_core::run::{PipelineRun, RunRecord};
use pipeline_core::{RefName, Sha256, TagGrammar, Version};
use serde_json::{Value, json};

use super::ledger::{Place, broken, done};
use super::runs::parts;
use super::samples::{COMMIT, OTHER, actor, deployment, id, time};
use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("MNT001", || claimed(|_| ()), || claimed(|place| put(place, &begun(), |_| ()))),
    case(
        "MNT002",
        || staged(begun(), false),
        || staged(begun().ended(true, time(9), "done"), false),
    ),
    case("MNT003", || listed(|_| ()), || listed(|it| it["started_at"] = Value::Null)),
    case(
        "MNT003",
        || listed(|it| clear(it, "pending")),
        || listed(|it| it["status"] = json!("pending")),
    ),
    case("MNT004", || listed(|_| ()), || listed(|it| it["completed_at"] = Value::Null)),
    case(
        "MNT004",
        || listed(|it| it["completed_at"] = json!(time(0))),
        || listed(|it| it["completed_at"] = json!(time(-1))),
    ),
    case("MNT005", || ended("in_progress"), || ended("failed")),
    case("MNT005", || ended("in_progress"), || ended("pending")),
    case("MNT006", || read::<TaskType>("sync-files"), || read::<TaskType>("sync")),
    case("MNT007", || deprecated("api/v1.0.0"), || deprecated("api/v1.2.3")),
    case("MNT007", || deprecated("api/v1.0.0"), || deprecated("api/v1.1.0")),
    case("MNT009", || staged(begun(), false), || staged(begun(), true)),
    case("RET001", || longer("run", 90), || longer("run", 89)),
    case("RET003", || cleaned(&Shelf::default()).left, || cleaned(&Shelf { is_full: true }).left),
    case("RET004", || longer("health_check_response", 7), || longer("health_check_response", 6)),
];

fn task_id() -> TaskId {
    "maint-20251121-140000-cleanup-k8m3q2".parse().unwrap()
}

fn begun() -> MaintenanceTask {
    MaintenanceTask::begun(task_id(), TaskType::Cleanup, actor("ada"), time(0))
}

fn author() -> Author {
    Author { actor: actor("ada"), email: String::new(), at: time(9) }
}

fn put(place: &Place, task: &MaintenanceTask, change: fn(&mut Value)) {
    place.put(&place.ledger.maintenance_task(&task.task_id), task, change);
}

fn clear(task: &mut Value, status: &str) {
    task["status"] = json!(status);
    for field in ["started_at", "completed_at"] {
        task.as_object_mut().unwrap().remove(field);
    }
}

/// What a claim says beside what is there already.
fn claimed(before: fn(&Place)) -> Found {
    let place = Place::new();
    before(&place);
    done(survey(&place.ledger, begun(), false)).unwrap().violations()
}

fn staged(task: MaintenanceTask, is_dry: bool) -> Found {
    done(survey(&Place::new().ledger, task, is_dry)).unwrap().violations()
}

/// What a list says of a record that somebody changed.
fn listed(change: fn(&mut Value)) -> Found {
    let place = Place::new();
    put(&place, &begun().ended(true, time(9), "done"), change);
    let (tasks, unreadable) = done(place.ledger.survey(&place.ledger.maintenance_tasks())).unwrap();
    assert_eq!(tasks.len() + unreadable.len(), 1);
    broken(unreadable)
}

/// What the end of a task says that somebody else brought to a status meanwhile.
fn ended(status: &str) -> Found {
    let place = Place::new();
    match status {
        "failed" => put(&place, &begun().ended(false, time(5), "broken off"), |_| ()),
        "pending" => put(&place, &begun(), |it| clear(it, "pending")),
        _ => put(&place, &begun(), |_| ()),
    }
    let end = begun().ended(true, time(9), "done");
    done(survey(&place.ledger, end, false)).unwrap().violations()
}

fn success(version: &str, suffix: &str, at: i64) -> Deployment {
    let record = Deployment {
        id: id(suffix),
        version: version.parse().unwrap(),
        commit_sha: if version == "api/v1.2.3" { COMMIT } else { OTHER },
        health_check: Some(HealthCheckResult::Passed { response_time_ms: Some(40) }),
        ..deployment()
    };
    record.start(time(at)).unwrap().succeed(time(at)).unwrap()
}

/// Production runs `api/v1.2.3`, would go back to `api/v1.1.0`, and ran `api/v1.0.0` before; staging has
/// nothing.
fn history() -> Place {
    let place = Place::new();
    let versions = ["api/v1.0.0", "api/v1.1.0", "api/v1.2.3"];
    for (version, suffix, at) in
        [(versions[0], "aaaaaa", 0), (versions[1], "bbbbbb", 1), (versions[2], "cccccc", 2)]
    {
        let record = success(version, suffix, at);
        place.put(&place.ledger.deployment(&record.environment, &record.id), &record, |_| ());
        let tag: RefName = format!("refs/tags/{version}").parse().unwrap();
        place.ledger.store().remote().set(&tag, record.commit_sha.into());
    }
    let tag: RefName = "refs/tags/api/production".parse().unwrap();
    place.ledger.store().remote().set(&tag, COMMIT.into());
    pipeline_core::testing::RefStore::refresh(place.ledger.store());
    place
}

fn deprecated(version: &str) -> Found {
    let place = history();
    let needs = done(needs(&place.ledger, &TagGrammar::default())).unwrap();
    let version: Version = version.parse().unwrap();
    needs.check_deprecation(&version).err().into_iter().collect()
}

fn longer(kind: &str, days: u64) -> Found {
    found(Keep::new([(kind.to_owned(), days)]))
}

/// An archive in memory.
#[derive(Default)]
struct Shelf {
    is_full: bool,
}

impl Archive for Shelf {
    async fn keep(&self, record: &Expired, bytes: &[u8]) -> Result<Kept, NotKept> {
        if self.is_full {
            let (said, next) = ("it is full".to_owned(), "Make room.".to_owned());
            return Err(NotKept::Refused { said, next });
        }
        Ok(Kept { uri: record.name().to_string(), checksum: Sha256::of(bytes) })
    }
}

/// The right to change something.
fn working(ledger: &Ledger<Store>) -> Working {
    let checked = done(survey(ledger, begun(), false)).unwrap().check().unwrap();
    let StagedTask { staged, working } = checked.stage(ledger, &author()).unwrap();
    done(ledger.commit(staged)).unwrap();
    working
}

/// What is cleaned up eight days later.
fn cleaned(shelf: &Shelf) -> Batch {
    let place = history();
    clean(&place, shelf)
}

/// What has been kept long enough eight days later.
fn due(place: &Place, keep: &Keep) -> Cleanup {
    due_after(place, keep, 8)
}

fn due_after(place: &Place, keep: &Keep, days: i64) -> Cleanup {
    done(cleanup(&place.ledger, &TagGrammar::default(), keep, time(days * 86_400))).unwrap()
}

fn clean(place: &Place, shelf: &Shelf) -> Batch {
    let (ledger, found) = (&place.ledger, due(place, &Keep::default()));
    let due = found.batches().next().unwrap();
    done(working(ledger).clean_up(ledger, due, Some(shelf), &author())).unwrap()
}

fn answers(place: &Place) -> Vec<Option<u64>> {
    let ledger = &place.ledger;
    let records = done(ledger.list(&ledger.all_deployments())).unwrap();
    let check = |it: &Deployment| it.health_check.and_then(HealthCheckResult::response_time_ms);
    records.iter().map(|entry| check(&entry.record)).collect()
}

#[test]
fn only_what_nothing_needs_is_cleaned_up_and_the_record_stays() {
    let place = history();
    let batch = clean(&place, &Shelf::default());
    assert_eq!((batch.count, batch.left.len()), (1, 0));
    done(place.ledger.commit(batch.staged)).unwrap();
    // What would be gone back to, and what runs, keep theirs.
    assert_eq!(answers(&place), [None, Some(40), Some(40)]);
    assert!(due(&place, &Keep::default()).plan().is_empty(), "a second time finds nothing");
}

#[test]
fn what_a_killed_task_left_is_found_by_the_next() {
    let place = history();
    for number in 0..204 {
        let record = success("api/v1.0.0", &format!("x{number:05}"), 0);
        place.put(&place.ledger.deployment(&record.environment, &record.id), &record, |_| ());
    }
    let found = due(&place, &Keep::default());
    assert_eq!(found.batches().map(<[_]>::len).collect::<Vec<_>>(), [100, 100, 5]);
    let first = found.batches().next().unwrap();
    let right = working(&place.ledger);
    let batch = done(right.clean_up(&place.ledger, first, Some(&Shelf::default()), &author()));
    let commits = place.ledger.store().remote().commits();
    done(place.ledger.commit(batch.unwrap().staged)).unwrap();
    assert_eq!(place.ledger.store().remote().commits(), commits + 1, "one transaction");
    let rest = due(&place, &Keep::default());
    assert_eq!(rest.batches().map(<[_]>::len).collect::<Vec<_>>(), [100, 5]);
}

/// Records a run of the pipeline `build` that ended when time began.
fn run(place: &Place, suffix: &str, status: &str) {
    recorded(place, &format!("run-20251009-085320-{suffix}"), status, 0);
}

/// The same, recorded so many days later.
fn recorded(place: &Place, run_id: &str, status: &str, days: i64) {
    let code = if status == "failed" { 1 } else { 0 };
    let run = PipelineRun::new(parts(&json!({
        "name": "build", "run_id": run_id, "status": status, "exit_code": code,
        "started_at": time(-9), "completed_at": time(0),
    })));
    let what = run.unwrap();
    let slot = place.ledger.run(&what.key());
    let (registered_at, registered_by) = (time(days * 86_400), actor("ada"));
    let record = Registered { what, registered_at, registered_by, updated_at: None };
    place.put::<RunRecord>(&slot, &record, |_| ());
}

#[test]
fn a_run_is_kept_from_when_it_was_recorded_and_none_of_the_future_is_the_newest() {
    let place = Place::new();
    for (run_id, days) in [
        ("run-20251009-085320-aaaaaa", 0),
        ("run-20251009-085320-bbbbbb", 20),
        // Planted: its ID, or the time of its record, lies years ahead.
        ("run-20251009-085320-cccccc", 30_000),
        ("run-20991231-000000-dddddd", 0),
        ("run-20251009-085320-eeeeee", 0),
    ] {
        recorded(&place, run_id, "success", days);
    }
    let told = |days| due_after(&place, &Keep::default(), days).plan();
    assert_eq!(told(90), ["delete the records of 3 runs"], "the newest stays, and what is younger");
    assert_eq!(told(110), ["delete the records of 4 runs"]);
}

#[test]
fn runs_go_as_a_whole_when_their_time_is_over_and_nothing_needs_them() {
    let place = history();
    for (suffix, status) in
        [("aaaaaa", "success"), ("bbbbbb", "failed"), ("cccccc", "success"), ("dddddd", "success")]
    {
        run(&place, suffix, status);
    }
    // What runs was made by one of them.
    let made = "build/run-20251009-085320-cccccc".parse().unwrap();
    let record = Deployment { pipeline_run: Some(made), ..success("api/v1.2.3", "cccccc", 2) };
    place.put(&place.ledger.deployment(&record.environment, &record.id), &record, |_| ());
    let told = |days| due_after(&place, &Keep::default(), days).plan();
    let answer = "take the response times of health checks from 1 deployment";
    assert_eq!(told(89), [answer]);
    assert_eq!(told(90), ["delete the records of 1 run", answer]);
    assert_eq!(told(365), ["delete the records of 2 runs", answer]);
    let found = due_after(&place, &Keep::default(), 365);
    let (ledger, shelf) = (&place.ledger, Shelf::default());
    let working = working(ledger);
    let full = Shelf { is_full: true };
    let due = found.batches().next().unwrap();
    let stuck = done(working.clean_up(ledger, due, Some(&full), &author())).unwrap();
    assert_eq!((stuck.count, stuck.left.len()), (0, 3), "nothing goes that the archive has not");
    let batch = done(working.clean_up(ledger, due, Some(&shelf), &author())).unwrap();
    done(ledger.commit(batch.staged)).unwrap();
    let left = done(ledger.list(&ledger.runs())).unwrap();
    let left: Vec<_> = left.iter().map(|it| it.record.run_id.suffix().to_owned()).collect();
    assert_eq!(left, ["cccccc", "dddddd"], "one made what runs, and one is the newest");
}

#[test]
fn what_the_archive_does_not_take_stays() {
    let place = history();
    let batch = clean(&place, &Shelf { is_full: true });
    assert_eq!((batch.count, batch.staged.is_empty()), (0, true));
    assert!(batch.left[0].to_string().contains("it is full"), "{:?}", batch.left);
    assert_eq!(answers(&place), [Some(40); 3]);
}

#[test]
fn a_record_that_somebody_wrote_meanwhile_stays() {
    let place = history();
    let batch = clean(&place, &Shelf::default());
    let record = success("api/v1.0.0", "aaaaaa", 5);
    place.put(&place.ledger.deployment(&record.environment, &record.id), &record, |_| ());
    assert!(done(place.ledger.commit(batch.staged)).is_err());
    assert_eq!(answers(&place), [Some(40); 3]);
}

#[test]
fn a_record_that_cannot_be_used_stops_everything() {
    let place = history();
    let record = success("api/v1.2.3", "dddddd", 3);
    let slot = place.ledger.deployment(&record.environment, &record.id);
    place.put(&slot, &record, |it| it["status"] = json!("finished"));
    assert!(done(needs(&place.ledger, &TagGrammar::default())).is_err());
}

#[test]
fn what_is_kept_longer_by_wish_stays() {
    let place = history();
    let keep = Keep::new([("health_check_response".to_owned(), 9)]).unwrap();
    assert!(due(&place, &keep).plan().is_empty());
    assert!(Keep::new([("deployment".to_owned(), 9)]).is_err());
}

#[test]
fn ids_say_when_and_what() {
    let now = "2025-11-21T14:00:00Z".parse().unwrap();
    let id = TaskId::draw(TaskType::DeprecateOldVersions, now, [7; 16]).unwrap().to_string();
    assert!(id.starts_with("maint-20251121-140000-deprecate-old-versions-"), "{id}");
    assert!("maint-20251121-140000-cleanup".parse::<TaskId>().is_ok(), "as documented");
    for bad in [
        "maint-20251121-140000",
        "maint-20251121-140000-",
        "maint-20251121-140000-clean",
        "maint-20251121-140000-cleanup-K8M3Q2",
        "maint-20251131-140000-cleanup",
        "maint-20251121-140000-cleanup-k8m3q2-x",
        "maint-ä",
        "",
    ] {
        assert!(bad.parse::<TaskId>().is_err(), "{bad}");
    }
}
