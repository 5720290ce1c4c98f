//! The manifests, and what must not be in them.

use super::*;
use crate::KnownRegions;
use crate::configuration;

const FILE: &str = r#"version: "1.0"
build:
  commands: ["npm ci", "bash -c 'npm run build && npm test'"]
environments:
  - {name: dev, region: us-east-1, account: "123456789012", stacks: [{name: "A;rm -rf /", path: lib/a.ts}]}
  - name: prod
    region: us-west-2
    account: "210987654321"
    stacks: [{name: Net, path: lib/net.ts}, {name: App, path: lib/app.ts}]
    tests: {commands: ["npm run 'smoke test'"]}
"#;

fn parts() -> SettingsParts {
    SettingsParts {
        name: "orders".to_owned(),
        artifact_bucket: "artifacts".to_owned(),
        service_account: "deployer".to_owned(),
        builder_image: "ghcr.io/example/builder:1.4.0".to_owned(),
        deployer_image: "ghcr.io/example/deployer:2.0.1".to_owned(),
        repository: Some("example/orders".to_owned()),
        webhook_secret: Some("github".to_owned()),
        ..SettingsParts::default()
    }
}

fn workflow(file: &str, parts: SettingsParts) -> Result<Workflow, Violations> {
    let configuration = configuration::read(file, &KnownRegions::default()).configuration.unwrap();
    Workflow::new(&configuration, &Settings::new(parts)?)
}

#[test]
fn stages_follow_each_other_and_only_what_has_tests_is_tested() {
    let template = workflow(FILE, parts()).unwrap().template;
    let order: Vec<usize> =
        ["name: build", "name: deploy-dev", "name: deploy-prod", "name: test-prod"]
            .iter()
            .map(|step| template.find(step).unwrap())
            .collect();
    assert!(order.is_sorted(), "{template}");
    assert!(!template.contains("test-dev"));
    for part in ["mutexes:", "activeDeadlineSeconds: 7200", "entrypoint: main", "stack-outputs"] {
        assert!(template.contains(part), "{part}");
    }
}

#[test]
fn what_people_wrote_stands_in_no_script() {
    let template = workflow(FILE, parts()).unwrap().template;
    // An argument of its own, in quotes, and nowhere else.
    assert_eq!(template.matches("A;rm -rf /").count(), 1);
    assert!(template.contains("- \"A;rm -rf /\"\n"), "{template}");
    assert!(
        template.contains("- \"3\"\n        - npm\n        - run\n        - smoke test\n")
            || template.contains("- smoke test\n")
            || template.contains("- \"smoke test\"\n")
    );
    for script in [scripts::BUILD, scripts::DEPLOY, scripts::TEST] {
        assert!(!script.contains("{{"), "{script}");
    }
}

#[test]
fn what_argo_would_replace_is_refused() {
    let told = workflow(&FILE.replace("npm ci", "echo {{x}}"), parts()).unwrap_err().to_string();
    assert!(told.starts_with("CFG011") && told.contains("`echo {{x}}`"), "{told}");
}

#[test]
fn settings_tell_all_that_is_wrong() {
    let bad = SettingsParts {
        name: "Orders".to_owned(),
        builder_image: "builder:latest".to_owned(),
        deployer_image: "deployer".to_owned(),
        repository: Some("orders".to_owned()),
        ..parts()
    };
    let told = Settings::new(bad).unwrap_err().to_string();
    for at in ["name", "builder_image", "deployer_image", "repository"] {
        assert!(told.contains(&format!(" at {at}: ")), "{at}: {told}");
    }
}

#[test]
fn a_push_to_the_branch_starts_it_and_nothing_else() {
    let workflow = workflow(FILE, parts()).unwrap();
    let sensor = workflow.sensor.unwrap();
    for part in
        ["refs/heads/main", "path: body.deleted", "dataKey: body.after", "workflowTemplateRef"]
    {
        assert!(sensor.contains(part), "{part}: {sensor}");
    }
    assert!(workflow.event_source.unwrap().contains("webhookSecret"));
    let alone = SettingsParts { repository: None, ..parts() };
    assert_eq!(tests::workflow(FILE, alone).unwrap().sensor, None);
}

#[test]
fn the_text_is_the_same_every_time() {
    assert_eq!(workflow(FILE, parts()), workflow(FILE, parts()));
}

#[test]
fn the_scripts_are_what_a_shell_can_read() {
    for script in [scripts::BUILD, scripts::DEPLOY, scripts::TEST] {
        let read = std::process::Command::new("bash").args(["-n", "-c", script]).status();
        assert!(read.is_ok_and(|status| status.success()), "{script}");
    }
}

#[test]
fn words_of_commands_arrive_one_by_one() {
    let script = scripts::TEST.split_once("while").map(|(_, rest)| format!("while{rest}")).unwrap();
    let out = std::process::Command::new("bash")
        .args(["-c", &script, "pipeline", "3", "printf", "<%s>", "a b; $(x)", "2", "echo", "done"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "<a b; $(x)>done\n");
}
