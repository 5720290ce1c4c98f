//! Credentials whose failures can be told to everybody: a program that gives credentials may print
//! anything while it fails, secrets among it, and the SDK would quote all of it.

use std::error::Error;
use std::path::Path;

use aws_config::SdkConfig;
use aws_sdk_sts::config::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::service_config::ServiceConfigKey;

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future;

/// The SDK's words for whatever such a program does wrong.
const EXTERNAL: &str = "external process";

/// Credentials, and the program that may give them.
#[derive(Debug)]
pub(super) struct Discreet {
    inner: SharedCredentialsProvider,
    program: Option<String>,
}

impl Discreet {
    /// The same credentials; the program is that of the profile that `config` was made with.
    pub(super) fn new(inner: SharedCredentialsProvider, config: &SdkConfig) -> Self {
        Self { inner, program: program(config) }
    }

    /// The failure, without anything that a program printed.
    fn told(&self, error: CredentialsError) -> CredentialsError {
        let program = match &self.program {
            Some(name) => format!("the program `{name}`, which gives the credentials,"),
            None => "the program that gives the credentials".to_owned(),
        };
        let causes = std::iter::successors(Some(&error as &dyn Error), |cause| (*cause).source());
        match causes.map(ToString::to_string).find(|text| text.contains(EXTERNAL)) {
            Some(text) => CredentialsError::provider_error(format!("{program} {}", conduct(&text))),
            None => error,
        }
    }
}

impl ProvideCredentials for Discreet {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            self.inner.provide_credentials().await.map_err(|error| self.told(error))
        })
    }

    fn fallback_on_interrupt(&self) -> Option<aws_sdk_sts::config::Credentials> {
        self.inner.fallback_on_interrupt()
    }
}

/// What the program did, of the SDK's words for it: the status, and nothing that it printed.
fn conduct(text: &str) -> String {
    let status = text.split_once("exited with code ").map(|(_, rest)| rest);
    let status = status.and_then(|rest| rest.split_once(". Stderr:")).map(|(status, _)| status);
    match status {
        Some(status) if status.starts_with("exit status: ") || status.starts_with("signal: ") => {
            format!("failed ({status}); run it to see what it says")
        }
        _ => "gave no credentials that can be read".to_owned(),
    }
}

/// The name of the program that the profile names, without its folder and its arguments.
fn program(config: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id("sts")
        .profile("credential_process")
        .env("AWS_CREDENTIAL_PROCESS")
        .build()
        .ok()?;
    name(&config.service_config()?.load_config(key)?)
}

fn name(command: &str) -> Option<String> {
    let command = command.trim();
    let first = match command.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => command.split_whitespace().next()?,
    };
    Some(Path::new(first).file_name()?.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_without_its_arguments() {
        assert_eq!(name("/opt/bin/give-keys --token hunter2").as_deref(), Some("give-keys"));
        assert_eq!(name("\"/opt/my tools/keys\" hunter2").as_deref(), Some("keys"));
        assert_eq!(name(" "), None);
    }

    #[test]
    fn nothing_that_was_printed_is_told() {
        let said = "external process exited with code exit status: 3. Stderr: hunter2";
        assert_eq!(conduct(said), "failed (exit status: 3); run it to see what it says");
        let said = "external process exited with code hunter2. Stderr: ";
        assert!(!conduct(said).contains("hunter2"));
        assert!(
            !conduct("external process, could not parse response: hunter2").contains("hunter2")
        );
    }
}
