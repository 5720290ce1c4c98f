//! Tests of the report: what it says, that hostile names do nothing, and that it keeps its size.

use std::sync::Arc;

use super::*;
use crate::action_link::Workflow;
use crate::audit::AuditRecord;
use crate::deployment::tests::deployment;
use crate::deployment::{Deployment, History, Origin, Progress, Running};
use crate::{Approval, CommitSha, DeploymentId, Timestamp, Version};

const HOSTILE: &str = "<script>alert(1)</script> | [x](javascript:alert(1)) @all `code` www.example.com \
                       https://example.com/ <img src=x onerror=alert(1)> \u{202e}desrever\n# heading";

const DAY: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn commit(n: i64) -> CommitSha {
    let mut bytes = [7; 20];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    CommitSha::from_bytes(bytes)
}

/// The n-th deployment to an environment: it begins at `start` and becomes what `progress` says of its times.
fn record(
    environment: &str,
    n: i64,
    start: i64,
    progress: impl Fn(Timestamp, Timestamp) -> Progress,
) -> Deployment {
    let id = format!("{:06x}", n.rem_euclid(0xff_ffff));
    Deployment {
        id: DeploymentId::new(at(start), &id).unwrap(),
        environment: environment.parse().unwrap(),
        version: format!("api/v1.{n}.0").parse().unwrap(),
        commit_sha: commit(n),
        region: None,
        requested_at: at(start),
        approval: None,
        approvals: Vec::new(),
        migrations: None,
        tests: None,
        rollout: None,
        progress: progress(at(start), at(start + 240)),
        ..deployment()
    }
}

fn succeeded(started_at: Timestamp, completed_at: Timestamp) -> Progress {
    Progress::Succeeded { started_at, completed_at }
}

fn failed(started_at: Timestamp, completed_at: Timestamp) -> Progress {
    let error_message = "the health check answered 500".to_owned();
    let rolled_back_to = "api/v1.1.0".parse().ok();
    Progress::Failed { started_at, completed_at, error_message, rolled_back_to }
}

fn rolled_back(started_at: Timestamp, completed_at: Timestamp) -> Progress {
    let rolled_back_at = completed_at.plus_seconds(1800);
    Progress::RolledBack { started_at, completed_at, rolled_back_at, rolled_back_to: None }
}

fn facts_of(name: &str, records: Vec<Deployment>) -> EnvironmentFacts {
    let last = records.iter().rev().find(|it| it.progress.status().as_str() == "succeeded");
    let lane = Lane {
        environment: name.parse().unwrap(),
        sub_project_path: "api".parse().unwrap(),
        region: None,
    };
    let running = last.map(|it| Running {
        commit: it.commit_sha,
        version: Some(it.version.clone()),
        origin: Origin::Deployment(it.id.clone()),
    });
    let target: Version = "api/v1.2.0".parse().unwrap();
    let way_back = WayBack {
        lane: lane.clone(),
        target: Some(target.clone()),
        reason: None,
        candidates: vec![target],
        rejected: Vec::new(),
    };
    EnvironmentFacts {
        name: name.parse().unwrap(),
        is_production: name == "production",
        written_at: Some(at(0)),
        history: History::new(records.into_iter().map(Arc::new).collect()),
        queues: Vec::new(),
        places: vec![PlaceFacts { lane, running, way_back: Some(way_back) }],
    }
}

/// Deployments of some weeks: every seventh failed, every ninth was taken back.
fn months(name: &str, count: i64) -> EnvironmentFacts {
    let step = 80 * DAY / count.max(1);
    let one = |n: i64| {
        let progress = match n {
            n if n % 7 == 4 => failed,
            n if n % 9 == 5 => rolled_back,
            _ => succeeded,
        };
        let mut one = record(name, n, n * step, progress);
        if n % 2 == 0 {
            one.approval = Some(Approval {
                approved_by: "bob".parse().unwrap(),
                commit_sha: one.commit_sha,
                approved_at: Some(at(n * step - 600)),
                reference: None,
            });
        }
        one
    };
    facts_of(name, (1..=count).map(one).collect())
}

