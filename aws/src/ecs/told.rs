//! The words of ECS, as they go into reasons: gathered, shortened, and without what might be secret.

use super::view::{Deployment, Service, StoppedTask};

#[cfg(test)]
mod tests;

/// At most this many characters of one thing that ECS says.
const LONGEST: usize = 300;

/// At most this many tasks and events are told of.
const MOST: usize = 3;

/// One line without control characters, and without what stands behind a `?` in a URL or before an
/// `@` in one: layers are fetched by signed URLs, and the agent cites them.
pub(super) fn plain(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(without_query).collect();
    let line = words.join(" ");
    let line = line.trim_end_matches('.');
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn without_query(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let (address, query) = match rest.split_once('?') {
        Some((address, _)) => (address, "?…"),
        None => (rest, ""),
    };
    let (host, path) = address.split_once('/').map_or((address, None), |(h, p)| (h, Some(p)));
    let host = host.rsplit('@').next().unwrap_or_default();
    let path = path.map_or_else(String::new, |path| format!("/{path}"));
    format!("{scheme}://{host}{path}{query}")
}

/// The short name of a revision, `family:7`, of its ARN.
pub(super) fn short(revision: &str) -> &str {
    revision.rsplit('/').next().unwrap_or(revision)
}

/// How far a deployment is: how many tasks run, and what ECS says of it.
pub(super) fn progress(deployment: &Deployment) -> String {
    let Deployment { running, desired, pending, failed, reason, .. } = deployment;
    let mut parts = vec![format!("{running} of {desired} tasks run")];
    if *pending > 0 {
        parts.push(format!("{pending} pending"));
    }
    if *failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    if !reason.is_empty() {
        parts.push(format!("ECS says \"{}\"", plain(reason)));
    }
    parts.join(", ")
}

/// The newest events of a service since a deployment began.
pub(super) fn events(service: &Service, since: f64) -> Option<String> {
    let recent = service.events.iter().filter(|event| event.at >= since);
    let told: Vec<String> =
        recent.take(MOST).map(|event| format!("\"{}\"", plain(&event.message))).collect();
    (!told.is_empty()).then(|| format!("last events: {}", told.join(", ")))
}

/// Why tasks of a deployment stopped, each way of stopping once.
pub(super) fn tasks(stopped: &[StoppedTask]) -> Option<String> {
    let mut told: Vec<(String, String)> = Vec::new();
    for task in stopped {
        let text = why(task);
        if !text.is_empty() && !told.iter().any(|(_, known)| *known == text) {
            told.push((task.id.clone(), text));
        }
    }
    let lines: Vec<String> = told
        .into_iter()
        .take(MOST)
        .map(|(id, text)| format!("task {id} stopped: {text}"))
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

fn why(task: &StoppedTask) -> String {
    let mut parts = Vec::new();
    if !task.reason.is_empty() {
        parts.push(plain(&task.reason));
    }
    for container in &task.containers {
        let exit = container.exit_code.filter(|code| *code != 0);
        let exit = exit.map(|code| format!("exit code {code}"));
        let reason = Some(plain(&container.reason)).filter(|reason| !reason.is_empty());
        let said: Vec<String> = exit.into_iter().chain(reason).collect();
        if !said.is_empty() {
            parts.push(format!("container `{}`: {}", container.name, said.join(", ")));
        }
    }
    parts.join("; ")
}

/// Several things that may be said, as one reason.
pub(super) fn all(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
