//! Models and drafts against the values they come from.

use proptest::prelude::*;
use serde_json::json;
use tfplugin::diagnostics::Diagnostics;
use tfplugin::model::Trail;
use tfplugin::{
    Computed, Draft as _, FieldValue, Model as _, Path, Sensitive, Text, Value, WriteOnly,
};

use crate::life::things;
use crate::random;
use crate::sample::{Place, Thing, ThingDraft, Word};
use crate::stage::{Stage, config, with};

fn draft(value: &Value) -> (ThingDraft, Diagnostics) {
    let mut out = Diagnostics::new();
    let draft = ThingDraft::read(value, &Trail::ROOT, &mut out);
    (draft, out)
}

fn sample() -> Value {
    let stage = Stage::new();
    let json =
        json!({ "name": "a", "words": ["w"], "home": { "name": "h" }, "token_wo": "s3cret" });
    config(stage.thing(), &json)
}

#[test]
fn a_field_knows_its_path_and_how_much_is_known() {
    let value = with(&sample(), "prefix", Value::unknown());
    let (draft, out) = draft(&value);
    assert!(out.is_empty());
    assert_eq!(draft.name.path(), &Path::from(Thing::NAME_OF));
    assert!(matches!(draft.name.value(), FieldValue::Known(Text(name)) if name.to_string() == "a"));
    assert!(draft.prefix.is_unknown() && draft.alpha.is_null());
    let home = draft.home.known().unwrap();
    assert_eq!(home.name.path(), &Thing::HOME.attr(Place::NAME));
    assert_eq!(Thing::LINE.index(1_usize).attr(Place::NAME).to_string(), "line[1].name");
    assert_eq!(home.name.error("S", "d").path.to_string(), "home.name");
}

#[test]
fn only_what_is_set_is_written_over() {
    let value = sample();
    let (mut draft, _) = draft(&value);
    let mut target = with(&value, "force", Value::Bool(true));
    draft.overlay(&mut target);
    assert_eq!(target.get("force"), Some(&Value::Bool(true)));
    assert!(!draft.touched());
    draft.id.set("x".to_owned());
    draft.owner.set_unknown();
    draft.alpha.set_null();
    draft.home.known_mut().unwrap().address.set("here".to_owned());
    draft.overlay(&mut target);
    assert!(draft.touched());
    assert_eq!(target.get("id"), Some(&Value::from("x")));
    assert!(target.get("owner").unwrap().is_unknown());
    assert_eq!(target.get("home").unwrap().get("address"), Some(&Value::from("here")));
    assert_eq!(target.get("force"), Some(&Value::Bool(true)));
}

#[test]
fn a_draft_of_which_all_arguments_are_known_is_a_model() {
    let value = sample();
    let (draft, _) = draft(&value);
    let thing = draft.settled().unwrap();
    assert_eq!((thing.name.to_string().as_str(), thing.prefix.as_str()), ("a", "v"));
    assert!(thing.id.is_unknown() && thing.token_wo.get().is_some());
    let FieldValue::Known(home) = draft.home.settled() else { panic!("{:?}", draft.home) };
    assert_eq!((home.name.to_string(), home.weight), ("h".to_owned(), 1));
    let FieldValue::Null = draft.timeouts.settled() else { panic!("{:?}", draft.timeouts) };
}

#[test]
fn a_draft_with_an_argument_that_is_not_known_is_no_model() {
    let home = with(sample().get("home").unwrap(), "weight", Value::unknown());
    let (draft, _) = draft(&with(&sample(), "home", home));
    assert!(draft.settled().is_none());
    assert!(matches!(draft.home.settled(), FieldValue::Unknown));
    for (name, value) in [("name", Value::Null), ("owner", Value::unknown())] {
        let (draft, _) = self::draft(&with(&sample(), name, value));
        assert!(draft.settled().is_none(), "{name}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let (draft, _) = draft(&with(&sample(), "secret", Value::from("hidden")));
    let mut thing = Thing::minimal("a".parse().unwrap(), "v");
    thing.token_wo = Sensitive::new("s3cret".to_owned()).into();
    thing.secret = Some("hidden".to_owned().into());
    for shown in [format!("{draft:?}"), format!("{thing:?}")] {
        assert!(!shown.contains("s3cret") && !shown.contains("hidden"), "{shown}");
    }
    assert_eq!(thing.encode().get("token_wo"), Some(&Value::Null));
    let mut out = Diagnostics::new();
    let bad = Value::from("S3CRET!");
    let sensitive =
        <Sensitive<Text<Word>> as tfplugin::Attribute>::decode(&bad, &Trail::ROOT, &mut out);
    assert!(sensitive.is_none());
    let once =
        <WriteOnly<Text<Word>> as tfplugin::attribute::Slot>::decode(&bad, &Trail::ROOT, &mut out);
    assert!(once.is_none());
    assert!(out.has_errors() && !format!("{out:?}").contains("S3CRET"));
}

#[test]
fn a_computed_value_that_is_older_than_its_attribute_is_not_known() {
    let mut out = Diagnostics::new();
    let null = <Computed<String> as tfplugin::attribute::Slot>::decode(
        &Value::Null,
        &Trail::ROOT,
        &mut out,
    );
    assert_eq!(null, Some(Computed::Unknown));
    let null = <Computed<Option<String>> as tfplugin::attribute::Slot>::decode(
        &Value::Null,
        &Trail::ROOT,
        &mut out,
    );
    assert_eq!(null, Some(Computed::known(None)));
    assert!(out.is_empty());
}

#[test]
fn a_required_value_that_is_missing_gets_its_default_or_a_problem() {
    let mut out = Diagnostics::new();
    assert!(Thing::decode(&sample(), &Trail::ROOT, &mut out).is_some_and(|thing| !thing.force));
    let nameless = with(&sample(), "name", Value::Null);
    assert!(Thing::decode(&nameless, &Trail::ROOT, &mut out).is_none());
    assert_eq!(out.iter().map(|each| each.path.to_string()).collect::<Vec<_>>(), ["name"]);
}

/// A configuration with parts unknown.
fn partly() -> impl Strategy<Value = Value> {
    things().prop_flat_map(|json| {
        let stage = Stage::new();
        random::partly_unknown(&stage.thing().schema().block, &config(stage.thing(), &json))
    })
}

proptest! {
    #[test]
    fn a_draft_gives_back_the_value_it_was_read_from(value in partly()) {
        let (draft, out) = draft(&value);
        prop_assert!(out.is_empty(), "{:?}", out);
        prop_assert_eq!(draft.encode(), value);
    }

    #[test]
    fn a_model_gives_back_the_value_it_was_decoded_from(json in things()) {
        let stage = Stage::new();
        let mut out = Diagnostics::new();
        let thing = Thing::decode(&config(stage.thing(), &json), &Trail::ROOT, &mut out).unwrap();
        let value = thing.encode();
        let again = Thing::decode(&value, &Trail::ROOT, &mut out).unwrap();
        prop_assert!(out.is_empty());
        prop_assert_eq!(again.encode(), value.clone());
        prop_assert_eq!(ThingDraft::from(thing).encode(), value);
    }
}
