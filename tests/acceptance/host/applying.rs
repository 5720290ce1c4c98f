//! An apply under way: it may be interrupted or killed, and ends by itself otherwise.

use std::thread::JoinHandle;

use pipeline_acceptance::process::{Descendants, signal};
use pipeline_acceptance::{Failure, Outcome};
use serde_json::Value as Json;
use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::provider_client::ProviderClient;
use tfplugin::wire::tfplugin6::{apply_resource_change, stop_provider};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tonic::transport::Channel;

use super::client::{Planned, Process, Provider};
use super::values;

/// A running apply. Its process does not outlive it.
#[derive(Debug)]
pub(crate) struct Applying {
    id: u32,
    stop: mpsc::UnboundedSender<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Outcome<End>>>,
    descendants: Option<Descendants>,
}

/// How an apply ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// With this state.
    Applied(Json),
    /// With these errors.
    Refused(String),
    /// The process was gone before it answered.
    Died,
}

impl Provider {
    /// Applies a plan; nobody waits for it here.
    pub(crate) fn apply(self, planned: &Planned) -> Outcome<Applying> {
        let ty = self.types.of(&planned.resource)?.clone();
        let prior = values::dynamic(&Json::Null, &ty)?;
        let request = apply_resource_change::Request {
            type_name: planned.resource.clone(),
            prior_state: Some(prior),
            planned_state: planned.response.planned_state.clone(),
            config: Some(planned.config.clone()),
            planned_private: planned.response.planned_private.clone(),
            planned_identity: planned.response.planned_identity.clone(),
            ..Default::default()
        };
        let (stop, stopped) = mpsc::unbounded_channel();
        let id = self.process.0.id();
        let Self { process, descendants, runtime, client, .. } = self;
        let running = Running { process, runtime, client };
        let thread = std::thread::spawn(move || running.finish(request, &ty, stopped));
        Ok(Applying { id, stop, thread: Some(thread), descendants: Some(descendants) })
    }
}

/// The process of an apply, and the connection to it.
struct Running {
    process: Process,
    runtime: Runtime,
    client: ProviderClient<Channel>,
}

impl Running {
    fn finish(
        self,
        request: apply_resource_change::Request,
        ty: &Type,
        mut stopped: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
    ) -> Outcome<End> {
        let Self { process, runtime, mut client } = self;
        let mut other = client.clone();
        let stopping = async move {
            while let Some(told) = stopped.recv().await {
                // What became of it shows in how the apply ends.
                drop(other.stop_provider(stop_provider::Request {}).await);
                let _ = told.send(());
            }
            std::future::pending::<()>().await;
        };
        let answer = runtime.block_on(async {
            tokio::select! {
                answer = client.apply_resource_change(request) => Some(answer),
                () = stopping => None,
            }
        });
        drop(process);
        let Some(Ok(answer)) = answer else { return Ok(End::Died) };
        let answer = answer.into_inner();
        let told = values::errors(&answer.diagnostics);
        if told.is_empty() {
            return Ok(End::Applied(values::read(answer.new_state.as_ref(), ty)?));
        }
        Ok(End::Refused(told))
    }
}

impl Applying {
    /// Ends the process as nothing else does: it learns nothing of it.
    pub(crate) fn kill(&self) -> Outcome {
        signal(self.id, "KILL")
    }

    /// Interrupts it, as a host does when a person presses Ctrl-C, and waits until the process knows.
    pub(crate) fn interrupt(&self) -> Outcome {
        let (told, known) = oneshot::channel();
        self.stop.send(told).map_err(|_| Failure::new("the apply has ended already"))?;
        // An apply that ends at this very moment learns nothing of it, which shows in its end.
        drop(known.blocking_recv());
        Ok(())
    }

    /// Whether it has ended.
    pub(crate) fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the end.
    pub(crate) fn end(self) -> Outcome<End> {
        self.outcome().map(|(end, _)| end)
    }

    /// Waits for the end, and until everything that the process began is over, if it was killed.
    pub(crate) fn last_end(self) -> Outcome<End> {
        let (end, descendants) = self.outcome()?;
        descendants.gone()?;
        Ok(end)
    }

    fn outcome(mut self) -> Outcome<(End, Descendants)> {
        let thread = self.thread.take().ok_or("the apply was waited for already")?;
        let end = thread.join().map_err(|_| Failure::new("the thread of an apply panicked"))??;
        let descendants = self.descendants.take().ok_or("the apply was waited for already")?;
        Ok((end, descendants))
    }
}

impl Drop for Applying {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take().filter(|thread| !thread.is_finished()) {
            // A test that fails leaves no process behind.
            drop(self.kill());
            drop(thread.join());
        }
    }
}

impl End {
    /// The state, where it went well.
    pub(crate) fn applied(self) -> Outcome<Json> {
        match self {
            Self::Applied(state) => Ok(state),
            other => Err(Failure::new(format!("should have been applied: {other:?}"))),
        }
    }
}
