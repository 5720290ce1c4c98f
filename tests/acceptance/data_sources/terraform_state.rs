//! `pipeline_terraform_state`: what Terraform itself wrote, in a file and in S3.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::{Account, LocalAws};
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::{Workspace, quote};
use serde_json::json;

const ADDRESS: &str = "data.pipeline_terraform_state.this";

/// A configuration with two resources and three outputs, one of them sensitive and one only named so.
const WRITTEN: &str = r#"
resource "terraform_data" "this" {
  count = 2
  input = "s3cr3t"
}
output "vpc" {
  value = { id = "vpc-1", zones = ["a", "b"], size = 1.5 }
}
output "hidden" {
  value     = terraform_data.this[0].output
  sensitive = true
}
output "api_token" {
  value = "s3cr3t"
}
"#;

/// The configuration that reads the state, with these lines.
fn reading(lines: &str) -> String {
    format!("data \"pipeline_terraform_state\" \"this\" {{\n{lines}\n}}\n")
}

fn in_file(path: &str, lines: &str) -> String {
    let path = quote(path);
    reading(&format!("  backend = \"local\"\n  backend_config = {{ path = {path} }}\n{lines}"))
}

/// A second workspace, in which Terraform itself wrote a state.
fn writer(scene: &Scene) -> Outcome<Workspace> {
    let writer = scene.second_workspace("writer")?;
    std::fs::remove_file(writer.directory.join("provider.tf"))?;
    writer.main(WRITTEN)?;
    Ok(writer)
}

fn written_here() -> Outcome<(Scene, String)> {
    let scene = Scene::local()?;
    let writer = writer(&scene)?;
    writer.apply(&[])?.ok()?;
    let path = writer.directory.join("terraform.tfstate").to_string_lossy().into_owned();
    Ok((scene, path))
}

#[test]
fn a_file_is_read_without_its_secrets() -> Outcome {
    let (scene, path) = written_here()?;
    scene.workspace.settle(&in_file(&path, ""))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(read["resources_count"], 2);
    assert_eq!(read["output_names"], json!(["api_token", "hidden", "vpc"]));
    let vpc = json!({"id": "vpc-1", "zones": ["a", "b"], "size": 1.5});
    assert_eq!(read["outputs"]["value"], json!({"vpc": vpc}), "{read}");
    // A build of one's own calls itself `-dev` and writes the release.
    let by = format!(" v{}", read["terraform_version"].as_str().unwrap_or("-"));
    assert!(scene.workspace.terraform.title.contains(&by), "{by}");
    assert!(read["last_updated"].is_string() && read["lineage"] == read["id"], "{read}");
    assert!(!scene.workspace.state_text()?.contains("s3cr3t"));
    Ok(())
}

#[test]
fn a_state_that_is_not_the_expected_one_is_refused() -> Outcome {
    let (scene, path) = written_here()?;
    scene.workspace.settle(&in_file(&path, ""))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    let hash = read["state_file_hash"].as_str().unwrap_or_default();
    let pinned = in_file(&path, &format!("  state_file_hash = \"{hash}\"\n"));
    scene.workspace.settle(&pinned)?;
    let text = std::fs::read_to_string(&path)?;
    std::fs::write(&path, text.replace("\"vpc-1\"", "\"vpc-2\""))?;
    scene.workspace.plan(&[])?.refused("TFS005")?.says(hash)?;
    Ok(())
}

#[test]
fn files_that_are_no_states_are_named() -> Outcome {
    let (scene, path) = written_here()?;
    let whole = std::fs::read(&path)?;
    let refused = |bytes: &[u8], words: &str| -> Outcome {
        std::fs::write(&path, bytes)?;
        scene.workspace.main(&in_file(&path, ""))?;
        let told = scene.workspace.plan(&[])?.refused("OWN034")?;
        told.says(words)?.says(&path)?.at("backend_config").map(drop)
    };
    refused(&whole[..whole.len() / 2], "ends in the middle")?;
    refused(b"", "an empty file")?;
    refused(b"{\"version\": 5}", "format version 5")?;
    std::fs::remove_file(&path)?;
    scene.workspace.plan(&[])?.refused("There is no state")?.says(&path)?;
    Ok(())
}

