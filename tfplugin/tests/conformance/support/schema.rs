//! Schemas as the host reads them off the wire.

use tfplugin::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, Presence};
use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::schema;

/// A block with what the wire says of it, and nothing more.
pub(crate) fn block(block: &schema::Block) -> Block {
    Block {
        description: block.description.clone(),
        deprecated: block.deprecated.then(|| block.deprecation_message.clone()),
        attributes: block.attributes.iter().map(attribute).collect(),
        blocks: block.block_types.iter().map(nested_block).collect(),
    }
}

fn attribute(attribute: &schema::Attribute) -> Attribute {
    let kind = match &attribute.nested_type {
        None => AttributeKind::Plain(Type::from_json(&attribute.r#type).unwrap()),
        Some(object) => AttributeKind::Nested {
            nesting: nesting(object.nesting().as_str_name()),
            attributes: object.attributes.iter().map(self::attribute).collect(),
        },
    };
    Attribute {
        name: attribute.name.clone(),
        description: attribute.description.clone(),
        deprecated: attribute.deprecated.then(|| attribute.deprecation_message.clone()),
        kind,
        presence: match (attribute.required, attribute.optional, attribute.computed) {
            (true, false, false) => Presence::Required,
            (false, true, false) => Presence::Optional,
            (false, false, true) => Presence::Computed,
            (false, true, true) => Presence::OptionalComputed,
            other => panic!("{}: required, optional, computed = {other:?}", attribute.name),
        },
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        default: None,
        requires_replace: false,
        use_state_for_unknown: false,
        identity: None,
    }
}

fn nested_block(nested: &schema::NestedBlock) -> NestedBlock {
    NestedBlock {
        name: nested.type_name.clone(),
        block: block(nested.block.as_ref().expect("a block without content")),
        nesting: nesting(nested.nesting().as_str_name()),
        min_items: nested.min_items,
        max_items: nested.max_items,
    }
}

fn nesting(name: &str) -> Nesting {
    match name {
        "SINGLE" => Nesting::Single,
        "LIST" => Nesting::List,
        "SET" => Nesting::Set,
        "MAP" => Nesting::Map,
        other => panic!("no nesting: {other}"),
    }
}