fn sample(environments: Vec<EnvironmentFacts>) -> ReportFacts {
    let mut facts = ReportFacts {
        github: Some("example/shop".parse().unwrap()),
        workflows: [Workflow::Rollback, Workflow::Deployment, Workflow::Release].into(),
        ledger: "refs/ledger".to_owned(),
        commit: Some(commit(1)),
        environments,
        audits: vec![AuditRecord {
            at: at(70 * DAY),
            actor: "ana".parse().unwrap(),
            approved_by: "cleo".parse().unwrap(),
            reason: "the customer waits".to_owned(),
            action: "move tag api/production".to_owned(),
            rules: vec!["TAG009".to_owned()],
            before: None,
            after: None,
        }],
        ..ReportFacts::default()
    };
    let change = |n: i64, when: Timestamp| Change {
        commit_sha: commit(n),
        committed_at: Some(when.plus_seconds(-7200)),
        summary: "Serve orders faster".to_owned(),
    };
    let mut changes = std::collections::BTreeMap::new();
    for environment in &facts.environments {
        for (before, after) in new_since(&environment.history.in_order(), at(-DAY * 1000)) {
            let done = environment.history.records().find(|it| it.commit_sha == after);
            let done = done.and_then(|it| it.progress.completed_at()).unwrap_or(at(0));
            changes.insert((before, after), Some(vec![change(1, done)]));
        }
    }
    let running: Vec<_> = facts
        .environments
        .iter()
        .filter_map(|it| Some(it.places.first()?.running.as_ref()?.commit))
        .collect();
    for (head, base) in running.iter().zip(running.iter().skip(1)) {
        changes.insert((*base, *head), Some((1..5).map(|n| change(n, at(0))).collect()));
    }
    facts.changes = changes;
    facts
}

fn report(facts: &ReportFacts) -> Report {
    facts.report(&ReportQuestion::default()).unwrap()
}

fn figure<'a>(report: &'a Report, environment: &str, key: &str) -> &'a Figure {
    let of_it = |it: &&LaneMetrics| it.lane.environment.as_str() == environment;
    let metrics = report.metrics.iter().find(of_it).unwrap();
    metrics.figures.iter().find(|it| it.key == key).unwrap()
}

#[test]
fn it_is_judged_by_the_newest_record() {
    let facts = sample(vec![facts_of("staging", vec![record("staging", 1, 0, succeeded)])]);
    assert_eq!(report(&facts).generated_at, at(70 * DAY), "the override is the newest record");
    let later = ReportQuestion { at: Some(at(90 * DAY)), ..ReportQuestion::default() };
    let later = facts.report(&later).unwrap();
    assert_eq!(later.generated_at, at(90 * DAY));
    assert_eq!(later.environments[0].cards[0].for_seconds, Some(90 * DAY - 240));
}

#[test]
fn the_figures_say_what_they_are_made_from() {
    let records = vec![
        record("staging", 1, 0, succeeded),
        record("staging", 2, DAY, succeeded),
        record("staging", 3, 2 * DAY, failed),
        record("staging", 4, 3 * DAY, rolled_back),
        record("staging", 5, 4 * DAY, succeeded),
    ];
    let facts = sample(vec![facts_of("staging", records)]);
    let question = ReportQuestion {
        since: Some(at(-10 * DAY)),
        at: Some(at(4 * DAY + 240)),
        title: None,
        github_run: None,
    };
    let report = facts.report(&question).unwrap();
    let of = |key| figure(&report, "staging", key);
    assert_eq!(of("change_fail_rate").shown, "40 % (2 of 5)");
    assert_eq!(of("change_lead_time").shown, "2 h");
    // Put back after 4 minutes, and taken back after 30: the lower one of two.
    assert_eq!(
        (of("failed_deployment_recovery_time").value, of("failed_deployment_recovery_time").n),
        (Some(240.0), 2)
    );
    assert_eq!(of("deployment_frequency").shown, "no figure: 4 of 5 deployments");
    assert_eq!(
        (of("deployment_rework_rate").shown.as_str(), of("deployment_rework_rate").value),
        ("not recorded", None)
    );
}

