//! One connection as the host holds it, with a method for each call the tests make.

use hyper_util::rt::TokioIo;
use tfplugin::codec::msgpack;
use tfplugin::types::Type;
use tfplugin::value::Value;
use tfplugin::wire::plugin::grpc_broker_client::GrpcBrokerClient;
use tfplugin::wire::plugin::grpc_controller_client::GrpcControllerClient;
use tfplugin::wire::plugin::grpc_stdio_client::GrpcStdioClient;
use tfplugin::wire::plugin::{ConnInfo, Empty, StdioData};
use tfplugin::wire::tfplugin6::attribute_path::step::Selector;
use tfplugin::wire::tfplugin6::provider_client::ProviderClient;
use tfplugin::wire::tfplugin6::{AttributePath, Diagnostic, DynamicValue};
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

/// As hosts have it.
const LIMIT: usize = 2_147_483_647;

/// A connection with its clients.
pub(crate) struct Host {
    pub(crate) provider: ProviderClient<Channel>,
    pub(crate) controller: GrpcControllerClient<Channel>,
    pub(crate) channel: Channel,
    _streams: Option<(Streaming<StdioData>, Streaming<ConnInfo>)>,
}

impl Host {
    /// Connects over `stream` and opens the two side streams, as go-plugin does first of all.
    pub(crate) async fn over<S>(stream: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut host = Self::bare(stream).await;
        let stdio = GrpcStdioClient::new(host.channel.clone()).stream_stdio(()).await.unwrap();
        let broker = GrpcBrokerClient::new(host.channel.clone())
            .start_stream(tonic::codegen::tokio_stream::pending())
            .await
            .unwrap();
        host._streams = Some((stdio.into_inner(), broker.into_inner()));
        host
    }

    /// Connects and opens nothing.
    pub(crate) async fn bare<S>(stream: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut stream = Some(TokioIo::new(stream));
        let connector = tower::service_fn(move |_| {
            let stream = stream.take().ok_or(std::io::ErrorKind::NotConnected);
            async move { stream.map_err(std::io::Error::from) }
        });
        let endpoint = Endpoint::from_static("http://localhost");
        let channel = endpoint.connect_with_connector(connector).await.unwrap();
        Self {
            provider: ProviderClient::new(channel.clone())
                .max_decoding_message_size(LIMIT)
                .max_encoding_message_size(LIMIT),
            controller: GrpcControllerClient::new(channel.clone()),
            channel,
            _streams: None,
        }
    }

    /// Asks for the end. The answer may be lost, as hosts expect.
    pub(crate) async fn shutdown(mut self) {
        let _ = self.controller.shutdown(Empty {}).await;
    }
}

/// A value in a message.
pub(crate) fn dynamic(value: &Value, ty: &Type) -> Option<DynamicValue> {
    Some(DynamicValue { msgpack: msgpack::encode(value, ty).into(), ..Default::default() })
}

/// A value out of a message, by the host's reading: neither form is null.
pub(crate) fn value(dynamic: Option<&DynamicValue>, ty: &Type) -> Value {
    match dynamic {
        Some(dynamic) if !dynamic.msgpack.is_empty() => {
            msgpack::decode(&dynamic.msgpack, ty).unwrap()
        }
        _ => Value::Null,
    }
}

/// Panics unless there is no diagnostic at all.
pub(crate) fn clean(diagnostics: &[Diagnostic]) {
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
}

/// A path as people write it.
pub(crate) fn path(path: &AttributePath) -> String {
    let step = |selector: &Selector| match selector {
        Selector::AttributeName(name) => format!(".{name}"),
        Selector::ElementKeyString(key) => format!("[{key:?}]"),
        Selector::ElementKeyInt(index) => format!("[{index}]"),
    };
    path.steps.iter().map(|each| step(each.selector.as_ref().unwrap())).collect()
}

/// What each diagnostic blames; nothing for the whole block.
pub(crate) fn blamed(diagnostics: &[Diagnostic]) -> Vec<String> {
    let blamed = |d: &Diagnostic| d.attribute.as_ref().map(path).unwrap_or_default();
    diagnostics.iter().map(blamed).collect()
}
