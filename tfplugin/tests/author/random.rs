//! Random schemas, and random objects of them.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use tfplugin::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, Presence};
use tfplugin::types::Type;
use tfplugin::{Number, Value};

use crate::host::{attr, nested};

/// A block with nested attributes and blocks in it.
pub fn block() -> BoxedStrategy<Block> {
    (attributes(2, true), vec(nested_block(), 0..3))
        .prop_map(|(attributes, blocks)| block_of(attributes, blocks))
        .boxed()
}

fn block_of(attributes: Vec<Attribute>, blocks: Vec<(Vec<Attribute>, Nesting)>) -> Block {
    let blocks = blocks.into_iter().enumerate().map(|(i, (attributes, nesting))| NestedBlock {
        name: format!("block_{i}"),
        block: block_of(attributes, Vec::new()),
        nesting,
        min_items: 0,
        max_items: 0,
    });
    Block {
        description: "Random.".to_owned(),
        deprecated: None,
        attributes,
        blocks: blocks.collect(),
    }
}

fn nested_block() -> impl Strategy<Value = (Vec<Attribute>, Nesting)> {
    (attributes(1, true), prop_oneof![Just(Nesting::Single), Just(Nesting::List)])
}

fn attributes(depth: u32, write_only: bool) -> BoxedStrategy<Vec<Attribute>> {
    vec(attribute(depth, write_only), 1..5)
        .prop_map(|list| {
            let named = list.into_iter().enumerate();
            named.map(|(i, a)| Attribute { name: format!("attr_{i}"), ..a }).collect()
        })
        .boxed()
}

fn attribute(depth: u32, write_only: bool) -> BoxedStrategy<Attribute> {
    let plain = plain_type().prop_map(AttributeKind::Plain).boxed();
    let kind =
        if depth == 0 { plain } else { prop_oneof![3 => plain, 2 => nested_kind(depth)].boxed() };
    (kind, presence(), any::<[bool; 4]>())
        .prop_map(move |(kind, presence, flags)| assemble(kind, presence, flags, write_only))
        .boxed()
}

fn plain_type() -> impl Strategy<Value = Type> {
    let primitive = prop_oneof![Just(Type::String), Just(Type::Number), Just(Type::Bool)];
    prop_oneof![
        3 => primitive,
        1 => Just(Type::List(Box::new(Type::String))),
        1 => Just(Type::Set(Box::new(Type::Number))),
        1 => Just(Type::Map(Box::new(Type::Bool))),
    ]
}

fn nested_kind(depth: u32) -> BoxedStrategy<AttributeKind> {
    let nesting = prop_oneof![
        Just(Nesting::Single),
        Just(Nesting::List),
        Just(Nesting::Map),
        Just(Nesting::Set)
    ];
    nesting
        .prop_flat_map(move |nesting| {
            let inner = attributes(depth - 1, nesting != Nesting::Set);
            inner.prop_map(move |attributes| {
                let attributes =
                    if nesting == Nesting::Set { settled(attributes) } else { attributes };
                AttributeKind::Nested { nesting, attributes }
            })
        })
        .boxed()
}

/// Members of a set hold nothing write-only, and nothing that the provider may choose, however deep.
fn settled(mut attributes: Vec<Attribute>) -> Vec<Attribute> {
    for attribute in &mut attributes {
        attribute.write_only = false;
        if attribute.presence == Presence::OptionalComputed {
            attribute.presence = Presence::Optional;
            (attribute.default, attribute.use_state_for_unknown) = (None, false);
        }
        if let AttributeKind::Nested { attributes, .. } = &mut attribute.kind {
            *attributes = settled(std::mem::take(attributes));
        }
    }
    attributes
}

fn presence() -> impl Strategy<Value = Presence> {
    prop_oneof![
        Just(Presence::Required),
        Just(Presence::Optional),
        Just(Presence::Computed),
        Just(Presence::OptionalComputed)
    ]
}

fn assemble(
    mut kind: AttributeKind,
    presence: Presence,
    [with_default, replace, keep, write_only]: [bool; 4],
    write_only_allowed: bool,
) -> Attribute {
    if let (Presence::Computed, AttributeKind::Nested { attributes, .. }) = (presence, &mut kind) {
        only_computed(attributes);
    }
    let write_only = write_only && write_only_allowed && presence == Presence::Optional;
    let default = match (&kind, presence) {
        (AttributeKind::Plain(Type::String), Presence::OptionalComputed) if with_default => {
            Some(Value::from("default"))
        }
        _ => None,
    };
    let computed = matches!(presence, Presence::Computed | Presence::OptionalComputed);
    Attribute {
        name: String::new(),
        description: "Random.".to_owned(),
        deprecated: None,
        kind,
        presence,
        sensitive: false,
        write_only,
        use_state_for_unknown: keep && computed && default.is_none(),
        default,
        requires_replace: replace && presence != Presence::Computed && !write_only,
        identity: None,
    }
}

