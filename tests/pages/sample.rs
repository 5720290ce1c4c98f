//! A repository as a team has it, made up: many services in three environments, what failed, what was taken back, what
//! waits, and names that nobody should choose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pipeline_core::action_link::Workflow;
use pipeline_core::audit::AuditRecord;
use pipeline_core::deployment::{Attempts, History, Origin, Running};
use pipeline_core::queue::{Claim, Waiting};
use pipeline_core::report::{
    Change, EnvironmentFacts, Lane, PlaceFacts, ReportFacts, WayBack, new_since,
};
use pipeline_core::rollback::RejectedVersion;
use pipeline_core::{
    Actor, Approval, CommitSha, Deployment, DeploymentId, DeploymentUuid, Progress, QueueRecord,
    Status, Timestamp, Version,
};
use serde_json::json;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The services that most teams would know.
pub(crate) const PLAIN: [&str; 10] = [
    "api",
    "web",
    "worker",
    "payments",
    "search",
    "billing/invoices",
    "mail",
    "gateway",
    "reports",
    "auth",
];

/// Services whose names need room.
pub(crate) const LONG: [&str; 10] = [
    "api",
    "web",
    "identity-and-access-management-service-for-business-customers",
    "platform/teams/checkout/services/payments/providers/card-acquirer-adapter",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "x",
    "mail",
    "gateway",
    "reports",
    "auth",
];

/// Texts that would do harm where they were not text.
const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(2)> \"><svg onload=alert(3)> | `x` \
                       \u{202e}desrever\u{202c} @all https://example.com/ \u{7}";

/// What is told of the people and of the reasons.
pub(crate) struct Words {
    people: [&'static str; 4],
    reason: &'static str,
    error: &'static str,
    title: Option<&'static str>,
}

pub(crate) const USUAL: Words = Words {
    people: ["ana", "ben", "cleo@example.com", "release-bot"],
    reason: "Customers wait for the new checkout",
    error: "the health check answered 503 three times: upstream connect error",
    title: None,
};

pub(crate) const UNUSUAL: Words = Words {
    people: [
        "a",
        "josephine.maximiliane.von-und-zu-hohenstein-brandenburg@engineering.subsidiary.example.com",
        "\"onmouseover=alert(4)",
        "李小龙 · Ωmega · \u{1F680}",
    ],
    reason: HOSTILE,
    error: HOSTILE,
    title: Some(HOSTILE),
};

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn commit(n: usize) -> CommitSha {
    let mut bytes = [0x5c; 20];
    bytes[..8].copy_from_slice(&(n as u64 ^ 0x5bd1_e995_27d4_eb2f).to_be_bytes());
    CommitSha::from_bytes(bytes)
}

/// The n-th of a service's versions.
fn version(service: &str, n: usize) -> Version {
    let end = if n % 11 == 10 { "-rc.1" } else { "" };
    format!("{service}/v{}.{}.{}{end}", 1 + n / 40, n % 40 / 4, n % 4).parse().unwrap()
}

/// One service in one environment, over a time that ends now.
struct Story<'a> {
    environment: &'a str,
    service: &'a str,
    /// Which of the services it is.
    number: usize,
    /// How many deployments there were.
    count: usize,
    words: &'a Words,
}

