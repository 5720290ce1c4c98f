//! What a page says.

use super::attributes;
use super::signature;
use crate::schema::{
    Attribute, AttributeKind, Block, NestedBlock, Nesting, Parameter, Presence, Signature,
};
use crate::types::Type;
use crate::value::Value;

fn attribute(name: &str, presence: Presence) -> Attribute {
    Attribute {
        name: name.to_owned(),
        description: format!("The {name}."),
        deprecated: None,
        kind: AttributeKind::Plain(Type::String),
        presence,
        sensitive: false,
        write_only: false,
        default: None,
        requires_replace: false,
        use_state_for_unknown: false,
        identity: None,
    }
}

#[test]
fn a_schema_is_grouped_by_who_sets_it_and_says_what_it_knows() {
    let places = Attribute {
        kind: AttributeKind::Nested {
            nesting: Nesting::Map,
            attributes: vec![attribute("street", Presence::Required)],
        },
        ..attribute("places", Presence::Optional)
    };
    let prefix = Attribute {
        default: Some(Value::from("v")),
        requires_replace: true,
        ..attribute("prefix", Presence::OptionalComputed)
    };
    let token =
        Attribute { sensitive: true, write_only: true, ..attribute("token", Presence::Optional) };
    let rule = NestedBlock {
        name: "rule".to_owned(),
        block: Block {
            description: "Rules.".to_owned(),
            attributes: vec![attribute("text", Presence::Optional)],
            ..Block::default()
        },
        nesting: Nesting::List,
        min_items: 1,
        max_items: 0,
    };
    let attributes = vec![
        attribute("name", Presence::Required),
        places,
        prefix,
        token,
        attribute("id", Presence::Computed),
    ];
    let text = attributes::block(&Block { attributes, blocks: vec![rule], ..Block::default() });
    let expected = "
## Schema

### Required

- `name` (String) The name.
- `rule` (Block List, at least 1) Rules. (see [below for nested schema](#nestedblock--rule))

### Optional

- `places` (Attributes Map) The places. (see [below for nested schema](#nestedatt--places))
- `prefix` (String) The prefix. Default: `\"v\"`. Changing this replaces the object.
- `token` (String, Sensitive, Write-only) The token. It is never stored, and needs Terraform or \
OpenTofu 1.11 or later.

### Read-Only

- `id` (String) The id.

<a id=\"nestedblock--rule\"></a>
### Nested Schema for `rule`

#### Optional

- `text` (String) The text.

<a id=\"nestedatt--places\"></a>
### Nested Schema for `places`

#### Required

- `street` (String) The street.
";
    assert_eq!(text, expected);
}

#[test]
fn a_function_shows_how_it_is_called() {
    let parameter = |name: &str, ty: Type, allow_null: bool| Parameter {
        name: name.to_owned(),
        ty,
        description: "Some\ntext.".to_owned(),
        allow_null,
        allow_unknown: false,
    };
    let text = signature::section(
        "join",
        &Signature {
            summary: "Joins.".to_owned(),
            description: "Joins.".to_owned(),
            parameters: vec![parameter("separator", Type::String, true)],
            variadic: Some(parameter("words", Type::String, false)),
            result: Type::List(Box::new(Type::String)),
        },
    );
    let expected = "
## Signature

```text
join(separator string, words string...) list(string)
```

## Arguments

1. `separator` (String, Nullable) Some text.
2. `words` (Variadic, String) Some text.
";
    assert_eq!(text, expected);
}
