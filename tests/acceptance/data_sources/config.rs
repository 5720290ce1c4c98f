//! `pipeline_config`: a configuration file, its problems, and the workflow that does what it says.

use pipeline_acceptance::aws::LocalAws;
use pipeline_acceptance::go::{Argo, Found};
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::{Failure, Outcome};
use pipeline_core::workflow::{Hook, Settings, Workflow};
use pipeline_core::{KnownRegions, configuration};
use serde_json::json;

const ADDRESS: &str = "data.pipeline_config.this";

const GOOD: &str = "version: \"1.0\"\nbuild:\n  commands: [git status, no-such-tool-here run]\nenvironments:\n  \
     - name: dev\n    region: us-east-1\n    account: \"123456789012\"\n    \
     stacks: [{name: App, path: lib/app.ts}]\n    tests: {commands: [npm run smoke]}\n";

const TEMPLATE: &str = "  template = {\n    name = \"orders\"\n    artifact_bucket = \"orders-artifacts\"\n    \
     service_account = \"deployer\"\n    builder_image = \"example.org/builder:1.4.0\"\n    \
     deployer_image = \"example.org/deployer:2.0.1\"\n    repository = \"example/orders\"\n  }\n";

fn reading(lines: &str) -> String {
    format!(
        "data \"pipeline_config\" \"this\" {{\n  path = \"${{path.root}}/aphex-config.yaml\"\n{lines}}}\n"
    )
}

fn with_file(text: &str) -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.workspace.write("aphex-config.yaml", text)?;
    Ok(scene)
}

#[test]
fn a_good_file_becomes_a_workflow() -> Outcome {
    let scene = with_file(GOOD)?;
    scene.workspace.settle(&reading(TEMPLATE))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(read["version"], "1.0");
    assert_eq!(read["environments"][0]["account"], "123456789012");
    assert_eq!(read["environments"][0]["test_commands"], json!(["npm run smoke"]));
    assert_eq!(read["problems"], json!([]));
    for (manifest, part) in [
        ("workflow_template", "kind: WorkflowTemplate"),
        ("workflow_template", "name: test-dev"),
        ("event_source", "kind: EventSource"),
        ("sensor", "refs/heads/main"),
    ] {
        assert!(
            read[manifest].as_str().is_some_and(|text| text.contains(part)),
            "{manifest}: {read}"
        );
    }
    Ok(())
}

#[test]
fn every_problem_is_an_error_with_its_place() -> Outcome {
    let bad = GOOD
        .replace("\"1.0\"", "1.0")
        .replace("us-east-1", "us-esat-1")
        .replace("    tests:", "    test:");
    let scene = with_file(&bad)?;
    scene.workspace.main(&reading(""))?;
    let plan = scene.workspace.plan(&[])?;
    for part in ["CFG009", "line 1, column 10", "ENV021", "environments[0].region", "us-east-1"] {
        plan.refused(part)?;
    }
    Ok(())
}

#[test]
fn problems_are_data_where_that_is_asked_for() -> Outcome {
    let bad = GOOD.replace("\"1.0\"", "1.0").replace("    tests:", "    test:");
    let scene = with_file(&bad)?;
    scene.workspace.write("cdk.json", "{\"context\": {\"vpc\": \"\"}}")?;
    scene.workspace.settle(&reading("  strict = false\n  required_context = [\"vpc\"]\n"))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    let rules: Vec<_> = (0..3).map(|index| read["problems"][index]["rule"].clone()).collect();
    assert_eq!(rules, [json!("CFG009"), json!("CFG010"), json!("CFG007")], "{read}");
    assert_eq!(read["problems"][1]["line"], 9);
    assert_eq!(read["version"], json!(null));
    Ok(())
}

