//! Checks a plan against the rules of the host, so that a mistake in the provider is named as one.
//!
//! The host says `Provider produced invalid plan` and shows Go paths; here the attribute is named.

use super::align::{Level, objects, part};
use super::{Settled, same};
use crate::diagnostics::Diagnostics;
use crate::guard::bug;
use crate::model::Trail;
use crate::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use crate::value::Value;

/// Reports every way in which the planned object breaks the host's rules. Not for a destroy.
pub(super) fn planned(block: &Block, plan: Settled<'_>, out: &mut Diagnostics) {
    let sides = Sides { prior: plan.prior, config: plan.config, planned: plan.planned };
    level(block.into(), sides, &Trail::ROOT, out);
    nothing_write_only(block.into(), plan.planned, &Trail::ROOT, out);
}

/// Reports write-only values, also in what is planned exactly as configured.
fn nothing_write_only(
    level_: Level<'_>,
    planned: &Value,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) {
    for each in level_.attributes {
        let (planned, trail) = (part(planned, &each.name), trail.named(&each.name));
        if each.write_only && !planned.is_null() {
            report("a write-only argument was planned", &trail, out);
        } else if let Some((nesting, inner)) = Level::nested(each) {
            objects(nesting, planned, &trail, &mut |planned, trail| {
                nothing_write_only(inner, planned, trail, out);
            });
        }
    }
    for each in level_.blocks {
        let (planned, trail) = (part(planned, &each.name), trail.named(&each.name));
        objects(each.nesting, planned, &trail, &mut |planned, trail| {
            nothing_write_only(Level::from(&each.block), planned, trail, out);
        });
    }
}

#[derive(Clone, Copy)]
struct Sides<'a> {
    prior: &'a Value,
    config: &'a Value,
    planned: &'a Value,
}

impl<'a> Sides<'a> {
    fn part(self, name: &str) -> Self {
        Self {
            prior: part(self.prior, name),
            config: part(self.config, name),
            planned: part(self.planned, name),
        }
    }
}

fn level(level_: Level<'_>, sides: Sides<'_>, trail: &Trail<'_>, out: &mut Diagnostics) {
    for each in level_.attributes {
        attribute(each, sides.part(&each.name), &trail.named(&each.name), out);
    }
    for each in level_.blocks {
        blocks(each, sides.part(&each.name), &trail.named(&each.name), out);
    }
}

fn attribute(attribute: &Attribute, sides: Sides<'_>, trail: &Trail<'_>, out: &mut Diagnostics) {
    let Sides { prior, config, planned } = sides;
    let computed = matches!(attribute.presence, Presence::Computed | Presence::OptionalComputed);
    let free = attribute.presence == Presence::Computed || (computed && config.is_null());
    if planned == config || attribute.write_only {
        return;
    }
    let suppressed = !prior.is_null() && !config.is_null() && planned == prior;
    if free || suppressed {
        return;
    }
    if config.is_null() {
        report("a value was planned for an argument that is not set", trail, out);
    } else if let Some((nesting, inner)) = Level::nested(attribute) {
        nested(nesting, inner, sides, trail, out);
    } else if config.is_unknown() || !same(&attribute.ty(), config, planned) {
        report("another value than the configured one was planned", trail, out);
    }
}

/// Nested attributes that are configured: the same objects, each checked in turn.
fn nested(
    nesting: Nesting,
    inner: Level<'_>,
    sides: Sides<'_>,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) {
    let Sides { prior, config, planned } = sides;
    match (nesting, config, planned) {
        (_, _, Value::Null) => {
            report("nothing was planned for an argument that is set", trail, out)
        }
        (_, Value::Unknown(_), _) | (_, _, Value::Unknown(_)) => {
            report("known and unknown do not match the configuration", trail, out);
        }
        (Nesting::Single, Value::Map(_), Value::Map(_)) => level(inner, sides, trail, out),
        (Nesting::List, Value::List(config), Value::List(planned)) => {
            if config.len() != planned.len() {
                return report("another number of objects than configured was planned", trail, out);
            }
            for (index, (config, planned)) in config.iter().zip(planned).enumerate() {
                let prior = nth(prior, index);
                object(inner, Sides { prior, config, planned }, &trail.index(index), out);
            }
        }
        (Nesting::Map, Value::Map(config), Value::Map(planned)) => {
            if !config.keys().eq(planned.keys()) {
                return report("other keys than configured were planned", trail, out);
            }
            for (key, config) in config {
                let (prior, planned) = (part(prior, key), &planned[key]);
                object(inner, Sides { prior, config, planned }, &trail.key(key), out);
            }
        }
        // The host does not compare members of a set.
        _ => {}
    }
}

fn object(inner: Level<'_>, sides: Sides<'_>, trail: &Trail<'_>, out: &mut Diagnostics) {
    match (sides.config, sides.planned) {
        (Value::Map(_), Value::Map(_)) => level(inner, sides, trail, out),
        (config, planned) if config == planned => {}
        _ => report("an object does not match the configured one", trail, out),
    }
}

fn blocks(block: &NestedBlock, sides: Sides<'_>, trail: &Trail<'_>, out: &mut Diagnostics) {
    if sides.planned == sides.config {
        return;
    }
    let inner = Level::from(&block.block);
    match (block.nesting, sides.config, sides.planned) {
        (Nesting::Single, Value::Map(_), Value::Map(_)) => level(inner, sides, trail, out),
        (Nesting::List, Value::List(config), Value::List(planned))
            if config.len() == planned.len() =>
        {
            for (index, (config, planned)) in config.iter().zip(planned).enumerate() {
                let prior = nth(sides.prior, index);
                object(inner, Sides { prior, config, planned }, &trail.index(index), out);
            }
        }
        _ => report("other blocks than the configured ones were planned", trail, out),
    }
}

fn nth(list: &Value, index: usize) -> &Value {
    if let Value::List(list) = list {
        list.get(index).unwrap_or(&Value::Null)
    } else {
        &Value::Null
    }
}

fn report(what: &str, trail: &Trail<'_>, out: &mut Diagnostics) {
    let path = trail.path();
    let text = format!("The plan of `{path}` breaks a rule of Terraform: {what}.");
    out.push(bug(path, text));
}
