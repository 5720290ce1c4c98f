//! What starts a workflow: the `EventSource` that takes GitHub's pushes, and the `Sensor` that starts the
//! template when one is of the branch. Deletions and tags start nothing.

use regex_lite::escape;

use super::settings::{Hook, Settings};
use super::template::metadata;
use super::yaml::Yaml;

/// Each parameter of a run, and where a push has it.
const FROM: &[(&str, &str)] = &[
    ("commit-sha", "body.after"),
    ("branch", "body.ref"),
    ("repo-url", "body.repository.clone_url"),
    ("repo-name", "body.repository.full_name"),
    ("pusher", "body.pusher.name"),
];

/// The name of the one event of the source.
const EVENT: &str = "push";

pub(super) fn source(settings: &Settings, hook: &Hook) -> Yaml {
    let (owner, name) = hook.repository.path().split_once('/').unwrap_or_default();
    let repository =
        Yaml::Map(vec![("owner", owner.into()), ("names", Yaml::List(vec![name.into()]))]);
    let webhook = Yaml::Map(vec![
        ("endpoint", format!("/{}", settings.name).into()),
        ("port", Yaml::Text("12000".to_owned())),
        ("method", "POST".into()),
        // Only who lets Argo register the webhook has one; the format wants the key of everybody.
        ("url", "".into()),
    ]);
    let mut github = vec![
        ("repositories", Yaml::List(vec![repository])),
        ("webhook", webhook),
        ("events", Yaml::List(vec!["push".into()])),
        ("contentType", "json".into()),
        ("active", Yaml::Truth(true)),
    ];
    if let Some(secret) = &hook.secret {
        let secret = Yaml::Map(vec![("name", secret.as_str().into()), ("key", "secret".into())]);
        github.push(("webhookSecret", secret));
    }
    let spec =
        vec![("service", service()), ("github", Yaml::Map(vec![(EVENT, Yaml::Map(github))]))];
    Yaml::Map(vec![
        ("apiVersion", "argoproj.io/v1alpha1".into()),
        ("kind", "EventSource".into()),
        ("metadata", metadata(settings)),
        ("spec", Yaml::Map(spec)),
    ])
}

fn service() -> Yaml {
    let port = Yaml::Map(vec![("port", Yaml::Number(12000)), ("targetPort", Yaml::Number(12000))]);
    Yaml::Map(vec![("ports", Yaml::List(vec![port]))])
}

pub(super) fn sensor(settings: &Settings, hook: &Hook) -> Yaml {
    let filters = vec![
        // Argo takes the value for a regular expression, which matches anywhere.
        filter("body.ref", "string", &format!("^refs/heads/{}$", escape(hook.branch.as_str()))),
        filter("body.deleted", "bool", "false"),
    ];
    let dependency = Yaml::Map(vec![
        ("name", EVENT.into()),
        ("eventSourceName", settings.name.as_str().into()),
        ("eventName", EVENT.into()),
        ("filters", Yaml::Map(vec![("data", Yaml::List(filters))])),
    ]);
    let trigger = Yaml::Map(vec![(
        "template",
        Yaml::Map(vec![("name", "start".into()), ("argoWorkflow", workflow(settings))]),
    )]);
    let spec = vec![
        ("dependencies", Yaml::List(vec![dependency])),
        ("triggers", Yaml::List(vec![trigger])),
    ];
    Yaml::Map(vec![
        ("apiVersion", "argoproj.io/v1alpha1".into()),
        ("kind", "Sensor".into()),
        ("metadata", metadata(settings)),
        ("spec", Yaml::Map(spec)),
    ])
}

/// A value of the event that has to be this one.
fn filter(path: &str, kind: &str, value: &str) -> Yaml {
    Yaml::Map(vec![
        ("path", path.into()),
        ("type", kind.into()),
        ("comparator", "=".into()),
        ("value", Yaml::List(vec![value.into()])),
    ])
}

/// The run that is submitted; its parameters are replaced by what the event says.
fn workflow(settings: &Settings) -> Yaml {
    let parameters = FROM
        .iter()
        .map(|(name, _)| Yaml::Map(vec![("name", (*name).into()), ("value", "".into())]));
    let template = Yaml::Map(vec![("name", settings.name.as_str().into())]);
    let mut about = vec![("generateName", format!("{}-", settings.name).into())];
    let namespace = settings.namespace.as_ref();
    about.extend(namespace.map(|namespace| ("namespace", namespace.as_str().into())));
    let resource = Yaml::Map(vec![
        ("apiVersion", "argoproj.io/v1alpha1".into()),
        ("kind", "Workflow".into()),
        ("metadata", Yaml::Map(about)),
        (
            "spec",
            Yaml::Map(vec![
                ("arguments", Yaml::Map(vec![("parameters", Yaml::List(parameters.collect()))])),
                ("workflowTemplateRef", template),
            ]),
        ),
    ]);
    let given = FROM.iter().enumerate().map(|(position, (_, path))| {
        let from = vec![("dependencyName", EVENT.into()), ("dataKey", (*path).into())];
        let to = format!("spec.arguments.parameters.{position}.value");
        Yaml::Map(vec![("src", Yaml::Map(from)), ("dest", to.into())])
    });
    Yaml::Map(vec![
        ("operation", "submit".into()),
        ("source", Yaml::Map(vec![("resource", resource)])),
        ("parameters", Yaml::List(given.collect())),
    ])
}