#[test]
fn what_argo_would_not_take_is_data_too() -> Outcome {
    let scene = with_file(&GOOD.replace("npm run smoke", "'echo {{pod.name}}'"))?;
    let strict = format!("{TEMPLATE}  strict = true\n");
    scene.workspace.main(&reading(&strict))?;
    let refused = scene.workspace.plan(&[])?.refused("CFG011")?;
    refused.says("environments[0].tests.commands[0]")?.says("{{pod.name}}")?;
    scene.workspace.settle(&reading(&strict.replace("true", "false")))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(read["problems"][0]["rule"], "CFG011", "{read}");
    assert_eq!(read["problems"][0]["path"], "environments[0].tests.commands[0]");
    assert_eq!(read["workflow_template"], json!(null));
    assert_eq!(read["version"], "1.0");
    Ok(())
}

#[test]
fn the_template_is_checked_at_validate() -> Outcome {
    let scene = with_file(GOOD)?;
    let bad = TEMPLATE
        .replace("\"orders\"", "\"Orders\"")
        .replace("builder:1.4.0", "builder:latest")
        .replace("\"example/orders\"", "\"orders\"\n    deadline_seconds = 0");
    scene.workspace.main(&reading(&bad))?;
    let run = scene.workspace.validate()?;
    for part in ["`Orders`", "`example.org/builder:latest`", "`github.com/orders`", "Found 0"] {
        run.refused(part)?;
    }
    Ok(())
}

#[test]
fn tools_and_accounts_are_looked_for_where_that_is_asked_for() -> Outcome {
    let mut scene = with_file(GOOD)?;
    let account = LocalAws::fresh_account()?;
    account.log_in(&mut scene.workspace.environment);
    scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
    scene
        .workspace
        .main(&reading("  check_tools = true\n  check_environments = [\"dev\", \"dve\"]\n"))?;
    let plan = scene.workspace.plan(&[])?;
    for part in
        ["CFG008", "no program `no-such-tool-here`", "CFG005", account.id(), "Did you mean `dev`?"]
    {
        plan.refused(part)?;
    }
    Ok(())
}

#[test]
fn what_the_credentials_may_not_do_is_a_warning() -> Outcome {
    let account = LocalAws::fresh_account()?;
    let mut scene = with_file(&GOOD.replace("123456789012", account.id()))?;
    account.log_in(&mut scene.workspace.environment);
    let checked = reading("  check_environments = [\"dev\"]\n");
    let policy = |actions: &[&str], resource: &str| {
        let one = json!({"Effect": "Allow", "Action": actions, "Resource": resource});
        json!({"Version": "2012-10-17", "Statement": [one]})
    };
    let role = format!("arn:aws:iam::{}:role/deployer", account.id());
    let block = format!("    assume_role = {{ role_arn = \"{role}\" }}\n");
    scene.workspace.configure(&scene.repository.path(), &account.block(&block))?;
    let bootstrap = format!("arn:aws:iam::{}:role/cdk-hnb659fds-", account.id());
    for refused in [
        policy(&["s3:*"], "*"),
        policy(&["sts:AssumeRole"], &format!("{bootstrap}deploy-role-*")),
        policy(&["cloudformation:Describe*"], "*"),
    ] {
        account.role("deployer", &refused)?;
        let warned = scene.workspace.settle(&checked)?.warned("CFG006")?;
        warned.says(&format!("`{role}`"))?.says(&bootstrap)?.says("stack/App/*")?;
        let read = scene.workspace.attributes(ADDRESS)?;
        assert_eq!(read["problems"][0]["severity"], "warning", "{read}");
        assert_eq!(read["problems"][0]["path"], "check_environments[0]");
    }
    for enough in [
        policy(&["sts:AssumeRole"], &format!("{bootstrap}*-{}-us-east-1", account.id())),
        policy(
            &["cloudformation:*"],
            &format!("arn:aws:cloudformation:us-east-1:{}:stack/App/*", account.id()),
        ),
    ] {
        account.role("deployer", &enough)?;
        scene.workspace.plan(&[])?.ok()?.silent()?;
    }
    // The account itself may do everything, and whoever may not ask is told nothing.
    scene.workspace.configure(&scene.repository.path(), &account.block(""))?;
    scene.workspace.plan(&[])?.ok()?.silent()?;
    Ok(())
}