fn only_computed(attributes: &mut [Attribute]) {
    for attribute in attributes {
        attribute.presence = Presence::Computed;
        (attribute.default, attribute.requires_replace) = (None, false);
        attribute.write_only = false;
        if let AttributeKind::Nested { attributes, .. } = &mut attribute.kind {
            only_computed(attributes);
        }
    }
}

/// A configuration that the host would let pass, with nothing unknown.
pub fn config(block: &Block) -> BoxedStrategy<Value> {
    let mut fields = fields(&block.attributes);
    for nested in &block.blocks {
        let one = config(&nested.block);
        let value = match nested.nesting {
            Nesting::Single => option::of(one).prop_map(or_null).boxed(),
            _ => vec(one, 0..3).prop_map(Value::List).boxed(),
        };
        fields.push((nested.name.clone(), value));
    }
    object(fields)
}

fn or_null(value: Option<Value>) -> Value {
    value.unwrap_or(Value::Null)
}

fn object(fields: Vec<(String, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values.prop_map(move |values| Value::Map(names.iter().cloned().zip(values).collect())).boxed()
}

fn fields(attributes: &[Attribute]) -> Vec<(String, BoxedStrategy<Value>)> {
    attributes.iter().map(|a| (a.name.clone(), configured(a))).collect()
}

fn configured(attribute: &Attribute) -> BoxedStrategy<Value> {
    let set = match nested(attribute) {
        None => of_type(&attribute.ty()),
        Some((nesting, inner)) => {
            let one = object(fields(inner));
            match nesting {
                Nesting::Single => one,
                Nesting::List => vec(one, 0..3).prop_map(Value::List).boxed(),
                Nesting::Set => vec(one, 0..3).prop_map(unique).boxed(),
                Nesting::Map => btree_map("[ab]", one, 0..3).prop_map(Value::Map).boxed(),
            }
        }
    };
    match attribute.presence {
        Presence::Required => set,
        Presence::Computed => Just(Value::Null).boxed(),
        Presence::Optional | Presence::OptionalComputed => {
            option::of(set).prop_map(or_null).boxed()
        }
    }
}

/// A set without equal members.
fn unique(members: Vec<Value>) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for member in members {
        if !kept.contains(&member) {
            kept.push(member);
        }
    }
    Value::List(kept)
}

fn of_type(ty: &Type) -> BoxedStrategy<Value> {
    match ty {
        Type::String => "[a-c]{0,2}".prop_map(Value::String).boxed(),
        Type::Number => (0_i64..4).prop_map(|n| Value::Number(Number::from(n))).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::List(inner) => vec(of_type(inner), 0..3).prop_map(Value::List).boxed(),
        Type::Set(inner) => vec(of_type(inner), 0..3).prop_map(unique).boxed(),
        Type::Map(inner) => btree_map("[ab]", of_type(inner), 0..3).prop_map(Value::Map).boxed(),
        other => unreachable!("no random {other:?}"),
    }
}

/// `config`, with some of what it sets made unknown, as references to other objects are.
pub fn partly_unknown(block: &Block, config: &Value) -> BoxedStrategy<Value> {
    let (block, config) = (block.clone(), config.clone());
    vec(any::<u8>(), 64)
        .prop_map(move |dice| {
            let mut dice = dice.into_iter().cycle();
            blur_object(&block.attributes, &block.blocks, &config, &mut dice)
        })
        .boxed()
}

fn blur_object(
    attributes: &[Attribute],
    blocks: &[NestedBlock],
    config: &Value,
    dice: &mut dyn Iterator<Item = u8>,
) -> Value {
    let Value::Map(_) = config else { return config.clone() };
    let mut fields = BTreeMap::new();
    for each in attributes {
        fields.insert(each.name.clone(), blur(each, attr(config, &each.name), dice));
    }
    for each in blocks {
        let value = attr(config, &each.name);
        let mut one =
            |value: &Value| blur_object(&each.block.attributes, &each.block.blocks, value, dice);
        let blurred = match value {
            Value::List(list) => Value::List(list.iter().map(&mut one).collect()),
            other => one(other),
        };
        fields.insert(each.name.clone(), blurred);
    }
    Value::Map(fields)
}

