//! What the host says in the environment, and the one line that answers it.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

const COOKIE: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
/// The version of go-plugin's own line.
const LINE_VERSION: u8 = 1;
/// The only major version of Terraform's protocol spoken here; hosts list it among theirs.
const PROTOCOL: u8 = 6;

/// How the host wants to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Invitation {
    /// PEM. Present: the host speaks TLS and shows this certificate.
    pub(super) client_certificate: Option<String>,
    /// For TCP; zero stands for any port.
    pub(super) ports: RangeInclusive<u16>,
    /// Where the socket is to be.
    pub(super) socket_directory: PathBuf,
    /// A group that may connect.
    pub(super) socket_group: Option<String>,
    /// Whether the host asks if several services may share a connection.
    pub(super) multiplex: bool,
}

/// The process was started by something that is no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAHost;

impl fmt::Display for NotAHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "This program is a Terraform provider. Terraform and OpenTofu start it themselves; \
             by hand it only runs with --debug, which waits for them to attach.",
        )
    }
}

impl Invitation {
    /// Reads the environment.
    pub(super) fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, NotAHost> {
        match variable(COOKIE) {
            Some(cookie) if cookie == COOKIE_VALUE => Ok(Self::read(variable)),
            _ => Err(NotAHost),
        }
    }

    /// For a process that hosts attach to: they speak no TLS then.
    pub(super) fn without_host(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self { client_certificate: None, ..Self::read(variable) }
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let port = |name: &str| given(name).and_then(|port| port.parse().ok()).unwrap_or(0);
        Self {
            client_certificate: given("PLUGIN_CLIENT_CERT"),
            ports: match (port("PLUGIN_MIN_PORT"), port("PLUGIN_MAX_PORT")) {
                (0, _) | (_, 0) => 0..=0,
                (least, most) => least..=most,
            },
            socket_directory: given("PLUGIN_UNIX_SOCKET_DIR")
                .map_or_else(std::env::temp_dir, PathBuf::from),
            socket_group: given("PLUGIN_UNIX_SOCKET_GROUP"),
            multiplex: given("PLUGIN_MULTIPLEX_GRPC").is_some(),
        }
    }
}

/// The line: versions, where to connect (network and address), and the certificate to trust.
pub(super) fn line(
    (network, address): (&str, &str),
    certificate: Option<&[u8]>,
    multiplex: bool,
) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    // One connection carries all there is, so several need not share it.
    let multiplex = if multiplex { "|false" } else { "" };
    format!("{LINE_VERSION}|{PROTOCOL}|{network}|{address}|grpc|{certificate}{multiplex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(variables: &[(&str, &str)]) -> Result<Invitation, NotAHost> {
        Invitation::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn only_the_cookie_opens() {
        assert_eq!(invitation(&[]), Err(NotAHost));
        assert_eq!(invitation(&[(COOKIE, "")]), Err(NotAHost));
        assert_eq!(invitation(&[(COOKIE, "other")]), Err(NotAHost));
        assert!(invitation(&[(COOKIE, COOKIE_VALUE)]).is_ok());
    }

    #[test]
    fn the_environment_is_read_leniently() {
        let read = invitation(&[
            (COOKIE, COOKIE_VALUE),
            ("PLUGIN_MIN_PORT", "10000"),
            ("PLUGIN_MAX_PORT", "25000"),
            ("PLUGIN_UNIX_SOCKET_DIR", "/run/x"),
            ("PLUGIN_UNIX_SOCKET_GROUP", ""),
            ("PLUGIN_MULTIPLEX_GRPC", "1"),
        ]);
        let expected = Invitation {
            client_certificate: None,
            ports: 10000..=25000,
            socket_directory: PathBuf::from("/run/x"),
            socket_group: None,
            multiplex: true,
        };
        assert_eq!(read, Ok(expected));
        let odd = invitation(&[(COOKIE, COOKIE_VALUE), ("PLUGIN_MIN_PORT", "many")]).unwrap();
        assert_eq!(odd.ports, 0..=0);
    }

    #[test]
    fn the_line_has_six_parts_and_a_seventh_where_it_is_asked_for() {
        let address = ("unix", "/run/x");
        assert_eq!(line(address, Some(&[0xff, 0xee]), false), "1|6|unix|/run/x|grpc|/+4");
        assert_eq!(line(address, None, true), "1|6|unix|/run/x|grpc||false");
    }
}
