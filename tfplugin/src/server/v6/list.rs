//! List resources: a stream that goes on only as fast as the host reads it.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::mpsc;
use tonic::Status;
use tonic::codegen::BoxStream;
use tonic::codegen::tokio_stream::Stream;

use super::convert;
use crate::diagnostics::{Diagnostic as Diagnosis, Diagnostics};
use crate::erased::{ListRequest, Listed};
use crate::guard::caught_async;
use crate::path::Path;
use crate::server::session::Session;
use crate::wire::tfplugin6::{Diagnostic, list_resource, validate_list_resource_config};

pub(super) async fn validate(
    session: &Session,
    request: validate_list_resource_config::Request,
) -> Result<validate_list_resource_config::Response, Diagnostics> {
    let catalogue = session.catalogue();
    let (list, ty) = catalogue.list(&request.type_name)?;
    let config = convert::value(ty, request.config.as_ref())?;
    let diagnostics = convert::diagnostics(catalogue, in_config(list.validate(&config)));
    Ok(validate_list_resource_config::Response { diagnostics })
}

/// Runs as part of the stream: whoever drops that, such as a host with enough items, ends it.
pub(super) fn list(
    session: &Session,
    request: list_resource::Request,
) -> BoxStream<list_resource::Event> {
    let (give, given) = mpsc::channel(1);
    let (owned, type_name) = (session.clone(), request.type_name.clone());
    let work = Box::pin(async move {
        let record = owned.log().request("ListResource");
        let stop = owned.stop_token();
        let work = || stop.unless(list_here(&owned, request, give));
        let ended = caught_async("ListResource", work).await.map_err(Diagnostics::from);
        record.answered();
        let ended = ended.and_then(|it| it.map_err(Diagnostics::from)).and_then(|it| it);
        convert::diagnostics(
            owned.catalogue(),
            in_config(ended.unwrap_or_else(|problems| problems)),
        )
    });
    Box::pin(Events { given, work: Some(work), last: None, session: session.clone(), type_name })
}

async fn list_here(
    session: &Session,
    request: list_resource::Request,
    items: mpsc::Sender<Listed>,
) -> Result<Diagnostics, Diagnostics> {
    let catalogue = session.catalogue();
    let (list, ty) = catalogue.list(&request.type_name)?;
    let request = ListRequest {
        config: convert::value(ty, request.config.as_ref())?,
        wants_objects: request.include_resource_object,
        limit: u64::try_from(request.limit).unwrap_or(0),
    };
    Ok(list.list(request, items, session.call()).await)
}

/// The same problems, where a `list` block has them: its arguments stand in a block `config`, of which a provider
/// sees the inside alone.
fn in_config(problems: Diagnostics) -> Diagnostics {
    let placed = |it: Diagnosis| {
        if it.path.is_root() {
            return it;
        }
        Diagnosis { path: Path::from("config").join(&it.path), ..it }
    };
    let mut out = Diagnostics::new();
    out.extend(problems.into_iter().map(placed));
    out
}

/// Items in order, then what went wrong, then nothing.
struct Events {
    given: mpsc::Receiver<Listed>,
    work: Option<Pin<Box<dyn Future<Output = Vec<Diagnostic>> + Send>>>,
    last: Option<Vec<Diagnostic>>,
    session: Session,
    type_name: String,
}

impl Events {
    fn item(&self, item: Listed) -> list_resource::Event {
        let catalogue = self.session.catalogue();
        let known = match catalogue.resource(&self.type_name) {
            Ok(known) => known,
            Err(problems) => return problem(convert::diagnostics(catalogue, problems)),
        };
        list_resource::Event {
            identity: convert::to_identity(&item.identity, known.identity),
            display_name: item.display_name,
            resource_object: (!item.object.is_null())
                .then(|| convert::to_dynamic(&item.object, known.ty)),
            diagnostic: convert::diagnostics(catalogue, in_config(item.warnings)),
        }
    }
}

/// Hosts take an event without an identity where it has something to say.
fn problem(diagnostic: Vec<Diagnostic>) -> list_resource::Event {
    list_resource::Event { diagnostic, ..Default::default() }
}

impl Stream for Events {
    type Item = Result<list_resource::Event, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(work) = self.work.as_mut()
            && let Poll::Ready(ended) = work.as_mut().poll(cx)
        {
            self.work = None;
            self.last = Some(ended).filter(|it| !it.is_empty());
        }
        match self.given.poll_recv(cx) {
            Poll::Ready(Some(item)) => Poll::Ready(Some(Ok(self.item(item)))),
            Poll::Ready(None) if self.work.is_some() => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(self.last.take().map(|last| Ok(problem(last)))),
            Poll::Pending => Poll::Pending,
        }
    }
}