#[test]
fn what_fixes_another_deployment_is_rework_and_a_way_back_is_none() {
    let mut records: Vec<_> = (1..=5).map(|n| record("staging", n, n * DAY, succeeded)).collect();
    let first = records[0].id.clone();
    let second = records[1].id.clone();
    let of = |records: &[Deployment], key| {
        let facts = sample(vec![facts_of("staging", records.to_vec())]);
        let question = ReportQuestion {
            since: Some(at(0)),
            at: Some(at(6 * DAY)),
            ..ReportQuestion::default()
        };
        figure(&facts.report(&question).unwrap(), "staging", key).clone()
    };
    // A success that a hotfix made good two days later.
    records[2].fixes = Some(first);
    assert_eq!(of(&records, "deployment_rework_rate").shown, "20 % (1 of 5)");
    assert_eq!(of(&records, "change_fail_rate").shown, "20 % (1 of 5)");
    let recovery = of(&records, "failed_deployment_recovery_time");
    assert_eq!((recovery.value, recovery.n), (Some(172_800.0), 1));
    // To put an older version back is no rework, whatever it is said to fix.
    records[3].version = records[0].version.clone();
    records[3].fixes = Some(second);
    assert_eq!(of(&records, "deployment_rework_rate").shown, "20 % (1 of 5)");
    assert_eq!(of(&records[..4], "deployment_rework_rate").shown, "no figure: 4 of 5 deployments");
}

#[test]
fn a_shallow_clone_tells_no_lead_time_and_few_deployments_no_figure() {
    let mut facts = sample(vec![months("staging", 12), months("production", 3)]);
    facts.changes.values_mut().for_each(|it| *it = None);
    let report = report(&facts);
    let lead = figure(&report, "staging", "change_lead_time");
    assert_eq!((lead.shown.as_str(), lead.value), ("not known: shallow clone", None));
    let rate = figure(&report, "production", "change_fail_rate");
    assert_eq!((rate.shown.as_str(), rate.value), ("no figure: 3 of 5 deployments", None));
    assert!(report.html().contains("not known: shallow clone"));
    assert!(report.promotions.iter().all(|it| it.commits.is_none()), "{:?}", report.promotions);
}

#[test]
fn links_lead_only_to_workflows_that_exist() {
    let facts = sample(vec![months("staging", 12), months("production", 8)]);
    let all = report(&facts);
    let labels: Vec<&str> = all.action_links.iter().map(|it| it.label.as_str()).collect();
    assert!(labels.contains(&"Roll back production to api/v1.2.0"), "{labels:?}");
    assert!(labels.contains(&"Deploy api to production") && labels.contains(&"Publish a release"));
    assert!(!labels.contains(&"Run maintenance"), "{labels:?}");
    let none = report(&ReportFacts { workflows: [].into(), ..facts.clone() });
    assert!(none.action_links.is_empty());
    let broken = check_links(&none.action_links, facts.github.as_ref()).unwrap();
    assert_eq!(broken.rule, crate::RuleId::RPT002);
    assert!(check_links(&none.action_links, None).is_none());
}

