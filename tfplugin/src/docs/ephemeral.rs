//! The page of an ephemeral resource.

use super::{Examples, Page, attributes, example, front, heading, short};
use crate::erased::{Ephemeral, Provider};

pub(super) fn page(
    provider: &dyn Provider,
    ephemeral: &dyn Ephemeral,
    examples: Examples<'_>,
) -> Page {
    let (name, block) = (ephemeral.name(), &ephemeral.schema().block);
    let title = format!("{name} Ephemeral Resource - {}", provider.type_name());
    let mut text = front(&title, &block.description);
    text += &heading(name, "Ephemeral Resource", block.deprecated.as_deref(), &block.description);
    text += &example(examples, &format!("ephemeral-resources/{name}/ephemeral-resource.tf"));
    text += &attributes::block(block);
    Page { path: format!("ephemeral-resources/{}.md", short(provider, name)), text }
}
