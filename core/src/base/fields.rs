//! Reading an object of JSON field by field, so that everything that is wrong with it is told at once.
//!
//! A field that is `null` is one that is not there. What fields mean is their entity's matter.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::rule::RuleId;
use super::violation::{FieldPath, Findings, Violation, Violations};

/// The fields of an object. Whoever reads asks for each by its name; one that nobody asked for is unknown.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    asked: Vec<&'static str>,
    findings: Findings,
}

impl<'a> Fields<'a> {
    /// The fields of what has to be an object.
    ///
    /// # Errors
    /// OWN044 for anything else.
    pub fn of(json: &'a Value) -> Result<Self, Violations> {
        let object = json.as_object().ok_or_else(|| other(json, "an object"))?;
        Ok(Self { object, asked: Vec::new(), findings: Findings::new() })
    }

    /// A field that may be absent, read by `read`.
    pub fn may<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Value) -> Result<T, Violations>,
    ) -> Option<T> {
        self.asked.push(name);
        let value = self.object.get(name).filter(|value| !value.is_null())?;
        self.findings.take(name, read(value))
    }

    /// A field that has to be there, read by `read`.
    pub fn must<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Value) -> Result<T, Violations>,
    ) -> Option<T> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.asked.push(name);
            let next = format!("Add `{name}`.");
            let missing = Violation::new(RuleId::OWN044, "nothing", format!("`{name}`"), next);
            self.findings.push(missing.under(name));
            return None;
        }
        self.may(name, read)
    }

    /// What else is wrong.
    pub fn faults(&mut self, faults: impl IntoIterator<Item = Violation>) {
        self.findings.extend(faults);
    }

    /// A part of several fields.
    pub fn part<T>(&mut self, at: impl Into<FieldPath>, read: Result<T, Violations>) -> Option<T> {
        self.findings.take(at, read)
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_faultless(&self) -> bool {
        self.findings.is_empty()
    }

    /// What was made of all fields together.
    pub fn whole<T>(&mut self, made: Result<T, Violations>) -> Option<T> {
        self.part(FieldPath::root(), made)
    }

    /// What was made of the fields, where nothing is wrong with them.
    ///
    /// # Errors
    /// Everything that is wrong, unknown fields too.
    pub fn finish<T>(mut self, made: Option<T>) -> Result<T, Violations> {
        let strangers = self.object.iter().filter(|(_, value)| !value.is_null());
        let strangers = strangers.map(|(name, _)| name.as_str());
        let strangers: Vec<&str> = strangers.filter(|name| !self.asked.contains(name)).collect();
        for name in strangers {
            let known = self.asked.iter().copied();
            self.findings.push(Violation::not_listed(RuleId::OWN044, name, known));
        }
        match made {
            Some(made) => self.findings.finish(made),
            None => Err(self.findings.fail()),
        }
    }
}

fn other(found: &Value, expected: &str) -> Violation {
    let found = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Violation::new(RuleId::OWN044, found, expected, format!("Write {expected}."))
}

/// A text, as it is.
///
/// # Errors
/// OWN044 for anything else.
pub fn text(json: &Value) -> Result<String, Violations> {
    json.as_str().map(str::to_owned).ok_or_else(|| other(json, "a text, in quotes").into())
}

/// A text that means something.
///
/// # Errors
/// OWN044 for anything but a text; what the meaning demands.
pub fn parsed<T: FromStr<Err = Violations>>(json: &Value) -> Result<T, Violations> {
    json.as_str().ok_or_else(|| Violations::from(other(json, "a text, in quotes")))?.parse()
}

/// A whole number.
///
/// # Errors
/// OWN044 for anything else.
pub fn whole(json: &Value) -> Result<i64, Violations> {
    json.as_i64().ok_or_else(|| other(json, "a whole number").into())
}

/// A number.
///
/// # Errors
/// OWN044 for anything else.
pub fn number(json: &Value) -> Result<f64, Violations> {
    json.as_f64().ok_or_else(|| other(json, "a number").into())
}

/// `true` or `false`.
///
/// # Errors
/// OWN044 for anything else.
pub fn flag(json: &Value) -> Result<bool, Violations> {
    json.as_bool().ok_or_else(|| other(json, "`true` or `false`").into())
}

/// A list, each of whose entries is read by `read`.
///
/// # Errors
/// OWN044 for anything but a list; what is wrong with each entry.
pub fn list<T>(
    json: &Value,
    read: impl Fn(&Value) -> Result<T, Violations>,
) -> Result<Vec<T>, Violations> {
    let entries = json.as_array().ok_or_else(|| other(json, "a list"))?;
    let mut findings = Findings::new();
    let mut made = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        made.extend(findings.take(FieldPath::root().index(at), read(entry)));
    }
    findings.finish(made)
}

/// Texts by name, each read by `read`.
///
/// # Errors
/// OWN044 for anything but an object; what is wrong with each.
pub fn map<T>(
    json: &Value,
    read: impl Fn(&Value) -> Result<T, Violations>,
) -> Result<BTreeMap<String, T>, Violations> {
    let entries = json.as_object().ok_or_else(|| other(json, "an object"))?;
    let mut findings = Findings::new();
    let mut made = BTreeMap::new();
    for (name, entry) in entries {
        let value = findings.take(FieldPath::root().key(name), read(entry));
        made.extend(value.map(|value| (name.clone(), value)));
    }
    findings.finish(made)
}
