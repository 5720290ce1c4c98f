//! The process around a provider: handshake, TLS, gRPC, shutdown. Only here is tonic.
//!
//! A host starts the process, reads one line from its stdout, connects, and drives it until it asks
//! for shutdown. Nothing survives the process, and nothing else may be printed to stdout.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::erased;
use crate::provider::{Provider, erase};
use crate::wire::tfplugin6::provider_server::{self, ProviderServer};

mod beside;
mod catalogue;
mod connection;
mod handshake;
#[cfg(unix)]
mod leftovers;
mod lifecycle;
mod listener;
mod reattach;
mod session;
mod signals;
mod stream;
mod tls;
mod v6;

use crate::log::Log;
use connection::End;
use handshake::Invitation;
use lifecycle::Lifecycle;
use listener::Listener;
use session::{Session, Sessions};

/// The largest message taken in, as Go providers have it.
const MESSAGE_LIMIT: usize = 256 << 20;
/// How long work in flight may take after the host asked for shutdown; it kills after two seconds.
const GRACE: Duration = Duration::from_millis(300);
/// How long work that is cut off has to let go of what it holds, such as other processes.
const LAST_GRACE: Duration = Duration::from_millis(200);
/// How long it may take where no host is left to kill.
const LONG_GRACE: Duration = Duration::from_secs(60);

/// The whole `main` of the provider `P`. `address` is the provider's source, `host/namespace/type`.
///
/// With `--debug` the process waits for hosts that are told of it by `TF_REATTACH_PROVIDERS`.
pub fn serve<P: Provider>(address: &str) -> ExitCode {
    let debug = std::env::args().skip(1).any(|argument| argument == "--debug");
    match run(erase::<P>(), address, debug) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Where stderr is closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "{message}");
            ExitCode::FAILURE
        }
    }
}

/// The gRPC service of `provider` as one connection sees it, for tests within one process.
#[must_use]
pub fn service(provider: impl erased::Provider) -> ProviderServer<impl provider_server::Provider> {
    let catalogue = Arc::new(catalogue::Catalogue::new(Box::new(provider)));
    provider_server(Session::new(catalogue, Log::off(), Lifecycle::new()))
}

fn provider_server(session: Session) -> ProviderServer<Session> {
    ProviderServer::new(session).max_decoding_message_size(MESSAGE_LIMIT)
}

fn run(provider: impl erased::Provider, address: &str, debug: bool) -> Result<(), String> {
    let variable = |name: &str| std::env::var(name).ok();
    let invitation = if debug {
        Invitation::without_host(variable)
    } else {
        Invitation::from_variables(variable).map_err(|refusal| refusal.to_string())?
    };
    let log = Log::from_variables(variable, provider.type_name(), address);
    log.take_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start the runtime: {error}"))?;
    let lifecycle = Lifecycle::new();
    let sessions = Sessions::new(Box::new(provider), log, lifecycle.clone(), debug);
    let outcome = runtime.block_on(host(invitation, address, debug, sessions, lifecycle));
    // What is cut off ends what it started; a blocking call that never returns must not keep the process.
    runtime.shutdown_timeout(LAST_GRACE);
    outcome
}

async fn host(
    invitation: Invitation,
    address: &str,
    debug: bool,
    sessions: Sessions,
    lifecycle: Lifecycle,
) -> Result<(), String> {
    signals::watch(&lifecycle, debug).map_err(|error| format!("cannot watch signals: {error}"))?;
    let identity = invitation.client_certificate.as_deref().map(tls::Identity::new).transpose()?;
    let listener = Listener::bind(&invitation)
        .await
        .map_err(|error| format!("cannot listen for the host: {error}"))?;
    if debug {
        announce(&reattach::instructions(address, &listener))?;
    } else {
        let certificate = identity.as_ref().map(tls::Identity::certificate);
        let address = listener.address();
        let line =
            handshake::line((listener.network(), &address), certificate, invitation.multiplex);
        announce(&line)?;
    }
    let tls = identity.map(tls::Identity::into_acceptor);
    let end = connection::accept(&listener, tls, &sessions, &lifecycle, !debug).await;
    drop(listener);
    lifecycle.drained(if end == End::Asked { GRACE } else { LONG_GRACE }).await;
    sessions.depart().await;
    Ok(())
}

/// The only output on stdout there ever is.
fn announce(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| format!("cannot write the handshake: {error}"))
}
