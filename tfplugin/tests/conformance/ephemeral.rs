//! Ephemeral resources: opened, renewed and closed with the bytes that either host keeps.

use std::path::PathBuf;

use prost::bytes::Bytes;
use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::*;
use tfplugin::{Number, Value};

use crate::support::host::{blamed, clean, dynamic, value};
use crate::support::process::Process;
use crate::support::walk::{Walk, object};

const SESSION: &str = "conform_session";

fn session_type() -> Type {
    Type::from_json(
        br#"["object",{"name":"string","mode":"string","journal":"string","seats":"number","token":"string"}]"#,
    )
    .unwrap()
}

/// A configured provider, and the journal of its sessions.
struct Sessions {
    walk: Walk,
    folder: tempfile::TempDir,
}

impl Sessions {
    async fn start() -> Self {
        Self { walk: Walk::start().await, folder: tempfile::tempdir().unwrap() }
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    fn told(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.journal()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn config(&self, mode: Option<&str>) -> Value {
        let journal = Value::from(self.journal().to_str().unwrap());
        let mode = mode.map_or(Value::Null, Value::from);
        let set = [("name", Value::from("ann")), ("journal", journal), ("mode", mode)];
        object(&session_type(), &set)
    }

    async fn open(&self, mode: Option<&str>) -> open_ephemeral_resource::Response {
        let request = open_ephemeral_resource::Request {
            type_name: SESSION.to_owned(),
            config: dynamic(&self.config(mode), &session_type()),
            // As hosts send them to this rpc.
            client_capabilities: Some(ClientCapabilities::default()),
        };
        let mut provider = self.walk.host.provider.clone();
        provider.open_ephemeral_resource(request).await.unwrap().into_inner()
    }

    async fn renew(&self, private: Option<Bytes>) -> renew_ephemeral_resource::Response {
        let request = renew_ephemeral_resource::Request { type_name: SESSION.to_owned(), private };
        let mut provider = self.walk.host.provider.clone();
        provider.renew_ephemeral_resource(request).await.unwrap().into_inner()
    }

    async fn close(&self, private: Option<Bytes>) -> Vec<Diagnostic> {
        let request = close_ephemeral_resource::Request { type_name: SESSION.to_owned(), private };
        let mut provider = self.walk.host.provider.clone();
        provider.close_ephemeral_resource(request).await.unwrap().into_inner().diagnostics
    }

    async fn stop(&self) {
        let mut provider = self.walk.host.provider.clone();
        provider.stop_provider(stop_provider::Request {}).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_opened_echoes_its_configuration_and_is_known() {
    let sessions = Sessions::start().await;
    let opened = sessions.open(None).await;
    clean(&opened.diagnostics);
    assert_eq!(opened.deferred, None);
    assert_eq!(opened.renew_at.map(|it| it.seconds), Some(4_000_000_000));
    let result = value(opened.result.as_ref(), &session_type());
    let Value::Map(mut expected) = sessions.config(None) else { unreachable!() };
    expected.insert("seats".to_owned(), Value::Number(Number::from(3)));
    expected.insert("token".to_owned(), Value::from("hi ann"));
    assert_eq!(result, Value::Map(expected));
}

#[tokio::test]
async fn renewal_goes_on_until_no_time_is_named() {
    let sessions = Sessions::start().await;
    let opened = sessions.open(None).await;
    let first = sessions.renew(opened.private.clone()).await;
    clean(&first.diagnostics);
    assert_eq!(first.renew_at.map(|it| it.seconds), Some(8_000_000_000));
    let second = sessions.renew(first.private.clone()).await;
    clean(&second.diagnostics);
    assert_eq!(second.renew_at, None);
    // Terraform closes with the bytes of the first call, OpenTofu with those of the last.
    clean(&sessions.close(opened.private).await);
    clean(&sessions.close(second.private).await);
    let expected = ["open ann 0", "renew ann 1", "renew ann 2", "close ann 0", "close ann 2"];
    assert_eq!(sessions.told(), expected);
}

#[tokio::test]
async fn a_failed_renewal_is_closed_all_the_same() {
    let sessions = Sessions::start().await;
    let opened = sessions.open(Some("fail-renew")).await;
    clean(&opened.diagnostics);
    let renewed = sessions.renew(opened.private.clone()).await;
    assert_eq!(renewed.diagnostics[0].summary, "Failed");
    assert_eq!(renewed.renew_at, None);
    assert_eq!(renewed.private, opened.private, "what failed is not kept");
    clean(&sessions.close(renewed.private).await);
    assert_eq!(sessions.told(), ["open ann 0", "close ann 0"]);
}

/// Work in flight still needs what is open, and the host closes after it.
#[tokio::test]
async fn an_interruption_stops_neither_renewing_nor_closing() {
    let sessions = Sessions::start().await;
    let opened = sessions.open(None).await;
    sessions.stop().await;
    clean(&sessions.renew(opened.private.clone()).await.diagnostics);
    clean(&sessions.close(opened.private).await);
    assert_eq!(sessions.told(), ["open ann 0", "renew ann 1", "close ann 0"]);
}

#[tokio::test]
async fn what_cannot_be_opened_says_why_and_the_next_can() {
    let sessions = Sessions::start().await;
    let failed = sessions.open(Some("fail")).await;
    assert_eq!(failed.diagnostics[0].summary, "Failed");
    assert_eq!(blamed(&failed.diagnostics), [".mode"]);
    assert_eq!(value(failed.result.as_ref(), &session_type()), Value::Null);
    let panicked = sessions.open(Some("panic")).await;
    assert!(panicked.diagnostics[0].detail.contains("the session panicked"));
    clean(&sessions.open(None).await.diagnostics);
}

#[tokio::test]
async fn validation_needs_nothing_and_takes_unknown_values() {
    let process = Process::start().await;
    let mut provider = process.host().await.provider;
    let ty = session_type();
    let mut check = async |set: &[(&str, Value)]| {
        let request = validate_ephemeral_resource_config::Request {
            type_name: SESSION.to_owned(),
            config: dynamic(&object(&ty, set), &ty),
        };
        let answer = provider.validate_ephemeral_resource_config(request).await.unwrap();
        blamed(&answer.into_inner().diagnostics)
    };
    let unknown = ["name", "mode", "journal", "seats"].map(|name| (name, Value::unknown()));
    assert_eq!(check(&unknown).await, [""; 0]);
    let wrong = [("name", Value::from("")), ("token", Value::from("mine"))];
    let mut found = check(&wrong).await;
    found.sort_unstable();
    assert_eq!(found, [".journal", ".name", ".token"]);
}

#[tokio::test]
async fn a_provider_that_is_not_configured_opens_nothing() {
    let known = Sessions::start().await;
    let process = Process::start().await;
    let host = process.host().await;
    let sessions = Sessions { walk: Walk { host, process, ..known.walk }, ..known };
    let refused = sessions.open(None).await;
    assert_eq!(refused.diagnostics[0].summary, "Provider is not configured");
    assert_eq!(sessions.told(), [""; 0]);
}
