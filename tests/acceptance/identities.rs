//! What names an object for ever: every resource has it in the state, and is imported by its ID in an `import`
//! block. Imports by the command and by identity are tested beside each resource.

use std::fmt::Write as _;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::workspace::Workspace;
use serde_json::{Value, json};

use crate::artifact::Stage;
use crate::hcl::{deployment, environment, staging, tag};

const COMMIT: &str = "0123456789012345678901234567890123456789";

/// One object of every resource.
fn everything(stage: &Stage) -> Outcome<String> {
    let head = stage.scene.repository.head()?;
    let records = format!(
        r#"
resource "pipeline_approval" "this" {{
  environment = pipeline_environment.staging.name
  version     = pipeline_version_tag.this.tag_name
}}
resource "pipeline_secret" "this" {{
  name          = "Database-Password"
  key_vault_url = "https://kv-stitches-staging.vault.azure.net/"
  type          = "ConnectionString"
  environment   = pipeline_environment.staging.name
}}
resource "pipeline_infrastructure_resource" "this" {{
  cloud       = "aws"
  type        = "aws_ecs_service"
  name        = "web"
  region      = "eu-west-1"
  environment = pipeline_environment.staging.name
  tags        = {{ Environment = "staging", Project = "shop" }}
  review = {{
    reviewed_by = "bob"
    reviewed_at = "2020-01-01T00:00:01Z"
    reference   = "https://example.com/pull/7"
  }}
}}
resource "pipeline_maintenance_task" "this" {{
  task_type = "security-audit"
}}
resource "pipeline_run" "this" {{
  name       = "production-deploy"
  run_id     = "run-20251020-143045-k8m3q2"
  trigger    = "push"
  branch     = "main"
  commit_sha = "{COMMIT}"
  status     = "pending"
}}
"#
    );
    let deploys = deployment("staging", "api/v1.0.0", "  depends_on = [pipeline_version_tag.this]");
    Ok([tag("this", "api/v1.0.0", &head), staging(), deploys, records, stage.hcl("")].concat())
}

/// Address, ID and identity of every object, of which some are only known once it is made.
fn known(stage: &Stage, at: &Workspace) -> Outcome<Vec<(String, String, Value)>> {
    let task = at.attributes("pipeline_maintenance_task.this")?["task_id"].clone();
    let person = at.attributes("pipeline_approval.this")?["person"].clone();
    let (task, person) = (task.as_str().ok_or("no task")?, person.as_str().ok_or("no person")?);
    let (bucket, key) = (&stage.bucket, stage.key()?);
    let all = [
        ("version_tag", "api/v1.0.0".to_owned(), json!({"tag_name": "api/v1.0.0"})),
        ("environment", "staging".to_owned(), json!({"name": "staging"})),
        (
            "deployment",
            "staging/api".to_owned(),
            json!({"environment": "staging", "sub_project_path": "api", "region": null}),
        ),
        (
            "approval",
            format!("staging/api/v1.0.0/{person}"),
            json!({"environment": "staging", "version": "api/v1.0.0", "person": person}),
        ),
        (
            "secret",
            "staging/Database-Password".to_owned(),
            json!({"environment": "staging", "name": "Database-Password"}),
        ),
        (
            "infrastructure_resource",
            "aws/aws_ecs_service/web".to_owned(),
            json!({"cloud": "aws", "type": "aws_ecs_service", "name": "web"}),
        ),
        ("maintenance_task", task.to_owned(), json!({"task_id": task})),
        (
            "run",
            "production-deploy/run-20251020-143045-k8m3q2".to_owned(),
            json!({"name": "production-deploy"}),
        ),
        ("artifact", format!("s3://{bucket}/{key}"), json!({"bucket": bucket, "key": key})),
    ];
    let address = |what: &str| {
        let name = if what == "environment" { "staging" } else { "this" };
        format!("pipeline_{what}.{name}")
    };
    Ok(all.into_iter().map(|(what, id, identity)| (address(what), id, identity)).collect())
}

/// Every object of the state has its identity.
fn check(workspace: &Workspace, known: &[(String, String, Value)]) -> Outcome {
    for (address, _, identity) in known {
        let found = workspace.identity(address)?;
        let parts = identity.as_object().ok_or("no object")?;
        for (name, part) in parts {
            assert_eq!(&found[name], part, "{name} of {address}: {found}");
        }
    }
    Ok(())
}