/// Argo's validators; none where this machine cannot have them.
fn argo(test: &str) -> Outcome<Option<Argo>> {
    match Argo::find()? {
        Found::Ready(argo) => Ok(Some(argo)),
        Found::Missing(why) => {
            skipped(test, &format!("Argo's validators cannot be built here: {why}"));
            Ok(None)
        }
    }
}

#[test]
fn argo_takes_the_manifests() -> Outcome {
    let Some(argo) = argo("argo_takes_the_manifests")? else { return Ok(()) };
    let scene = with_file(GOOD)?;
    scene.workspace.settle(&reading(TEMPLATE))?;
    let read = scene.workspace.attributes(ADDRESS)?;
    let text = |name: &str| read[name].as_str().map(str::to_owned).ok_or(name.to_owned());
    let (template, source, sensor) =
        (text("workflow_template")?, text("event_source")?, text("sensor")?);
    let manifests = [("template", &*template), ("source", &*source), ("sensor", &*sensor)];
    assert_eq!(argo.faults(&manifests)?, [""; 0]);
    // Each breaks what one of the validators looks at, and what the other one does not see.
    for (manifest, from, to, told) in [
        (&template, "entrypoint: main", "entrypoint: main\n  entrypiont: main", "unknown field"),
        (
            &template,
            "steps.build.outputs.parameters.artifact-path",
            "steps.biuld.x",
            "failed to resolve",
        ),
        (&template, "activeDeadlineSeconds: 7200", "activeDeadlineSeconds: soon", "by the schema"),
        (&template, "template: build", "template: biuld", "biuld"),
        (&source, "contentType: json", "contentType: yaml", "content type"),
        (&source, "active: true", "active: \"true\"", "by the schema"),
        (&sensor, "eventName: push", "eventNmae: push", "unknown field"),
        (&sensor, "operation: submit", "operation: sumbit", "sumbit"),
        (&sensor, "generateName:", "generatName:", "unknown field"),
    ] {
        let broken = manifest.replacen(from, to, 1);
        assert_ne!(*manifest, broken, "{from}");
        let faults = argo.faults(&[("broken", &broken)])?;
        assert!(faults.iter().any(|fault| fault.contains(told)), "{to}: {faults:?}");
    }
    Ok(())
}

/// Every push that is not of the branch leaves the pipeline alone, by Argo's own judgement.
#[test]
fn argo_starts_it_on_pushes_to_the_branch_alone() -> Outcome {
    let Some(argo) = argo("argo_starts_it_on_pushes_to_the_branch_alone")? else { return Ok(()) };
    let push = |name: &str, deleted: bool| {
        let owner =
            json!({"clone_url": "https://example.org/orders.git", "full_name": "example/orders"});
        let body = json!({"ref": name, "deleted": deleted, "after": "1", "repository": owner});
        json!({"headers": {}, "body": body}).to_string()
    };
    let scene = with_file(GOOD)?;
    for (branch, other) in [("main", "main"), ("release/1.x", "release/1-x"), ("a{1}+", "a")] {
        let block = TEMPLATE
            .replace("    repository", &format!("    branch = \"{branch}\"\n    repository"));
        scene.workspace.settle(&reading(&block))?;
        let read = scene.workspace.attributes(ADDRESS)?;
        let sensor = read["sensor"].as_str().ok_or("no sensor")?;
        let events = [
            push(&format!("refs/heads/{branch}"), false),
            push(&format!("refs/heads/{branch}"), true),
            push(&format!("refs/heads/{branch}-old"), false),
            push(&format!("refs/heads/x/refs/heads/{branch}"), false),
            push(&format!("refs/heads/{other}x"), false),
            push(&format!("refs/tags/{branch}"), false),
        ];
        let started = argo.starts(sensor, &events)?;
        assert_eq!(started, [true, false, false, false, false, false], "{branch}");
    }
    Ok(())
}

