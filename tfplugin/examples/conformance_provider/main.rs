//! A provider without an outside world: what the conformance tests start and drive.
//!
//! Every object is only what its configuration says; `mode` makes the thing misbehave.

use std::process::ExitCode;
use std::time::Duration;

use tfplugin::{Diagnostics, Log, Model, Offers, Provider, Sensitive, Stop};

mod echo;
mod functions;
mod session;
mod thing;
mod things;
mod work;

/// Settings of the conformance provider.
#[derive(Debug, Clone, Model)]
pub(crate) struct Config {
    /// What every note begins with.
    pub greeting: Option<String>,
    /// Never shown.
    pub token: Option<Sensitive<String>>,
}

/// What resources share.
#[derive(Debug)]
pub(crate) struct Shared {
    greeting: String,
}

struct Conform;

impl Provider for Conform {
    const TYPE_NAME: &'static str = "conform";
    const VERSION: &'static str = "1.2.3";
    type Config = Config;
    type Configured = Shared;

    async fn configure(
        config: ConfigDraft,
        _host_version: &str,
        _stop: &Stop,
        _log: &Log,
    ) -> Result<Shared, Diagnostics> {
        Ok(Shared { greeting: config.greeting.known().cloned().unwrap_or_default() })
    }

    /// Takes longer than what is in flight may take, and leaves a mark where it is asked to.
    async fn depart(shared: &Shared) {
        let Some(mark) = std::env::var_os("CONFORM_DEPARTS") else { return };
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(std::fs::write(mark, &shared.greeting));
    }

    fn offers(list: &mut Offers<Self>) {
        list.resource::<thing::Thing>();
        list.data_source::<echo::Echo>();
        list.action::<work::Work>();
        list.ephemeral::<session::Session>();
        list.list::<things::Things>();
        list.function::<functions::Join>();
        list.function::<functions::Same>();
    }
}

fn main() -> ExitCode {
    tfplugin::serve::<Conform>("example.com/test/conform")
}
