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

fn settings() -> Settings {
    Settings {
        name: "orders".parse().unwrap(),
        namespace: None,
        artifact_bucket: "artifacts".parse().unwrap(),
        service_account: "deployer".parse().unwrap(),
        builder_image: "ghcr.io/example/builder:1.4.0".parse().unwrap(),
        deployer_image: "ghcr.io/example/deployer:2.0.1".parse().unwrap(),
        execution_role: None,
        deadline_seconds: Settings::DEADLINE,
        hook: Some(Hook {
            repository: "example/orders".parse().unwrap(),
            branch: "release/1.x".parse().unwrap(),
            secret: Some("github".parse().unwrap()),
        }),
    }
}

fn workflow(file: &str, settings: &Settings) -> Result<Workflow, Violations> {
    let configuration = configuration::read(file, &KnownRegions::default()).configuration.unwrap();
    Workflow::new(&configuration, settings)
}

#[test]
fn stages_follow_each_other_and_only_what_has_tests_is_tested() {
    let template = workflow(FILE, &settings()).unwrap().template;
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
    let template = workflow(FILE, &settings()).unwrap().template;
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
fn what_argo_would_not_take_is_refused_where_it_stands() {
    let text = FILE
        .replace("npm run build", "{{x}}")
        .replace("lib/app.ts", "'{{y}}'")
        .replace("npm run 'smoke test'", "echo {{z}}")
        .replace("name: dev", &format!("name: {}", "e".repeat(122)));
    let told = workflow(&text, &settings()).unwrap_err();
    let at: Vec<String> = told.iter().map(|fault| fault.at.to_string()).collect();
    let expected = [
        "build.commands[1]",
        "environments[1].stacks[1].path",
        "environments[1].tests.commands[0]",
        "environments[0].name",
    ];
    assert_eq!(at, expected);
    assert!(told.iter().all(|fault| fault.rule == RuleId::CFG011));
    let longest = FILE.replace("name: dev", &format!("name: {}", "e".repeat(121)));
    assert!(workflow(&longest, &settings()).is_ok());
}

#[test]
fn names_and_images_are_what_a_cluster_takes() {
    let longest = "n".repeat(63);
    for good in ["orders", "0-a", "a", longest.as_str()] {
        assert!(good.parse::<KubernetesName>().is_ok(), "{good}");
    }
    for bad in ["", "-a", "a-", "Orders", "a.b", "ä", &format!("{longest}n")] {
        assert!(bad.parse::<KubernetesName>().is_err(), "{bad}");
    }
    assert!("example.org/builder:1".parse::<PinnedImage>().is_ok());
    for bad in ["example.org/builder:latest", "builder", "https://example.org/builder:1"] {
        assert!(bad.parse::<PinnedImage>().is_err(), "{bad}");
    }
}

#[test]
fn a_push_to_the_branch_starts_it_and_nothing_else() {
    let made = workflow(FILE, &settings()).unwrap();
    let sensor = made.sensor.unwrap();
    for part in [
        r#""^refs/heads/release/1\\.x$""#,
        "path: body.deleted",
        "dataKey: body.after",
        "workflowTemplateRef",
    ] {
        assert!(sensor.contains(part), "{part}: {sensor}");
    }
    assert!(made.event_source.unwrap().contains("webhookSecret"));
    let alone = Settings { hook: None, ..settings() };
    assert_eq!(workflow(FILE, &alone).unwrap().sensor, None);
}
