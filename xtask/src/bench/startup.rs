//! From the start of the provider to its first schema, over mutual TLS, and its memory then.
//!
//! A Python script plays the host: its standard library has the curve of Terraform's certificates.

use std::path::Path;
use std::process::Command;

use pipeline_acceptance::sandbox::Sandbox;
use pipeline_acceptance::{Outcome, command};
use serde_json::Value;

use super::median;
use crate::cargo;

/// Medians.
#[derive(Debug)]
pub(crate) struct Start {
    /// Milliseconds to the handshake line.
    pub(crate) handshake: f64,
    /// Milliseconds to the whole schema.
    pub(crate) schema: f64,
    /// Milliseconds to the whole schema, the fastest time: what a busy machine cannot slow.
    pub(crate) fastest: f64,
    /// Milliseconds from the request to shut down to the exit.
    pub(crate) exit: f64,
    /// Megabytes resident once the schema was sent.
    pub(crate) resident: f64,
    /// Size of the schema's answer.
    pub(crate) schema_bytes: u64,
}

/// Starts the provider `rounds` times; none where the certificate cannot be made.
pub(crate) fn measure(provider: &Path, rounds: usize) -> Outcome<Option<Start>> {
    let sandbox = Sandbox::temporary()?;
    let root = sandbox.environment.root();
    let (certificate, key) = (root.join("host.pem"), root.join("host.key"));
    if !certify(&certificate, &key) {
        return Ok(None);
    }
    let mut python = Command::new("python3");
    python.arg(cargo::root().join("xtask/bench/schema.py")).arg(provider).arg(certificate).arg(key);
    let said = command::run(python.arg(rounds.to_string()))?.success()?;
    let rounds: Vec<Value> =
        said.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let all = |name: &str| -> Vec<f64> {
        rounds.iter().filter_map(|round| round[name].as_f64()).collect()
    };
    let middle = |name: &str| median(&all(name));
    let schema_bytes = rounds.first().and_then(|round| round["schema_bytes"].as_u64());
    Ok(Some(Start {
        handshake: middle("handshake_ms"),
        schema: middle("schema_ms"),
        fastest: all("schema_ms").into_iter().fold(f64::INFINITY, f64::min),
        exit: middle("exit_ms"),
        resident: middle("resident_bytes") / 1_000_000.0,
        schema_bytes: schema_bytes.unwrap_or_default(),
    }))
}

/// Makes a certificate like Terraform's: self-signed, P-521, an authority of its own.
fn certify(certificate: &Path, key: &Path) -> bool {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-nodes", "-newkey", "ec", "-sha512", "-days", "2"]);
    openssl.args(["-pkeyopt", "ec_paramgen_curve:secp521r1", "-subj", "/O=Host/CN=localhost"]);
    openssl.args(["-addext", "subjectAltName=DNS:localhost"]);
    openssl.args(["-addext", "extendedKeyUsage=clientAuth,serverAuth"]);
    openssl.arg("-keyout").arg(key).arg("-out").arg(certificate);
    command::run(&mut openssl).is_ok_and(|said| said.code == Some(0))
}
