//! Which changes need another object in place of this one.

use std::collections::BTreeSet;

use super::align::{Level, part};
use super::{Settled, same};
use crate::diagnostics::Diagnostics;
use crate::guard::bug;
use crate::model::Trail;
use crate::path::{Path, Step};
use crate::schema::{Attribute, Block, Nesting};
use crate::value::Value;

/// The paths at which the change needs another object, sorted and unique.
pub(super) fn paths(
    block: &Block,
    plan: Settled<'_>,
    asked: Vec<Path>,
    out: &mut Diagnostics,
) -> Vec<Path> {
    if plan.prior.is_null() {
        return Vec::new();
    }
    let mut found = BTreeSet::new();
    if plan.prior != plan.planned {
        let sides = (plan.prior, plan.planned, plan.config);
        level(block.into(), sides, &Trail::ROOT, &mut found);
    }
    for path in asked {
        if exists(plan.prior, &path) || exists(plan.planned, &path) {
            found.insert(path);
        } else {
            let text = format!("A replacement was asked for at `{path}`, where nothing is.");
            out.push(bug(Path::root(), text));
        }
    }
    found.into_iter().collect()
}

type Sides<'a> = (&'a Value, &'a Value, &'a Value);

fn level(level_: Level<'_>, sides: Sides<'_>, trail: &Trail<'_>, found: &mut BTreeSet<Path>) {
    for each in level_.attributes {
        let sides = parts(sides, &each.name);
        let trail = trail.named(&each.name);
        if sides.0 == sides.1 {
            continue;
        }
        if each.requires_replace && replaces(each, sides) {
            found.insert(trail.path());
        } else if let Some((nesting, inner)) = Level::nested(each) {
            objects(nesting, inner, sides, &trail, found);
        }
    }
    for each in level_.blocks {
        let sides = parts(sides, &each.name);
        let inner = Level::from(&each.block);
        objects(each.nesting, inner, sides, &trail.named(&each.name), found);
    }
}

fn parts<'a>((prior, planned, config): Sides<'a>, name: &str) -> Sides<'a> {
    (part(prior, name), part(planned, name), part(config, name))
}

/// Whether the argument really changes: what the provider will compute anew was not changed by
/// anyone.
fn replaces(attribute: &Attribute, (prior, planned, config): Sides<'_>) -> bool {
    let recomputed = config.is_null() && planned.is_unknown();
    !recomputed && !same(&attribute.ty(), prior, planned)
}

fn objects(
    nesting: Nesting,
    inner: Level<'_>,
    (prior, planned, config): Sides<'_>,
    trail: &Trail<'_>,
    found: &mut BTreeSet<Path>,
) {
    match (nesting, prior, planned) {
        (Nesting::Single, Value::Map(_) | Value::Null, Value::Map(_) | Value::Null) => {
            level(inner, (prior, planned, config), trail, found);
        }
        (Nesting::List, Value::List(before), Value::List(after)) => {
            for (index, (prior, planned)) in before.iter().zip(after).enumerate() {
                let config = match config {
                    Value::List(elements) => elements.get(index).unwrap_or(&Value::Null),
                    _ => &Value::Null,
                };
                level(inner, (prior, planned, config), &trail.index(index), found);
            }
        }
        (Nesting::Map, Value::Map(before), Value::Map(after)) => {
            for (key, prior) in before {
                if let Some(planned) = after.get(key) {
                    level(inner, (prior, planned, part(config, key)), &trail.key(key), found);
                }
            }
        }
        // Nothing leads into a set: a member that replaces is blamed at the set.
        (Nesting::Set, Value::List(before), Value::List(after)) => {
            let replaces = |member: &Value| asks(inner, member);
            let gone = before.iter().filter(|member| !after.contains(member));
            let new = after.iter().filter(|member| !before.contains(member));
            if gone.chain(new).any(replaces) {
                found.insert(trail.path());
            }
        }
        _ => {}
    }
}

/// Whether a member of a set that comes or goes has an argument that replaces.
fn asks(inner: Level<'_>, member: &Value) -> bool {
    inner
        .attributes
        .iter()
        .any(|attribute| attribute.requires_replace && !part(member, &attribute.name).is_null())
}

/// Whether `path` leads to something in `value`.
fn exists(value: &Value, path: &Path) -> bool {
    let found = path.steps().iter().try_fold(value, |value, step| match (step, value) {
        (Step::Attribute(name), Value::Map(fields)) => fields.get(name.as_ref()),
        (Step::Key(key), Value::Map(elements)) => elements.get(key),
        (Step::Index(index), Value::List(elements)) => {
            usize::try_from(*index).ok().and_then(|index| elements.get(index))
        }
        _ => None,
    });
    found.is_some()
}
