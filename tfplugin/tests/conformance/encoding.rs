//! Values over the wire: every form of null, dynamic values, and messages of any size.

use tfplugin::Value;
use tfplugin::codec::json;
use tfplugin::types::Type;
use tfplugin::value::{Refined, Refinements};
use tfplugin::wire::tfplugin6::{DynamicValue, call_function, plan_resource_change};
use tonic::Code;

use crate::support::host::{Host, blamed, dynamic, value};
use crate::support::process::Process;
use crate::support::walk::{Stored, THING, Walk};

async fn same(host: &Host, argument: DynamicValue) -> Result<DynamicValue, tonic::Status> {
    let request = call_function::Request { name: "same".to_owned(), arguments: vec![argument] };
    let response = host.provider.clone().call_function(request).await?.into_inner();
    assert_eq!(response.error, None);
    Ok(response.result.unwrap())
}

fn typed(ty: &str, value: Value) -> Value {
    Value::Dynamic(Box::new((Type::from_json(ty.as_bytes()).unwrap(), value)))
}

#[tokio::test]
async fn dynamic_values_come_back_with_their_type() {
    let process = Process::start().await;
    let host = process.host().await;
    let number = |text: &str| Value::Number(text.parse().unwrap());
    let list = Value::List(vec![Value::from("a"), Value::from(true)]);
    for sent in [
        typed(r#""string""#, Value::from("text")),
        typed(r#""number""#, number("0.1")),
        typed(r#""number""#, number("18446744073709551616")),
        typed(r#""number""#, number("3.14159265358979323846264338327950288")),
        typed(r#"["tuple",["string","bool"]]"#, list),
        typed(r#"["object",{}]"#, Value::Map([].into())),
        typed(r#"["list","string"]"#, Value::List(vec![Value::from("only")])),
    ] {
        let argument = dynamic(&sent, &Type::Dynamic).unwrap();
        let result = same(&host, argument.clone()).await.unwrap();
        assert_eq!(value(Some(&result), &Type::Dynamic), sent);
        assert_eq!(result.msgpack, argument.msgpack, "not byte for byte: {sent:?}");
    }
}

#[tokio::test]
async fn nothing_at_all_is_null() {
    let walk = Walk::start().await;
    let config = walk.thing(&[("name", Value::from("a"))]);
    let nil = walk.plan(&Stored::nothing(), &config).await;
    let request = plan_resource_change::Request {
        type_name: THING.to_owned(),
        prior_state: None,
        proposed_new_state: dynamic(&config, &walk.ty),
        config: dynamic(&config, &walk.ty),
        prior_identity: None,
        ..Default::default()
    };
    let absent = plan_resource_change::Request {
        prior_state: Some(DynamicValue::default()),
        ..request.clone()
    };
    for request in [request, absent] {
        let mut provider = walk.host.provider.clone();
        let plan = provider.plan_resource_change(request).await.unwrap().into_inner();
        assert_eq!(plan, nil);
    }
}

#[tokio::test]
async fn json_is_read_where_there_is_no_msgpack() {
    let walk = Walk::start().await;
    let config = walk.thing(&[("name", Value::from("a")), ("size", Value::Number(7.into()))]);
    let expected = walk.plan(&Stored::nothing(), &config).await;
    let json = json::encode(&config, &walk.ty).unwrap();
    let encoded = || Some(DynamicValue { json: json.clone().into(), ..Default::default() });
    let request = plan_resource_change::Request {
        type_name: THING.to_owned(),
        proposed_new_state: encoded(),
        config: encoded(),
        ..Default::default()
    };
    let plan = walk.host.provider.clone().plan_resource_change(request).await.unwrap();
    assert_eq!(plan.into_inner(), expected);
}

#[tokio::test]
async fn refined_unknowns_are_understood() {
    let walk = Walk::start().await;
    let facts =
        Refined { nullness: Some(false), prefix: Some("web-".to_owned()), ..Refined::default() };
    let refined = Value::Unknown(Refinements(Some(Box::new(facts))));
    let config = walk.thing(&[("name", refined.clone()), ("tags", refined)]);
    let plan = walk.plan(&Stored::nothing(), &config).await;
    assert!(walk.planned(&plan).get("name").unwrap().is_unknown());
}

#[tokio::test]
async fn a_value_of_another_type_is_an_error_that_names_it() {
    let walk = Walk::start().await;
    let config = walk.thing(&[("name", Value::from("a")), ("size", Value::from("many"))]);
    let plan = walk.ask_plan(&Stored::nothing(), &config).await;
    assert_eq!(blamed(&plan.diagnostics), [".size"]);
}

/// What a state of a hundred MiB needs.
#[tokio::test]
async fn large_values_pass_and_too_large_ones_are_refused() {
    let process = Process::start().await;
    let host = process.host().await;
    let large = |size: usize| {
        let value = typed(r#""string""#, Value::String("x".repeat(size)));
        dynamic(&value, &Type::Dynamic).unwrap()
    };
    let hundred = large(100 << 20);
    let result = same(&host, hundred.clone()).await.unwrap();
    assert!(result.msgpack == hundred.msgpack);
    let refused = same(&host, large(257 << 20)).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
    assert!(same(&host, large(1)).await.is_ok(), "the process has not survived");
}
