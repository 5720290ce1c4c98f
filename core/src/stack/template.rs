//! Which outputs of a template show a parameter that the template hides.
//!
//! CloudFormation itself shows the value of such an output in full. A template is JSON or YAML; only
//! its outputs are looked at, and only for the names of parameters.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser};
use serde_json::Value;

/// The outputs that a template has, and what stands in each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateOutputs {
    texts: BTreeMap<String, Vec<String>>,
}

impl TemplateOutputs {
    /// Reads the outputs of a template; `None` where it is neither JSON nor YAML, or uses aliases.
    #[must_use]
    pub fn read(template: &str) -> Option<Self> {
        match serde_json::from_str::<Value>(template) {
            Ok(json) => Some(Self::of_json(&json)),
            Err(_) => Walk::over(template).map(|texts| Self { texts }),
        }
    }

    /// Whether an output may show one of these parameters: it names one, or the template does not
    /// have it.
    #[must_use]
    pub fn may_show(&self, output: &str, parameters: &BTreeSet<String>) -> bool {
        self.texts
            .get(output)
            .is_none_or(|texts| texts.iter().any(|text| names_one(text, parameters)))
    }

    fn of_json(template: &Value) -> Self {
        let outputs = template.get("Outputs").and_then(Value::as_object).into_iter().flatten();
        let texts = outputs.map(|(name, output)| {
            let mut texts = Vec::new();
            gather(output, &mut texts);
            (name.clone(), texts)
        });
        Self { texts: texts.collect() }
    }
}

fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|value| gather(value, texts)),
        Value::Object(map) => map.values().for_each(|value| gather(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `Name`, as in a `Ref`, or `${Name}` in a text.
fn names_one(text: &str, parameters: &BTreeSet<String>) -> bool {
    let inside = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    parameters.contains(text.trim())
        || inside.map(|(name, _)| name.trim()).any(|name| parameters.contains(name))
}

/// A walk over the events of YAML, which knows in which output it is.
#[derive(Default)]
struct Walk {
    /// The maps and lists that are open; a map remembers the key whose value comes next.
    open: Vec<Open>,
    texts: BTreeMap<String, Vec<String>>,
}

enum Open {
    List,
    Map { key: Option<String> },
}

impl Walk {
    fn over(template: &str) -> Option<BTreeMap<String, Vec<String>>> {
        let mut walk = Self::default();
        let mut documents = 0;
        for event in Parser::new_from_str(template) {
            match event.ok()?.0 {
                Event::DocumentStart(_) => documents += 1,
                Event::Scalar(text, ..) => walk.scalar(&text),
                Event::MappingStart(..) => walk.enter(Open::Map { key: None })?,
                Event::SequenceStart(..) => walk.enter(Open::List)?,
                Event::MappingEnd | Event::SequenceEnd => walk.leave(),
                Event::Alias(_) => return None,
                _ => {}
            }
        }
        (documents == 1).then_some(walk.texts)
    }

    fn scalar(&mut self, text: &str) {
        if let Some(Open::Map { key: key @ None }) = self.open.last_mut() {
            *key = Some(text.to_owned());
            self.note_output();
            return;
        }
        if let Some(output) = self.output() {
            self.texts.entry(output).or_default().push(text.to_owned());
        }
        self.done();
    }

    /// A map or list as the key of a map is no template.
    fn enter(&mut self, what: Open) -> Option<()> {
        let is_key = matches!(self.open.last(), Some(Open::Map { key: None }));
        self.open.push(what);
        (!is_key).then_some(())
    }

    fn leave(&mut self) {
        self.open.pop();
        self.done();
    }

    /// A value is complete: the next thing in its map is a key.
    fn done(&mut self) {
        if let Some(Open::Map { key }) = self.open.last_mut() {
            *key = None;
        }
    }

    /// Remembers an output even where nothing stands in it.
    fn note_output(&mut self) {
        if self.open.len() == 2
            && let Some(output) = self.output()
        {
            self.texts.entry(output).or_default();
        }
    }

    /// The output that the walk is in.
    fn output(&self) -> Option<String> {
        let mut keys = self.open.iter().map(|open| match open {
            Open::Map { key } => key.as_deref(),
            Open::List => None,
        });
        (keys.next()? == Some("Outputs")).then(|| keys.next().flatten().map(str::to_owned))?
    }
}
