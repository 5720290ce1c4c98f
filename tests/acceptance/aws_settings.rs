//! Settings of AWS that come from the environment and from profiles: heeded as the AWS CLI heeds them, or named
//! and refused.

use std::path::PathBuf;

use pipeline_acceptance::aws::{Account, LocalAws};
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::{Outcome, diagnostic::Run};

use crate::artifact::Stage;
use crate::aws::{ask, sees, with_service, with_stack};
use crate::https::Front;

/// Where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A scene that is logged in to an account with a stack.
fn logged_in() -> Outcome<(Scene, Account)> {
    let mut scene = Scene::local()?;
    let account = with_stack()?;
    account.log_in(&mut scene.workspace.environment);
    Ok((scene, account))
}

/// Writes the shared configuration file.
fn profiles(scene: &Scene, text: &str) -> Outcome<PathBuf> {
    let folder = scene.environment().root().join("home/.aws");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("config"), text)?;
    Ok(folder)
}

/// Asks for a stack.
fn plan(scene: &Scene) -> Outcome<Run> {
    scene.workspace.main("data \"pipeline_stack\" \"this\" {\n  stack_name = \"App\"\n}\n")?;
    scene.workspace.plan(&[])
}

fn set(scene: &mut Scene, variables: &[(&str, &str)]) {
    for (name, value) in variables {
        scene.workspace.environment.set(*name, *value);
    }
}

#[test]
fn requests_are_repeated_as_often_as_somebody_says() -> Outcome {
    let (mut scene, _) = logged_in()?;
    profiles(&scene, "[default]\nmax_attempts = 1\n")?;
    let server = HealthServer::start(Health::Status(503))?;
    set(&mut scene, &[("AWS_ENDPOINT_URL", &server.url), ("AWS_MAX_ATTEMPTS", "2")]);
    plan(&scene)?.refused("CloudFormation has no time for")?;
    assert_eq!(server.asked(), 2);
    set(&mut scene, &[("AWS_MAX_ATTEMPTS", "")]);
    plan(&scene)?.refused("CloudFormation has no time for")?;
    assert_eq!(server.asked(), 3, "the profile says one");
    set(&mut scene, &[("AWS_MAX_ATTEMPTS", "often")]);
    let refused = plan(&scene)?.refused("`AWS_MAX_ATTEMPTS` is `often`")?;
    refused.says("a number of attempts")?.says("Change this setting")?;
    set(&mut scene, &[("AWS_MAX_ATTEMPTS", ""), ("AWS_RETRY_MODE", "sometimes")]);
    plan(&scene)?.refused("`AWS_RETRY_MODE` is `sometimes`")?.says("`adaptive`")?;
    assert_eq!(server.asked(), 3, "nobody was asked");
    Ok(())
}

#[test]
fn a_bundle_of_authorities_is_trusted() -> Outcome {
    let (mut scene, account) = logged_in()?;
    let front = Front::of(LocalAws::shared()?.endpoint(), "127.0.0.1")?;
    let bundle = scene.environment().root().join("bundle.pem");
    std::fs::write(&bundle, &front.certificate)?;
    let bundle = bundle.to_string_lossy().into_owned();
    let url = format!("https://{}", front.address);
    set(&mut scene, &[("AWS_ENDPOINT_URL", &url), ("AWS_MAX_ATTEMPTS", "1")]);
    plan(&scene)?.refused("no answer of CloudFormation")?.says("certificate")?;
    set(&mut scene, &[("AWS_CA_BUNDLE", &bundle)]);
    sees(&scene, &account)?;
    let folder = profiles(&scene, &format!("[default]\nca_bundle = {bundle}\n"))?;
    set(&mut scene, &[("AWS_CA_BUNDLE", "")]);
    sees(&scene, &account)?;
    profiles(&scene, "[default]\nca_bundle = ~/.aws/config\n")?;
    let refused = plan(&scene)?.refused("`ca_bundle` of the profile `default`")?;
    refused.says("no certificate of an authority")?.says("Change this setting")?;
    std::fs::remove_file(folder.join("config"))?;
    set(&mut scene, &[("AWS_CA_BUNDLE", "/nowhere/bundle.pem")]);
    plan(&scene)?.refused("`AWS_CA_BUNDLE` is `/nowhere/bundle.pem`")?.says("PEM").map(drop)
}

