//! Builds the schema of a model, field by field.

use crate::attribute::{Attribute, BlockSlot, Slot};
use crate::schema::{self, AttributeKind, Block, IdentityRole, NestedBlock, Nesting, Presence};
use crate::value::Value;

/// What the options of one field say.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The name in HCL.
    pub name: &'static str,
    /// Markdown.
    pub description: &'static str,
    /// Why not to use it any more.
    pub deprecated: Option<&'static str>,
    /// The configuration may set it although it is computed.
    pub optional: bool,
    /// The value where the configuration gives none.
    pub default: Option<Value>,
    /// A change destroys the object and creates another.
    pub requires_replace: bool,
    /// Once set, it never changes for this object.
    pub use_state_for_unknown: bool,
    /// Part of the object's identity.
    pub identity: Option<IdentityRole>,
}

/// A block being built.
#[derive(Debug)]
pub struct Shape {
    block: Block,
}

impl Shape {
    /// An empty block.
    #[must_use]
    pub fn new(description: &str, deprecated: Option<&str>) -> Self {
        Self {
            block: Block {
                description: description.to_owned(),
                deprecated: deprecated.map(str::to_owned),
                ..Block::default()
            },
        }
    }

    /// Adds an attribute of type `S`.
    pub fn attribute<S: Slot>(&mut self, spec: Spec) {
        let presence = presence::<S>(&spec);
        let mut kind = <S::Plain as Attribute>::kind();
        if presence == Presence::Computed {
            only_computed(&mut kind);
        }
        self.block.attributes.push(schema::Attribute {
            name: spec.name.to_owned(),
            description: described(spec.description, <S::Plain as Attribute>::CHOICES),
            deprecated: spec.deprecated.map(str::to_owned),
            kind,
            presence,
            sensitive: <S::Plain as Attribute>::SENSITIVE,
            write_only: S::WRITE_ONLY,
            default: spec.default,
            requires_replace: spec.requires_replace,
            use_state_for_unknown: spec.use_state_for_unknown,
            identity: spec.identity,
        });
    }

    /// Adds a nested block of type `S`.
    pub fn block<S: BlockSlot>(&mut self, spec: &Spec, min: i64, max: i64) {
        let mut block = S::block();
        block.description = spec.description.to_owned();
        block.deprecated = spec.deprecated.map(str::to_owned);
        let (min_items, max_items) = match (S::NESTING, S::PRESENCE) {
            (Nesting::Single, Presence::Required) => (1, 1),
            (Nesting::Single, _) => (0, 0),
            _ => (min, max),
        };
        self.block.blocks.push(NestedBlock {
            name: spec.name.to_owned(),
            block,
            nesting: S::NESTING,
            min_items,
            max_items,
        });
    }

    /// The block.
    #[must_use]
    pub fn finish(self) -> Block {
        self.block
    }
}

fn presence<S: Slot>(spec: &Spec) -> Presence {
    match S::PRESENCE {
        Presence::Computed if spec.optional => Presence::OptionalComputed,
        Presence::Required if spec.default.is_some() => Presence::OptionalComputed,
        presence => presence,
    }
}

/// Nothing inside an attribute that only the provider sets can be configured.
fn only_computed(kind: &mut AttributeKind) {
    let AttributeKind::Nested { attributes, .. } = kind else { return };
    for attribute in attributes {
        attribute.presence = Presence::Computed;
        attribute.default = None;
        attribute.requires_replace = false;
        only_computed(&mut attribute.kind);
    }
}

/// The description, with the allowed values where they are fixed.
fn described(description: &str, choices: &[(&str, &str)]) -> String {
    if choices.is_empty() {
        return description.to_owned();
    }
    let mut text = format!("{description}\n\nOne of:");
    for (name, doc) in choices {
        text.push_str(&format!("\n- `{name}`: {}", doc.replace('\n', " ")));
    }
    text
}
