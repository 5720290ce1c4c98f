//! Ephemeral resources: what the host would refuse is closed here, for it never has it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tfplugin::codec::json;
use tfplugin::erased::Ephemeral as Erased;
use tfplugin::stop::Stopper;
use tfplugin::{
    Computed, Diagnostic, Diagnostics, Ephemeral, EphemeralContext, Log, Model, Value, erased,
};

use crate::sample::{Fault, Store, call, failed};
use crate::stage::{Stage, errors};

/// A pass to a place.
#[derive(Debug, Clone, Model)]
pub struct Pass {
    /// Where to.
    pub place: String,
    /// What opens the door.
    pub code: Computed<String>,
}

impl Ephemeral for Pass {
    const NAME: &'static str = "sample_pass";
    type Provider = Store;

    async fn open(mut self, cx: &EphemeralContext<Self>) -> Result<Self, Diagnostics> {
        cx.warn(Diagnostic::error(Self::PLACE, "Slippery", "Mind your step."));
        cx.private().set("place", self.place.clone().into_bytes());
        match cx.provider.fault() {
            Some(Fault::FailAtOnce) => return Err(failed("It is locked.")),
            Some(Fault::LeaveUnknown) => return Ok(self),
            Some(Fault::ChangeArgument) => self.place.push('!'),
            _ => {}
        }
        self.code = "1234".to_owned().into();
        Ok(self)
    }

    async fn close(cx: &EphemeralContext<Self>) -> Result<(), Diagnostics> {
        assert!(!cx.stop.is_set(), "closing is never asked to stop");
        let place = cx.private().value::<String>("place");
        cx.provider.tokens.lock().unwrap().extend(place);
        if cx.provider.fault() == Some(Fault::PanicHalfway) {
            panic!("halfway")
        }
        Ok(())
    }
}

fn pass(stage: &Stage) -> &dyn Erased {
    stage.provider.ephemerals()[0].as_ref()
}

async fn open(stage: &Stage) -> erased::Opened {
    let pass = pass(stage);
    let config = json::decode(br#"{"place":"attic"}"#, &pass.schema().ty()).unwrap();
    pass.open(config, call(&stage.store)).await
}

fn closed(stage: &Stage) -> Vec<String> {
    stage.store.tokens.lock().unwrap().clone()
}

#[tokio::test]
async fn what_is_open_is_closed_by_its_private_bytes() {
    let stage = Stage::new();
    let opened = open(&stage).await;
    assert!(!opened.diagnostics.has_errors(), "a warning stops nothing");
    assert_eq!(opened.diagnostics.iter().count(), 1);
    assert_eq!(opened.result.get("code"), Some(&Value::from("1234")));
    assert_eq!(opened.renew_at, None);
    assert_eq!(closed(&stage), [""; 0]);
    let stopper = Stopper::new();
    let interrupted = erased::Call { stop: stopper.token(), ..call(&stage.store) };
    stopper.stop();
    assert!(pass(&stage).close(opened.private, interrupted).await.is_empty());
    assert_eq!(closed(&stage), ["attic"]);
}

#[tokio::test]
async fn what_the_host_would_refuse_is_closed_at_once() {
    for (fault, blamed) in [(Fault::LeaveUnknown, "code"), (Fault::ChangeArgument, "place")] {
        let stage = Stage::new();
        stage.fault(fault);
        let opened = open(&stage).await;
        assert!(opened.result.is_null() && opened.private.is_empty());
        let found = errors(&opened.diagnostics);
        assert!(found[0].starts_with(&format!("{blamed}: ")), "{found:?}");
        assert_eq!(closed(&stage), ["attic"]);
    }
}

#[tokio::test]
async fn what_was_never_open_is_not_closed() {
    let stage = Stage::new();
    stage.fault(Fault::FailAtOnce);
    let opened = open(&stage).await;
    assert!(opened.result.is_null());
    assert_eq!(errors(&opened.diagnostics), [": It is locked."]);
    assert_eq!(closed(&stage), [""; 0]);
}

#[tokio::test]
async fn a_panic_while_closing_is_a_problem() {
    let stage = Stage::new();
    let opened = open(&stage).await;
    stage.fault(Fault::PanicHalfway);
    let problems = pass(&stage).close(opened.private, call(&stage.store)).await;
    assert!(errors(&problems)[0].contains("halfway"));
}

#[tokio::test]
async fn renewing_does_nothing_unless_it_is_written() {
    let stage = Stage::new();
    let renewed = pass(&stage).renew(b"{}".to_vec(), call(&stage.store)).await;
    assert!(renewed.diagnostics.is_empty() && renewed.renew_at.is_none());
    assert_eq!(renewed.private, b"{}");
    let unconfigured =
        erased::Call { configured: None, stop: Stopper::new().token(), log: Log::off() };
    let refused = pass(&stage).renew(b"{}".to_vec(), unconfigured).await;
    assert!(refused.diagnostics.has_errors());
    assert_eq!(refused.private, b"{}");
}

#[tokio::test]
async fn an_author_tests_a_context_of_his_own() {
    let cx = EphemeralContext::<Pass>::detached(Arc::default(), Stopper::new().token());
    cx.renew_at(SystemTime::now() + Duration::from_secs(60));
    let pass = Pass { place: "attic".to_owned(), code: Computed::Unknown };
    let opened = pass.open(&cx).await.unwrap();
    assert_eq!(opened.code.get().map(String::as_str), Some("1234"));
    Pass::close(&cx).await.unwrap();
    assert_eq!(*cx.provider.tokens.lock().unwrap(), ["attic"]);
}
