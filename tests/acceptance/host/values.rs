//! Values between the JSON that tests write and what goes over the wire.

use std::collections::BTreeMap;

use pipeline_acceptance::{Failure, Outcome};
use serde_json::{Value as Json, json};
use terraform_provider_pipeline::PipelineProvider;
use tfplugin::codec::{json, msgpack};
use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::{Diagnostic, DynamicValue};
use tfplugin::{Value, provider};

/// The types of the provider's configuration, of its resources and data sources.
#[derive(Debug, Clone)]
pub(super) struct Types {
    pub(super) provider: Type,
    named: BTreeMap<&'static str, Type>,
}

impl Types {
    /// As the schemas have them.
    pub(super) fn of_the_schemas() -> Self {
        let erased = provider::erase::<PipelineProvider>();
        let resources = tfplugin::erased::Provider::resources(&erased).iter();
        let resources = resources.map(|one| (one.name(), one.schema().block.ty()));
        let sources = tfplugin::erased::Provider::data_sources(&erased).iter();
        let sources = sources.map(|one| (one.name(), one.schema().block.ty()));
        let provider = tfplugin::erased::Provider::schema(&erased).block.ty();
        // No data source that is read here has the name of a resource that is made here.
        Self { provider, named: sources.chain(resources).collect() }
    }

    pub(super) fn of(&self, name: &str) -> Outcome<&Type> {
        let found = self.named.get(name);
        found.ok_or_else(|| Failure::new(format!("the provider has no {name}")))
    }
}

/// A message with `given`, whose missing attributes are null.
pub(super) fn dynamic(given: &Json, ty: &Type) -> Outcome<DynamicValue> {
    let whole = completed(given, ty)?;
    let value = json::decode(whole.to_string().as_bytes(), ty)
        .map_err(|error| Failure::new(format!("not a value of the schema: {error}")))?;
    Ok(DynamicValue { msgpack: msgpack::encode(&value, ty).into(), ..Default::default() })
}

/// What a message holds.
pub(super) fn read(message: Option<&DynamicValue>, ty: &Type) -> Outcome<Json> {
    let Some(message) = message.filter(|message| !message.msgpack.is_empty()) else {
        return Ok(Json::Null);
    };
    let failed = |error: &dyn std::fmt::Display| Failure::new(format!("a bad answer: {error}"));
    let value: Value = msgpack::decode(&message.msgpack, ty).map_err(|error| failed(&error))?;
    let bytes = json::encode(&value, ty).map_err(|error| failed(&error))?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// The titles and texts of errors, one per line; empty where there is none.
pub(super) fn errors(diagnostics: &[Diagnostic]) -> String {
    const ERROR: i32 = 1;
    let errors = diagnostics.iter().filter(|one| one.severity == ERROR);
    let texts = errors.map(|error| format!("{}: {}", error.summary, error.detail));
    texts.collect::<Vec<_>>().join("\n")
}

fn completed(given: &Json, ty: &Type) -> Outcome<Json> {
    match (given, ty) {
        (Json::Object(set), Type::Object(types)) => {
            if let Some(name) = set.keys().find(|name| !types.contains_key(*name)) {
                return Err(Failure::new(format!("the schema has no attribute {name}")));
            }
            let whole = |(name, ty): (&String, &Type)| {
                Ok((name.clone(), completed(set.get(name).unwrap_or(&json!(null)), ty)?))
            };
            types.iter().map(whole).collect::<Outcome<serde_json::Map<_, _>>>().map(Json::Object)
        }
        _ => Ok(given.clone()),
    }
}
