//! The registry documentation of a provider, from its schemas and its example files.
//!
//! Everything that a schema knows is rendered and never written by hand: who sets an attribute, its
//! default, what replaces the object, what is sensitive or write-only. The layout is the
//! registry's: `index.md`, `resources/…`, `data-sources/…`, `ephemeral-resources/…`,
//! `list-resources/…`, `actions/…`, `functions/…`.

use crate::erased::{DataSource, Function, Provider, Resource};
use crate::schema::{IdentityRole, IdentitySchema};

mod action;
mod attributes;
mod ephemeral;
mod list;
mod signature;

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Below `docs/`, such as `resources/version_tag.md`.
    pub path: String,
    /// Markdown with front matter.
    pub text: String,
}

/// Finds the text of an example by its path below `examples/`, such as
/// `resources/pipeline_version_tag/resource.tf`.
pub type Examples<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Every page of `provider`.
#[must_use]
pub fn pages(provider: &dyn Provider, examples: Examples<'_>) -> Vec<Page> {
    let mut pages = vec![index(provider, examples)];
    pages.extend(provider.resources().iter().map(|r| resource(provider, r.as_ref(), examples)));
    pages.extend(
        provider.data_sources().iter().map(|d| data_source(provider, d.as_ref(), examples)),
    );
    pages.extend(provider.ephemerals().iter().map(|e| ephemeral::page(provider, &**e, examples)));
    pages.extend(provider.lists().iter().map(|l| list::page(provider, &**l, examples)));
    pages.extend(provider.actions().iter().map(|a| action::page(provider, &**a, examples)));
    pages.extend(provider.functions().iter().map(|f| function(provider, f.as_ref(), examples)));
    pages
}

fn index(provider: &dyn Provider, examples: Examples<'_>) -> Page {
    let name = provider.type_name();
    let block = &provider.schema().block;
    let mut text = head(&format!("{name} Provider"), "", &block.description);
    text += &format!("# {name} Provider\n\n{}\n", block.description);
    text += &example(examples, "provider/provider.tf");
    text += &attributes::block(block);
    Page { path: "index.md".to_owned(), text }
}

fn resource(provider: &dyn Provider, resource: &dyn Resource, examples: Examples<'_>) -> Page {
    let (name, block) = (resource.name(), &resource.schema().block);
    let mut text =
        front(&format!("{name} Resource - {}", provider.type_name()), &block.description);
    text += &heading(name, "Resource", block.deprecated.as_deref(), &block.description);
    text += &example(examples, &format!("resources/{name}/resource.tf"));
    text += &attributes::block(block);
    text += &import(name, resource.identity_schema(), examples);
    Page { path: format!("resources/{}.md", short(provider, name)), text }
}

fn data_source(provider: &dyn Provider, source: &dyn DataSource, examples: Examples<'_>) -> Page {
    let (name, block) = (source.name(), &source.schema().block);
    let title = format!("{name} Data Source - {}", provider.type_name());
    let mut text = front(&title, &block.description);
    text += &heading(name, "Data Source", block.deprecated.as_deref(), &block.description);
    text += &example(examples, &format!("data-sources/{name}/data-source.tf"));
    text += &attributes::block(block);
    Page { path: format!("data-sources/{}.md", short(provider, name)), text }
}

fn function(provider: &dyn Provider, function: &dyn Function, examples: Examples<'_>) -> Page {
    let (name, signature) = (function.name(), function.signature());
    let mut text =
        front(&format!("{name} Function - {}", provider.type_name()), &signature.summary);
    text += &heading(name, "Function", None, &signature.description);
    text += &example(examples, &format!("functions/{name}/function.tf"));
    text += &signature::section(name, signature);
    Page { path: format!("functions/{name}.md"), text }
}

/// The name without the provider's prefix, as the registry names files.
fn short<'n>(provider: &dyn Provider, name: &'n str) -> &'n str {
    let rest = name.strip_prefix(provider.type_name());
    rest.and_then(|rest| rest.strip_prefix('_')).unwrap_or(name)
}

/// What stands at the head of a page of something that a provider offers.
fn front(title: &str, description: &str) -> String {
    head(title, "subcategory: \"\"\n", description)
}

/// What stands at the head of a page. That of the provider is in no category.
fn head(title: &str, category: &str, description: &str) -> String {
    let summary = description.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    format!("---\npage_title: \"{title}\"\n{category}description: |-\n  {summary}\n---\n\n")
}

fn heading(name: &str, what: &str, deprecated: Option<&str>, description: &str) -> String {
    let warning = deprecated.map(|why| format!("~> **Deprecated.** {why}\n\n")).unwrap_or_default();
    format!("# {name} ({what})\n\n{warning}{description}\n")
}

fn example(examples: Examples<'_>, path: &str) -> String {
    examples(path)
        .map(|text| format!("\n## Example Usage\n\n```terraform\n{}\n```\n", text.trim()))
        .unwrap_or_default()
}

fn import(name: &str, identity: Option<&IdentitySchema>, examples: Examples<'_>) -> String {
    let command = examples(&format!("resources/{name}/import.sh"));
    let block = examples(&format!("resources/{name}/import.tf"));
    if command.is_none() && block.is_none() && identity.is_none() {
        return String::new();
    }
    let mut text = "\n## Import\n".to_owned();
    if let Some(command) = command {
        text += "\nBy ID, with `terraform import` or the `id` of an `import` block:\n";
        text += &format!("\n```shell\n{}\n```\n", command.trim());
    }
    if let Some(identity) = identity {
        text += "\nBy identity, in an `import` block (Terraform 1.12 or later):\n\n";
        for attribute in &identity.attributes {
            let need = match attribute.role {
                IdentityRole::Required => "required",
                IdentityRole::Optional => "optional",
            };
            let ty = attributes::type_name(&attribute.ty);
            let description = attributes::inline(&attribute.description);
            text += &format!("- `{}` ({ty}, {need}) {description}\n", attribute.name);
        }
    }
    if let Some(block) = block {
        text += &format!("\n```terraform\n{}\n```\n", block.trim());
    }
    text
}

#[cfg(test)]
mod tests;
