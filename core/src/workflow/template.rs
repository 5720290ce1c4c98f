//! The `WorkflowTemplate`: build, then for each environment its deployment and, where it has any, its tests.

use super::scripts;
use super::settings::{PinnedImage, Settings};
use super::yaml::Yaml;
use crate::configuration::{Configuration, ConfiguredEnvironment};

/// What a run is started with, and the variable that each script finds it in.
pub(super) const PARAMETERS: &[(&str, &str)] = &[
    ("commit-sha", "COMMIT_SHA"),
    ("branch", "BRANCH"),
    ("repo-url", "REPO_URL"),
    ("repo-name", "REPO_NAME"),
    ("pusher", "PUSHER"),
];

/// Where Kubernetes puts the token of a service account for AWS.
const TOKEN: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

pub(super) fn of(configuration: &Configuration, settings: &Settings) -> Yaml {
    let mut templates = vec![steps(configuration), build(configuration, settings)];
    for environment in &configuration.environments {
        templates.push(deploy(environment, settings));
        if !environment.tests.is_empty() {
            templates.push(test(environment, settings));
        }
    }
    let parameters = PARAMETERS.iter().map(|(name, _)| Yaml::Map(vec![("name", (*name).into())]));
    let mutex = Yaml::Map(vec![("name", settings.name.as_str().into())]);
    let spec = vec![
        ("entrypoint", "main".into()),
        ("serviceAccountName", settings.service_account.as_str().into()),
        ("activeDeadlineSeconds", Yaml::Number(settings.deadline_seconds.get())),
        ("synchronization", Yaml::Map(vec![("mutexes", Yaml::List(vec![mutex]))])),
        ("arguments", Yaml::Map(vec![("parameters", Yaml::List(parameters.collect()))])),
        ("templates", Yaml::List(templates)),
    ];
    Yaml::Map(vec![
        ("apiVersion", "argoproj.io/v1alpha1".into()),
        ("kind", "WorkflowTemplate".into()),
        ("metadata", metadata(settings)),
        ("spec", Yaml::Map(spec)),
    ])
}

pub(super) fn metadata(settings: &Settings) -> Yaml {
    let mut metadata = vec![("name", settings.name.as_str().into())];
    let namespace = settings.namespace.as_ref();
    metadata.extend(namespace.map(|namespace| ("namespace", namespace.as_str().into())));
    Yaml::Map(metadata)
}

/// One step after another: each begins when the one before it succeeded.
fn steps(configuration: &Configuration) -> Yaml {
    let mut steps = vec![step("build", None)];
    for ConfiguredEnvironment { name, tests, .. } in &configuration.environments {
        let built =
            ("artifact-path", "{{steps.build.outputs.parameters.artifact-path}}".to_owned());
        steps.push(step(&format!("deploy-{name}"), Some(built)));
        if !tests.is_empty() {
            let outputs = format!("{{{{steps.deploy-{name}.outputs.parameters.stack-outputs}}}}");
            steps.push(step(&format!("test-{name}"), Some(("stack-outputs", outputs))));
        }
    }
    Yaml::Map(vec![("name", "main".into()), ("steps", Yaml::List(steps))])
}

