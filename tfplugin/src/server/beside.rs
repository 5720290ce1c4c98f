//! go-plugin's own services: the one that ends the process, and two streams that stay silent.

use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::codegen::BoxStream;
use tonic::codegen::tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

use super::lifecycle::Lifecycle;
use super::session::Session;
use crate::wire::plugin::grpc_broker_server::GrpcBroker;
use crate::wire::plugin::grpc_controller_server::GrpcController;
use crate::wire::plugin::grpc_stdio_server::GrpcStdio;
use crate::wire::plugin::{ConnInfo, Empty, StdioData};

/// All three services.
#[derive(Clone)]
pub(super) struct Beside {
    pub(super) session: Session,
    pub(super) lifecycle: Lifecycle,
}

#[tonic::async_trait]
impl GrpcController for Beside {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.session.settle();
        // The host waits for this answer; after it, it kills.
        self.session.depart().await;
        self.lifecycle.end();
        Ok(Response::new(Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcStdio for Beside {
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(Response::new(silence(&self.lifecycle)))
    }
}

#[tonic::async_trait]
impl GrpcBroker for Beside {
    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        Ok(Response::new(silence(&self.lifecycle)))
    }
}

/// A stream without items that ends with the process.
fn silence<T: Send + 'static>(lifecycle: &Lifecycle) -> BoxStream<T> {
    let mut presence = lifecycle.presence();
    let ended = Box::pin(async move { presence.ended().await });
    Box::pin(Silence { ended, item: std::marker::PhantomData })
}

struct Silence<T> {
    ended: Pin<Box<dyn Future<Output = ()> + Send>>,
    item: std::marker::PhantomData<fn() -> T>,
}

impl<T> Stream for Silence<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.ended.as_mut().poll(cx).map(|()| None)
    }
}
