//! What git prints of a remote, and the tag objects that one holds.

use pipeline_core::TagName;
use pipeline_core::testing::printed;

use crate::Outcome;
use crate::laws::{shown, text};

pub(crate) fn check(bytes: &[u8]) -> Outcome {
    let snapshot = printed::refs(bytes);
    let mut any = false;
    for (name, target) in snapshot.iter() {
        any = true;
        let id = target.object.to_string();
        assert!(text(bytes).is_none_or(|text| text.contains(&id)), "{name} {id}");
    }
    if let Some((tagger, message)) = printed::tag(bytes) {
        any |= tagger.is_some();
        assert!(message.len() <= bytes.len() * 3, "more than was there");
    }
    any |= printed::push(bytes) > 0;
    let words = String::from_utf8_lossy(bytes);
    shown(&printed::words(&words));
    if let Ok(name) = words.parse::<TagName>() {
        shown(name.as_str());
    }
    any.into()
}
