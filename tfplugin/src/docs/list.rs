//! The page of a list resource.

use super::{Examples, Page, attributes, example, front, heading, short};
use crate::erased::{List, Provider};

pub(super) fn page(provider: &dyn Provider, list: &dyn List, examples: Examples<'_>) -> Page {
    let (name, block) = (list.name(), &list.schema().block);
    let title = format!("{name} List Resource - {}", provider.type_name());
    let mut text = front(&title, &block.description);
    text += &heading(name, "List Resource", block.deprecated.as_deref(), &block.description);
    text += &example(examples, &format!("list-resources/{name}/list-resource.tfquery.hcl"));
    text += &attributes::block(block);
    Page { path: format!("list-resources/{}.md", short(provider, name)), text }
}
