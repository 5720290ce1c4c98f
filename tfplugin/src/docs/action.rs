//! The page of an action.

use super::{Examples, Page, attributes, example, front, heading, short};
use crate::erased::{Action, Provider};

pub(super) fn page(provider: &dyn Provider, action: &dyn Action, examples: Examples<'_>) -> Page {
    let (name, block) = (action.name(), &action.schema().block);
    let mut text = front(&format!("{name} Action - {}", provider.type_name()), &block.description);
    text += &heading(name, "Action", block.deprecated.as_deref(), &block.description);
    text += &example(examples, &format!("actions/{name}/action.tf"));
    text += &attributes::block(block);
    Page { path: format!("actions/{}.md", short(provider, name)), text }
}
