//! Schemas and names, as the host asks for them before anything else.

use std::collections::BTreeMap;

use prost::bytes::Bytes;

use crate::diagnostics::Diagnostics;
use crate::schema::{
    Attribute, AttributeKind, Block, IdentityRole, IdentitySchema, NestedBlock, Nesting, Parameter,
    Presence, Schema, Signature,
};
use crate::server::session::Session;
use crate::types::Type;
use crate::wire::tfplugin6 as wire;
use wire::schema::nested_block::NestingMode as BlockNesting;
use wire::schema::object::NestingMode as ObjectNesting;
use wire::{get_functions, get_metadata, get_provider_schema, get_resource_identity_schemas};

/// All that there are.
fn capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: true,
    }
}

pub(super) async fn metadata(
    session: &Session,
    _: get_metadata::Request,
) -> Result<get_metadata::Response, Diagnostics> {
    let provider = session.catalogue().provider();
    let resources = provider.resources().iter();
    let sources = provider.data_sources().iter();
    let ephemerals = provider.ephemerals().iter();
    let lists = provider.lists().iter();
    let actions = provider.actions().iter();
    let functions = provider.functions().iter();
    Ok(get_metadata::Response {
        server_capabilities: Some(capabilities()),
        resources: resources
            .map(|r| get_metadata::ResourceMetadata { type_name: r.name().to_owned() })
            .collect(),
        data_sources: sources
            .map(|s| get_metadata::DataSourceMetadata { type_name: s.name().to_owned() })
            .collect(),
        ephemeral_resources: ephemerals
            .map(|e| get_metadata::EphemeralResourceMetadata { type_name: e.name().to_owned() })
            .collect(),
        list_resources: lists
            .map(|l| get_metadata::ListResourceMetadata { type_name: l.name().to_owned() })
            .collect(),
        actions: actions
            .map(|a| get_metadata::ActionMetadata { type_name: a.name().to_owned() })
            .collect(),
        functions: functions
            .map(|f| get_metadata::FunctionMetadata { name: f.name().to_owned() })
            .collect(),
        ..Default::default()
    })
}

pub(super) async fn schemas(
    session: &Session,
    _: get_provider_schema::Request,
) -> Result<get_provider_schema::Response, Diagnostics> {
    let provider = session.catalogue().provider();
    let resources = provider.resources().iter();
    let sources = provider.data_sources().iter();
    let ephemerals = provider.ephemerals().iter();
    let lists = provider.lists().iter();
    let actions = provider.actions().iter();
    Ok(get_provider_schema::Response {
        provider: Some(schema(provider.schema())),
        resource_schemas: resources.map(|r| (r.name().to_owned(), schema(r.schema()))).collect(),
        data_source_schemas: sources.map(|s| (s.name().to_owned(), schema(s.schema()))).collect(),
        ephemeral_resource_schemas: ephemerals
            .map(|e| (e.name().to_owned(), schema(e.schema())))
            .collect(),
        list_resource_schemas: lists.map(|l| (l.name().to_owned(), schema(l.schema()))).collect(),
        action_schemas: actions.map(|a| (a.name().to_owned(), action_schema(a.schema()))).collect(),
        functions: signatures(session),
        server_capabilities: Some(capabilities()),
        ..Default::default()
    })
}

pub(super) async fn identities(
    session: &Session,
    _: get_resource_identity_schemas::Request,
) -> Result<get_resource_identity_schemas::Response, Diagnostics> {
    let resources = session.catalogue().provider().resources().iter();
    let identity_schemas = resources
        .filter_map(|r| Some((r.name().to_owned(), identity(r.identity_schema()?))))
        .collect();
    Ok(get_resource_identity_schemas::Response { identity_schemas, diagnostics: Vec::new() })
}

pub(super) async fn functions(
    session: &Session,
    _: get_functions::Request,
) -> Result<get_functions::Response, Diagnostics> {
    Ok(get_functions::Response { functions: signatures(session), diagnostics: Vec::new() })
}

