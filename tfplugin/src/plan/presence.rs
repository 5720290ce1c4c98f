//! What a configuration must, may and may not give.

use super::align::{Level, objects, part};
use crate::diagnostics::Diagnostics;
use crate::model::Trail;
use crate::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use crate::value::Value;

/// Reports what is missing, and what is given although only the provider sets it or the host cannot
/// keep it out of its state.
pub(crate) fn presence(
    block: &Block,
    config: &Value,
    write_only_allowed: bool,
    out: &mut Diagnostics,
) {
    level(block.into(), config, write_only_allowed, &Trail::ROOT, out);
}

fn level(
    level_: Level<'_>,
    config: &Value,
    write_only: bool,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) {
    if !matches!(config, Value::Map(_)) {
        return;
    }
    for each in level_.attributes {
        let (value, trail) = (part(config, &each.name), trail.named(&each.name));
        attribute(each, value, write_only, &trail, out);
        if let Some((nesting, inner)) = Level::nested(each) {
            objects(nesting, value, &trail, &mut |value, trail| {
                level(inner, value, write_only, trail, out);
            });
        }
    }
    for each in level_.blocks {
        let (value, trail) = (part(config, &each.name), trail.named(&each.name));
        count(each, value, &trail, out);
        objects(each.nesting, value, &trail, &mut |value, trail| {
            level((&each.block).into(), value, write_only, trail, out);
        });
    }
}

fn attribute(
    attribute: &Attribute,
    value: &Value,
    write_only_allowed: bool,
    trail: &Trail<'_>,
    out: &mut Diagnostics,
) {
    let name = &attribute.name;
    if attribute.presence == Presence::Required && value.is_null() {
        out.error(
            trail.path(),
            "Missing required argument",
            format!("`{name}` is null, but a value is required. Set it."),
        );
    }
    // An unknown value may turn out null.
    let given = !value.is_null() && !value.is_unknown();
    if attribute.presence == Presence::Computed && given {
        out.error(
            trail.path(),
            "Read-only attribute",
            format!("`{name}` is set, but only the provider sets it. Remove it."),
        );
    }
    if attribute.write_only && given && !write_only_allowed {
        out.error(
            trail.path(),
            "Write-only argument is not supported",
            format!(
                "`{name}` is set, but this version of Terraform would store it. Use Terraform or \
                 OpenTofu 1.11 or later, or remove it."
            ),
        );
    }
}

/// The host counts blocks itself, except those that it could not count while something was unknown.
fn count(block: &NestedBlock, value: &Value, trail: &Trail<'_>, out: &mut Diagnostics) {
    let (Nesting::List, Value::List(blocks)) = (block.nesting, value) else { return };
    let found = i64::try_from(blocks.len()).unwrap_or(i64::MAX);
    let too_many = block.max_items > 0 && found > block.max_items;
    if found < block.min_items || too_many {
        let (limit, count) =
            if too_many { ("most", block.max_items) } else { ("least", block.min_items) };
        out.error(
            trail.path(),
            "Wrong number of blocks",
            format!("Found {found} `{}` blocks, but there must be at {limit} {count}.", block.name),
        );
    }
}