#[test]
fn a_code_that_nobody_can_type_is_named() -> Outcome {
    let mut scene = Scene::local()?;
    let account = with_stack()?;
    let role = format!("arn:aws:iam::{}:role/ci", account.id());
    let config = |more: &str| {
        format!(
            "[profile own]\naws_access_key_id = {}\naws_secret_access_key = test\n[profile chain]\n\
             role_arn = {role}\nsource_profile = own\n{more}",
            account.id()
        )
    };
    let server = HealthServer::start(Health::Status(403))?;
    let block = format!(
        "  aws = {{\n    region = \"eu-west-1\"\n    profile = \"chain\"\n    endpoint_url = \"{}\"\n  }}\n",
        server.url.trim_end_matches("/health")
    );
    scene.workspace.configure(&scene.repository.path(), &block)?;
    profiles(&scene, &config("mfa_serial = arn:aws:iam::123456789012:mfa/ada\n"))?;
    let refused = plan(&scene)?.refused("no AWS credentials")?;
    refused.says("the profile `chain` asks for the code of an MFA device")?;
    refused.says("aws configure export-credentials --profile chain")?;
    profiles(&scene, &config(""))?;
    let other = plan(&scene)?.refused("no AWS credentials")?;
    assert!(!other.detail.contains("MFA"), "{other:?}");
    // Where AWS asks for no code, none is missing.
    profiles(&scene, &config("mfa_serial = arn:aws:iam::123456789012:mfa/ada\n"))?;
    let block = account.block("    profile = \"chain\"\n");
    scene.workspace.configure(&scene.repository.path(), &block)?;
    set(&mut scene, &[("AWS_EC2_METADATA_DISABLED", "true")]);
    sees(&scene, &account)
}

/// What `aws login` leaves behind, as far as it is read while the session lasts.
fn session(account: &Account, expires: &str) -> String {
    serde_json::json!({
        "accessToken": {
            "accessKeyId": account.id(),
            "secretAccessKey": "test",
            "sessionToken": "session",
            "accountId": account.id(),
            "expiresAt": expires,
        },
        "tokenType": "aws_sigv4",
        "refreshToken": "none",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": "none",
    })
    .to_string()
}

#[test]
fn a_session_of_aws_login_is_used() -> Outcome {
    let (mut scene, account) = logged_in()?;
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        scene.workspace.environment.remove(name);
    }
    let folder = profiles(&scene, "[default]\nlogin_session = ada\n")?;
    let told = |run: Run| -> Outcome {
        let refused = run.refused("no AWS credentials")?;
        refused.says("`aws login --profile default` begins the session")?;
        assert!(!refused.detail.contains("feature"), "{refused:?}");
        Ok(())
    };
    told(plan(&scene)?)?;
    let cache = folder.join("login/cache");
    std::fs::create_dir_all(&cache)?;
    // The name is the SHA-256 of the session's.
    let name = "fdee430d40bd57deeac186cd9790033d0f06f909a8806e7ce6e717ab7c7d5029.json";
    std::fs::write(cache.join(name), session(&account, "2100-01-01T00:00:00Z"))?;
    sees(&scene, &account)?;
    std::fs::write(cache.join(name), session(&account, "2020-01-01T00:00:00Z"))?;
    set(&mut scene, &[("AWS_MAX_ATTEMPTS", "1")]);
    told(plan(&scene)?)
}

