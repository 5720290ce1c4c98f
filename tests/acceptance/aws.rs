//! AWS as the provider block says: checked by itself, and asked only by what needs it.

use std::os::unix::fs::PermissionsExt as _;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::{Account, LocalAws, Service};
use pipeline_acceptance::diagnostic::Run;
use pipeline_acceptance::scene::Scene;
use serde_json::json;

use crate::artifact::Stage;
use crate::hcl::{deployment, environment, tag};

#[test]
fn the_block_is_checked_at_validate() -> Outcome {
    let scene = Scene::local()?;
    let block = "  aws = {\n    region = \"eu-wset-1\"\n    endpoint_url = \"http://ada:s3cr3t@host\"\n    \
                 assume_role = {\n      role_arn = \"arn:aws:sts::123456789012:assumed-role/ci/ada\"\n      \
                 session_name = \"a session\"\n    }\n  }\n";
    scene.workspace.configure(&scene.repository.path(), block)?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    let run = scene.workspace.validate()?;
    run.refused("OWN030")?.says("Did you mean `eu-west-1`?")?;
    run.refused("GLB003")?.says("credentials")?;
    run.refused("OWN031")?.says("a session of a role")?;
    run.refused("OWN032")?.says("Write `a-session`.")?;
    // Terraform quotes the configuration itself.
    for said in run.diagnostics() {
        assert!(!format!("{} {}", said.summary, said.detail).contains("s3cr3t"), "{said:?}");
    }
    Ok(())
}

#[test]
fn a_region_of_its_own_is_admitted() -> Outcome {
    let scene = Scene::local()?;
    let block = "  extra_regions = [\"moon-base-1\"]\n  aws = { region = \"moon-base-1\" }\n";
    scene.workspace.configure(&scene.repository.path(), block)?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    scene.workspace.validate()?.ok().map(drop)
}

/// Nothing of the block is used here; the address leads nowhere, and nobody goes there.
#[test]
fn what_needs_no_aws_asks_for_none() -> Outcome {
    let scene = Scene::local()?;
    let block = "  aws = { region = \"eu-west-1\", profile = \"nobody\", \
                 endpoint_url = \"http://127.0.0.1:9\" }\n";
    scene.workspace.configure(&scene.repository.path(), block)?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD")).map(drop)
}

#[test]
fn values_that_come_later_do_not_stop_a_plan() -> Outcome {
    let scene = Scene::local()?;
    let late = "terraform_data.late.output";
    for block in [
        format!("  aws = {{ region = {late}, endpoint_url = \"http://${{{late}}}:9\" }}\n"),
        format!("  aws = {{ assume_role = {{ role_arn = {late} }} }}\n"),
        format!("  aws = {late} == \"\" ? null : {{ region = \"eu-west-1\" }}\n"),
    ] {
        scene.workspace.configure(&scene.repository.path(), &block)?;
        let hcl = "resource \"terraform_data\" \"late\" {\n  input = timestamp()\n}\n";
        scene.workspace.main(&[hcl, &tag("this", "api/v1.0.0", "HEAD")].concat())?;
        scene.workspace.plan(&[])?.ok()?;
    }
    Ok(())
}

/// An account with a stack in it.
pub(crate) fn with_stack() -> Outcome<Account> {
    let account = LocalAws::fresh_account()?;
    let template = json!({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}});
    account.stack("App", &template, &[])?;
    Ok(account)
}

/// Whether Terraform sees the stack of that account.
pub(crate) fn sees(scene: &Scene, account: &Account) -> Outcome {
    let hcl = "data \"pipeline_stack\" \"this\" {\n  stack_name = \"App\"\n}\n";
    scene.workspace.settle(hcl)?;
    let read = scene.workspace.attributes("data.pipeline_stack.this")?;
    let id = read["stack_id"].as_str().unwrap_or_default();
    assert!(id.contains(account.id()), "{id} is not of account {}", account.id());
    Ok(())
}

#[test]
fn the_environment_alone_is_enough() -> Outcome {
    let mut scene = Scene::local()?;
    let account = with_stack()?;
    account.log_in(&mut scene.workspace.environment);
    sees(&scene, &account)
}

#[test]
fn a_role_of_another_account_is_assumed() -> Outcome {
    let mut scene = Scene::local()?;
    let account = with_stack()?;
    LocalAws::fresh_account()?.log_in(&mut scene.workspace.environment);
    let role = format!(
        "    assume_role = {{ role_arn = \"arn:aws:iam::{}:role/ci/deployer\" }}\n",
        account.id()
    );
    scene.workspace.configure(&scene.repository.path(), &account.block(&role))?;
    sees(&scene, &account)
}

