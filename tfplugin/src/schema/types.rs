//! From a schema to the type of its values, which decides how they are encoded.

use super::{Attribute, AttributeKind, Block, IdentitySchema, NestedBlock, Nesting, Schema};
use crate::types::Type;

impl Schema {
    /// The type of a whole object.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.block.ty()
    }
}

impl Block {
    /// An object of all attributes and nested block types.
    #[must_use]
    pub fn ty(&self) -> Type {
        let attributes = self.attributes.iter().map(|a| (a.name.clone(), a.ty()));
        let blocks = self.blocks.iter().map(|b| (b.name.clone(), b.ty()));
        Type::Object(attributes.chain(blocks).collect())
    }
}

impl Attribute {
    /// The plain type, or that of the nested objects in their arrangement.
    #[must_use]
    pub fn ty(&self) -> Type {
        match &self.kind {
            AttributeKind::Plain(ty) => ty.clone(),
            AttributeKind::Nested { nesting, attributes } => {
                let attributes = attributes.iter().map(|a| (a.name.clone(), a.ty()));
                nesting.around(Type::Object(attributes.collect()))
            }
        }
    }
}

impl NestedBlock {
    /// The type of all blocks of this name together.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.nesting.around(self.block.ty())
    }
}

impl IdentitySchema {
    /// An object of the identity attributes.
    #[must_use]
    pub fn ty(&self) -> Type {
        Type::Object(self.attributes.iter().map(|a| (a.name.clone(), a.ty.clone())).collect())
    }
}

impl Nesting {
    /// The type of `object`s so arranged.
    #[must_use]
    pub fn around(self, object: Type) -> Type {
        match self {
            Self::Single => object,
            Self::List => Type::List(Box::new(object)),
            Self::Set => Type::Set(Box::new(object)),
            Self::Map => Type::Map(Box::new(object)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(attributes: Vec<Attribute>, blocks: Vec<NestedBlock>) -> Block {
        Block { attributes, blocks, ..Block::default() }
    }

    fn attribute(name: &str, kind: AttributeKind) -> Attribute {
        Attribute {
            name: name.to_owned(),
            description: String::new(),
            deprecated: None,
            kind,
            presence: crate::schema::Presence::Optional,
            sensitive: false,
            write_only: false,
            default: None,
            requires_replace: false,
            use_state_for_unknown: false,
            identity: None,
        }
    }

    #[test]
    fn attributes_and_blocks_share_one_object() {
        let leaf = || attribute("leaf", AttributeKind::Plain(Type::Bool));
        let nested = |nesting| AttributeKind::Nested { nesting, attributes: vec![leaf()] };
        let inner = NestedBlock {
            name: "rule".to_owned(),
            block: block(vec![leaf()], vec![]),
            nesting: Nesting::Set,
            min_items: 0,
            max_items: 0,
        };
        let whole = block(
            vec![
                attribute("one", nested(Nesting::Single)),
                attribute("many", nested(Nesting::Map)),
                attribute("names", AttributeKind::Plain(Type::List(Box::new(Type::String)))),
            ],
            vec![inner],
        );
        assert_eq!(
            whole.ty().to_json(),
            concat!(
                r#"["object",{"many":["map",["object",{"leaf":"bool"}]],"names":["list","string"],"#,
                r#""one":["object",{"leaf":"bool"}],"rule":["set",["object",{"leaf":"bool"}]]}]"#
            )
        );
    }
}