fn step(name: &str, takes: Option<(&'static str, String)>) -> Yaml {
    let mut step = vec![("name", name.into()), ("template", name.into())];
    if let Some((parameter, value)) = takes {
        let parameter = Yaml::Map(vec![("name", parameter.into()), ("value", value.into())]);
        step.push(("arguments", Yaml::Map(vec![("parameters", Yaml::List(vec![parameter]))])));
    }
    Yaml::List(vec![Yaml::Map(step)])
}

fn build(configuration: &Configuration, settings: &Settings) -> Yaml {
    let bucket = ("ARTIFACT_BUCKET", settings.artifact_bucket.to_string());
    let container = container(
        &settings.builder_image,
        scripts::BUILD,
        words(&configuration.build),
        variables(settings, [bucket]),
    );
    Yaml::Map(vec![
        ("name", "build".into()),
        ("outputs", output("artifact-path", "/tmp/artifact-path")),
        ("retryStrategy", retry()),
        ("container", container),
    ])
}

fn deploy(environment: &ConfiguredEnvironment, settings: &Settings) -> Yaml {
    let stacks = environment.stacks.iter().flat_map(|stack| [stack.name(), stack.path()]);
    let own = [
        ("ENVIRONMENT", environment.name.to_string()),
        ("AWS_REGION", environment.region.to_string()),
        ("AWS_ACCOUNT", environment.account.to_string()),
        ("ARTIFACT_PATH", "{{inputs.parameters.artifact-path}}".to_owned()),
    ];
    let container = container(
        &settings.deployer_image,
        scripts::DEPLOY,
        stacks.map(str::to_owned).collect(),
        variables(settings, own),
    );
    Yaml::Map(vec![
        ("name", format!("deploy-{}", environment.name).into()),
        ("inputs", input("artifact-path")),
        ("outputs", output("stack-outputs", "/tmp/stack-outputs.json")),
        ("container", container),
    ])
}

fn test(environment: &ConfiguredEnvironment, settings: &Settings) -> Yaml {
    let own = [
        ("ENVIRONMENT", environment.name.to_string()),
        ("AWS_REGION", environment.region.to_string()),
        ("STACK_OUTPUTS", "{{inputs.parameters.stack-outputs}}".to_owned()),
    ];
    let container = container(
        &settings.builder_image,
        scripts::TEST,
        words(&environment.tests),
        variables(settings, own),
    );
    Yaml::Map(vec![
        ("name", format!("test-{}", environment.name).into()),
        ("inputs", input("stack-outputs")),
        ("retryStrategy", retry()),
        ("container", container),
    ])
}

/// Each command as its number of words, and the words.
fn words(commands: &[String]) -> Vec<String> {
    let split = commands.iter().map(|command| shlex::split(command).unwrap_or_default());
    split.flat_map(|words| std::iter::once(words.len().to_string()).chain(words)).collect()
}

fn container(image: &PinnedImage, script: &str, arguments: Vec<String>, variables: Yaml) -> Yaml {
    let command = ["/bin/bash", "-c", script, "pipeline"].map(Yaml::from);
    Yaml::Map(vec![
        ("image", image.to_string().into()),
        ("command", Yaml::List(command.to_vec())),
        ("args", Yaml::List(arguments.into_iter().map(Yaml::from).collect())),
        ("workingDir", "/tmp/work".into()),
        ("env", variables),
    ])
}

/// The variables of a script: the parameters of the run, those of the role, and its own.
fn variables(settings: &Settings, own: impl IntoIterator<Item = (&'static str, String)>) -> Yaml {
    let run = PARAMETERS
        .iter()
        .map(|(name, variable)| (*variable, format!("{{{{workflow.parameters.{name}}}}}")));
    let role = settings.execution_role.iter().flat_map(|role| {
        [
            ("AWS_ROLE_ARN", role.as_str().to_owned()),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", TOKEN.to_owned()),
        ]
    });
    let all = run.chain(role).chain(own);
    Yaml::List(
        all.map(|(name, value)| Yaml::Map(vec![("name", name.into()), ("value", value.into())]))
            .collect(),
    )
}

fn input(name: &str) -> Yaml {
    let parameter = Yaml::Map(vec![("name", name.into())]);
    Yaml::Map(vec![("parameters", Yaml::List(vec![parameter]))])
}

fn output(name: &str, file: &str) -> Yaml {
    let from = Yaml::Map(vec![("path", file.into())]);
    let parameter = Yaml::Map(vec![("name", name.into()), ("valueFrom", from)]);
    Yaml::Map(vec![("parameters", Yaml::List(vec![parameter]))])
}

/// What may be done again: a pod that was lost, but no command that failed.
fn retry() -> Yaml {
    Yaml::Map(vec![("limit", "2".into()), ("retryPolicy", "OnError".into())])
}
