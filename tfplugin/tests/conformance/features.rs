//! Data sources, functions, and the answer of what is not built.

use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::*;
use tfplugin::{Number, Value};
use tonic::{Code, Status};

use crate::support::host::{clean, dynamic, value};
use crate::support::process::Process;
use crate::support::walk::{Walk, object};

fn echo_type() -> Type {
    Type::from_json(br#"["object",{"any":"dynamic","input":"string","output":"string"}]"#).unwrap()
}

#[tokio::test]
async fn a_data_source_echoes_its_configuration() {
    let walk = Walk::start().await;
    let ty = echo_type();
    let any = Value::Dynamic(Box::new((Type::Number, Value::Number(Number::from(1)))));
    let config = object(&ty, &[("input", Value::from("word")), ("any", any.clone())]);
    let mut provider = walk.host.provider.clone();
    let type_name = "conform_echo".to_owned();
    let request = validate_data_resource_config::Request {
        type_name: type_name.clone(),
        config: dynamic(&config, &ty),
    };
    let checked = provider.validate_data_resource_config(request).await.unwrap().into_inner();
    clean(&checked.diagnostics);
    let request = |config| read_data_source::Request {
        type_name: type_name.clone(),
        config: dynamic(config, &ty),
        ..Default::default()
    };
    let read = provider.read_data_source(request(&config)).await.unwrap().into_inner();
    clean(&read.diagnostics);
    let state = value(read.state.as_ref(), &ty);
    let output = Value::from("hi word");
    let expected = [("input", Value::from("word")), ("any", any), ("output", output)];
    assert_eq!(state, object(&ty, &expected));
    let config = object(&ty, &[("input", Value::from("fail"))]);
    let failed = provider.read_data_source(request(&config)).await.unwrap().into_inner();
    assert_eq!(failed.diagnostics[0].summary, "Failed");
    assert!(failed.diagnostics[0].attribute.is_some());
}

async fn call(
    process: &Process,
    name: &str,
    arguments: Vec<DynamicValue>,
) -> call_function::Response {
    let request = call_function::Request { name: name.to_owned(), arguments };
    process.host().await.provider.call_function(request).await.unwrap().into_inner()
}

fn words(words: &[&str]) -> Vec<DynamicValue> {
    words.iter().map(|word| dynamic(&Value::from(*word), &Type::String).unwrap()).collect()
}

#[tokio::test]
async fn functions_take_any_number_of_words() {
    let (process, other) = (Process::start().await, Process::start().await);
    for (arguments, joined) in
        [(words(&["-"]), ""), (words(&["-", "a"]), "a"), (words(&["-", "a", "b", "c"]), "a-b-c")]
    {
        let response = call(&process, "join", arguments.clone()).await;
        assert_eq!(response.error, None);
        assert_eq!(value(response.result.as_ref(), &Type::String), Value::from(joined));
        assert_eq!(call(&other, "join", arguments).await, response, "not pure");
    }
}

#[tokio::test]
async fn null_arguments_come_in_two_forms() {
    let process = Process::start().await;
    let nil = dynamic(&Value::Null, &Type::String).unwrap();
    for null in [nil, DynamicValue::default()] {
        let mut arguments = words(&["a", "b"]);
        arguments.insert(0, null.clone());
        let response = call(&process, "join", arguments).await;
        assert_eq!(value(response.result.as_ref(), &Type::String), Value::from("ab"));
        let refused = call(&process, "join", [words(&["-"]), vec![null]].concat()).await;
        assert_eq!(refused.error.unwrap().function_argument, Some(1));
    }
}

#[tokio::test]
async fn a_refused_argument_is_counted_with_the_variadic_ones() {
    let process = Process::start().await;
    let error = call(&process, "join", words(&["-", "a", "bad"])).await.error.unwrap();
    assert!(error.text.contains("use another word"), "{}", error.text);
    assert_eq!(error.function_argument, Some(1), "the list of words begins at 1");
    let few = call(&process, "join", vec![]).await.error.unwrap();
    assert!(few.text.contains("at least 1"), "{}", few.text);
    let many = call(&process, "same", words(&["a", "b"])).await.error.unwrap();
    assert!(many.text.contains("expected 1"), "{}", many.text);
    let none = call(&process, "nothing", vec![]).await.error.unwrap();
    assert!(none.text.contains("nothing"), "{}", none.text);
}

#[tokio::test]
async fn a_panic_in_a_function_is_its_error() {
    let process = Process::start().await;
    let error = call(&process, "join", words(&["-", "panic"])).await.error.unwrap();
    assert!(error.text.contains("the function panicked"), "{}", error.text);
    assert_eq!(call(&process, "join", words(&["-", "a"])).await.error, None);
}

fn unimplemented<T: std::fmt::Debug>(rpc: &str, answer: Result<tonic::Response<T>, Status>) {
    assert_eq!(answer.unwrap_err().code(), Code::Unimplemented, "{rpc}");
}

/// One call of each kind without fields; whatever is in them, nobody reads it.
macro_rules! unimplemented {
    ($provider:ident: $($method:ident, $message:ident;)*) => {
        $(
            let request = $message::Request::default();
            unimplemented(stringify!($method), $provider.$method(request).await.map(|response| response.map(|_| ())));
        )*
    };
}

#[tokio::test]
async fn what_is_not_built_says_so() {
    let process = Process::start().await;
    let mut provider = process.host().await.provider;
    unimplemented! { provider:
        validate_state_store_config, validate_state_store_config;
        configure_state_store, configure_state_store;
        read_state_bytes, read_state_bytes;
        lock_state, lock_state;
        unlock_state, unlock_state;
        get_states, get_states;
        delete_state, delete_state;
    }
    let chunks = tonic::codegen::tokio_stream::iter([write_state_bytes::RequestChunk::default()]);
    unimplemented("write_state_bytes", provider.write_state_bytes(chunks).await);
}
