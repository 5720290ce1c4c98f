//! A process of the provider: started, configured, and asked for a plan.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use hyper_util::rt::TokioIo;
use pipeline_acceptance::process::Descendants;
use pipeline_acceptance::sandbox::Environment;
use pipeline_acceptance::{Failure, Outcome, provider};
use serde_json::Value as Json;
use tfplugin::wire::tfplugin6::provider_client::ProviderClient;
use tfplugin::wire::tfplugin6::{
    DynamicValue, configure_provider, plan_resource_change, read_data_source,
};
use tokio::net::UnixStream;
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};

use super::values::{self, Types};

const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// A configured process of the provider.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(super) process: Process,
    pub(super) descendants: Descendants,
    pub(super) runtime: Runtime,
    pub(super) client: ProviderClient<Channel>,
    pub(super) types: Types,
}

/// What a plan came to: messages to apply it with, in this process or another.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(super) resource: String,
    pub(super) config: DynamicValue,
    pub(super) response: plan_resource_change::Response,
}

/// A child that does not outlive its owner.
#[derive(Debug)]
pub(super) struct Process(pub(super) Child);

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is what is wanted.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Provider {
    /// Starts a process and configures it; `settings` are the attributes of the provider block.
    pub(crate) fn start(environment: &Environment, settings: &Json) -> Outcome<Self> {
        let (mut command, descendants) = Descendants::of(environment, provider::binary()?)?;
        command.env(COOKIE.0, COOKIE.1).env("PLUGIN_PROTOCOL_VERSIONS", "6");
        command.env("PLUGIN_UNIX_SOCKET_DIR", environment.root());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = Process(command.spawn()?);
        drop(command);
        let mut line = String::new();
        let stdout = process.0.stdout.take().ok_or("no standard output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.split('|').nth(3).ok_or_else(|| format!("not a handshake: {line:?}"))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(connect(Path::new(address)))?;
        let types = Types::of_the_schemas();
        let mut provider = Self { process, descendants, runtime, client, types };
        provider.configure(settings)?;
        Ok(provider)
    }

    fn configure(&mut self, settings: &Json) -> Outcome {
        let request = configure_provider::Request {
            terraform_version: "1.15.0".to_owned(),
            config: Some(values::dynamic(settings, &self.types.provider)?),
            client_capabilities: None,
        };
        let answer = self.runtime.block_on(self.client.configure_provider(request));
        match values::errors(&answer.map_err(broken)?.into_inner().diagnostics) {
            told if told.is_empty() => Ok(()),
            told => Err(Failure::new(told)),
        }
    }

    /// Reads a data source with these arguments.
    pub(crate) fn read(&mut self, data_source: &str, arguments: &Json) -> Outcome<Json> {
        let ty = self.types.of(data_source)?;
        let request = read_data_source::Request {
            type_name: data_source.to_owned(),
            config: Some(values::dynamic(arguments, ty)?),
            ..Default::default()
        };
        let answer = self.runtime.block_on(self.client.read_data_source(request));
        let answer = answer.map_err(broken)?.into_inner();
        match values::errors(&answer.diagnostics) {
            told if told.is_empty() => values::read(answer.state.as_ref(), ty),
            told => Err(Failure::new(told)),
        }
    }

    /// Plans to create a resource with these attributes.
    pub(crate) fn plan(&mut self, resource: &str, attributes: &Json) -> Outcome<Planned> {
        let ty = self.types.of(resource)?;
        let config = values::dynamic(attributes, ty)?;
        let request = plan_resource_change::Request {
            type_name: resource.to_owned(),
            prior_state: Some(values::dynamic(&Json::Null, ty)?),
            proposed_new_state: Some(config.clone()),
            config: Some(config.clone()),
            ..Default::default()
        };
        let answer = self.runtime.block_on(self.client.plan_resource_change(request));
        let response = answer.map_err(broken)?.into_inner();
        match values::errors(&response.diagnostics) {
            told if told.is_empty() => {
                Ok(Planned { resource: resource.to_owned(), config, response })
            }
            told => Err(Failure::new(told)),
        }
    }
}

async fn connect(address: &Path) -> Outcome<ProviderClient<Channel>> {
    let mut stream = Some(TokioIo::new(UnixStream::connect(address).await?));
    let connector = tower::service_fn(move |_| {
        let stream = stream.take().ok_or(std::io::ErrorKind::NotConnected);
        async move { stream.map_err(std::io::Error::from) }
    });
    let channel = Endpoint::from_static("http://localhost").connect_with_connector(connector).await;
    let failed = |error| Failure::new(format!("cannot connect to the provider: {error}"));
    Ok(ProviderClient::new(channel.map_err(failed)?))
}

/// What a call says that got no answer.
pub(super) fn broken(status: impl std::fmt::Display) -> Failure {
    Failure::new(format!("the provider gave no answer: {status}"))
}