#[test]
fn a_profile_that_is_named_comes_before_the_environment() -> Outcome {
    let mut scene = Scene::local()?;
    let account = with_stack()?;
    LocalAws::fresh_account()?.log_in(&mut scene.workspace.environment);
    let folder = scene.environment().root().join("home/.aws");
    std::fs::create_dir_all(&folder)?;
    let keys =
        format!("[release]\naws_access_key_id = {}\naws_secret_access_key = test\n", account.id());
    std::fs::write(folder.join("credentials"), keys)?;
    let block = account.block("    profile = \"release\"\n");
    scene.workspace.configure(&scene.repository.path(), &block)?;
    sees(&scene, &account)?;
    let block = account.block("    profile = \"relaese\"\n");
    scene.workspace.configure(&scene.repository.path(), &block)?;
    scene.workspace.plan(&[])?.refused("no AWS credentials")?.says("relaese").map(drop)
}

/// The diagnostics of a run as one text, and the state after it.
fn shown(scene: &Scene, run: &Run) -> Outcome<String> {
    Ok(format!("{:?}{}", run.diagnostics(), scene.workspace.state_text().unwrap_or_default()))
}

/// Programs that give credentials may say anything while they fail.
#[test]
fn nothing_that_a_credential_process_prints_is_shown() -> Outcome {
    let (mut scene, account) = with_service()?;
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        scene.workspace.environment.set(name, "");
    }
    let folder = scene.environment().root().join("home/.aws");
    std::fs::create_dir_all(&folder)?;
    let program = folder.join("give-keys");
    let run = format!("credential_process = {} --token canary-aws-1\n", program.display());
    let chain = format!("role_arn = arn:aws:iam::{}:role/ci\nsource_profile = own\n", account.id());
    let config = format!("[default]\n{run}[profile own]\n{run}[profile chain]\n{chain}");
    std::fs::write(folder.join("config"), config)?;
    for (script, told) in [
        ("echo canary-aws-1 >&2\necho canary-aws-1\nexit 3\n", "exit status: 3"),
        ("echo '{\"Version\": canary-aws-1}'\n", "no credentials that can be read"),
    ] {
        std::fs::write(&program, format!("#!/bin/sh\n{script}"))?;
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
        ask(&scene, &account)?;
        for profile in ["", "    profile = \"own\"\n", "    profile = \"chain\"\n"] {
            scene.workspace.configure(&scene.repository.path(), &account.block(profile))?;
            let text = shown(&scene, &scene.workspace.apply(&[])?)?;
            assert!(!text.contains("canary-aws-1"), "{text}");
            assert!(text.contains(told), "{told:?} is not in {text}");
        }
        scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
        scene.workspace.main("data \"pipeline_stack\" \"this\" {\n  stack_name = \"App\"\n}\n")?;
        let refused = scene.workspace.plan(&[])?.refused("no AWS credentials")?;
        refused.says(told)?.says("`give-keys`")?;
        assert!(!format!("{refused:?}").contains("canary-aws-1"), "{refused:?}");
    }
    let records = scene.repository.records("refs/ledger/")?;
    assert!(!format!("{records:?}").contains("canary-aws-1"), "{records:?}");
    Ok(())
}

/// The SDK's own search for credentials asks STS too, and knows nothing of the provider block.
#[test]
fn the_address_of_every_service_is_that_of_sts_too() -> Outcome {
    let mut scene = Scene::local()?;
    let (own, account) = (LocalAws::fresh_account()?, with_stack()?);
    let folder = scene.environment().root().join("home/.aws");
    std::fs::create_dir_all(&folder)?;
    let role = format!("arn:aws:iam::{}:role/ci", account.id());
    let config = format!(
        "[profile own]\naws_access_key_id = {}\naws_secret_access_key = test\n[profile chain]\n\
         role_arn = {role}\nsource_profile = own\n",
        own.id()
    );
    std::fs::write(folder.join("config"), config)?;
    let block = account.block("    profile = \"chain\"\n");
    scene.workspace.configure(&scene.repository.path(), &block)?;
    sees(&scene, &account)?;
    let token = folder.join("token");
    std::fs::write(&token, "token")?;
    scene.workspace.environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", token);
    scene.workspace.environment.set("AWS_ROLE_ARN", role);
    scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
    sees(&scene, &account)
}

