//! JSON. Lines come from reading it as the YAML that it is, too.

use std::collections::HashMap;

use serde_json::Value;

use super::error::Problem;
use super::format::Format;
use super::tree::{Item, Node};
use crate::base::limits::{DEEPEST, is_too_deep};

pub(crate) fn read(text: &str) -> Result<Node, Problem> {
    let value = serde_json::from_str::<Value>(text).map_err(|error| unreadable(&error))?;
    let plain = node(value);
    // What stands where is taken from there only if it says the same.
    let lines = super::yaml::read(text).ok().and_then(|mut documents| documents.pop());
    Ok(lines.filter(|lined| same(lined, &plain)).unwrap_or(plain))
}

/// Whether it is what SOPS makes of a file that it does not understand: `data` and `sops`.
pub(crate) fn is_wrapped(text: &str) -> bool {
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else { return false };
    object.len() == 2 && object.contains_key("data") && object.contains_key("sops")
}

fn unreadable(error: &serde_json::Error) -> Problem {
    if is_too_deep(error) {
        return Problem::TooDeep { most: DEEPEST };
    }
    Problem::Unreadable { format: Format::Json, line: Some(error.line()).filter(|line| *line > 0) }
}

fn node(value: Value) -> Node {
    let item = |key, value| Item::bare(key, node(value));
    match value {
        Value::Null => Node::Null,
        Value::Bool(flag) => Node::Plain(flag.to_string()),
        Value::Number(number) => Node::Plain(number.to_string()),
        Value::String(text) => Node::value(text),
        Value::Array(values) => {
            Node::List(values.into_iter().map(|value| item(String::new(), value)).collect())
        }
        Value::Object(values) => {
            Node::Map(values.into_iter().map(|(key, value)| item(key, value)).collect())
        }
    }
}

/// Whether the one tree holds what the other holds, and at most some keys of a map twice: JSON
/// allows that, and the reader of the other tree keeps the last of them only.
fn same(one: &Node, other: &Node) -> bool {
    match (one, other) {
        (Node::Map(items), Node::Map(others)) => {
            let mut missing: HashMap<&str, &Node> =
                others.iter().map(|other| (other.key.as_str(), &*other.node)).collect();
            let others: HashMap<&str, &Node> = missing.clone();
            for item in items {
                let Some(other) = others.get(item.key.as_str()) else { return false };
                if same(&item.node, other) {
                    missing.remove(item.key.as_str());
                }
            }
            missing.is_empty()
        }
        (Node::List(items), Node::List(others)) => {
            let mut pairs = items.iter().zip(others);
            items.len() == others.len() && pairs.all(|(one, other)| same(&one.node, &other.node))
        }
        (Node::Plain(one), Node::Plain(other)) => one == other || same_number(one, other),
        (one, other) => one == other,
    }
}

/// Whether two texts are one number: `1.50` in the file is printed as `1.5`.
fn same_number(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    number(one).is_some_and(|one| number(other) == Some(one))
}