impl Story<'_> {
    fn person(&self, n: usize) -> Actor {
        self.words.people[n % self.words.people.len()].parse().unwrap()
    }

    /// The n-th deployment. Every seventh fails, every eleventh is taken back, every thirteenth was stopped.
    fn deployment(&self, n: usize) -> Deployment {
        let step = 88 * DAY / i64::try_from(self.count).unwrap();
        let number = i64::try_from(n).unwrap();
        let other = i64::try_from(self.number).unwrap();
        let start = number * step + (number * 7919 + other * 104_729) % (step / 2) + other * HOUR;
        let version = version(self.service, n);
        let commit_sha = commit(self.number * 10_000 + n);
        let is_production = self.environment == "production";
        let approval = is_production.then(|| Approval {
            approved_by: self.person(n + 1),
            commit_sha,
            approved_at: Some(at(start - 20 * MINUTE)),
            reference: None,
        });
        let random = format!("{:06x}", (self.number * 100_000 + n) & 0xff_ffff);
        Deployment {
            id: DeploymentId::new(at(start), &random).unwrap(),
            uuid: DeploymentUuid::from_random([5; 16]),
            environment: self.environment.parse().unwrap(),
            region: None,
            will_move_env_tag: true,
            requested_at: at(start),
            triggered_by: self.person(n),
            approval,
            approvals: Vec::new(),
            workflow_run_id: "18234567890".parse().ok(),
            infrastructure: None,
            pipeline_run: None,
            reason: n.is_multiple_of(3).then(|| self.words.reason.to_owned()),
            fixes: None,
            health_check_url: None,
            health_check_terms: None,
            public_url: is_production.then(|| "https://shop.example.com/".parse().unwrap()),
            previous_version: None,
            previous_commit: None,
            migrations: None,
            tests: None,
            rollout: None,
            health_check: None,
            attempts: Attempts::FIRST,
            progress: self.progress(
                n,
                start,
                n.checked_sub(1).map(|n| self::version(self.service, n)),
            ),
            version,
            commit_sha,
        }
    }

    fn progress(&self, n: usize, start: i64, before: Option<Version>) -> Progress {
        let started_at = at(start);
        let completed_at = at(start + 4 * MINUTE + 13);
        let is_last = n + 1 == self.count;
        let fails = if is_last { self.number == 3 } else { (n + self.number) % 7 == 4 };
        if fails {
            let error_message = self.words.error.to_owned();
            return Progress::Failed {
                started_at,
                completed_at,
                error_message,
                rolled_back_to: before,
            };
        }
        if !is_last && (n + self.number) % 11 == 7 {
            let rolled_back_at = completed_at.plus_seconds(35 * MINUTE);
            return Progress::RolledBack {
                started_at,
                completed_at,
                rolled_back_at,
                rolled_back_to: before,
            };
        }
        if !is_last && (n + self.number) % 13 == 9 {
            let reason = Some("Stopped by hand".to_owned());
            let started_at = Some(started_at);
            return Progress::Cancelled { started_at, completed_at, reason, rolled_back_to: None };
        }
        Progress::Succeeded { started_at, completed_at }
    }

    fn lane(&self) -> Lane {
        Lane {
            environment: self.environment.parse().unwrap(),
            sub_project_path: self.service.parse().unwrap(),
            region: None,
        }
    }

    /// What runs in the end: the newest that succeeded, but that somebody moved the tag of the fifth service.
    fn place(&self, records: &[Arc<Deployment>]) -> PlaceFacts {
        let last = records.iter().rev().find(|it| it.status() == Status::Succeeded);
        let is_moved = self.number == 4 && self.environment == "production";
        let running = last.map(|it| Running {
            commit: it.commit_sha,
            version: Some(it.version.clone()),
            origin: if is_moved { Origin::Tag } else { Origin::Deployment(it.id.clone()) },
        });
        let good: Vec<Version> = records
            .iter()
            .rev()
            .filter(|it| it.status() == Status::Succeeded)
            .skip(1)
            .take(4)
            .map(|it| it.version.clone())
            .collect();
        let bad = records.iter().rev().filter(|it| it.status() != Status::Succeeded);
        let way_back = WayBack {
            lane: self.lane(),
            target: good.first().cloned(),
            reason: good.is_empty().then(|| "no earlier version succeeded there".to_owned()),
            candidates: good,
            rejected: bad
                .take(14)
                .map(|it| RejectedVersion {
                    version: it.version.clone(),
                    reason: format!("its deployment {}", it.status()),
                })
                .collect(),
        };
        PlaceFacts { lane: self.lane(), running, way_back: Some(way_back) }
    }
}

/// An environment with `count` deployments of each of these services.
fn environment(name: &str, services: &[&str], count: usize, words: &Words) -> EnvironmentFacts {
    let (mut all, mut places) = (Vec::new(), Vec::new());
    for (number, service) in services.iter().enumerate() {
        let story = Story { environment: name, service, number, count, words };
        let records: Vec<_> = (0..count).map(|n| Arc::new(story.deployment(n))).collect();
        places.push(story.place(&records));
        all.extend(records);
    }
    EnvironmentFacts {
        name: name.parse().unwrap(),
        is_production: name == "production",
        written_at: Some(at(0)),
        history: History::new(all),
        queues: Vec::new(),
        places,
    }
}

/// Somebody deploys to an environment, and two wait for it.
fn busy(environment: &mut EnvironmentFacts, services: &[&str], words: &Words) {
    let mut queue = QueueRecord::new(environment.name.clone());
    let mut records: Vec<Arc<Deployment>> =
        environment.history.records().cloned().map(Arc::new).collect();
    for (n, service) in services.iter().take(3).enumerate() {
        let name = environment.name.to_string();
        let story = Story { environment: &name, service, number: n, count: 100, words };
        let since = at(89 * DAY + i64::try_from(n).unwrap() * 3 * MINUTE);
        let id = DeploymentId::new(since, &format!("{n:06x}")).unwrap();
        let progress = match u32::try_from(n).ok().and_then(std::num::NonZeroU32::new) {
            None => Progress::InProgress { started_at: since },
            Some(position) => Progress::Queued { position, estimated_wait_seconds: Some(240) },
        };
        let holder = story.person(n);
        records.push(Arc::new(Deployment {
            id: id.clone(),
            requested_at: since,
            triggered_by: holder.clone(),
            approval: None,
            approvals: Vec::new(),
            progress,
            ..story.deployment(99)
        }));
        if n == 0 {
            queue.current = Some(Claim {
                deployment_id: id,
                holder,
                locked_at: since,
                lease_until: at(90 * DAY),
                lease_seconds: 60,
            });
        } else {
            queue.waiting.push(Waiting {
                deployment_id: id,
                holder,
                held_back: None,
                queued_at: since,
                lease_seconds: 60,
            });
        }
    }
    environment.queues.push(queue);
    environment.history = History::new(records);
}