/// A workflow of a file with these environments, and its manifests.
fn made(commands: &str, environments: &str, settings: &Settings) -> Outcome<Vec<String>> {
    let file = format!(
        "version: \"1.0\"\nbuild: {{commands: {commands}}}\nenvironments: {environments}\n"
    );
    let read = configuration::read(&file, &KnownRegions::default());
    let configuration =
        read.configuration.ok_or_else(|| Failure::new(format!("{:?}", read.problems)))?;
    let made =
        Workflow::new(&configuration, settings).map_err(|wrong| Failure::new(wrong.to_string()))?;
    Ok([Some(made.template), made.event_source, made.sensor].into_iter().flatten().collect())
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Outcome<T> {
    text.parse().map_err(|wrong: T::Err| Failure::new(wrong.to_string()))
}

#[test]
fn argo_takes_whatever_a_configuration_holds() -> Outcome {
    let Some(argo) = argo("argo_takes_whatever_a_configuration_holds")? else { return Ok(()) };
    let hook = Hook {
        repository: parsed("Example-Org/orders.api_1")?,
        branch: parsed("main")?,
        secret: None,
    };
    let plain = Settings {
        name: parsed("orders")?,
        namespace: None,
        artifact_bucket: parsed("orders-artifacts")?,
        service_account: parsed("deployer")?,
        builder_image: parsed(&format!("ghcr.io/example/builder@sha256:{}", "a1".repeat(32)))?,
        deployer_image: parsed("localhost:5000/deployer:2.0.1")?,
        execution_role: None,
        deadline_seconds: Settings::DEADLINE,
        hook: Some(hook.clone()),
    };
    let all = Settings {
        name: parsed(&"o".repeat(63))?,
        namespace: Some(parsed("0-team")?),
        execution_role: Some(parsed("arn:aws:iam::123456789012:role/ci/deployer")?),
        hook: Some(Hook {
            branch: parsed("release/1.x")?,
            secret: Some(parsed("github")?),
            ..hook
        }),
        ..plain.clone()
    };
    let alone = Settings { hook: None, ..plain.clone() };
    let environment = |name: &str, more: &str| {
        format!(
            "{{name: {name}, region: us-east-1, account: \"123456789012\", \
             stacks: [{{name: App, path: lib/app.ts}}]{more}}}"
        )
    };
    let tests = ", tests: {commands: [npm run smoke]}";
    let many: Vec<String> = (0..40).map(|it| environment(&format!("e{it}"), tests)).collect();
    let one = |name: &str| format!("[{}]", environment(&format!("\"{name}\""), tests));
    let mut checked = 0;
    for (commands, environments) in [
        ("[make]".to_owned(), one("dev")),
        ("[make]".to_owned(), format!("[{}]", environment("dev", ""))),
        ("[make]".to_owned(), format!("[{}]", many.join(", "))),
        // Names as the format allows them.
        ("[make]".to_owned(), one("1")),
        ("[make]".to_owned(), one("-")),
        ("[make]".to_owned(), one("build")),
        ("[make]".to_owned(), one("main")),
        ("[make]".to_owned(), format!("[{}, {}]", environment("a", tests), environment("deploy-a", ""))),
        ("[make]".to_owned(), format!("[{}, {}]", environment("'null'", tests), environment("'0x1f'", ""))),
        ("[make]".to_owned(), one(&"e".repeat(121))),
        // Texts that YAML, a shell or Argo could take for something else.
        (r##"["true", "no", "0x1f", "- a", "a: b", "# c", "'x y'", "a\u2028b", "}}", "{ {", "echo $((1+2))"]"##.to_owned(), one("dev")),
        (r#"["echo \"a\\nb\"", "printf 'a\n\n  b\n'", "ü 漢 🚀", "echo {x,y} {=z}", "echo ' { { x } } '"]"#.to_owned(), one("dev")),
    ] {
        for settings in [&plain, &all, &alone] {
            let texts = made(&commands, &environments, settings)?;
            let named: Vec<(String, &str)> = texts
                .iter()
                .enumerate()
                .map(|(index, text)| (index.to_string(), text.as_str()))
                .collect();
            let named: Vec<(&str, &str)> = named.iter().map(|(name, text)| (&**name, *text)).collect();
            assert_eq!(argo.faults(&named)?, [""; 0], "{commands} {environments}");
            checked += named.len();
        }
    }
    assert_eq!(checked, 12 * (3 + 3 + 1));
    Ok(())
}
