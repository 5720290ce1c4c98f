//! The host's side of mutual TLS: it signs with P-521 and trusts the one certificate it was told.

use std::sync::Arc;

use p521::ecdsa::signature::Signer as _;
use p521::ecdsa::{DerSignature, SigningKey as P521};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{
    ClientConfig, RootCertStore, SignatureAlgorithm, SignatureScheme, SupportedProtocolVersion,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::client::TlsStream;

/// What a client shows of itself.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    certificate: Option<Vec<u8>>,
    key: P521,
}

impl Client {
    pub(crate) fn new(certificate: Option<Vec<u8>>, key: P521) -> Self {
        Self { certificate, key }
    }

    /// The same certificate, with a key that is not its own.
    pub(crate) fn with_key(self, key: P521) -> Self {
        Self { key, ..self }
    }

    /// Connects as `localhost` and trusts `server`, DER, alone.
    pub(crate) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        server: &[u8],
        version: &'static SupportedProtocolVersion,
    ) -> std::io::Result<TlsStream<S>> {
        let mut roots = RootCertStore::empty();
        roots.add(server.to_vec().into()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_client_cert_resolver(Arc::new(self.clone()));
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }
}

impl ResolvesClientCert for Client {
    fn resolve(&self, _: &[&[u8]], offered: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let certificate = CertificateDer::from(self.certificate.clone()?);
        assert!(offered.contains(&SignatureScheme::ECDSA_NISTP521_SHA512), "{offered:?}");
        let key = Arc::new(HostKey(self.key.clone()));
        Some(Arc::new(CertifiedKey::new(vec![certificate], key)))
    }

    fn has_certs(&self) -> bool {
        self.certificate.is_some()
    }
}

#[derive(Debug, Clone)]
struct HostKey(P521);

impl SigningKey for HostKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let wanted = SignatureScheme::ECDSA_NISTP521_SHA512;
        offered.contains(&wanted).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for HostKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let signature: DerSignature = self.0.sign(message);
        Ok(signature.as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP521_SHA512
    }
}
