//! Decoding into models and drafts.

use tfplugin::diagnostics::Diagnostics;
use tfplugin::model::Trail;
use tfplugin::{Draft as _, Model as _, Value};

use crate::sample::{Thing, ThingDraft};

#[test]
fn everything_unknown_is_no_problem() {
    let mut out = Diagnostics::new();
    let draft = ThingDraft::read(&Value::unknown(), &Trail::ROOT, &mut out);
    draft.check(&mut out);
    assert!(out.is_empty(), "{out:?}");
    assert!(draft.name.is_unknown() && draft.rule.is_unknown());
    assert_eq!(Thing::block().attributes[0].name, "name");
}
