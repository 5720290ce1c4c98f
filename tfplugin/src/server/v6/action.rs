//! Actions. What an action says while it runs is a stream, which ends with exactly one last word, whatever
//! happens.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use tonic::Status;
use tonic::codegen::BoxStream;
use tonic::codegen::tokio_stream::Stream;

use super::convert;
use crate::diagnostics::Diagnostics;
use crate::guard::{bug, caught_async};
use crate::path::Path;
use crate::server::session::Session;
use crate::wire::tfplugin6::invoke_action::event::{Completed, Progress, Type};
use crate::wire::tfplugin6::{
    Diagnostic, invoke_action, plan_action, validate_action_config as validate_config,
};

/// How many messages wait for a host that does not read; more are dropped.
const WAITING: usize = 1024;

pub(super) async fn validate(
    session: &Session,
    request: validate_config::Request,
) -> Result<validate_config::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let (action, ty) = catalogue.action(&request.action_type)?;
    let config = convert::value(ty, request.config.as_ref())?;
    let diagnostics = convert::diagnostics(catalogue, action.validate(&config));
    Ok(validate_config::Response { diagnostics })
}

pub(super) async fn plan(
    session: &Session,
    request: plan_action::Request,
) -> Result<plan_action::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let (action, ty) = catalogue.action(&request.action_type)?;
    let config = convert::value(ty, request.config.as_ref())?;
    let diagnostics = action.plan(config, session.call()).await;
    let diagnostics = convert::diagnostics(catalogue, diagnostics);
    Ok(plan_action::Response { diagnostics, deferred: None })
}

/// Runs in a task of its own, so that a host which gives up the stream does not cut it in two.
pub(super) fn invoke(
    session: &Session,
    request: invoke_action::Request,
) -> BoxStream<invoke_action::Event> {
    let (tell, told) = mpsc::channel(WAITING);
    let (owned, presence) = (session.clone(), session.lifecycle().presence());
    let work = tokio::spawn(async move {
        let record = owned.log().request("InvokeAction");
        let done = caught_async("InvokeAction", || invoke_here(&owned, request, tell)).await;
        record.answered();
        drop(presence);
        let diagnostics = done.map_err(Diagnostics::from).and_then(|it| it);
        convert::diagnostics(owned.catalogue(), diagnostics.unwrap_or_else(|problems| problems))
    });
    Box::pin(Events { told, work: Some(work), last: None, session: session.clone() })
}

async fn invoke_here(
    session: &Session,
    request: invoke_action::Request,
    tell: mpsc::Sender<String>,
) -> Result<Diagnostics, Diagnostics> {
    let (action, ty) = session.catalogue().action(&request.action_type)?;
    let config = convert::value(ty, request.config.as_ref())?;
    // Nobody may be there to hear it any more.
    let listener = move |message| drop(tell.try_send(message));
    Ok(action.invoke(config, session.call(), Arc::new(listener)).await)
}

/// Messages in order, then the last word, then nothing.
struct Events {
    told: mpsc::Receiver<String>,
    work: Option<JoinHandle<Vec<Diagnostic>>>,
    last: Option<Vec<Diagnostic>>,
    session: Session,
}

impl Events {
    /// What is said of work that ended, however it did.
    fn last_word(&self, ended: Result<Vec<Diagnostic>, JoinError>) -> Vec<Diagnostic> {
        ended.unwrap_or_else(|cut| {
            let what = format!("The action was cut off: {cut}.");
            convert::diagnostics(self.session.catalogue(), bug(Path::root(), what).into())
        })
    }
}

impl Stream for Events {
    type Item = Result<invoke_action::Event, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(Some(message)) = self.told.poll_recv(cx) {
            return said(Type::Progress(Progress { message }));
        }
        if let Some(work) = self.work.as_mut() {
            let ended = ready!(Pin::new(work).poll(cx));
            self.work = None;
            self.last = Some(self.last_word(ended));
            // Whoever still holds the other end has nothing more to say; what was said before is told first.
            self.told.close();
            if let Poll::Ready(Some(message)) = self.told.poll_recv(cx) {
                return said(Type::Progress(Progress { message }));
            }
        }
        self.last.take().map_or(Poll::Ready(None), |diagnostics| {
            said(Type::Completed(Completed { diagnostics }))
        })
    }
}

fn said(event: Type) -> Poll<Option<Result<invoke_action::Event, Status>>> {
    Poll::Ready(Some(Ok(invoke_action::Event { r#type: Some(event) })))
}
