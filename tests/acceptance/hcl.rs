//! The configuration that tests write again and again.

use std::fmt::Write as _;

use pipeline_acceptance::workspace::quote;

/// A `pipeline_version_tag`.
pub(crate) fn tag(name: &str, tag_name: &str, reference: &str) -> String {
    tag_with(name, tag_name, reference, "")
}

/// A `pipeline_version_tag` with further lines.
pub(crate) fn tag_with(name: &str, tag_name: &str, reference: &str, lines: &str) -> String {
    let (tag_name, reference) = (quote(tag_name), quote(reference));
    format!(
        "resource \"pipeline_version_tag\" \"{name}\" {{\n  tag_name = {tag_name}\n  \
         ref = {reference}\n{lines}\n}}\n"
    )
}

/// A `pipeline_environment` named as its block, with further lines.
pub(crate) fn environment(name: &str, lines: &str) -> String {
    format!("resource \"pipeline_environment\" \"{name}\" {{\n  name = \"{name}\"\n{lines}\n}}\n")
}

/// Staging as most tests want it.
pub(crate) fn staging() -> String {
    environment("staging", "")
}

/// Production as the rules want it.
pub(crate) fn production() -> String {
    environment("production", PRODUCTION)
}

/// The lines of a production environment that breaks no rule.
pub(crate) const PRODUCTION: &str = r#"
  is_production     = true
  requires_approval = true
  regions = [{
    name           = "eu-west"
    cloud_mappings = { aws = "eu-west-1" }
  }]"#;

/// A `pipeline_deployment` that waits for the environment of the same configuration.
pub(crate) fn deployment(environment: &str, version: &str, lines: &str) -> String {
    format!(
        "resource \"pipeline_deployment\" \"this\" {{\n  \
         environment = pipeline_environment.{environment}.name\n  version = \"{version}\"\n  \
         workflow_run_id = \"4711\"\n{lines}\n}}\n"
    )
}

/// A health check of three attempts, each with time enough for a busy machine.
pub(crate) fn health_check(url: &str) -> String {
    format!(
        "  health_check = {{\n    url = \"{url}\"\n    interval = \"50ms\"\n    retries = 2\n    \
         attempt_timeout = \"1h\"\n    timeout = \"2h\"\n  }}\n"
    )
}

/// A health check that gives up soon: of a service that never answers, however long it is given.
pub(crate) fn hasty_health_check(url: &str) -> String {
    health_check(url).replace("\"1h\"", "\"1s\"").replace("\"2h\"", "\"3s\"")
}

/// One output per expression, named `o0`, `o1`, ….
pub(crate) fn outputs(expressions: &[&str]) -> String {
    let mut text = String::new();
    for (number, expression) in expressions.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "output \"o{number}\" {{\n  value = {expression}\n}}");
    }
    text
}

/// Enough of a commit's ID to recognise it.
pub(crate) fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
