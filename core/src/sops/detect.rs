//! The format of a file, by the ending of its name, else by how it looks.

use super::format::Format;
use super::json;
use crate::base::yaml;

/// The format of a file. `.enc` and the like at the end of a name say nothing; what stands before
/// them may.
pub(crate) fn format(path: &str, text: &str) -> Format {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let name = [".enc", ".encrypted", ".sops"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(&name);
    match name.rsplit('.').next().filter(|ending| *ending != name) {
        Some("yaml" | "yml") => Format::Yaml,
        Some("json") => Format::Json,
        Some("env") => Format::Dotenv,
        Some("ini") => Format::Ini,
        _ => by_looks(text),
    }
}

fn by_looks(text: &str) -> Format {
    if text.trim_start().starts_with('{') {
        return if json::is_wrapped(text) { Format::Binary } else { Format::Json };
    }
    let any = |test: fn(&str) -> bool| text.lines().any(|line| test(line.trim_end()));
    if any(|line| line.starts_with("sops_") && line.contains('=')) {
        return Format::Dotenv;
    }
    if any(|line| line == "[sops]") {
        return Format::Ini;
    }
    let mut lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default();
    if first.starts_with('[') && first.ends_with(']') && any(|line| line.contains('=')) {
        return Format::Ini;
    }
    if is_assignment(first) && lines.all(is_assignment) {
        return Format::Dotenv;
    }
    if yaml::is_map(text) { Format::Yaml } else { Format::Binary }
}

fn is_assignment(line: &str) -> bool {
    line.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}