/// What a team has: three environments, the later ones behind the earlier ones.
pub(crate) fn team(names: [&str; 3], services: &[&str], words: &Words) -> ReportFacts {
    let [first, second, last] = names;
    let mut production = environment(last, services, 11, words);
    busy(&mut production, services, words);
    let environments = vec![
        environment(first, services, 28, words),
        environment(second, services, 20, words),
        production,
    ];
    let actor = |n: usize| words.people[n].parse::<Actor>().unwrap();
    let audit = |n: i64, action: &str| AuditRecord {
        at: at(n * 9 * DAY),
        actor: actor(0),
        approved_by: actor(2),
        reason: words.reason.to_owned(),
        action: action.to_owned(),
        rules: vec!["TAG009".to_owned(), "DEP012".to_owned()],
        before: None,
        after: None,
    };
    let secret = json!({
        "environment": last, "name": "DatabaseConnectionString",
        "key_vault_url": "https://kv-shop-production.vault.azure.net", "type": "ConnectionString",
        "rotation_schedule_days": 90, "last_rotated_at": "2025-07-01T08:00:00Z", "created_by": "ana",
        "is_active": true, "registered_at": "2025-07-01T08:00:00Z", "registered_by": "ana",
    });
    let mut facts = ReportFacts {
        github: Some("example/shop".parse().unwrap()),
        workflows: [
            Workflow::Rollback,
            Workflow::Deployment,
            Workflow::Release,
            Workflow::Maintenance,
        ]
        .into(),
        ledger: "refs/ledger".to_owned(),
        commit: Some(commit(1)),
        environments,
        audits: vec![audit(8, "move tag api/production"), audit(9, words.error)],
        secrets: vec![serde_json::from_value(secret).unwrap()],
        unreadable: vec![format!("refs/ledger/deployments/{last}/x: {}", words.error)],
        ..ReportFacts::default()
    };
    facts.changes = changes(&facts, words);
    facts
}

/// What each deployment brought, and what the next environments would get.
fn changes(
    facts: &ReportFacts,
    words: &Words,
) -> BTreeMap<(CommitSha, CommitSha), Option<Vec<Change>>> {
    let mut pairs = BTreeSet::new();
    for environment in &facts.environments {
        pairs.extend(new_since(&environment.history.in_order(), at(-DAY * 1000)));
    }
    for (from, to) in facts.environments.iter().zip(facts.environments.iter().skip(1)) {
        for (ahead, behind) in from.places.iter().zip(&to.places) {
            let of = |place: &PlaceFacts| place.running.as_ref().map(|it| it.commit);
            pairs.extend(of(behind).zip(of(ahead)));
        }
    }
    let change = |n: usize, done: Timestamp| Change {
        commit_sha: commit(700_000 + n),
        committed_at: Some(done.plus_seconds(-HOUR * 3)),
        summary: words.reason.to_owned(),
    };
    let ends: BTreeMap<CommitSha, Timestamp> = facts
        .environments
        .iter()
        .flat_map(|it| it.history.records())
        .filter_map(|it| Some((it.commit_sha, it.progress.completed_at()?)))
        .collect();
    let brought = |(n, (before, after)): (usize, (CommitSha, CommitSha))| {
        let done = ends.get(&after).copied().unwrap_or_else(|| at(0));
        ((before, after), Some((0..=n % 16).map(|n| change(n, done)).collect()))
    };
    pairs.into_iter().enumerate().map(brought).collect()
}

/// Many environments, and one service.
pub(crate) fn many(count: usize) -> ReportFacts {
    let name = |n: usize| format!("team-{n:02}-preview");
    let names = (1..count).map(name).chain(["production".to_owned()]);
    ReportFacts {
        environments: names.map(|it| environment(&it, &["api"], 4, &USUAL)).collect(),
        ..ReportFacts::default()
    }
}

/// The title that a report is asked to have.
pub(crate) fn title(words: &Words) -> Option<String> {
    words.title.map(str::to_owned)
}
