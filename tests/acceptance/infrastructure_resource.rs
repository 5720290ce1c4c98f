//! `pipeline_infrastructure_resource`: what an environment runs on, declared, reviewed and recorded.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_core::{Timestamp, Violations};
use serde_json::{Value, json};

use crate::hcl::{deployment, staging, tag};

const SERVICE: &str = "refs/ledger/infrastructure/aws/aws_ecs_service/web";
const ADDRESS: &str = "pipeline_infrastructure_resource.web";
const GROUP: &str = "/subscriptions/5f0f7a4c-6f0c-4b1e-9d51-0e8f2c9b7a11/resourceGroups/shop";

/// A review that is newer than anything before the given second of the year 2020.
fn review(at: &str) -> String {
    format!(
        "  review = {{\n    reviewed_by = \"bob\"\n    reviewed_at = \"{at}\"\n    \
         reference = \"https://example.com/pull/7\"\n  }}\n"
    )
}

/// A resource with further lines; a line replaces what would be said otherwise.
fn resource(name: &str, usual: &[&str], lines: &str) -> String {
    let said = |usual: &&&str| {
        let key = usual.split('=').next().unwrap_or_default();
        lines.lines().any(|line| line.starts_with(&format!("  {key}")))
    };
    let kept: Vec<&str> = usual.iter().filter(|usual| !said(usual)).copied().collect();
    let kept = kept.join("\n  ");
    let review =
        if lines.contains("review =") { String::new() } else { review("2020-01-01T10:00:00Z") };
    format!(
        "resource \"pipeline_infrastructure_resource\" \"{name}\" {{\n  {kept}\n{review}{lines}\n}}\n"
    )
}

fn web(lines: &str) -> String {
    let usual = [
        "cloud = \"aws\"",
        "type = \"aws_ecs_service\"",
        "name = \"web\"",
        "region = \"eu-west-1\"",
        "environment = \"staging\"",
        "tags = { Environment = \"staging\", Project = \"shop\" }",
    ];
    resource("web", &usual, lines)
}

fn azure(name: &str, kind: &str, lines: &str) -> String {
    let usual = [
        "cloud = \"azure\"".to_owned(),
        format!("type = \"{kind}\""),
        format!("name = \"{name}\""),
        "region = \"westeurope\"".to_owned(),
        "environment = \"staging\"".to_owned(),
    ];
    let usual: Vec<&str> = usual.iter().map(String::as_str).collect();
    resource(name, &usual, lines)
}

/// A scene in which staging is registered.
fn registered() -> Outcome<Scene> {
    let scene = Scene::local()?;
    let environments = scene.second_workspace("environments")?;
    environments.settle(&staging())?;
    Ok(scene)
}