#[test]
fn hostile_texts_do_nothing_in_either_form() {
    let mut bad = record("staging", 1, 0, |started_at, completed_at| Progress::Failed {
        started_at,
        completed_at,
        error_message: HOSTILE.to_owned(),
        rolled_back_to: None,
    });
    bad.reason = Some(HOSTILE.to_owned());
    let mut facts = sample(vec![facts_of("staging", vec![bad])]);
    facts.audits[0].action = HOSTILE.to_owned();
    facts.audits[0].reason = HOSTILE.to_owned();
    facts.unreadable = vec![HOSTILE.to_owned()];
    let question = ReportQuestion { title: Some(HOSTILE.to_owned()), ..ReportQuestion::default() };
    let report = facts.report(&question).unwrap();
    let html = report.html();
    for part in ["<script", "<img", "\u{202e}", "href=\"javascript"] {
        assert!(!html.contains(part), "{part}");
    }
    assert!(html.contains("&lt;script&gt;"), "what it is called is shown");
    let markdown = report.markdown();
    for part in [
        "<script",
        "<img",
        "](javascript",
        "@all",
        "\n# heading",
        "www.",
        "https://example",
        "\u{202e}",
        " | [x",
    ] {
        // Before `<` stands a backslash, which makes it a letter.
        let bare = markdown.replace("\\<", "").replace("\\|", "").replace("\\]", "");
        assert!(!bare.contains(part), "{part}: {markdown}");
    }
    let heads = markdown.lines().filter(|line| line.starts_with("# ")).count();
    assert_eq!(heads, 1, "{markdown}");
}

#[test]
fn a_summary_says_what_was_cut() {
    let facts = sample(vec![months("staging", 400)]);
    let report = report(&facts);
    let whole = report.markdown();
    assert!(!whole.contains("Cut:"));
    let cut = report.markdown_within(30_000);
    assert!(cut.len() <= 30_000, "{}", cut.len());
    let told = cut.lines().find(|line| line.contains("Cut:")).unwrap();
    let rows = |text: &str| text.lines().filter(|line| line.starts_with("| 202")).count();
    assert!(told.contains(&format!("{} rows of *History*", rows(&whole) - rows(&cut))), "{told}");
    assert!(rows(&cut) > 10);
}

#[test]
fn many_rows_stay_within_a_job_summary() {
    let mut facts = sample(vec![months("staging", 4_000)]);
    let long = |it: Arc<Deployment>| {
        let mut record = Arc::unwrap_or_clone(it);
        record.reason = Some("&<>".repeat(300));
        Arc::new(record)
    };
    let records = facts.environments[0].history.records().cloned().map(Arc::new).map(long);
    facts.environments[0].history = History::new(records.collect());
    let markdown = report(&facts).markdown();
    assert!((900_000..=1_000_000).contains(&markdown.len()), "{}", markdown.len());
    assert!(markdown.contains("Cut:"));
}

#[test]
fn pages_are_whole_and_of_a_size_that_a_phone_loads() {
    let names = |n: usize| (0..n).map(|n| format!("team-{n:02}-preview")).collect::<Vec<_>>();
    let many: Vec<_> =
        names(39).iter().map(|name| months(name, 4)).chain([months("production", 6)]).collect();
    let mut queued = months("production", 160);
    let mut queue = crate::QueueRecord::new("production".parse().unwrap());
    queue.waiting.push(crate::queue::Waiting {
        deployment_id: DeploymentId::new(at(80 * DAY), "abcdef").unwrap(),
        holder: "dora".parse().unwrap(),
        held_back: None,
        queued_at: at(80 * DAY),
        lease_seconds: 60,
    });
    queued.queues.push(queue);
    for (name, environments) in [
        ("none", Vec::new()),
        ("one", vec![facts_of("staging", vec![record("staging", 1, 0, succeeded)])]),
        ("three", vec![months("test", 200), months("staging", 140), queued]),
        ("forty", many),
        ("large", vec![months("staging", 5_000)]),
    ] {
        let page = report(&sample(environments)).html();
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"), "{name}");
        assert_eq!(page.matches("<h1").count(), 1);
        for part in ["<script", "src=", "@import", "url("] {
            assert!(!page.contains(part), "{name}: {part}");
        }
        assert!(page.len() < 600_000, "{name}: {}", page.len());
        if name == "three" {
            assert!(page.len() < 300_000, "{name}: {}", page.len());
        }
    }
}
