//! Checks a provider against the rules that the host and the registry set for schemas.
//!
//! A test in the provider calls this, so that no host is needed to find a bad name.

use crate::diagnostics::Diagnostics;
use crate::erased::Provider;
use crate::schema::{
    Attribute, AttributeKind, Block, IdentitySchema, NestedBlock, Nesting, Presence, Signature,
};
use crate::types::Type;
use crate::value::Value;

mod defaults;

const RESERVED: &[&str] =
    &["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];
const RESERVED_FOR_PROVIDER: &[&str] = &["alias", "version"];

/// Everything that is wrong with the schemas of `provider`; empty where nothing is.
#[must_use]
pub fn self_check(provider: &dyn Provider) -> Vec<String> {
    let mut check = Check::default();
    check.name("the provider", provider.type_name());
    check.root("provider block", &provider.schema().block, RESERVED_FOR_PROVIDER);
    check.defaults("provider block", &provider.schema().block, &|config| provider.validate(config));
    check.offers(provider);
    check.found
}

#[derive(Default)]
struct Check {
    found: Vec<String>,
}

impl Check {
    fn say(&mut self, place: &str, what: &str) {
        self.found.push(format!("{place}: {what}"));
    }

    fn offers(&mut self, provider: &dyn Provider) {
        let prefix = format!("{}_", provider.type_name());
        for resource in provider.resources() {
            let (name, schema) = (resource.name(), resource.schema());
            self.prefixed(name, &prefix);
            self.version(name, schema.version);
            self.root(name, &schema.block, RESERVED);
            self.defaults(name, &schema.block, &|config| resource.validate(config, true));
            if let Some(identity) = resource.identity_schema() {
                self.identity(name, identity);
            }
        }
        for source in provider.data_sources() {
            self.prefixed(source.name(), &prefix);
            self.root(source.name(), &source.schema().block, RESERVED);
            self.no_write_only(source.name(), &source.schema().block);
            self.defaults(source.name(), &source.schema().block, &|config| source.validate(config));
        }
        for ephemeral in provider.ephemerals() {
            let (name, block) = (ephemeral.name(), &ephemeral.schema().block);
            self.prefixed(name, &prefix);
            self.root(name, block, RESERVED);
            self.no_write_only(name, block);
            self.defaults(name, block, &|config| ephemeral.validate(config));
        }
        self.lists(provider);
        for action in provider.actions() {
            let (name, block) = (action.name(), &action.schema().block);
            self.prefixed(name, &prefix);
            self.root(name, block, RESERVED);
            self.no_write_only(name, block);
            self.nothing_computed(name, &block.attributes);
            self.defaults(name, block, &|config| action.validate(config));
        }
        for function in provider.functions() {
            self.name("function", function.name());
            self.signature(function.name(), function.signature());
        }
        self.unique("resource", provider.resources().iter().map(|each| each.name()));
        self.unique("data source", provider.data_sources().iter().map(|each| each.name()));
        self.unique("ephemeral resource", provider.ephemerals().iter().map(|each| each.name()));
        self.unique("action", provider.actions().iter().map(|each| each.name()));
        self.unique("function", provider.functions().iter().map(|each| each.name()));
    }

    fn lists(&mut self, provider: &dyn Provider) {
        for list in provider.lists() {
            let (name, block) = (list.name(), &list.schema().block);
            let place = format!("the list of {name}");
            let listed = provider.resources().iter().find(|each| each.name() == name);
            if listed.is_none_or(|listed| listed.identity_schema().is_none()) {
                self.say(&place, "there is no resource of this name that has an identity");
            }
            self.root(&place, block, RESERVED);
            self.no_write_only(&place, block);
            if block.attributes.iter().any(|it| it.presence == Presence::Computed) {
                self.say(&place, "what is asked for cannot be computed");
            }
            self.defaults(&place, block, &|config| list.validate(config));
        }
        self.unique("list resource", provider.lists().iter().map(|each| each.name()));
    }

    /// A default that its own type refuses.
    fn defaults(&mut self, place: &str, block: &Block, validate: &dyn Fn(&Value) -> Diagnostics) {
        defaults::each(block, &mut |config| {
            for problem in &validate(config) {
                let text =
                    format!("the default of `{}` is refused: {}", problem.path, problem.detail);
                self.say(place, &text);
            }
        });
    }

    fn prefixed(&mut self, name: &str, prefix: &str) {
        self.name("type", name);
        if !name.starts_with(prefix) {
            self.say(name, &format!("the name must start with `{prefix}`"));
        }
    }

    fn name(&mut self, place: &str, name: &str) {
        let mut letters = name.chars();
        let first = letters.next().is_some_and(|c| c.is_ascii_lowercase());
        if !(first && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')) {
            self.say(
                place,
                &format!("`{name}` is not a name of lower-case letters, digits and `_`"),
            );
        }
    }

    fn unique<'n>(&mut self, what: &str, names: impl Iterator<Item = &'n str>) {
        let mut seen = std::collections::BTreeSet::new();
        for name in names.filter(|name| !seen.insert(*name)) {
            self.say(name, &format!("the {what} is declared twice"));
        }
    }

    fn version(&mut self, place: &str, version: i64) {
        if version < 0 {
            self.say(place, "the schema version is negative");
        }
    }

    fn root(&mut self, place: &str, block: &Block, reserved: &[&str]) {
        let names =
            block.attributes.iter().map(|a| &a.name).chain(block.blocks.iter().map(|b| &b.name));
        for name in names.filter(|name| reserved.contains(&name.as_str())) {
            self.say(place, &format!("`{name}` is a reserved name"));
        }
        self.block(place, block);
    }

    fn block(&mut self, place: &str, block: &Block) {
        if block.description.is_empty() {
            self.say(place, "there is no description");
        }
        let names =
            block.attributes.iter().map(|a| &a.name).chain(block.blocks.iter().map(|b| &b.name));
        self.unique("attribute or block", names.map(String::as_str));
        for attribute in &block.attributes {
            self.attribute(&format!("{place}.{}", attribute.name), attribute);
        }
        for nested in &block.blocks {
            self.nested_block(&format!("{place}.{}", nested.name), nested);
        }
    }

    fn nested_block(&mut self, place: &str, nested: &NestedBlock) {
        self.name(place, &nested.name);
        let (min, max) = (nested.min_items, nested.max_items);
        let counted = match nested.nesting {
            Nesting::Single => min == max && (0..=1).contains(&max),
            Nesting::Map => min == 0 && max == 0,
            Nesting::List | Nesting::Set => min >= 0 && (max == 0 || min <= max),
        };
        if !counted {
            self.say(place, &format!("{min} to {max} blocks cannot be"));
        }
        if holds_dynamic(&nested.block) {
            self.say(place, "a block cannot hold values of a dynamic type");
        }
        self.block(place, &nested.block);
    }

    fn attribute(&mut self, place: &str, attribute: &Attribute) {
        self.name(place, &attribute.name);
        if attribute.description.is_empty() {
            self.say(place, "there is no description");
        }
        let computed =
            matches!(attribute.presence, Presence::Computed | Presence::OptionalComputed);
        if attribute.write_only && computed {
            self.say(place, "a write-only argument cannot be computed");
        }
        if let Some(default) = &attribute.default
            && !default.is_wholly_known()
        {
            self.say(place, "the default is not a known value");
        }
        if let AttributeKind::Nested { attributes, .. } = &attribute.kind {
            self.unique("attribute", attributes.iter().map(|a| a.name.as_str()));
            for inner in attributes {
                self.attribute(&format!("{place}.{}", inner.name), inner);
            }
        }
    }

    fn no_write_only(&mut self, place: &str, block: &Block) {
        if block.attributes.iter().any(|attribute| attribute.write_only) {
            self.say(place, "only a managed resource has write-only arguments");
        }
    }

    /// An action leaves nothing from which a computed value could be read.
    fn nothing_computed(&mut self, place: &str, attributes: &[Attribute]) {
        for attribute in attributes {
            let place = format!("{place}.{}", attribute.name);
            if attribute.presence == Presence::Computed {
                self.say(&place, "an action computes nothing");
            }
            if let AttributeKind::Nested { attributes, .. } = &attribute.kind {
                self.nothing_computed(&place, attributes);
            }
        }
    }

    fn identity(&mut self, place: &str, identity: &IdentitySchema) {
        for attribute in &identity.attributes {
            let inner = if let Type::List(inner) = &attribute.ty { inner } else { &attribute.ty };
            if !matches!(inner, Type::String | Type::Number | Type::Bool) {
                self.say(place, &format!("`{}` cannot be part of an identity", attribute.name));
            }
        }
    }

    fn signature(&mut self, place: &str, signature: &Signature) {
        let parameters = signature.parameters.iter().chain(&signature.variadic);
        for parameter in parameters.clone() {
            self.name(place, &parameter.name);
        }
        self.unique("parameter", parameters.map(|parameter| parameter.name.as_str()));
        if signature.summary.is_empty() {
            self.say(place, "there is no description");
        }
    }
}

fn holds_dynamic(block: &Block) -> bool {
    let dynamic =
        |attribute: &Attribute| matches!(attribute.kind, AttributeKind::Plain(Type::Dynamic));
    block.attributes.iter().any(dynamic)
        || block.blocks.iter().any(|nested| holds_dynamic(&nested.block))
}
