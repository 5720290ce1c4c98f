//! Signals: Ctrl-C reaches the whole process group, but only the host says what it means.

use std::io;

use super::lifecycle::Lifecycle;

/// Passes over interrupts, which the host relays as a stop request; in debug mode they end the
/// process. A request to terminate, and a terminal that closes, end it in order.
#[cfg(unix)]
pub(super) fn watch(lifecycle: &Lifecycle, debug: bool) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let lifecycle = lifecycle.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => if debug { break },
                _ = terminate.recv() => break,
                _ = hangup.recv() => break,
            }
        }
        lifecycle.end();
    });
    Ok(())
}

/// Passes over interrupts, which the host relays as a stop request; in debug mode they end the
/// process.
#[cfg(not(unix))]
pub(super) fn watch(lifecycle: &Lifecycle, debug: bool) -> io::Result<()> {
    let lifecycle = lifecycle.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if debug {
                lifecycle.end();
            }
        }
    });
    Ok(())
}
