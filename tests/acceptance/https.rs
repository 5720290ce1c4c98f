//! Health checks by HTTPS, with a certificate that this machine trusts, and one that it does not.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::{Failure, Outcome};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::hcl::{deployment, staging};

/// A server that is well, and the certificate that shows who it is.
struct Endpoint {
    url: String,
    certificate: String,
}

impl Endpoint {
    fn start() -> Outcome<Self> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).map_err(failed)?;
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .map_err(failed)?;
        let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0")?);
        let url = format!("https://{}/health", listener.local_addr()?);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let config = Arc::clone(&config);
                // A client that does not trust it hangs up, which is what it should do.
                thread::spawn(move || drop(answer(stream, config)));
            }
        });
        Ok(Self { url, certificate: made.cert.pem() })
    }
}

fn failed(error: impl std::error::Error) -> Failure {
    Failure::new(error.to_string())
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> Outcome {
    let mut stream = StreamOwned::new(ServerConnection::new(config).map_err(failed)?, stream);
    let _ = stream.read(&mut [0; 4096])?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")?;
    stream.conn.send_close_notify();
    Ok(stream.flush()?)
}

#[test]
fn a_trusted_certificate_passes_and_a_strange_one_fails() -> Outcome {
    let mut scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", &scene.repository.head()?)?;
    let endpoint = Endpoint::start()?;
    let block = format!(
        "  health_check = {{\n    url = \"{}\"\n    expected_body = \"^ok$\"\n    retries = 0\n    \
         attempt_timeout = \"30s\"\n  }}\n",
        endpoint.url
    );
    let hcl = [staging(), deployment("staging", "api/v1.0.0", &block)].concat();
    scene.workspace.main(&hcl)?;
    scene.workspace.apply(&[])?.refused("The deployment failed")?.says("certificate")?;
    let roots = scene.environment().root().join("roots.pem");
    std::fs::write(&roots, &endpoint.certificate)?;
    scene.workspace.environment.set("SSL_CERT_FILE", roots);
    scene.workspace.settle(&hcl)?;
    let known = scene.workspace.attributes("pipeline_deployment.this")?;
    assert_eq!(known["health_check_status"], "passed");
    Ok(())
}
