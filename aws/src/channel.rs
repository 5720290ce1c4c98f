//! How AWS is spoken to: by TLS, through the proxy that the environment names, as the AWS CLI does.
//!
//! Where the provider's `aws` block names an address for every service, that is also where STS is asked
//! by the SDK's own search for credentials, which knows nothing of the block.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::endpoint::is_aws;

/// A client of HTTP that trusts whom `trusted` says; `endpoint` is the address of every service, where there
/// is one.
pub(crate) fn client(endpoint: Option<&str>, trusted: TlsContext) -> SharedHttpClient {
    let plain = Builder::new().build_with_connector_fn(move |settings, components| {
        connector(settings, components, trusted.clone())
    });
    match endpoint.filter(|url| !is_aws(url)) {
        Some(url) => SharedHttpClient::new(Detour {
            inner: plain,
            endpoint: url.trim_end_matches('/').into(),
        }),
        None => plain,
    }
}

/// `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or not, are read here.
fn connector(
    settings: Option<&HttpConnectorSettings>,
    components: Option<&RuntimeComponents>,
    trusted: TlsContext,
) -> Connector {
    let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
    connector.set_connector_settings(settings.cloned());
    if let Some(components) = components {
        connector.set_sleep_impl(components.sleep_impl());
    }
    let ring = tls::Provider::Rustls(CryptoMode::Ring);
    connector.tls_provider(ring).tls_context(trusted).build()
}

/// A client or a connector that asks STS elsewhere.
#[derive(Debug)]
struct Detour<T> {
    inner: T,
    endpoint: String,
}

impl HttpClient for Detour<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Detour { inner, endpoint: self.endpoint.clone() })
    }
}

impl HttpConnector for Detour<SharedHttpConnector> {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if let Some(host) = sts(request.uri()) {
            // What was signed is what has to arrive.
            request.headers_mut().insert("host", host);
            // An address that cannot be one was refused where the block was read.
            drop(request.set_uri(format!("{}/", self.endpoint)));
        }
        self.inner.call(request)
    }
}

/// The host, where it is that of STS.
fn sts(uri: &str) -> Option<String> {
    let host = uri.split_once("://")?.1.split(['/', '?']).next()?;
    let is_sts = is_aws(uri) && (host.starts_with("sts.") || host.starts_with("sts-fips."));
    is_sts.then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sts_is_told_by_its_host() {
        assert_eq!(
            sts("https://sts.eu-west-1.amazonaws.com/").unwrap(),
            "sts.eu-west-1.amazonaws.com"
        );
        assert!(sts("https://sts.amazonaws.com").is_some());
        for other in ["https://ecs.eu-west-1.amazonaws.com/", "http://sts.example.org/", "sts."] {
            assert_eq!(sts(other), None, "{other}");
        }
    }
}
