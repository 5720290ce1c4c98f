//! Settings of git as text: the list that git prints, and the file that it reads.

use std::fmt::Write as _;

use super::command::Answer;

/// Settings as `git config --list --null` writes them: a name, and a value where there is one.
pub(crate) fn entries(answer: &Answer) -> Vec<(&str, Option<&str>)> {
    let text = std::str::from_utf8(&answer.stdout).unwrap_or_default();
    let entries = text.split('\0').filter(|entry| !entry.is_empty());
    entries
        .map(|entry| match entry.split_once('\n') {
            Some((name, value)) => (name, Some(value)),
            None => (entry, None),
        })
        .collect()
}

/// Writes a setting as a file of settings has it.
pub(crate) fn write(text: &mut String, name: &str, value: Option<&str>) {
    let (Some((section, _)), Some((start, key))) = (name.split_once('.'), name.rsplit_once('.'))
    else {
        return;
    };
    let subsection = start.get(section.len() + 1..).map(quoted);
    let head =
        subsection.map_or_else(|| format!("[{section}]"), |sub| format!("[{section} {sub}]"));
    let value = value.map_or_else(String::new, |value| format!(" = {}", quoted(value)));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{head}\n\t{key}{value}");
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '\\' | '"' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, value: Option<&str>) -> String {
        let mut text = String::new();
        write(&mut text, name, value);
        text
    }

    #[test]
    fn writes_settings_of_any_form() {
        let header = "http.https://github.com/.extraheader";
        assert_eq!(
            written(header, Some("AUTHORIZATION: basic eA==")),
            "[http \"https://github.com/\"]\n\textraheader = \"AUTHORIZATION: basic eA==\"\n"
        );
        assert_eq!(written("http.sslverify", None), "[http]\n\tsslverify\n");
        assert_eq!(
            written("credential.helper", Some("!f() { echo \"a\\b\";\n}; f")),
            "[credential]\n\thelper = \"!f() { echo \\\"a\\\\b\\\";\\n}; f\"\n"
        );
        assert_eq!(written("remote.a.b.url", Some("x")), "[remote \"a.b\"]\n\turl = \"x\"\n");
    }
}