#[test]
fn every_object_has_its_identity_and_is_imported_by_its_id() -> Outcome {
    let stage = Stage::set()?;
    let workspace = stage.workspace();
    let hcl = everything(&stage)?;
    workspace.main(&hcl)?;
    workspace.apply(&[])?.ok()?;
    let known = known(&stage, workspace)?;
    assert_eq!(known.len(), 9);
    let has_identities =
        !workspace.terraform.lacks(Feature::Identity, "every_object_has_its_identity…");
    if has_identities {
        check(workspace, &known)?;
        workspace.apply(&["-refresh-only"])?.ok()?;
        check(workspace, &known)?;
    }
    let before = stage.scene.repository.refs()?;
    for (address, ..) in &known {
        workspace.run("state", &["rm", address])?.success()?;
    }
    let mut imports = String::new();
    for (address, id, _) in &known {
        // Writing to a string cannot fail.
        let _ = writeln!(imports, "import {{\n  to = {address}\n  id = \"{id}\"\n}}");
    }
    workspace.write("imports.tf", &imports)?;
    let actions = workspace.apply(&[])?.ok()?.actions();
    // Nothing knows which file an artifact came from, nor which branch was meant by its commit.
    let made =
        actions.iter().filter(|(_, action)| !["import", "update"].contains(&action.as_str()));
    assert_eq!(made.count(), 0, "{actions:?}");
    if has_identities {
        check(workspace, &known)?;
    }
    std::fs::remove_file(workspace.directory.join("imports.tf"))?;
    workspace.plan(&[])?.unchanged()?;
    same_refs(&before, &stage.scene.repository.refs()?)
}

#[test]
fn a_deployment_of_an_older_state_is_given_what_its_identity_lacks() -> Outcome {
    let scene = Scene::local()?;
    let workspace = &scene.workspace;
    if workspace.terraform.lacks(Feature::Identity, "a_deployment_of_an_older_state…") {
        return Ok(());
    }
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    let region = "  regions = [{ name = \"eu-west\", cloud_mappings = { aws = \"eu-west-1\" } }]";
    scene.repository.write("environments/staging/regions/eu-west/config.yaml", "zones: 1\n")?;
    scene.repository.commit("A region")?;
    let deploys = deployment("staging", "api/v1.0.0", "  region = \"eu-west\"");
    workspace.settle(&[environment("staging", region), deploys].concat())?;
    let address = "pipeline_deployment.this";
    assert_eq!(workspace.identity(address)?["region"], "eu-west");
    // Before the region was part of it.
    let mut state: Value = serde_json::from_str(&workspace.state_text()?)?;
    for resource in state["resources"].as_array_mut().into_iter().flatten() {
        if resource["type"] == "pipeline_deployment" {
            let instance = &mut resource["instances"][0];
            instance["identity_schema_version"] = json!(0);
            instance["identity"].as_object_mut().ok_or("no identity")?.remove("region");
        }
    }
    workspace.write("terraform.tfstate", &state.to_string())?;
    workspace.plan(&["-refresh=false"])?.unchanged()?;
    workspace.plan(&[])?.unchanged()?;
    workspace.apply(&["-refresh-only"])?.ok()?;
    assert_eq!(workspace.identity(address)?["region"], "eu-west");
    Ok(())
}

#[test]
fn deployments_to_two_regions_are_two() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    let regions = "  regions = [\n    { name = \"eu-west\", cloud_mappings = { aws = \"eu-west-1\" } },\n    \
                   { name = \"us-east\", cloud_mappings = { aws = \"us-east-1\" } },\n  ]";
    let to = |name: &str, region: &str| {
        let lines = format!("  region = \"{region}\"\n  will_move_env_tag = false");
        deployment("staging", "api/v1.0.0", &lines).replace("\"this\"", &format!("\"{name}\""))
    };
    let hcl = [environment("staging", regions), to("west", "eu-west"), to("east", "us-east")];
    scene.repository.write("environments/staging/regions/eu-west/config.yaml", "zones: 1\n")?;
    scene.repository.write("environments/staging/regions/us-east/config.yaml", "zones: 1\n")?;
    scene.repository.commit("Two regions")?;
    scene.workspace.settle(&hcl.concat())?;
    if scene.workspace.terraform.lacks(Feature::Identity, "deployments_to_two_regions_are_two") {
        return Ok(());
    }
    let second = scene.second_workspace("second")?;
    let import = |name: &str, region: &str| {
        format!(
            "import {{\n  to = pipeline_deployment.{name}\n  identity = {{ environment = \"staging\", \
             sub_project_path = \"api\", region = \"{region}\" }}\n}}\n"
        )
    };
    let known = "pipeline_environment.staging.name";
    let alone =
        [to("west", "eu-west"), to("east", "us-east")].concat().replace(known, "\"staging\"");
    second.main(&[import("west", "eu-west"), import("east", "us-east"), alone].concat())?;
    let actions = second.apply(&[])?.ok()?.actions();
    assert!(actions.values().all(|action| action == "import"), "{actions:?}");
    for (name, region) in [("west", "eu-west"), ("east", "us-east")] {
        let address = format!("pipeline_deployment.{name}");
        assert_eq!(second.attributes(&address)?["region"], region);
        assert_eq!(second.identity(&address)?["region"], region);
    }
    second.plan(&[])?.unchanged().map(drop)
}