/// Its buckets are no host names, and whether it overwrites has to be tried.
#[test]
fn a_store_that_is_named_for_s3_alone_is_not_taken_for_aws() -> Outcome {
    let mut stage = Stage::set()?;
    let endpoint = stage.account.endpoint().replace("127.0.0.1", "localhost");
    let environment = &mut stage.scene.workspace.environment;
    environment.remove("AWS_ENDPOINT_URL");
    environment.set("AWS_ENDPOINT_URL_S3", endpoint);
    stage.scene.workspace.configure(&stage.scene.repository.path(), "")?;
    stage.workspace().main(&stage.hcl(""))?;
    stage.workspace().apply(&[])?.ok()?;
    let key = stage.key()?;
    assert_eq!(stage.account.get(&stage.bucket, &key)?, b"first build");
    let (folder, _) = key.split_once('/').ok_or("a key without a folder")?;
    stage.account.get(&stage.bucket, &format!("{folder}/.create-only")).map(drop)
}

/// A scene with a version, logged in to an account with a service.
pub(crate) fn with_service() -> Outcome<(Scene, Account)> {
    let mut scene = Scene::local()?;
    let account = LocalAws::fresh_account()?;
    account.log_in(&mut scene.workspace.environment);
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    let service = Service { cluster: "main", name: "api", container: "app", image: "api:0.9.0" };
    account.service(service)?;
    Ok((scene, account))
}

/// Asks for a deployment to an environment that is to be in the account `expected`.
pub(crate) fn ask(scene: &Scene, expected: &Account) -> Outcome {
    let lines = "  ecs = {\n    cluster = \"main\"\n    service = \"api\"\n    container = \"app\"\n    \
                 image = \"api:1.0.0\"\n    poll_interval = \"100ms\"\n  }\n";
    let environment = environment("staging", &format!("  account = \"{}\"\n", expected.id()));
    scene.workspace.main(&[environment, deployment("staging", "api/v1.0.0", lines)].concat())
}

#[test]
fn an_environment_is_deployed_to_in_its_own_account_alone() -> Outcome {
    let ((scene, own), other) = (with_service()?, LocalAws::fresh_account()?);
    ask(&scene, &other)?;
    let refused = scene.workspace.apply(&[])?;
    refused.refused("CFG005")?.says(own.id())?.says(other.id())?;
    assert_eq!(own.image("main", "api")?, "api:0.9.0");
    ask(&scene, &own)?;
    scene.workspace.apply(&[])?.ok()?;
    assert_eq!(own.image("main", "api")?, "api:1.0.0");
    Ok(())
}

#[test]
fn an_environment_is_deployed_to_in_its_own_region_alone() -> Outcome {
    let (scene, account) = with_service()?;
    let ecs = "  ecs = {\n    cluster = \"main\"\n    service = \"api\"\n    container = \"app\"\n    \
               image = \"api:1.0.0\"\n    poll_interval = \"100ms\"\n  }\n";
    let regions = "  regions = [{\n    name = \"eu-west\"\n    cloud_mappings = { aws = \"eu-west-1\" }\n  \
                   }]\n  aws_region = \"us-east-1\"\n";
    let elsewhere = environment("staging", regions);
    let here = elsewhere.replace("us-east-1", account.region());
    scene.workspace.settle(&elsewhere)?;
    let wanted = deployment("staging", "api/v1.0.0", ecs);
    scene.workspace.main(&[elsewhere.clone(), wanted.clone()].concat())?;
    let refused = scene.workspace.plan(&[])?;
    refused.refused("ENV026")?.says("us-east-1")?.says(account.region())?;
    assert_eq!(account.image("main", "api")?, "api:0.9.0");
    // A region of the environment has a name of its own in AWS, which comes first.
    let regional = [elsewhere, wanted.replace("  ecs =", "  region = \"eu-west\"\n  ecs =")];
    scene.workspace.main(&regional.concat())?;
    scene.workspace.plan(&[])?.ok()?;
    scene.workspace.main(&[here, wanted].concat())?;
    scene.workspace.apply(&[])?.ok()?;
    assert_eq!(account.image("main", "api")?, "api:1.0.0");
    Ok(())
}

#[test]
fn a_plan_without_credentials_says_what_it_could_not_check() -> Outcome {
    let (mut scene, account) = with_service()?;
    ask(&scene, &account)?;
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        scene.workspace.environment.set(name, "");
    }
    let run = scene.workspace.plan(&[])?.ok()?;
    run.warned("The AWS account could not be checked")?.says("CFG005")?.says(account.id())?;
    Ok(())
}
