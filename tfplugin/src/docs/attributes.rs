//! The schema section of a page: attributes by who sets them, then what is nested in them.

use crate::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, Presence};
use crate::types::Type;
use crate::value::Value;

/// What waits to be described in a section of its own.
struct Nested<'a> {
    anchor: String,
    path: String,
    attributes: &'a [Attribute],
    blocks: &'a [NestedBlock],
}

/// The schema of a block, with a section for everything nested in it.
pub(super) fn block(block: &Block) -> String {
    let mut text = "\n## Schema\n".to_owned();
    let mut waiting = Vec::new();
    text += &groups(&block.attributes, &block.blocks, "", "###", &mut waiting);
    waiting.reverse();
    while let Some(nested) = waiting.pop() {
        text += &format!(
            "\n<a id=\"{}\"></a>\n### Nested Schema for `{}`\n",
            nested.anchor, nested.path
        );
        let mut deeper = Vec::new();
        text += &groups(nested.attributes, nested.blocks, &nested.path, "####", &mut deeper);
        waiting.extend(deeper.into_iter().rev());
    }
    text
}

/// Required, optional and read-only, each with a heading where there is something in it.
fn groups<'a>(
    attributes: &'a [Attribute],
    blocks: &'a [NestedBlock],
    path: &str,
    level: &str,
    waiting: &mut Vec<Nested<'a>>,
) -> String {
    let titles: [(&str, &[Presence]); 3] = [
        ("Required", &[Presence::Required]),
        ("Optional", &[Presence::Optional, Presence::OptionalComputed]),
        ("Read-Only", &[Presence::Computed]),
    ];
    let mut text = String::new();
    for (title, presences) in titles {
        let mut lines = String::new();
        for each in attributes.iter().filter(|each| presences.contains(&each.presence)) {
            lines += &attribute(each, path, waiting);
        }
        for each in blocks.iter().filter(|each| presences[0] == presence(each)) {
            lines += &nested_block(each, path, waiting);
        }
        if !lines.is_empty() {
            text += &format!("\n{level} {title}\n\n{lines}");
        }
    }
    text
}

const fn presence(block: &NestedBlock) -> Presence {
    if block.min_items > 0 { Presence::Required } else { Presence::Optional }
}

fn attribute<'a>(attribute: &'a Attribute, path: &str, waiting: &mut Vec<Nested<'a>>) -> String {
    let path = inside(path, &attribute.name);
    let (ty, link) = match &attribute.kind {
        AttributeKind::Plain(ty) => (type_name(ty), String::new()),
        AttributeKind::Nested { nesting, attributes } => {
            let anchor = format!("nestedatt--{}", path.replace('.', "--"));
            let link = format!(" (see [below for nested schema](#{anchor}))");
            waiting.push(Nested { anchor, path, attributes, blocks: &[] });
            (nested_name(*nesting).to_owned(), link)
        }
    };
    let mut kind = ty;
    if attribute.sensitive {
        kind += ", Sensitive";
    }
    if attribute.write_only {
        kind += ", Write-only";
    }
    if attribute.deprecated.is_some() {
        kind += ", Deprecated";
    }
    let notes = notes(attribute) + &link;
    format!("- `{}` ({kind}) {}\n", attribute.name, item(&attribute.description, &notes))
}

/// What the schema knows and nobody writes by hand.
fn notes(attribute: &Attribute) -> String {
    let mut notes = Vec::new();
    if let Some(default) = &attribute.default {
        notes.push(format!("Default: `{}`.", literal(default)));
    }
    if attribute.requires_replace {
        notes.push("Changing this replaces the object.".to_owned());
    }
    if attribute.write_only {
        notes.push("It is never stored, and needs Terraform or OpenTofu 1.11 or later.".to_owned());
    }
    if let Some(why) = &attribute.deprecated {
        notes.push(format!("Deprecated: {why}"));
    }
    notes.iter().fold(String::new(), |text, note| text + " " + note)
}

fn nested_block<'a>(block: &'a NestedBlock, path: &str, waiting: &mut Vec<Nested<'a>>) -> String {
    let path = inside(path, &block.name);
    let anchor = format!("nestedblock--{}", path.replace('.', "--"));
    let count = match (block.nesting, block.min_items, block.max_items) {
        (Nesting::Single, ..) => "Block".to_owned(),
        (_, 0, 0) => "Block List".to_owned(),
        (_, min, 0) => format!("Block List, at least {min}"),
        (_, 0, max) => format!("Block List, at most {max}"),
        (_, min, max) => format!("Block List, {min} to {max}"),
    };
    let link = format!(" (see [below for nested schema](#{anchor}))");
    let text = format!("- `{}` ({count}) {}\n", block.name, item(&block.block.description, &link));
    let (attributes, blocks) = (&block.block.attributes, &block.block.blocks);
    waiting.push(Nested { anchor, path, attributes, blocks });
    text
}

fn inside(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A type as the registry names it.
pub(super) fn type_name(ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(inner) => format!("List of {}", type_name(inner)),
        Type::Set(inner) => format!("Set of {}", type_name(inner)),
        Type::Map(inner) => format!("Map of {}", type_name(inner)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Object(_) => "Object".to_owned(),
    }
}

const fn nested_name(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "Attributes",
        Nesting::List => "Attributes List",
        Nesting::Set => "Attributes Set",
        Nesting::Map => "Attributes Map",
    }
}

/// A description on one line.
pub(super) fn inline(description: &str) -> String {
    description.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A description within a list item, with `notes` after its first paragraph; further lines are
/// indented to stay in the item.
fn item(description: &str, notes: &str) -> String {
    let (first, rest) = description.split_once("\n\n").unwrap_or((description, ""));
    let gap = if rest.is_empty() { "" } else { "\n\n" };
    format!("{first}{notes}{gap}{rest}").replace('\n', "\n  ").replace("\n  \n", "\n\n")
}

/// A value as HCL writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(_) => "(known after apply)".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::List(elements) => {
            let elements: Vec<String> = elements.iter().map(literal).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{name} = {}", literal(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Dynamic(typed) => literal(&typed.1),
    }
}