/// A time after the last change of a resource that has come: waits for the clock, which it reads, to pass it.
fn after(known: &Value) -> Outcome<String> {
    let last: Timestamp = known["updated_at"]
        .as_str()
        .ok_or("no time")?
        .parse()
        .map_err(|bad: Violations| bad.to_string())?;
    let next = last.plus_seconds(1);
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    while i64::try_from(now()).is_ok_and(|now| now <= next.unix_seconds()) {
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(next.to_string())
}

fn record(scene: &Scene, name: &str) -> Outcome<Value> {
    let records = scene.repository.records(name)?;
    Ok(records.get(name).cloned().ok_or("no record of the resource")?)
}

#[test]
fn resources_of_both_clouds_are_recorded_and_go_in_order() -> Outcome {
    let scene = registered()?;
    let site = format!(
        "  resource_id = \"{GROUP}/providers/Microsoft.Web/sites/app-shop\"\n  configuration = \
         jsonencode({{ httpsOnly = true, note = \"a & b\" }})\n  references = \
         [pipeline_infrastructure_resource.plan-shop.id]"
    );
    let made =
        [web(""), azure("plan-shop", "AppServicePlan", ""), azure("app-shop", "AppService", &site)];
    scene.workspace.settle(&made.concat())?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(
        (&known["id"], &known["status"]),
        (&json!("aws/aws_ecs_service/web"), &json!("created"))
    );
    assert_eq!(known["created_at"], known["updated_at"]);
    let site = scene.workspace.attributes("pipeline_infrastructure_resource.app-shop")?;
    assert_eq!(site["status"], "ready");
    let record = record(&scene, "refs/ledger/infrastructure/azure/AppService/app-shop")?;
    assert_eq!(record["references"], json!(["azure/AppServicePlan/plan-shop"]));
    assert_eq!(record["configuration"], json!({ "httpsOnly": true, "note": "a & b" }));
    scene.workspace.destroy()?.ok()?;
    assert!(scene.repository.records("refs/ledger/infrastructure/")?.is_empty());
    Ok(())
}

#[test]
fn a_change_needs_a_newer_review() -> Outcome {
    let scene = registered()?;
    scene.workspace.main(&web("  review = null"))?;
    scene.workspace.plan(&[])?.refused("INF006")?.says("no review")?;
    scene.workspace.settle(&web(""))?;
    let before = scene.workspace.attributes(ADDRESS)?;
    scene.workspace.main(&web("  region = \"eu-west-2\""))?;
    let run = scene.workspace.plan(&[])?;
    run.refused("INF006")?.says("2020-01-01T10:00:00Z")?;
    scene
        .workspace
        .main(&web(&format!("{}  region = \"eu-west-2\"", review("2999-01-01T10:00:00Z"))))?;
    scene.workspace.plan(&[])?.refused("INF006")?;
    // The review was made after the change before: now, by the clock of this machine.
    let now = after(&before)?;
    let lines = format!("{}  region = \"eu-west-2\"", review(&now));
    scene.workspace.main(&web(&lines))?;
    let plan = scene.workspace.plan(&["-out=saved"])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    scene.workspace.apply(&["saved"])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(
        (&known["status"], &known["created_at"]),
        (&json!("updated"), &before["created_at"])
    );
    assert_eq!(record(&scene, SERVICE)?["status"], "updated");
    Ok(())
}

#[test]
fn broken_rules_are_told_at_once_and_nothing_changes() -> Outcome {
    let scene = registered()?;
    let before = scene.repository.refs()?;
    let wrong = "  type = \"aws_ecs_servce\"\n  region = \"us-esat-1\"\n  references = [\"web\"]\n  \
                 terraform_state = \"shop\"";
    scene.workspace.main(&web(wrong))?;
    let run = scene.workspace.plan(&[])?;
    run.refused("INF001")?.says("aws_ecs_service")?.at("type")?;
    run.refused("INF002")?.says("us-east-1")?.at("region")?;
    run.refused("GLB002")?.says("references[0]")?;
    run.refused("INF007")?.says("pipeline_terraform_state")?;
    let wrong = format!("  region = \"moon\"\n  resource_id = \"{GROUP}\"");
    scene.workspace.main(&azure("kv--shop", "KeyVault", &wrong))?;
    let run = scene.workspace.plan(&[])?;
    run.refused("INF022")?.says("kv-shop-prod")?.at("name")?;
    run.refused("INF023")?;
    scene.workspace.main(&azure("kv-shop", "KeyVault", &wrong))?;
    scene.workspace.plan(&[])?.refused("INF020")?.says("Microsoft.KeyVault/vaults/kv-shop")?;
    let wrong = "  tags = { environment = \"staging\" }\n  environment = \"stagin\"\n  \
                 references = [\"aws/aws_lb/front\"]";
    scene.workspace.main(&web(wrong))?;
    let run = scene.workspace.plan(&[])?;
    run.refused("INF003")?.says("Rename `environment` to `Environment`")?;
    run.refused("INF024")?.says("staging")?;
    run.refused("INF028")?.says("aws/aws_lb/front")?;
    for configuration in ["\"[1]\"", "jsonencode({ password = \"canary-of-infra\" })"] {
        scene.workspace.main(&web(&format!("  configuration = {configuration}")))?;
        let run = scene.workspace.plan(&[])?;
        let rule = if configuration.contains("canary") { "SEC007" } else { "INF025" };
        run.refused(rule)?.at("configuration")?;
    }
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn the_provider_block_asks_for_other_tags_and_admits_newer_types() -> Outcome {
    let scene = registered()?;
    let settings = "  required_tags = [\"Owner\"]\n  extra_resource_types = [\"aws_moon_base\"]\n";
    scene.workspace.configure(&scene.repository.path(), settings)?;
    scene.workspace.main(&web("  type = \"aws_moon_base\""))?;
    scene.workspace.plan(&[])?.refused("INF003")?.says("Owner")?;
    scene.workspace.settle(&web("  type = \"aws_moon_base\"\n  tags = { Owner = \"ana\" }"))?;
    Ok(())
}

#[test]
fn no_circle_comes_about_and_nothing_that_is_needed_goes() -> Outcome {
    let scene = registered()?;
    let plan = azure("plan-shop", "AppServicePlan", "");
    let app =
        azure("app-shop", "AppService", "  references = [\"azure/AppServicePlan/PLAN-shop\"]");
    scene.workspace.settle(&plan)?;
    let second = scene.second_workspace("second")?;
    second.settle(&app)?;
    let before = scene.repository.refs()?;
    let now = after(&scene.workspace.attributes("pipeline_infrastructure_resource.plan-shop")?)?;
    let lines = format!("{}  references = [\"azure/AppService/app-shop\"]", review(&now));
    scene.workspace.main(&azure("plan-shop", "AppServicePlan", &lines))?;
    let run = scene.workspace.plan(&[])?;
    run.refused("INF028")?
        .says("`azure/AppServicePlan/plan-shop` needs `azure/AppService/app-shop`")?;
    scene.workspace.main(&plan)?;
    scene.workspace.destroy()?.refused("INF028")?.says("azure/AppService/app-shop")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn a_foreign_status_forbids_a_change() -> Outcome {
    let scene = registered()?;
    scene.workspace.settle(&web(""))?;
    let mut failed = record(&scene, SERVICE)?;
    failed["status"] = json!("failed");
    scene.repository.put_record(SERVICE, &failed)?;
    let now = after(&failed)?;
    scene.workspace.main(&web(&format!("{}  region = \"eu-west-2\"", review(&now))))?;
    scene.workspace.plan(&[])?.refused("INF005")?.says("because `failed` is final")?;
    Ok(())
}

#[test]
fn imports_by_id_and_identity() -> Outcome {
    let scene = registered()?;
    let lines = "  type = \"AWS::ECS::Service\"\n  name = \"shop/web\"";
    scene.workspace.settle(&web(lines))?;
    let second = scene.second_workspace("second")?;
    second.main(&web(lines))?;
    second.plan(&[])?.refused("registered already")?.says("aws/AWS::ECS::Service/shop/web")?;
    let unknown = second.import(ADDRESS, "aws/AWS::ECS::Service/shop/wep")?;
    assert!(unknown.code != Some(0) && unknown.stderr.contains("aws/AWS::ECS::Service/shop/web"));
    second.import(ADDRESS, "aws/AWS::ECS::Service/shop/web")?.success()?;
    second.plan(&[])?.unchanged()?;
    if scene.workspace.terraform.lacks(Feature::Identity, "imports_by_id_and_identity") {
        return Ok(());
    }
    let third = scene.second_workspace("third")?;
    let import = format!(
        "import {{\n  to = {ADDRESS}\n  identity = {{ cloud = \"aws\", type = \"AWS::ECS::Service\", name = \
         \"shop/web\" }}\n}}\n"
    );
    third.main(&[import, web(lines)].concat())?;
    third.apply(&[])?.ok()?;
    third.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn a_deployment_names_what_hosts_it() -> Outcome {
    let scene = Scene::local()?;
    let release = tag("release", "v1.0.0", "main");
    let lines = "  infrastructure = \"aws/aws_ecs_service/wep\"\n  depends_on = [pipeline_version_tag.release]";
    scene
        .workspace
        .main(&[release.clone(), staging(), deployment("staging", "v1.0.0", lines)].concat())?;
    let told = scene.workspace.plan(&[])?.refused("DEP026")?;
    told.says("aws/aws_ecs_service/wep")?.at("infrastructure")?;
    let lines = "  infrastructure = pipeline_infrastructure_resource.web.id\n  depends_on = \
                 [pipeline_version_tag.release]";
    let service = web("  environment = pipeline_environment.staging.name");
    let all = [release, staging(), service, deployment("staging", "v1.0.0", lines)];
    scene.workspace.settle(&all.concat())?;
    let second = scene.second_workspace("second")?;
    second.main("data \"pipeline_deployments\" \"all\" {\n  environment = \"staging\"\n}\n")?;
    second.apply(&[])?.ok()?;
    let shown = second.attributes("data.pipeline_deployments.all")?;
    assert_eq!(shown["deployments"][0]["infrastructure"], "aws/aws_ecs_service/web");
    Ok(())
}
