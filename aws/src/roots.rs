//! Certificates of authorities, from a file in PEM such as `AWS_CA_BUNDLE` names.

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::misfit::Misfit;

/// The largest file of them that is read, in bytes. The bundle of a whole distribution has 200 KB.
pub(crate) const LARGEST: u64 = 8 * 1024 * 1024;

/// Certificates that can be trusted: the SDK panics at others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Roots(Vec<CertificateDer<'static>>);

impl Roots {
    /// Those of a file. What rustls cannot use is left out, as long as something remains: bundles hold
    /// certificates that are older than today's rules.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, String> {
        let mut store = RootCertStore::empty();
        let mut usable = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(text) {
            let certificate = certificate.map_err(|error| format!("it is no PEM: {error}"))?;
            if store.add(certificate.clone()).is_ok() {
                usable.push(certificate);
            }
        }
        if usable.is_empty() {
            return Err("no certificate of an authority is in it".to_owned());
        }
        Ok(Self(usable))
    }

    /// For the SDK, which trusts nobody else then.
    pub(crate) fn context(&self) -> Result<TlsContext, Misfit> {
        let store = self.0.iter().fold(TrustStore::empty(), |store, certificate| {
            let body = STANDARD.encode(certificate);
            store.with_pem_certificate(format!(
                "-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
            ))
        });
        let context = TlsContext::builder().with_trust_store(store).build();
        context.map_err(|error| Misfit::new(format!("the certificates cannot be used: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> String {
        rcgen::generate_simple_self_signed(["aws.invalid".to_owned()]).unwrap().cert.pem()
    }

    #[test]
    fn what_is_usable_is_kept() {
        let broken = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        let text = format!("# A comment\n{}{broken}{}", certificate(), certificate());
        assert_eq!(Roots::parse(text.as_bytes()).unwrap().0.len(), 2);
        for (text, said) in [
            (broken, "no certificate of an authority"),
            ("", "no certificate of an authority"),
            ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "no PEM"),
        ] {
            let refused = Roots::parse(text.as_bytes()).unwrap_err();
            assert!(refused.contains(said), "{refused}");
        }
    }
}
