//! Servers that are reached by TLS, and health checks by HTTPS: with a certificate that this machine trusts, and
//! one that it does not.

use std::sync::Arc;
use std::thread;

use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::{Failure, Outcome};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::hcl::{deployment, staging};

/// What speaks TLS in front of a server that does not. It lives as long as the test process.
pub(crate) struct Front {
    /// Where it answers, such as `127.0.0.1:4433`.
    pub(crate) address: String,
    /// The certificate that shows who it is.
    pub(crate) certificate: String,
}

impl Front {
    /// One that shows itself by `name`, in front of `server`, such as `http://127.0.0.1:8080/`.
    pub(crate) fn of(server: &str, name: &str) -> Outcome<Self> {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).map_err(failed)?;
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .map_err(failed)?;
        let server = server.trim_start_matches("http://").split('/').next().unwrap_or_default();
        let server = server.to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?.to_string();
        thread::spawn(move || {
            runtime.block_on(pass(listener, TlsAcceptor::from(Arc::new(config)), server));
        });
        Ok(Self { address, certificate: made.cert.pem() })
    }
}

/// Passes everything on, both ways, for as long as anybody connects.
async fn pass(listener: TcpListener, tls: TlsAcceptor, server: String) {
    while let Ok((client, _)) = listener.accept().await {
        let (tls, server) = (tls.clone(), server.clone());
        tokio::spawn(async move {
            // A client that does not trust it hangs up, which is what it should do.
            let mut client = tls.accept(client).await?;
            let mut onward = TcpStream::connect(server).await?;
            copy_bidirectional(&mut client, &mut onward).await
        });
    }
}

fn failed(error: impl std::error::Error) -> Failure {
    Failure::new(error.to_string())
}

#[test]
fn a_trusted_certificate_passes_and_a_strange_one_fails() -> Outcome {
    let mut scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", &scene.repository.head()?)?;
    let front = Front::of(&HealthServer::start(Health::Says("ok"))?.url, "127.0.0.1")?;
    let block = format!(
        "  health_check = {{\n    url = \"https://{}/health\"\n    expected_body = \"^ok$\"\n    \
         retries = 0\n    attempt_timeout = \"30s\"\n  }}\n",
        front.address
    );
    let hcl = [staging(), deployment("staging", "api/v1.0.0", &block)].concat();
    scene.workspace.main(&hcl)?;
    scene.workspace.apply(&[])?.refused("The deployment failed")?.says("certificate")?;
    let roots = scene.environment().root().join("roots.pem");
    std::fs::write(&roots, &front.certificate)?;
    scene.workspace.environment.set("SSL_CERT_FILE", roots);
    scene.workspace.settle(&hcl)?;
    let known = scene.workspace.attributes("pipeline_deployment.this")?;
    assert_eq!(known["health_check_status"], "passed");
    Ok(())
}