fn signatures(session: &Session) -> BTreeMap<String, wire::Function> {
    let functions = session.catalogue().provider().functions().iter();
    functions.map(|f| (f.name().to_owned(), signature(f.signature()))).collect()
}

fn type_json(ty: &Type) -> Bytes {
    ty.to_json().into()
}

fn schema(schema: &Schema) -> wire::Schema {
    wire::Schema { version: schema.version, block: Some(block(&schema.block)) }
}

/// Hosts fail on one without a schema.
fn action_schema(own: &Schema) -> wire::ActionSchema {
    wire::ActionSchema { schema: Some(schema(own)) }
}

fn block(block: &Block) -> wire::schema::Block {
    wire::schema::Block {
        attributes: block.attributes.iter().map(attribute).collect(),
        block_types: block.blocks.iter().map(nested_block).collect(),
        description: block.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecated: block.deprecated.is_some(),
        deprecation_message: block.deprecated.clone().unwrap_or_default(),
        ..Default::default()
    }
}

fn attribute(attribute: &Attribute) -> wire::schema::Attribute {
    let (ty, nested) = match &attribute.kind {
        AttributeKind::Plain(ty) => (type_json(ty), None),
        // Nothing in it can be configured, so the host need not know its parts: it handles a plain
        // type at less cost, and stores the same value.
        AttributeKind::Nested { .. } if attribute.presence == Presence::Computed => {
            (type_json(&attribute.ty()), None)
        }
        AttributeKind::Nested { nesting, attributes } => {
            (Bytes::new(), Some(object(*nesting, attributes)))
        }
    };
    wire::schema::Attribute {
        name: attribute.name.clone(),
        r#type: ty,
        nested_type: nested,
        description: attribute.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        required: attribute.presence == Presence::Required,
        optional: matches!(attribute.presence, Presence::Optional | Presence::OptionalComputed),
        computed: matches!(attribute.presence, Presence::Computed | Presence::OptionalComputed),
        sensitive: attribute.sensitive,
        deprecated: attribute.deprecated.is_some(),
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
        write_only: attribute.write_only,
    }
}

fn object(nesting: Nesting, attributes: &[Attribute]) -> wire::schema::Object {
    let nesting = match nesting {
        Nesting::Single => ObjectNesting::Single,
        Nesting::List => ObjectNesting::List,
        Nesting::Set => ObjectNesting::Set,
        Nesting::Map => ObjectNesting::Map,
    };
    wire::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..Default::default()
    }
}

fn nested_block(nested: &NestedBlock) -> wire::schema::NestedBlock {
    let nesting = match nested.nesting {
        Nesting::Single => BlockNesting::Single,
        Nesting::List => BlockNesting::List,
        Nesting::Set => BlockNesting::Set,
        Nesting::Map => BlockNesting::Map,
    };
    wire::schema::NestedBlock {
        type_name: nested.name.clone(),
        block: Some(block(&nested.block)),
        nesting: nesting.into(),
        min_items: nested.min_items,
        max_items: nested.max_items,
    }
}

fn identity(schema: &IdentitySchema) -> wire::ResourceIdentitySchema {
    let attribute = |attribute: &crate::schema::IdentityAttribute| {
        wire::resource_identity_schema::IdentityAttribute {
            name: attribute.name.clone(),
            r#type: type_json(&attribute.ty),
            required_for_import: attribute.role == IdentityRole::Required,
            optional_for_import: attribute.role == IdentityRole::Optional,
            description: attribute.description.clone(),
        }
    };
    wire::ResourceIdentitySchema {
        version: schema.version,
        identity_attributes: schema.attributes.iter().map(attribute).collect(),
    }
}

fn signature(signature: &Signature) -> wire::Function {
    wire::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(wire::function::Return { r#type: type_json(&signature.result) }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecation_message: String::new(),
    }
}

fn parameter(parameter: &Parameter) -> wire::function::Parameter {
    wire::function::Parameter {
        name: parameter.name.clone(),
        r#type: type_json(&parameter.ty),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
    }
}
