//! YAML as it is written: a tree, and text that is the same every time. Reading is elsewhere.

/// A value that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Yaml {
    Text(String),
    Number(u64),
    Truth(bool),
    List(Vec<Yaml>),
    /// Keys in the order in which they are written.
    Map(Vec<(&'static str, Yaml)>),
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Yaml {
    /// The document.
    pub(super) fn written(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    /// The value, with the line feed that ends it; `depth` is how far its own lines are indented.
    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Self::Map(entries) if !entries.is_empty() => {
                for (position, (key, value)) in entries.iter().enumerate() {
                    if position > 0 {
                        indent(out, depth);
                    }
                    out.push_str(key);
                    out.push(':');
                    value.write_behind(out, depth);
                }
            }
            Self::List(items) if !items.is_empty() => {
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        indent(out, depth);
                    }
                    out.push_str("- ");
                    item.write(out, depth + 1);
                }
            }
            Self::Text(text) if is_block(text) => block(out, text, depth + 1),
            flat => {
                out.push_str(&flat.flat());
                out.push('\n');
            }
        }
    }

    /// The value behind its key.
    fn write_behind(&self, out: &mut String, depth: usize) {
        match self {
            Self::Map(entries) if !entries.is_empty() => self.write_below(out, depth),
            Self::List(items) if !items.is_empty() => self.write_below(out, depth),
            Self::Text(text) if is_block(text) => {
                out.push(' ');
                block(out, text, depth + 1);
            }
            flat => {
                out.push(' ');
                out.push_str(&flat.flat());
                out.push('\n');
            }
        }
    }

    fn write_below(&self, out: &mut String, depth: usize) {
        out.push('\n');
        indent(out, depth + 1);
        self.write(out, depth + 1);
    }

    fn flat(&self) -> String {
        match self {
            Self::Text(text) if is_plain(text) => text.clone(),
            // A text of JSON is one of YAML.
            Self::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::List(_) => "[]".to_owned(),
            Self::Map(_) => "{}".to_owned(),
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    out.push_str(&"  ".repeat(depth));
}

/// Several lines that a literal block gives back letter by letter.
fn is_block(text: &str) -> bool {
    let printable = |letter: char| letter == '\n' || (!letter.is_control() && letter != '\u{feff}');
    let one_end = text.ends_with('\n') && !text.ends_with("\n\n");
    one_end
        && text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && text.chars().all(printable)
        && !text.contains(['\u{85}', '\u{2028}', '\u{2029}'])
}

fn block(out: &mut String, text: &str, depth: usize) {
    out.push_str("|\n");
    for line in text.lines() {
        if !line.is_empty() {
            indent(out, depth);
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// A word that no reader of YAML takes for anything but text.
fn is_plain(text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && text.bytes().all(letters)
        && !words.contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use saphyr_parser::{Event, Parser};

    use super::*;

    /// Texts and keys in the order in which a reader finds them.
    fn read(text: &str) -> Vec<String> {
        let events = Parser::new_from_str(text).map(|event| event.unwrap().0);
        let texts = events.filter_map(|event| match event {
            Event::Scalar(text, ..) => Some(text.into_owned()),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn nests_and_quotes() {
        let inner = Yaml::Map(vec![("name", "true".into()), ("count", Yaml::Number(2))]);
        let tree = Yaml::Map(vec![
            ("list", Yaml::List(vec![inner, Yaml::List(vec!["x".into()]), Yaml::List(vec![])])),
            ("script", "set -e\n\n  if x; then\n".into()),
            ("sure", Yaml::Truth(false)),
        ]);
        let expected = "list:\n  - name: \"true\"\n    count: 2\n  - - x\n  - []\nscript: |\n  set -e\n\n    if x; then\nsure: false\n";
        assert_eq!(tree.written(), expected);
    }

    proptest! {
        #[test]
        fn every_text_is_read_back(text in "\\PC{0,20}(\n\\PC{0,20}){0,3}\n?", deep in any::<bool>()) {
            let value = Yaml::from(text.as_str());
            let value = if deep { Yaml::List(vec![Yaml::Map(vec![("inner", value)])]) } else { value };
            let written = Yaml::Map(vec![("key", value)]).written();
            let expected = if deep { vec!["key", "inner", &text] } else { vec!["key", text.as_str()] };
            prop_assert_eq!(read(&written), expected, "{}", written);
        }
    }
}
