//! The steps that change a planned object: defaults, write-only to null, unknown, kept from state.

use super::align::{Level, NULL, each_object, is_computed, part};
use crate::schema::{Attribute, Block, Presence};
use crate::value::Value;

/// An attribute, its planned and its configured value, and its value in another object; that is
/// absent where the other object is.
type Visit<'v> =
    &'v mut dyn FnMut(&Attribute, &mut Value, &Value, Option<&Value>) -> std::ops::ControlFlow<()>;

/// Visits every attribute in `planned`; where the visit goes on, also those nested in it.
fn each_attribute(
    level: Level<'_>,
    (planned, config, prior): (&mut Value, &Value, &Value),
    visit: Visit<'_>,
) {
    let Value::Map(fields) = planned else { return };
    for attribute in level.attributes {
        let Some(value) = fields.get_mut(&attribute.name) else { continue };
        let config = part(config, &attribute.name);
        let other = matches!(prior, Value::Map(_)).then(|| part(prior, &attribute.name));
        if visit(attribute, value, config, other).is_break() {
            continue;
        }
        let prior = other.unwrap_or(&NULL);
        if let Some((nesting, inner)) = Level::nested(attribute) {
            each_object((nesting, inner), (value, config, prior), &mut |planned, config, prior| {
                each_attribute(inner, (planned, config, prior), visit);
            });
        }
    }
    for block in level.blocks {
        let Some(value) = fields.get_mut(&block.name) else { continue };
        let (config, prior) = (part(config, &block.name), part(prior, &block.name));
        let inner = Level::from(&block.block);
        each_object(
            (block.nesting, inner),
            (value, config, prior),
            &mut |planned, config, prior| {
                each_attribute(inner, (planned, config, prior), visit);
            },
        );
    }
}

/// Whether the objects in an attribute come from the configuration, and so follow it.
fn configured(config: &Value) -> std::ops::ControlFlow<()> {
    if config.is_null() || config.is_unknown() {
        std::ops::ControlFlow::Break(())
    } else {
        std::ops::ControlFlow::Continue(())
    }
}

/// Keeps the prior value of a nested attribute that is not configured and not required to be.
///
/// The host proposes null where the prior value holds anything that is not computed, in case it was
/// configured before. But the provider may have set it all, and a plan would never settle; so it is
/// kept, as every other computed value is.
pub(super) fn unset_keeps_prior(block: &Block, prior: &Value, config: &Value, planned: &mut Value) {
    each_attribute(
        block.into(),
        (planned, config, prior),
        &mut |attribute, value, config, prior| {
            let open =
                is_computed(attribute) && config.is_null() && Level::nested(attribute).is_some();
            if let (true, Some(prior)) = (open && value.is_null(), prior) {
                *value = prior.clone();
            }
            configured(config)
        },
    );
}

/// Gives the default to what the configuration leaves out.
pub(crate) fn defaults(block: &Block, config: &Value, planned: &mut Value) {
    each_attribute(
        block.into(),
        (planned, config, &Value::Null),
        &mut |attribute, value, config, _| {
            if let (true, Some(default)) = (config.is_null(), &attribute.default) {
                *value = default.clone();
            }
            configured(config)
        },
    );
}

/// Removes every write-only value.
pub(crate) fn write_only_null(block: &Block, planned: &mut Value) {
    let null = &Value::Null;
    each_attribute(block.into(), (planned, null, null), &mut |attribute, value, _, _| {
        if attribute.write_only {
            *value = Value::Null;
        }
        std::ops::ControlFlow::Continue(())
    });
}

/// Leaves what a person would write: no value that only the provider sets, that is never stored, that is not to be
/// used any more, or that is the default.
pub(crate) fn only_arguments(block: &Block, state: &mut Value) {
    let null = &Value::Null;
    each_attribute(block.into(), (state, null, null), &mut |attribute, value, _, _| {
        let goes = attribute.presence == Presence::Computed
            || attribute.write_only
            || attribute.deprecated.is_some()
            || attribute.default.as_ref() == Some(value);
        if goes {
            *value = Value::Null;
        }
        std::ops::ControlFlow::Continue(())
    });
}

/// Puts the write-only values of the configuration in, for `create` and `update`.
pub(crate) fn write_only_from(block: &Block, config: &Value, planned: &mut Value) {
    let null = &Value::Null;
    each_attribute(block.into(), (planned, config, null), &mut |attribute, value, config, _| {
        if attribute.write_only {
            *value = config.clone();
        }
        configured(config)
    });
}

/// Whether the provider says what the value is: it is computed, and the configuration leaves it out.
fn is_open(attribute: &Attribute, config: &Value) -> bool {
    is_computed(attribute) && config.is_null() && attribute.default.is_none()
}

/// Makes unknown what the provider computes and the configuration leaves out.
pub(crate) fn computed_unknown(block: &Block, config: &Value, planned: &mut Value) {
    let null = &Value::Null;
    each_attribute(block.into(), (planned, config, null), &mut |attribute, value, config, _| {
        if is_open(attribute, config) {
            *value = Value::unknown();
        }
        configured(config)
    });
}

/// Gives what the provider computes and the configuration leaves out the value it has in `known`,
/// where that is known.
pub(crate) fn computed_from(block: &Block, known: &Value, config: &Value, planned: &mut Value) {
    each_attribute(
        block.into(),
        (planned, config, known),
        &mut |attribute, value, config, known| {
            let known = known.filter(|known| is_open(attribute, config) && !known.is_unknown());
            if let Some(known) = known {
                *value = known.clone();
            }
            configured(config)
        },
    );
}

/// Keeps the prior value of what never changes for this object.
pub(super) fn keep_state(block: &Block, prior: &Value, config: &Value, planned: &mut Value) {
    each_attribute(
        block.into(),
        (planned, config, prior),
        &mut |attribute, value, config, prior| {
            let keeps = attribute.use_state_for_unknown && value.is_unknown() && config.is_null();
            if let (true, Some(prior)) = (keeps, prior.filter(|prior| !prior.is_null())) {
                *value = prior.clone();
            }
            configured(config)
        },
    );
}
