//! Credentials whose failures can be told to everybody, and say what to do.
//!
//! A program that gives credentials may print anything while it fails, secrets among it, and the SDK would quote
//! all of it. Of a session that is over, or a code that nobody can type, the SDK tells only what failed in the end.

use std::error::Error;
use std::path::Path;

use aws_sdk_sts::config::{ProvideCredentials, SharedCredentialsProvider};

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future;

use crate::misfit::Misfit;
use crate::surroundings::Surroundings;

/// The SDK's words for whatever such a program does wrong.
const EXTERNAL: &str = "external process";

/// Credentials, and what they take.
#[derive(Debug)]
pub(super) struct Discreet {
    inner: SharedCredentialsProvider,
    /// The program that may give them.
    program: Option<String>,
    /// The profile that asks for the code of an MFA device.
    coded: Option<String>,
    /// The command that begins the session which they need.
    login: Option<String>,
}

impl Discreet {
    /// The same credentials, by the profile of these surroundings.
    pub(super) fn new(inner: SharedCredentialsProvider, surroundings: &Surroundings) -> Self {
        let program = surroundings.credential_process().as_deref().and_then(name);
        let (coded, login) = (surroundings.asks_for_mfa(), surroundings.login());
        Self { inner, program, coded, login }
    }

    /// The failure, without anything that a program printed, and with what it takes.
    fn told(&self, error: CredentialsError) -> CredentialsError {
        if Misfit::behind(&error).is_some() {
            return error;
        }
        let causes = std::iter::successors(Some(&error as &dyn Error), |cause| (*cause).source());
        let causes: Vec<String> = causes.map(ToString::to_string).collect();
        if let Some(text) = causes.iter().find(|text| text.contains(EXTERNAL)) {
            let program = match &self.program {
                Some(name) => format!("the program `{name}`, which gives the credentials,"),
                None => "the program that gives the credentials".to_owned(),
            };
            return CredentialsError::provider_error(format!("{program} {}", conduct(text)));
        }
        let reason = causes.last().map_or("", |text| text.trim_end_matches('.'));
        if let Some(command) = &self.login {
            return CredentialsError::provider_error(format!(
                "`{command}` begins the session that the profile needs: {reason}"
            ));
        }
        match &self.coded {
            Some(profile) => CredentialsError::provider_error(format!(
                "the profile `{profile}` asks for the code of an MFA device (`mfa_serial`), which nobody can type                  here; have the AWS CLI ask for it, by `aws configure export-credentials --profile {profile}                  --format env`, and pass on what it prints: {reason}"
            )),
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

/// The name of a program, without its folder and its arguments.
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
