//! Objects that say nothing.

use tfplugin::{Diagnostic, Draft, Field, Model, Value};

/// A warning where an object says nothing of all that it could. A host drops a name that the object does not have
/// without a word, so that this may be what is left of something that was meant.
pub(crate) fn says_nothing<D: Draft>(object: &Field<D>) -> Option<Diagnostic> {
    let Value::Map(said) = object.known()?.encode() else { return None };
    if said.values().any(|value| *value != Value::Null) {
        return None;
    }
    let block = D::Model::block();
    let names: Vec<_> = block.attributes.iter().map(|it| format!("`{}`", it.name)).collect();
    let expected = match &names[..] {
        [name] => name.clone(),
        _ => format!("one or more of {}", names.join(", ")),
    };
    let detail = format!(
        "Found none of its arguments; expected {expected}. An argument of another name, such as a misspelt one, is \
         dropped before the provider sees it. Next: write what is meant, or leave `{}` out.",
        object.path()
    );
    Some(object.warning("The object says nothing", detail))
}
