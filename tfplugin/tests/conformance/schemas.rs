//! Schemas by the host's rules, and what works before anything is configured.

use std::collections::BTreeSet;

use prost::Message as _;
use tfplugin::Value;
use tfplugin::codec::json;
use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::*;

use crate::support::host::{Host, blamed, clean, dynamic, value};
use crate::support::process::Process;
use crate::support::walk::{THING, Walk, object};

async fn schemas(host: &Host) -> get_provider_schema::Response {
    let mut provider = host.provider.clone();
    provider.get_provider_schema(get_provider_schema::Request {}).await.unwrap().into_inner()
}

fn sound_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn sound_attribute(attribute: &schema::Attribute, inside_set: bool) {
    let schema::Attribute { name, required, optional, computed, write_only, .. } = attribute;
    assert!(sound_name(name), "{name}");
    assert!(*required || *optional || *computed, "{name}");
    assert!(!(*required && (*optional || *computed)), "{name}");
    assert!(!(*write_only && (*computed || inside_set)), "{name}");
    assert!(attribute.deprecated || attribute.deprecation_message.is_empty(), "{name}");
    assert!(!attribute.description.is_empty(), "{name}");
    assert_ne!(attribute.r#type.is_empty(), attribute.nested_type.is_none(), "{name}");
    if let Some(nested) = &attribute.nested_type {
        let set = nested.nesting() == schema::object::NestingMode::Set;
        assert_ne!(nested.nesting(), schema::object::NestingMode::Invalid);
        nested.attributes.iter().for_each(|a| sound_attribute(a, inside_set || set));
    } else {
        Type::from_json(&attribute.r#type).unwrap();
    }
}

fn sound_block(block: &schema::Block) {
    let attributes = block.attributes.iter().map(|a| &a.name);
    let names: Vec<_> = attributes.chain(block.block_types.iter().map(|b| &b.type_name)).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    block.attributes.iter().for_each(|a| sound_attribute(a, false));
    for nested in &block.block_types {
        use schema::nested_block::NestingMode;
        assert!(sound_name(&nested.type_name));
        match nested.nesting() {
            NestingMode::List | NestingMode::Set => {
                assert!(nested.max_items == 0 || nested.min_items <= nested.max_items);
            }
            NestingMode::Single => {
                assert!(nested.min_items == nested.max_items && nested.max_items <= 1)
            }
            NestingMode::Group | NestingMode::Map => {
                assert_eq!((nested.min_items, nested.max_items), (0, 0));
            }
            NestingMode::Invalid => panic!("{} has no nesting", nested.type_name),
        }
        sound_block(nested.block.as_ref().unwrap());
    }
}

#[tokio::test]
async fn schemas_pass_the_rules_of_the_host() {
    let process = Process::start().await;
    let answer = schemas(&process.host().await).await;
    clean(&answer.diagnostics);
    let all = answer.provider.iter().chain(answer.resource_schemas.values());
    let actions = answer.action_schemas.values().map(|action| action.schema.as_ref().unwrap());
    let (lists, sources) = (&answer.list_resource_schemas, &answer.data_source_schemas);
    let all = all.chain(sources.values()).chain(actions).chain(lists.values());
    for schema in all.chain(answer.ephemeral_resource_schemas.values()) {
        assert!(schema.version >= 0);
        sound_block(schema.block.as_ref().unwrap());
    }
    let types = answer.resource_schemas.keys().chain(answer.data_source_schemas.keys());
    let types = types.chain(answer.action_schemas.keys());
    let types = types.chain(answer.ephemeral_resource_schemas.keys());
    types.for_each(|name| assert!(name.starts_with("conform_"), "{name}"));
    for (name, function) in &answer.functions {
        assert!(sound_name(name));
        assert!(!function.summary.is_empty() && !function.description.is_empty());
        Type::from_json(&function.r#return.as_ref().unwrap().r#type).unwrap();
        let parameters = function.parameters.iter().chain(&function.variadic_parameter);
        let names: Vec<_> = parameters.clone().map(|p| &p.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        parameters.for_each(|p| assert!(Type::from_json(&p.r#type).is_ok()));
    }
}

#[tokio::test]
async fn schemas_are_the_same_everywhere_and_always() {
    let (first, second) = (Process::start().await, Walk::start().await);
    let fresh = schemas(&first.host().await).await;
    let configured = schemas(&second.host).await;
    assert_eq!(fresh.encode_to_vec(), configured.encode_to_vec());
}

#[tokio::test]
async fn metadata_and_functions_agree_with_the_schema() {
    let process = Process::start().await;
    let host = process.host().await;
    let answer = schemas(&host).await;
    let mut provider = host.provider.clone();
    let metadata = provider.get_metadata(get_metadata::Request {}).await.unwrap().into_inner();
    assert_eq!(metadata.server_capabilities, answer.server_capabilities);
    let capabilities = metadata.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state && capabilities.generate_resource_config);
    let resources: Vec<_> = metadata.resources.iter().map(|r| &r.type_name).collect();
    assert_eq!(resources, answer.resource_schemas.keys().collect::<Vec<_>>());
    let sources: Vec<_> = metadata.data_sources.iter().map(|s| &s.type_name).collect();
    assert_eq!(sources, answer.data_source_schemas.keys().collect::<Vec<_>>());
    let actions: Vec<_> = metadata.actions.iter().map(|a| &a.type_name).collect();
    assert_eq!(actions, answer.action_schemas.keys().collect::<Vec<_>>());
    let ephemerals: Vec<_> = metadata.ephemeral_resources.iter().map(|e| &e.type_name).collect();
    assert_eq!(ephemerals, answer.ephemeral_resource_schemas.keys().collect::<Vec<_>>());
    let lists: Vec<_> = metadata.list_resources.iter().map(|l| &l.type_name).collect();
    assert_eq!(lists, answer.list_resource_schemas.keys().collect::<Vec<_>>());
    assert!(lists.iter().all(|name| answer.resource_schemas.contains_key(*name)), "{lists:?}");
    let functions: Vec<_> = metadata.functions.iter().map(|f| &f.name).collect();
    assert_eq!(functions, answer.functions.keys().collect::<Vec<_>>());
    let listed = provider.get_functions(get_functions::Request {}).await.unwrap().into_inner();
    assert_eq!(listed.functions, answer.functions);
}

#[tokio::test]
async fn identities_hold_primitives_that_are_required_or_optional() {
    let process = Process::start().await;
    let mut provider = process.host().await.provider;
    let request = get_resource_identity_schemas::Request {};
    let answer = provider.get_resource_identity_schemas(request).await.unwrap().into_inner();
    clean(&answer.diagnostics);
    let identity = &answer.identity_schemas[THING];
    assert!(!identity.identity_attributes.is_empty());
    for attribute in &identity.identity_attributes {
        assert_ne!(attribute.required_for_import, attribute.optional_for_import);
        let ty = Type::from_json(&attribute.r#type).unwrap();
        assert!(matches!(ty, Type::String | Type::Number | Type::Bool), "{ty:?}");
    }
}

/// Hosts that know the schema from another process never ask this one for it.
#[tokio::test]
async fn every_call_works_without_asking_for_the_schema() {
    let known = Walk::start().await;
    let process = Process::start().await;
    let walk = Walk { host: process.host().await, process, ..known };
    clean(&walk.validate(&walk.thing(&[("name", Value::from("a"))]), true).await);
    walk.configure().await;
    let stored = walk.create(&walk.thing(&[("name", Value::from("a"))])).await;
    clean(&walk.read(&stored).await.diagnostics);
}

#[tokio::test]
async fn checks_functions_and_moves_need_no_configuration() {
    let process = Process::start().await;
    let host = process.host().await;
    let walk = Walk::of(process, host).await;
    clean(&walk.validate(&walk.thing(&[("name", Value::from("a"))]), true).await);
    let mut provider = walk.host.provider.clone();
    let arguments = vec![
        dynamic(&Value::from("-"), &Type::String).unwrap(),
        dynamic(&Value::from("a"), &Type::String).unwrap(),
    ];
    let request = call_function::Request { name: "join".to_owned(), arguments };
    assert_eq!(provider.call_function(request).await.unwrap().into_inner().error, None);
    let request = move_resource_state::Request {
        source_type_name: "other_thing".to_owned(),
        source_state: Some(RawState { json: br#"{"name":"m"}"#[..].into(), ..Default::default() }),
        target_type_name: THING.to_owned(),
        ..Default::default()
    };
    clean(&provider.move_resource_state(request).await.unwrap().into_inner().diagnostics);
    let state = json::encode(&walk.thing(&[("name", Value::from("a"))]), &walk.ty).unwrap();
    let request = upgrade_resource_state::Request {
        type_name: THING.to_owned(),
        version: 1,
        raw_state: Some(RawState { json: state.into(), ..Default::default() }),
    };
    let upgraded = provider.upgrade_resource_state(request).await.unwrap().into_inner();
    clean(&upgraded.diagnostics);
    assert!(!value(upgraded.upgraded_state.as_ref(), &walk.ty).is_null());
}

#[tokio::test]
async fn what_needs_configuration_says_so() {
    let process = Process::start().await;
    let host = process.host().await;
    let walk = Walk::of(process, host).await;
    let config = walk.thing(&[("name", Value::from("a"))]);
    let plan = walk.ask_plan(&crate::support::walk::Stored::nothing(), &config).await;
    assert_eq!(plan.diagnostics.len(), 1, "{plan:#?}");
}

#[tokio::test]
async fn an_unknown_type_is_an_error_and_not_a_crash() {
    let process = Process::start().await;
    let mut provider = process.host().await.provider;
    let type_name = "conform_nothing".to_owned();
    let request = validate_resource_config::Request { type_name, ..Default::default() };
    let answer = provider.validate_resource_config(request).await.unwrap().into_inner();
    assert!(answer.diagnostics[0].detail.contains("conform_nothing"));
}

#[tokio::test]
async fn validation_blames_attributes_and_never_unknowns() {
    let walk = Walk::start().await;
    let Type::Object(types) = &walk.ty else { panic!("no object") };
    let computed = ["id", "note"];
    let unknown = |name: &String| {
        let open = !computed.contains(&name.as_str());
        (name.clone(), if open { Value::unknown() } else { Value::Null })
    };
    let all = Value::Map(types.keys().map(unknown).collect());
    clean(&walk.validate(&all, true).await);
    let wrong = walk.thing(&[("id", Value::from("mine")), ("secret", Value::from("s"))]);
    let found = walk.validate(&wrong, false).await;
    assert_eq!(blamed(&found), [".name", ".id", ".secret"], "{found:#?}");
    assert!(found.iter().all(|d| d.severity() == diagnostic::Severity::Error));
    let found = walk.validate(&walk.thing(&[("name", Value::Null)]), true).await;
    assert_eq!(blamed(&found), [".name"]);
}

#[tokio::test]
async fn a_problem_inside_an_attribute_says_where_in_words_all_at_once() {
    let walk = Walk::start().await;
    let part = object(&part_type(), &[]);
    let parts = Value::Map([("a".to_owned(), part.clone()), ("b".to_owned(), part)].into());
    let found = walk.validate(&walk.thing(&[("parts", parts)]), true).await;
    assert_eq!(blamed(&found), [".name", r#".parts["a"].material"#, r#".parts["b"].material"#]);
    let details: Vec<&str> = found.iter().map(|each| each.detail.as_str()).collect();
    assert_eq!(details[0], "`name` is null, but a value is required. Set it.");
    assert_eq!(
        details[1],
        "At `parts[\"a\"].material`: `material` is null, but a value is required. Set it."
    );
    assert!(details[2].starts_with("At `parts[\"b\"].material`: "), "{details:?}");
}

fn part_type() -> Type {
    Type::Object(
        [("material".to_owned(), Type::String), ("weight".to_owned(), Type::Number)].into(),
    )
}
