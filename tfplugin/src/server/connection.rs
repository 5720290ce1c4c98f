//! Connections: accept, TLS, HTTP/2, and which service a request is for.

use std::convert::Infallible;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service as _, http};

use super::beside::Beside;
use super::lifecycle::{Lifecycle, Presence};
use super::listener::Listener;
use super::provider_server;
use super::session::{Session, Sessions};
use super::stream::Stream;
use crate::wire::plugin::grpc_broker_server::GrpcBrokerServer;
use crate::wire::plugin::grpc_controller_server::GrpcControllerServer;
use crate::wire::plugin::grpc_stdio_server::GrpcStdioServer;
use crate::wire::tfplugin6::provider_server::ProviderServer;

/// A host that connects but never speaks must not hold a task for ever.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// Hosts give up a start after a minute.
const FIRST_PATIENCE: Duration = Duration::from_secs(90);
/// A host that was killed closes its connection and never asks for shutdown.
const PATIENCE: Duration = Duration::from_secs(3);
/// How much a host may send unread: states come in one piece, and windows are only a promise.
const STREAM_WINDOW: u32 = 4 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Why no more connections are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The process was asked to end.
    Asked,
    /// The host is gone without a word.
    Deserted,
}

/// Serves every connection, until the process is asked to end or, with `impatient`, no host is left.
pub(super) async fn accept(
    listener: &Listener,
    tls: Option<TlsAcceptor>,
    sessions: &Sessions,
    lifecycle: &Lifecycle,
    impatient: bool,
) -> End {
    let mut presence = lifecycle.presence();
    let mut connections = JoinSet::new();
    let mut patience = FIRST_PATIENCE;
    let end = loop {
        let accepted = tokio::select! {
            () = presence.ended() => break End::Asked,
            Some(_) = connections.join_next() => continue,
            () = sleep(patience), if impatient && connections.is_empty() => break End::Deserted,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(stream) => {
                patience = PATIENCE;
                let (tls, sessions) = (tls.clone(), sessions.clone());
                connections.spawn(serve(stream, tls, sessions, lifecycle.clone()));
            }
            Err(error) => {
                sessions.log().warn("Cannot accept a connection", &error);
                // Without open files left this would spin.
                sleep(Duration::from_millis(10)).await;
            }
        }
    };
    connections.detach_all();
    end
}

async fn serve(
    stream: Box<dyn Stream>,
    tls: Option<TlsAcceptor>,
    sessions: Sessions,
    lifecycle: Lifecycle,
) {
    let presence = lifecycle.presence();
    let stream = match tls {
        None => stream,
        Some(tls) => match secure(stream, &tls).await {
            Ok(stream) => stream,
            Err(error) => return sessions.log().warn("TLS handshake failed", &error),
        },
    };
    let session = sessions.open();
    if let Err(error) = converse(stream, session.clone(), lifecycle, presence).await {
        sessions.log().warn("Connection failed", &error);
    }
    sessions.over(&session).await;
}

async fn secure(stream: Box<dyn Stream>, tls: &TlsAcceptor) -> std::io::Result<Box<dyn Stream>> {
    let accepted = tokio::time::timeout(TLS_TIMEOUT, tls.accept(stream)).await;
    Ok(Box::new(accepted.map_err(std::io::Error::other)??))
}

async fn converse(
    stream: Box<dyn Stream>,
    session: Session,
    lifecycle: Lifecycle,
    mut presence: Presence,
) -> hyper::Result<()> {
    let services = Services::new(session.clone(), lifecycle);
    let service = hyper::service::service_fn(move |request| services.call(request));
    let mut connection = std::pin::pin!(
        http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        served = connection.as_mut() => return served,
        () = presence.ended() => {}
    }
    session.stop();
    connection.as_mut().graceful_shutdown();
    connection.await
}

#[derive(Clone)]
struct Services {
    provider: ProviderServer<Session>,
    controller: GrpcControllerServer<Beside>,
    stdio: GrpcStdioServer<Beside>,
    broker: GrpcBrokerServer<Beside>,
}

impl Services {
    fn new(session: Session, lifecycle: Lifecycle) -> Self {
        let beside = Beside { session: session.clone(), lifecycle };
        Self {
            provider: provider_server(session),
            controller: GrpcControllerServer::new(beside.clone()),
            stdio: GrpcStdioServer::new(beside.clone()),
            broker: GrpcBrokerServer::new(beside),
        }
    }

    fn call(
        &self,
        request: http::Request<Incoming>,
    ) -> BoxFuture<http::Response<Body>, Infallible> {
        // Each of these is a pointer to its service.
        match request.uri().path().split('/').nth(1) {
            Some("tfplugin6.Provider") => self.provider.clone().call(request),
            Some("plugin.GRPCController") => self.controller.clone().call(request),
            Some("plugin.GRPCStdio") => self.stdio.clone().call(request),
            Some("plugin.GRPCBroker") => self.broker.clone().call(request),
            _ => {
                let status = Status::unimplemented("this process has no such service");
                Box::pin(async move { Ok(status.into_http()) })
            }
        }
    }
}
