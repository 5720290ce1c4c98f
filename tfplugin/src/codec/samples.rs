//! Random types with random values of them, for property tests.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::types::Type;
use crate::value::{Number, Refined, Refinements, Value};

/// Any type with any value of it.
pub(crate) fn typed_value() -> impl Strategy<Value = (Type, Value)> {
    ty().prop_flat_map(|ty| (Just(ty.clone()), value(&ty, true)))
}

/// Any type with a wholly known value of it.
pub(crate) fn unknown_free() -> impl Strategy<Value = (Type, Value)> {
    ty().prop_flat_map(|ty| (Just(ty.clone()), value(&ty, false)))
}

fn ty() -> impl Strategy<Value = Type> {
    let leaf =
        prop_oneof![Just(Type::String), Just(Type::Number), Just(Type::Bool), Just(Type::Dynamic)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|ty| Type::List(Box::new(ty))),
            inner.clone().prop_map(|ty| Type::Set(Box::new(ty))),
            inner.clone().prop_map(|ty| Type::Map(Box::new(ty))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Type::Tuple),
            prop::collection::btree_map("[a-z_]{1,40}", inner, 0..20).prop_map(Type::Object),
        ]
    })
}

fn number() -> impl Strategy<Value = Number> {
    let text = "-?[0-9]{1,30}(\\.[0-9]{1,30})?(e-?[0-9]{1,2})?";
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        (-300..300_i64).prop_map(Number::from),
        text.prop_map(|text| text.parse().unwrap()),
    ]
}

fn unknown() -> impl Strategy<Value = Value> {
    let bound = || prop::option::of((number(), any::<bool>()));
    let length = || prop::option::of(0..1000_i64);
    let facts = (prop::option::of(any::<bool>()), bound(), bound(), length(), length());
    let refined = (facts, prop::option::of("\\PC{0,20}")).prop_map(|(facts, prefix)| {
        let (nullness, lower, upper, min_length, max_length) = facts;
        let refined = Refined { nullness, prefix, lower, upper, min_length, max_length };
        (refined != Refined::default()).then(|| Box::new(refined))
    });
    prop_oneof![Just(Refinements(None)), refined.prop_map(Refinements)].prop_map(Value::Unknown)
}

fn value(ty: &Type, unknowns: bool) -> BoxedStrategy<Value> {
    let known = known(ty, unknowns);
    if unknowns {
        prop_oneof![8 => known, 1 => Just(Value::Null), 1 => unknown()].boxed()
    } else {
        prop_oneof![8 => known, 1 => Just(Value::Null)].boxed()
    }
}

fn known(ty: &Type, unknowns: bool) -> BoxedStrategy<Value> {
    match ty {
        Type::String => "\\PC{0,60}".prop_map(Value::String).boxed(),
        Type::Number => number().prop_map(Value::Number).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Dynamic => prop_oneof![
            Just(Type::String),
            Just(Type::Tuple(vec![Type::Number, Type::Bool])),
            Just(Type::Object(BTreeMap::from([("a".to_owned(), Type::String)])))
        ]
        .prop_flat_map(move |ty| (Just(ty.clone()), value(&ty, unknowns)))
        // JSON writes every null alike, so a null of a known type would not come back as one.
        .prop_filter("typed null", move |typed| unknowns || !typed.1.is_null())
        .prop_map(|typed| Value::Dynamic(Box::new(typed)))
        .boxed(),
        Type::List(element) | Type::Set(element) => {
            prop::collection::vec(value(element, unknowns), 0..20).prop_map(Value::List).boxed()
        }
        Type::Map(element) => {
            prop::collection::btree_map("\\PC{0,40}", value(element, unknowns), 0..20)
                .prop_map(Value::Map)
                .boxed()
        }
        Type::Tuple(types) => {
            let elements: Vec<_> = types.iter().map(|ty| value(ty, unknowns)).collect();
            elements.prop_map(Value::List).boxed()
        }
        Type::Object(types) => {
            let names: Vec<String> = types.keys().cloned().collect();
            let attributes: Vec<_> = types.values().map(|ty| value(ty, unknowns)).collect();
            attributes
                .prop_map(move |values| Value::Map(names.iter().cloned().zip(values).collect()))
                .boxed()
        }
    }
}