#[test]
fn a_session_that_is_missing_is_named_with_the_command_that_begins_it() -> Outcome {
    let (mut scene, _) = logged_in()?;
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        scene.workspace.environment.remove(name);
    }
    let config = "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = us\n[profile us]\n\
                  sso_session = own\nsso_account_id = 123456789012\nsso_role_name = Deployer\n\
                  [sso-session own]\nsso_region = eu-west-1\nsso_start_url = https://example.org/start\n";
    profiles(&scene, config)?;
    set(&mut scene, &[("AWS_PROFILE", "ops")]);
    let refused = plan(&scene)?.refused("no AWS credentials")?;
    refused.says("`aws sso login --profile us` begins the session").map(drop)
}

#[test]
fn an_empty_region_is_none() -> Outcome {
    let (mut scene, account) = logged_in()?;
    set(&mut scene, &[("AWS_REGION", "")]);
    plan(&scene)?.refused("no AWS region")?.says("`AWS_REGION`")?;
    set(&mut scene, &[("AWS_DEFAULT_REGION", account.region())]);
    sees(&scene, &account)?;
    set(&mut scene, &[("AWS_DEFAULT_REGION", "")]);
    profiles(&scene, &format!("[default]\nregion = {}\n", account.region()))?;
    sees(&scene, &account)
}

/// AWS has no such endpoint at that address, and the CLI refuses too.
#[test]
fn fips_and_an_endpoint_exclude_each_other() -> Outcome {
    let setting = ("AWS_USE_FIPS_ENDPOINT", "true");
    let (mut scene, _) = logged_in()?;
    set(&mut scene, &[setting]);
    let refused = plan(&scene)?.refused("no call of CloudFormation")?;
    refused.says("`AWS_USE_FIPS_ENDPOINT`")?.says("Change this setting")?;
    let (mut scene, account) = with_service()?;
    set(&mut scene, &[setting]);
    ask(&scene, &account)?;
    let run = scene.workspace.plan(&[])?;
    run.warned("could not be checked")?
        .says("`AWS_USE_FIPS_ENDPOINT`")?
        .says("Change this setting")?;
    let apply = scene.workspace.apply(&[])?;
    apply.refused("`AWS_USE_FIPS_ENDPOINT`")?;
    assert_eq!(account.image("main", "api")?, "api:0.9.0");
    let mut stage = Stage::set()?;
    set(&mut stage.scene, &[setting]);
    stage.workspace().main(&stage.hcl(""))?;
    let refused = stage.workspace().apply(&[])?.refused("S3 cannot be asked")?;
    refused.says("`AWS_USE_FIPS_ENDPOINT`")?.says("Change this setting").map(drop)
}

/// The block, the service in the environment, the environment, the service in the profile, the profile.
#[test]
fn the_nearest_endpoint_is_asked() -> Outcome {
    let (mut scene, account) = logged_in()?;
    set(&mut scene, &[("AWS_MAX_ATTEMPTS", "1")]);
    let here = account.endpoint();
    let profile = |all: &str, one: &str| {
        format!(
            "[default]\nendpoint_url = {all}\nservices = own\n[services own]\ncloudformation =\n  \
             endpoint_url = {one}\n"
        )
    };
    let service = "AWS_ENDPOINT_URL_CLOUDFORMATION";
    // The farther ones lead nowhere; each nearer one is tried in turn.
    profiles(&scene, &profile(NOWHERE, here))?;
    scene.workspace.environment.remove("AWS_ENDPOINT_URL");
    sees(&scene, &account)?;
    profiles(&scene, &profile(NOWHERE, NOWHERE))?;
    set(&mut scene, &[("AWS_ENDPOINT_URL", here)]);
    sees(&scene, &account)?;
    set(&mut scene, &[("AWS_ENDPOINT_URL", NOWHERE), (service, here)]);
    sees(&scene, &account)?;
    set(&mut scene, &[(service, NOWHERE)]);
    plan(&scene)?.refused("no answer of CloudFormation")?;
    // An empty one is none.
    set(&mut scene, &[("AWS_ENDPOINT_URL", here), (service, "")]);
    sees(&scene, &account)?;
    profiles(&scene, &profile(NOWHERE, here))?;
    set(&mut scene, &[("AWS_ENDPOINT_URL", "")]);
    sees(&scene, &account)?;
    scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
    sees(&scene, &account)
}
