//! Debug mode: many connections, one process.

use tfplugin::Value;
use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::{configure_provider, read_data_source};

use crate::support::host::{Host, clean, dynamic, value};
use crate::support::process::Process;
use crate::support::walk::object;

fn entry(process: &Process) -> serde_json::Value {
    let line = process.line.trim_end();
    let json = line.strip_prefix("TF_REATTACH_PROVIDERS='").unwrap().strip_suffix('\'').unwrap();
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    json["example.com/test/conform"].clone()
}

async fn attach(process: &Process) -> Host {
    let address = entry(process)["Addr"]["String"].as_str().unwrap().to_owned();
    Host::over(tokio::net::UnixStream::connect(address).await.unwrap()).await
}

async fn configure(host: &Host, greeting: &str) {
    let ty: Vec<_> = ["greeting", "token"].map(|name| (name.to_owned(), Type::String)).into();
    let ty = Type::Object(ty.into_iter().collect());
    let config = dynamic(&object(&ty, &[("greeting", Value::from(greeting))]), &ty);
    let request = configure_provider::Request { config, ..Default::default() };
    clean(
        &host.provider.clone().configure_provider(request).await.unwrap().into_inner().diagnostics,
    );
}

async fn echo(host: &Host) -> Value {
    let ty = br#"["object",{"any":"dynamic","input":"string","output":"string"}]"#;
    let ty = Type::from_json(ty).unwrap();
    let config = dynamic(&object(&ty, &[("input", Value::from("x"))]), &ty);
    let type_name = "conform_echo".to_owned();
    let request = read_data_source::Request { type_name, config, ..Default::default() };
    let response = host.provider.clone().read_data_source(request).await.unwrap().into_inner();
    clean(&response.diagnostics);
    value(response.state.as_ref(), &ty).get("output").unwrap().clone()
}

#[tokio::test]
async fn the_variable_holds_what_hosts_read() {
    let process = Process::start_debug().await;
    let entry = entry(&process);
    assert_eq!(entry["Protocol"], "grpc");
    assert_eq!(entry["ProtocolVersion"], 6);
    assert_eq!(entry["Pid"], process.id());
    assert_eq!(entry["Test"], true, "hosts fail on a major of 6 without it");
    assert_eq!(entry["Addr"]["Network"], "unix");
}

#[tokio::test]
async fn hosts_come_and_go_and_keep_apart() {
    let process = Process::start_debug().await;
    // Every attach begins with a connection that is closed at once.
    drop(attach(&process).await);
    let first = attach(&process).await;
    configure(&first, "one ").await;
    drop(attach(&process).await);
    let second = attach(&process).await;
    configure(&second, "two ").await;
    assert_eq!(echo(&first).await, Value::from("one x"));
    assert_eq!(echo(&second).await, Value::from("two x"));
    configure(&first, "three ").await;
    assert_eq!(echo(&first).await, Value::from("three x"));
    drop((first, second));
    let third = attach(&process).await;
    configure(&third, "").await;
    assert_eq!(echo(&third).await, Value::from("x"));
}

#[tokio::test]
async fn an_interrupt_ends_it() {
    let process = Process::start_debug().await;
    let _host = attach(&process).await;
    let socket = entry(&process)["Addr"]["String"].as_str().unwrap().to_owned();
    process.signal("INT");
    let (status, _, _) = process.exit().await;
    assert_eq!(status.code(), Some(0));
    assert!(!std::path::Path::new(&socket).exists());
}
