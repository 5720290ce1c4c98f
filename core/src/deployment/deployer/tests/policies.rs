//! Freezes, the order of environments and soak, judged again when a deployment begins.

use super::world::{at, id, name, request};
use super::*;
use crate::Override;
use crate::environment::EnvironmentParts;
use crate::git::RefTarget;
use crate::policy::{After, AfterParts, Condition, Freeze, FreezeParts, Match};

/// A freeze between two seconds that begin a minute.
fn freeze(from: i64, to: i64) -> Freeze {
    let clocks = |seconds: i64| at(seconds).to_string()[..16].parse().unwrap();
    Freeze::new(FreezeParts {
        name: "Year end".parse().unwrap(),
        from: clocks(from),
        to: clocks(to),
        timezone: "UTC".parse().unwrap(),
    })
    .unwrap()
}

fn after(names: &[&str], condition: Condition) -> Option<After> {
    let environments = names.iter().map(|it| name(it)).collect();
    Some(After::new(AfterParts { environments, r#match: Match::All, condition }).unwrap())
}

/// Staging comes after qa.
fn staging_after_qa(it: &mut EnvironmentParts) {
    it.after = after(&["qa"], Condition::Succeeded);
}

fn to_qa(n: u8) -> Request {
    let mut request = request(n);
    (request.id, request.environment) = (id(100 + n), name("qa"));
    request
}

async fn refused(world: &World, request: Request) -> Vec<RuleId> {
    let before = world.remote.refs();
    let report = world.deploy(request).await;
    assert_eq!(world.remote.refs(), before, "nothing was written");
    rules(&report)
}

#[tokio::test]
async fn no_deployment_begins_in_a_freeze() {
    let world = World::new();
    // The clock begins 20 s after a full minute.
    world.change("staging", |it| it.freezes = vec![freeze(-20, 100)]).await;
    assert_eq!(refused(&world, request(1)).await, [RuleId::POL003]);
    world.pass(99);
    let report = world.deploy(request(1)).await;
    let told = &forbidden(&report)[0];
    assert!(told.next.contains(&at(100).to_string()), "{told}");
    world.pass(1);
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
}

#[tokio::test]
async fn what_runs_when_a_freeze_begins_runs_to_its_end() {
    let world = World::new();
    world.change("staging", |it| it.freezes = vec![freeze(40, 4000)]).await;
    let pass = |notice| {
        if let Notice::Claimed { .. } = notice {
            world.pass(60);
        }
    };
    let deployer = Deployer { tell: &pass, ..world.deployer(world.store()) };
    let report = deployer.deploy(request(1), NO_TARGET, std::future::pending()).await;
    assert_eq!(report.verdict, SUCCESS);
    assert_eq!(refused(&world, request(2)).await, [RuleId::POL003]);
}

#[tokio::test]
async fn to_go_back_is_allowed_in_a_freeze_and_asks_nobody_before() {
    let world = World::new();
    world.ran(1);
    assert_eq!(world.deploy(request(2)).await.verdict, SUCCESS);
    world.change("staging", |it| it.freezes = vec![freeze(-20, 4000)]).await;
    world.change("staging", staging_after_qa).await;
    assert_eq!(refused(&world, request(3)).await, [RuleId::POL004, RuleId::POL003]);
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
    // What was left behind is not gone back to.
    let again = Request { redeploy_after: Some(request(2).id), id: id(9), ..request(2) };
    assert_eq!(refused(&world, again).await, [RuleId::POL004, RuleId::POL003]);
}

#[tokio::test]
async fn a_version_comes_after_it_succeeded_before() {
    let world = World::new();
    world.change("staging", staging_after_qa).await;
    assert_eq!(refused(&world, request(1)).await, [RuleId::POL004]);
    assert_eq!(world.deploy(to_qa(2)).await.verdict, SUCCESS);
    assert_eq!(refused(&world, request(1)).await, [RuleId::POL004], "that was another version");
    assert_eq!(world.deploy(request(2)).await.verdict, SUCCESS);
}

#[tokio::test]
async fn an_environment_with_regions_counts_when_each_has_the_version() {
    let world = World::new();
    world
        .change("qa", |it| {
            let region = |name: &str| {
                serde_json::from_value(serde_json::json!({
                    "name": name,
                    "config_path": format!("environments/qa/regions/{name}"),
                    "cloud_mappings": { "aws": "eu-west-1" },
                }))
                .unwrap()
            };
            it.regions = vec![region("eu-west"), region("us-east")];
        })
        .await;
    world.change("staging", staging_after_qa).await;
    let to = |n: u8, region: &str| Request {
        id: id(n),
        region: Some(region.parse().unwrap()),
        ..to_qa(1)
    };
    assert_eq!(world.deploy(to(50, "eu-west")).await.verdict, SUCCESS);
    let report = world.deploy(request(1)).await;
    assert!(forbidden(&report)[0].found.contains("`us-east` of `qa`"), "{report:?}");
    assert_eq!(world.deploy(to(51, "us-east")).await.verdict, SUCCESS);
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
}

#[tokio::test]
async fn a_version_has_run_before_for_long_enough() {
    let world = World::new();
    world.change("staging", staging_after_qa).await;
    world.change("staging", |it| it.soak = Some("10m".parse().unwrap())).await;
    assert_eq!(world.deploy(to_qa(1)).await.verdict, SUCCESS);
    world.pass(599);
    let report = world.deploy(request(1)).await;
    assert_eq!(rules(&report), [RuleId::POL005]);
    assert!(forbidden(&report)[0].next.contains(&at(600).to_string()), "{report:?}");
    // Another version takes its place before it is through, and it comes back.
    assert_eq!(world.deploy(to_qa(2)).await.verdict, SUCCESS);
    world.pass(5);
    let report = world.deploy(request(1)).await;
    assert!(forbidden(&report)[0].found.contains("599 s"), "{report:?}");
    let again = Request { id: id(60), ..to_qa(1) };
    assert_eq!(world.deploy(again).await.verdict, SUCCESS);
    world.pass(599);
    assert_eq!(refused(&world, request(1)).await, [RuleId::POL005], "from the beginning");
    world.pass(1);
    assert_eq!(world.deploy(request(1)).await.verdict, SUCCESS);
}

#[tokio::test]
async fn environments_that_come_before_each_other_take_nothing() {
    let world = World::new();
    world.change("staging", staging_after_qa).await;
    world.change("qa", |it| it.after = after(&["staging"], Condition::Running)).await;
    let report = world.deploy(request(1)).await;
    assert_eq!(rules(&report), [RuleId::POL006]);
    let told = &forbidden(&report)[0].found;
    assert_eq!(told, "`staging` before `qa` before `staging`");
}

#[tokio::test]
async fn an_override_lets_one_begin_and_is_kept_with_the_claim() {
    let world = World::new();
    world.change("staging", |it| it.freezes = vec![freeze(-20, 4000)]).await;
    world.change("staging", staging_after_qa).await;
    let lifting = |who: &str, rules: &[RuleId], subject: &str| {
        let made = Override::new("orders fail", who).unwrap().only_rules(rules.to_vec()).unwrap();
        let by = made.only_subjects(vec![subject.to_owned()]).unwrap();
        Authority { in_ci: true, admin_override: Some(by), protected_push: None }
    };
    let both = [RuleId::POL003, RuleId::POL004];
    let deploy = async |authority: Authority| {
        let deployer = Deployer { authority: &authority, ..world.deployer(world.store()) };
        deployer.deploy(request(1), NO_TARGET, std::future::pending()).await
    };
    let before = world.remote.refs();
    let only = deploy(lifting("Grace", &both[..1], "staging")).await;
    assert_eq!(rules(&only), [RuleId::POL004]);
    assert!(forbidden(&only)[0].next.contains("lifts only `POL003`"), "{only:?}");
    assert_eq!(rules(&deploy(lifting("Grace", &both, "production")).await).len(), 2);
    let own = deploy(lifting("ada", &both, "staging")).await;
    assert!(forbidden(&own)[0].next.contains("have another person answer"), "{own:?}");
    assert_eq!(world.remote.refs(), before);
    let report = deploy(lifting("Grace", &both, "staging/api")).await;
    assert_eq!(report.verdict, SUCCESS);
    let refs = world.remote.refs();
    let (name, target) = refs.under("refs/ledger/audit/").next().unwrap();
    let kept: AuditRecord =
        world.read(&format!("refs/ledger/audit/{name}"), RefTarget::clone(&target)).await;
    assert_eq!(kept.rules, ["POL004", "POL003"]);
    assert_eq!((kept.reason.as_str(), kept.approved_by.as_str()), ("orders fail", "Grace"));
}
