//! Cases of configuration files.

use pipeline_core::KnownRegions;
use pipeline_core::configuration::tools::{Answer, check as check_tool};
use pipeline_core::configuration::{context, permissions, read as read_file};
use pipeline_core::workflow::{PinnedImage, Settings, Workflow};

use super::{Case, Found, case, found};

pub(crate) const CASES: &[Case] = &[
    case("CFG001", || file("version", ""), || file("\"1.0\"", "\"2.0\"")),
    case("CFG002", || file("version", ""), || file("[npm ci]", "[]")),
    case("CFG003", || file("version", ""), || file("[{name: App, path: lib/app.ts}]", "[]")),
    case("CFG004", || file("version", ""), || file("build: {", "build: [")),
    case("CFG006", || permitted(0), || permitted(2)),
    case(
        "CFG007",
        || context_of(r#"{"context": {"vpc": "vpc-1"}}"#),
        || context_of(r#"{"context": {}}"#),
    ),
    case(
        "CFG008",
        || check_tool("npm", Answer::Version).into_iter().collect(),
        || check_tool("npm", Answer::Missing).into_iter().collect(),
    ),
    case("CFG009", || file("version", ""), || file("\"123456789012\"", "123456789012")),
    case("CFG009", || file("dev", "2-dev"), || file("dev", "Dev")),
    case("CFG010", || file("version", ""), || file("build:", "test: {}\nbuild:")),
    case("CFG011", || workflow("npm ci"), || workflow("echo {{workflow.name}}")),
    case("CFG011", || image("1.2.0"), || image("latest")),
];

const FILE: &str = r#"version: "1.0"
build: {commands: [npm ci]}
environments:
  - {name: dev, region: us-east-1, account: "123456789012", stacks: [{name: App, path: lib/app.ts}]}
"#;

/// A good file in which a text stands for another; as it is where the other is empty.
fn file(from: &str, to: &str) -> Found {
    let text = if to.is_empty() { FILE.to_owned() } else { FILE.replacen(from, to, 1) };
    let reading = read_file(&text, &KnownRegions::default());
    reading.problems.into_iter().map(|problem| problem.violation).collect()
}

fn context_of(json: &str) -> Found {
    context::check(json, &["vpc".to_owned()])
}

/// The warning of credentials to which IAM refuses so many of the roles, and all stacks.
fn permitted(refused: usize) -> Found {
    let configuration = read_file(FILE, &KnownRegions::default()).configuration.unwrap();
    let environment = &configuration.environments[0];
    let (roles, stacks) =
        (permissions::roles("aws", environment), permissions::stacks("aws", environment));
    let user = "arn:aws:iam::123456789012:user/ada";
    permissions::check(environment, user, &roles[..refused], &stacks).into_iter().collect()
}

fn image(tag: &str) -> Found {
    found(format!("example.org/builder:{tag}").parse::<PinnedImage>())
}

fn workflow(command: &str) -> Found {
    let text = FILE.replace("[npm ci]", &format!("[\"{command}\"]"));
    let configuration = read_file(&text, &KnownRegions::default()).configuration.unwrap();
    let settings = Settings {
        name: "orders".parse().unwrap(),
        namespace: None,
        artifact_bucket: "orders-artifacts".parse().unwrap(),
        service_account: "deployer".parse().unwrap(),
        builder_image: "example.org/builder:1.4.0".parse().unwrap(),
        deployer_image: "example.org/deployer:2.0.1".parse().unwrap(),
        execution_role: None,
        deadline_seconds: Settings::DEADLINE,
        hook: None,
    };
    found(Workflow::new(&configuration, &settings))
}
