//! The rules that a planned object must satisfy, from the host's `AssertPlanValid`.

use tfplugin::Value;
use tfplugin::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use tfplugin::types::Type;

use super::{NULL, attr, computed, elements, nested};

/// Every rule that `planned` breaks.
pub fn faults(block: &Block, prior: &Value, config: &Value, planned: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if !conforms(&block.ty(), planned) {
        faults.push("rule 1: the plan does not conform to the schema".to_owned());
    }
    in_block(block, [prior, config, planned], "", &mut faults);
    write_only(&block.attributes, &block.blocks, planned, "", &mut faults);
    faults
}

/// Write-only values may be nowhere in a plan.
fn write_only(
    attributes: &[Attribute],
    blocks: &[NestedBlock],
    planned: &Value,
    at: &str,
    faults: &mut Vec<String>,
) {
    for each in attributes {
        let (planned, at) = (attr(planned, &each.name), format!("{at}.{}", each.name));
        if each.write_only && !planned.is_null() {
            faults.push(format!("{at}: planned value for write-only attribute is not null"));
        } else if let Some((nesting, inner)) = nested(each) {
            for object in objects(nesting, planned) {
                write_only(inner, &[], object, &at, faults);
            }
        }
    }
    for each in blocks {
        let (planned, at) = (attr(planned, &each.name), format!("{at}.{}", each.name));
        for object in objects(each.nesting, planned) {
            write_only(&each.block.attributes, &each.block.blocks, object, &at, faults);
        }
    }
}

fn objects(nesting: Nesting, value: &Value) -> Vec<&Value> {
    match (nesting, value) {
        (Nesting::Map, Value::Map(map)) => map.values().collect(),
        (_, Value::List(list)) => list.iter().collect(),
        (_, object) => vec![object],
    }
}

/// Whether `value` is of type `ty`; null and unknown are of every type.
pub fn conforms(ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        (_, Value::Null | Value::Unknown(_)) => true,
        (Type::String, Value::String(_))
        | (Type::Number, Value::Number(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Dynamic, Value::Dynamic(_)) => true,
        (Type::List(ty) | Type::Set(ty), Value::List(elements)) => {
            elements.iter().all(|element| conforms(ty, element))
        }
        (Type::Map(ty), Value::Map(elements)) => elements.values().all(|each| conforms(ty, each)),
        (Type::Object(types), Value::Map(fields)) => {
            types.len() == fields.len()
                && types.iter().all(|(name, ty)| fields.get(name).is_some_and(|v| conforms(ty, v)))
        }
        _ => false,
    }
}

type Sides<'a> = [&'a Value; 3];

fn parts<'a>(sides: Sides<'a>, name: &str) -> Sides<'a> {
    sides.map(|side| attr(side, name))
}

fn in_block(block: &Block, sides: Sides<'_>, at: &str, faults: &mut Vec<String>) {
    let [_, config, planned] = sides;
    // Rule 2.
    match (config.is_null(), planned.is_null()) {
        (true, true) => return,
        (false, true) => {
            return faults.push(format!("{at}: planned for absence but config wants existence"));
        }
        (true, false) => {
            return faults.push(format!("{at}: planned for existence but config wants absence"));
        }
        (false, false) => {}
    }
    in_attributes(&block.attributes, sides, at, faults);
    for nested in &block.blocks {
        in_nested_block(
            nested,
            parts(sides, &nested.name),
            &format!("{at}.{}", nested.name),
            faults,
        );
    }
}

fn in_attributes(list: &[Attribute], sides: Sides<'_>, at: &str, faults: &mut Vec<String>) {
    for attribute in list {
        in_attribute(
            attribute,
            parts(sides, &attribute.name),
            &format!("{at}.{}", attribute.name),
            faults,
        );
    }
}

/// Rule 3: the first that matches wins.
fn in_attribute(attribute: &Attribute, sides: Sides<'_>, at: &str, faults: &mut Vec<String>) {
    let [prior, config, planned] = sides;
    if planned == config || attribute.write_only {
        return;
    }
    if planned == prior && !prior.is_null() && !config.is_null() {
        return;
    }
    if attribute.presence == Presence::Computed || (config.is_null() && computed(attribute)) {
        return;
    }
    if config.is_null() {
        return faults.push(format!("{at}: planned value for a non-computed attribute"));
    }
    match nested(attribute) {
        Some((nesting, inner)) => in_nested(nesting, inner, sides, at, faults),
        None => faults.push(format!("{at}: planned {planned:?} does not match config {config:?}")),
    }
}

/// Rule 4.
fn in_nested(
    nesting: Nesting,
    inner: &[Attribute],
    sides: Sides<'_>,
    at: &str,
    faults: &mut Vec<String>,
) {
    let [prior, config, planned] = sides;
    if planned.is_null() {
        return faults.push(format!("{at}: planned for absence but config wants existence"));
    }
    if config.is_unknown() {
        return faults.push(format!("{at}: unknown in config, but the plan is not the same"));
    }
    if planned.is_unknown() {
        return faults.push(format!("{at}: planned unknown for configured value"));
    }
    let object = |sides: Sides<'_>, at: &str, faults: &mut Vec<String>| {
        if sides[1].is_null() != sides[2].is_null() {
            faults.push(format!("{at}: an object comes or goes"));
        } else if sides[1] != sides[2] {
            in_attributes(inner, sides, at, faults);
        }
    };
    match nesting {
        Nesting::Single => in_attributes(inner, sides, at, faults),
        Nesting::List => {
            let (configured, plan) = (elements(config), elements(planned));
            if configured.len() != plan.len() {
                return faults.push(format!("{at}: count in plan disagrees with count in config"));
            }
            for (i, (config, planned)) in configured.iter().zip(plan).enumerate() {
                let prior = elements(prior).get(i).unwrap_or(&NULL);
                object([prior, config, planned], &format!("{at}[{i}]"), faults);
            }
        }
        Nesting::Map => {
            let (Value::Map(configured), Value::Map(plan)) = (config, planned) else { return };
            if !configured.keys().eq(plan.keys()) {
                return faults.push(format!("{at}: map keys disagree with config"));
            }
            for key in configured.keys() {
                object(parts(sides, key), &format!("{at}[{key:?}]"), faults);
            }
        }
        Nesting::Set => {
            if elements(config).len() != elements(planned).len() {
                faults.push(format!("{at}: count in plan disagrees with count in config"));
            }
        }
    }
}

/// Rule 5.
fn in_nested_block(nested: &NestedBlock, sides: Sides<'_>, at: &str, faults: &mut Vec<String>) {
    let [prior, config, planned] = sides;
    if config.is_unknown() {
        if planned != config {
            faults.push(format!("{at}: planned value for unknown dynamic block"));
        }
        return;
    }
    if planned.is_unknown() {
        return faults.push(format!("{at}: a nested block must not be unknown itself"));
    }
    if nested.nesting == Nesting::Single {
        return in_block(&nested.block, sides, at, faults);
    }
    let (Value::List(configured), Value::List(plan)) = (config, planned) else {
        return faults.push(format!("{at}: a list of blocks must not be null"));
    };
    if configured.len() != plan.len() {
        return faults.push(format!("{at}: block count in plan disagrees with count in config"));
    }
    for (i, (config, planned)) in configured.iter().zip(plan).enumerate() {
        let prior = elements(prior).get(i).unwrap_or(&NULL);
        in_block(&nested.block, [prior, config, planned], &format!("{at}[{i}]"), faults);
    }
}
