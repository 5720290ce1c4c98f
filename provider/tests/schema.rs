//! All that the provider offers, as one text that somebody reviewed: a change of the surface is a
//! difference in `schema.txt`. Descriptions are in `docs/`, which has a check of its own.
//!
//! `cargo xtask snapshots` runs this with `PIPELINE_SNAPSHOTS=write`, which writes the file.

use std::path::Path;

use terraform_provider_pipeline::PipelineProvider;
use tfplugin::erased::Provider;
use tfplugin::provider::erase;
use tfplugin::schema::{
    Attribute, AttributeKind, Block, IdentityRole, Nesting, Parameter, Presence, Schema, Signature,
};

#[test]
fn the_surface_is_the_one_that_was_reviewed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema.txt");
    let now = surface(&erase::<PipelineProvider>());
    if std::env::var_os("PIPELINE_SNAPSHOTS").is_some_and(|value| value == "write") {
        std::fs::write(&file, now).unwrap();
        return;
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    let changed = now.lines().find(|line| !reviewed.lines().any(|known| known == *line));
    assert_eq!(changed, None, "new; run `cargo xtask snapshots` and review the difference");
    assert!(now == reviewed, "run `cargo xtask snapshots` and review the difference");
}

#[test]
fn every_resource_has_an_identity_that_must_be_given() {
    let provider = erase::<PipelineProvider>();
    assert_eq!(provider.resources().len(), 9);
    for resource in provider.resources() {
        let identity = resource.identity_schema().unwrap();
        let required = identity.attributes.iter().any(|it| it.role == IdentityRole::Required);
        assert!(required, "{}", resource.name());
    }
}

fn surface(provider: &dyn Provider) -> String {
    let mut text = String::new();
    text += &part("provider", provider.type_name(), provider.schema());
    for resource in provider.resources() {
        text += &part("resource", resource.name(), resource.schema());
        let identity = resource.identity_schema().into_iter().flat_map(|it| &it.attributes);
        for attribute in identity {
            let role = role(attribute.role);
            text +=
                &format!("  (identity) {}: {} {role}\n", attribute.name, attribute.ty.to_json());
        }
    }
    for source in provider.data_sources() {
        text += &part("data source", source.name(), source.schema());
    }
    for action in provider.actions() {
        text += &part("action", action.name(), action.schema());
    }
    for ephemeral in provider.ephemerals() {
        text += &part("ephemeral resource", ephemeral.name(), ephemeral.schema());
    }
    for list in provider.lists() {
        text += &part("list resource", list.name(), list.schema());
    }
    for function in provider.functions() {
        text += &signature(function.name(), function.signature());
    }
    text
}

fn part(kind: &str, name: &str, schema: &Schema) -> String {
    format!("\n{kind} {name}, version {}\n{}", schema.version, block(&schema.block, 1))
}

fn block(block: &Block, depth: usize) -> String {
    let own = attributes(&block.attributes, depth);
    let blocks = block.blocks.iter().map(|inner| {
        let (margin, name) = ("  ".repeat(depth), &inner.name);
        let nesting = nesting(inner.nesting);
        let count = format!("{} to {}", inner.min_items, inner.max_items);
        format!("{margin}{name}: block {nesting} {count}\n{}", self::block(&inner.block, depth + 1))
    });
    own + &blocks.collect::<String>()
}

fn attributes(all: &[Attribute], depth: usize) -> String {
    all.iter().map(|one| attribute(one, depth)).collect()
}

fn attribute(it: &Attribute, depth: usize) -> String {
    let (kind, inner) = match &it.kind {
        AttributeKind::Plain(ty) => (ty.to_json(), String::new()),
        AttributeKind::Nested { nesting: kind, attributes: inner } => {
            (nesting(*kind).to_owned(), attributes(inner, depth + 1))
        }
    };
    let presence = match it.presence {
        Presence::Required => "required",
        Presence::Optional => "optional",
        Presence::Computed => "computed",
        Presence::OptionalComputed => "optional, computed",
    };
    let marks = [
        (it.deprecated.is_some(), "deprecated"),
        (it.sensitive, "sensitive"),
        (it.write_only, "write-only"),
        (it.requires_replace, "replaces"),
        (it.use_state_for_unknown, "stays"),
        (it.identity.is_some(), "identity"),
    ];
    let marks = marks.into_iter().filter(|(is, _)| *is).map(|(_, word)| format!(", {word}"));
    let default = it.default.iter().map(|value| format!(", default {value:?}"));
    let more: String = marks.chain(default).collect();
    format!("{}{}: {kind} {presence}{more}\n{inner}", "  ".repeat(depth), it.name)
}

const fn nesting(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "one",
        Nesting::List => "list of",
        Nesting::Set => "set of",
        Nesting::Map => "map of",
    }
}

const fn role(role: IdentityRole) -> &'static str {
    match role {
        IdentityRole::Required => "required",
        IdentityRole::Optional => "optional",
    }
}

fn signature(name: &str, it: &Signature) -> String {
    let one = |it: &Parameter| {
        let null = if it.allow_null { " or null" } else { "" };
        let unknown = if it.allow_unknown { " or unknown" } else { "" };
        format!("{}: {}{null}{unknown}", it.name, it.ty.to_json())
    };
    let more = it.variadic.iter().map(|it| format!("{}...", one(it)));
    let parameters: Vec<String> = it.parameters.iter().map(one).chain(more).collect();
    format!("\nfunction {name}({})\n  gives {}\n", parameters.join(", "), it.result.to_json())
}