#[test]
fn arguments_are_checked_at_validate() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&reading(
        "  backend = \"gcs\"\n  workspace = \"eu/west\"\n  backend_config = {}\n",
    ))?;
    let run = scene.workspace.validate()?;
    run.refused("TFS001")?.at("workspace")?;
    run.refused("TFS002")?.says("`local`, `s3`")?.at("backend")?;
    scene.workspace.main(&reading(
        "  backend = \"s3\"\n  backend_config = { path = \"x\", bucket = \"no\" }\n",
    ))?;
    let run = scene.workspace.validate()?;
    run.refused("`path` for the backend `s3`")?.says("OWN033")?;
    run.refused("OWN021")?;
    run.refused("the key of an object")?;
    Ok(())
}

/// The `s3` backend of Terraform itself, in the local AWS.
fn backend(account: &Account, bucket: &str) -> String {
    let (region, endpoint) = (account.region(), account.endpoint());
    format!(
        "terraform {{\n  backend \"s3\" {{\n    bucket = \"{bucket}\"\n    key = \"a/terraform.tfstate\"\n    \
         region = \"{region}\"\n    endpoints = {{ s3 = \"{endpoint}\" }}\n    use_path_style = true\n    \
         skip_credentials_validation = true\n    skip_requesting_account_id = true\n    \
         skip_metadata_api_check = true\n  }}\n}}\n"
    )
}

fn in_s3(bucket: &str, settings: &str, lines: &str) -> String {
    reading(&format!(
        "  backend = \"s3\"\n  backend_config = {{\n    bucket = \"{bucket}\"\n    \
         key = \"a/terraform.tfstate\"\n{settings}\n  }}\n{lines}"
    ))
}

/// A scene that is logged in to an account with an empty bucket.
fn with_bucket() -> Outcome<(Scene, Account, String)> {
    let mut scene = Scene::local()?;
    let account = LocalAws::fresh_account()?;
    account.log_in(&mut scene.workspace.environment);
    scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
    let bucket = account.bucket("states")?;
    Ok((scene, account, bucket))
}

#[test]
fn an_object_that_terraform_wrote_is_read() -> Outcome {
    let (scene, account, bucket) = with_bucket()?;
    let writer = writer(&scene)?;
    writer.write("backend.tf", &backend(&account, &bucket))?;
    writer.run("init", &["-input=false", "-no-color"])?.success()?;
    writer.run("workspace", &["new", "eu"])?.success()?;
    writer.apply(&[])?.ok()?;
    let run = scene.workspace.settle(&in_s3(&bucket, "", "  workspace = \"eu\"\n"))?;
    run.warned("TFS006")?.says(&bucket)?;
    run.warned("TFS007")?.says("use_lockfile")?;
    let read = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(read["resources_count"], 2);
    assert!(read["serial"].is_u64() && read["last_updated"].is_string(), "{read}");
    assert!(!scene.workspace.state_text()?.contains("s3cr3t"));
    Ok(())
}

#[test]
fn a_bucket_as_it_should_be_gives_no_warning() -> Outcome {
    let (scene, account, bucket) = with_bucket()?;
    account.keep_versions(&bucket)?;
    let state = br#"{"version": 4, "terraform_version": "1.12.2", "serial": 1, "lineage": "x",
        "outputs": {}, "resources": []}"#;
    account.put(&bucket, "a/terraform.tfstate", state)?;
    let run = scene.workspace.settle(&in_s3(&bucket, "    use_lockfile = true\n", ""))?;
    assert!(!run.said.stdout.contains("TFS00"), "{}", run.said.stdout);
    Ok(())
}

#[test]
fn what_s3_does_not_give_is_told() -> Outcome {
    let (mut scene, _, bucket) = with_bucket()?;
    scene.workspace.main(&in_s3(&bucket, "", ""))?;
    let uri = format!("s3://{bucket}/a/terraform.tfstate");
    scene.workspace.plan(&[])?.refused("There is no state")?.says("NoSuchKey")?.says(&uri)?;
    scene.workspace.main(&in_s3("no-such-bucket", "", ""))?;
    scene.workspace.plan(&[])?.refused("There is no state")?.says("NoSuchBucket")?;
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        scene.workspace.environment.set(name, "");
    }
    scene.workspace.plan(&[])?.refused("no AWS credentials")?.says("assume_role")?;
    Ok(())
}