fn blur(attribute: &Attribute, value: &Value, dice: &mut dyn Iterator<Item = u8>) -> Value {
    let open = attribute.presence != Presence::Computed;
    if open && dice.next().unwrap_or(0).is_multiple_of(5) {
        return Value::unknown();
    }
    let Some((nesting, inner)) = nested(attribute) else { return value.clone() };
    let mut one = |value: &Value| blur_object(inner, &[], value, dice);
    match (nesting, value) {
        (Nesting::Map, Value::Map(map)) => {
            Value::Map(map.iter().map(|(key, value)| (key.clone(), one(value))).collect())
        }
        (Nesting::List, Value::List(list)) => Value::List(list.iter().map(one).collect()),
        (Nesting::Single, value) => one(value),
        (_, value) => value.clone(),
    }
}

/// `planned` with every unknown made a value that depends on its type alone.
pub fn fill_unknown(block: &Block, planned: &Value) -> Value {
    forget_object(&block.attributes, &block.blocks, fill(&block.ty(), planned))
}

/// An object without write-only values, which no provider stores.
fn forget_object(attributes: &[Attribute], blocks: &[NestedBlock], value: Value) -> Value {
    let Value::Map(mut fields) = value else { return value };
    for each in attributes {
        let value = fields.remove(&each.name).unwrap_or(Value::Null);
        let kept = match nested(each) {
            _ if each.write_only => Value::Null,
            Some((nesting, inner)) => {
                each_of(nesting, value, &|object| forget_object(inner, &[], object))
            }
            None => value,
        };
        fields.insert(each.name.clone(), kept);
    }
    for each in blocks {
        let value = fields.remove(&each.name).unwrap_or(Value::Null);
        let inner = |object| forget_object(&each.block.attributes, &each.block.blocks, object);
        fields.insert(each.name.clone(), each_of(each.nesting, value, &inner));
    }
    Value::Map(fields)
}

fn each_of(nesting: Nesting, value: Value, change: &dyn Fn(Value) -> Value) -> Value {
    match (nesting, value) {
        (Nesting::Map, Value::Map(map)) => {
            Value::Map(map.into_iter().map(|(key, object)| (key, change(object))).collect())
        }
        (_, Value::List(list)) => Value::List(list.into_iter().map(change).collect()),
        (_, object) => change(object),
    }
}

fn fill(ty: &Type, value: &Value) -> Value {
    match (ty, value) {
        (_, Value::Unknown(_)) => sample(ty),
        (Type::List(ty) | Type::Set(ty), Value::List(list)) => {
            Value::List(list.iter().map(|value| fill(ty, value)).collect())
        }
        (Type::Map(ty), Value::Map(map)) => {
            Value::Map(map.iter().map(|(key, value)| (key.clone(), fill(ty, value))).collect())
        }
        (Type::Object(types), Value::Map(map)) => Value::Map(
            map.iter().map(|(name, value)| (name.clone(), fill(&types[name], value))).collect(),
        ),
        (_, value) => value.clone(),
    }
}

fn sample(ty: &Type) -> Value {
    match ty {
        Type::String => Value::from("computed"),
        Type::Number => Value::Number(Number::from(42_i64)),
        Type::Bool => Value::Bool(true),
        Type::List(ty) | Type::Set(ty) => Value::List(vec![sample(ty)]),
        Type::Map(ty) => Value::Map(BTreeMap::from([("key".to_owned(), sample(ty))])),
        Type::Object(types) => {
            Value::Map(types.iter().map(|(name, ty)| (name.clone(), sample(ty))).collect())
        }
        other => unreachable!("no sample of {other:?}"),
    }
}

/// Whether no set in `value` has equal members: an object that breaks this cannot exist.
pub fn is_possible(ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::Set(ty), Value::List(list)) => {
            let twice = list.iter().enumerate().any(|(i, member)| list[..i].contains(member));
            !twice && list.iter().all(|value| is_possible(ty, value))
        }
        (Type::List(ty), Value::List(list)) => list.iter().all(|value| is_possible(ty, value)),
        (Type::Map(ty), Value::Map(map)) => map.values().all(|value| is_possible(ty, value)),
        (Type::Object(types), Value::Map(map)) => types
            .iter()
            .all(|(name, ty)| is_possible(ty, attr(value, name)) && map.contains_key(name)),
        _ => true,
    }
}
