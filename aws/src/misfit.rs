//! Settings of AWS on this machine that cannot be followed, and are no fault of AWS or of the network.
//!
//! Such a setting stops each request on its way out, so that whoever asks hears of it, and nobody else.

use std::error::Error;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use thiserror::Error;

/// What to do about it, as a sentence.
pub(crate) const NEXT: &str = "Change this setting, or take it away.";

/// A setting that cannot be followed: what was found, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{said}")]
pub(crate) struct Misfit {
    said: String,
}

impl Misfit {
    pub(crate) const fn new(said: String) -> Self {
        Self { said }
    }

    /// The one that is behind a failure of the SDK, if one is.
    pub(crate) fn behind(error: &(dyn Error + 'static)) -> Option<Self> {
        std::iter::successors(Some(error), |cause| (*cause).source())
            .find_map(|cause| cause.downcast_ref().cloned().or_else(|| Self::of_the_sdk(cause)))
    }

    /// The SDK tells in words alone that these two exclude each other.
    fn of_the_sdk(cause: &dyn Error) -> Option<Self> {
        let told = cause.to_string().to_lowercase();
        let (what, variable, property) = match told.contains("custom endpoint") {
            true if told.contains("fips") => ("FIPS", "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            true if told.contains("dualstack") || told.contains("dual-stack") => {
                ("dual-stack", "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
            }
            _ => return None,
        };
        Some(Self::new(format!(
            "`{variable}`, or `{property}` of the profile, asks for {what} endpoints of AWS, while another \
             endpoint is named; expected one of the two"
        )))
    }

    /// A client of HTTP that answers with nothing else.
    pub(crate) fn client(self) -> SharedHttpClient {
        SharedHttpClient::new(Refusing(self))
    }
}

#[derive(Debug, Clone)]
struct Refusing(Misfit);

impl HttpClient for Refusing {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Refusing {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(self.0.clone()))))
    }
}
