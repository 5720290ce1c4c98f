//! Whose credentials these are, as STS tells it.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::Builder;

use super::Connection;
use super::credentials::ANYWHERE;
use super::fault::{Fault, FaultKind};
use pipeline_core::AccountId;

/// Whom AWS takes the credentials for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The user, or the session of a role.
    pub arn: String,
}

const SERVICE: &str = "STS";
const CALL: &str = "GetCallerIdentity";

/// How often it is asked where nobody says how often: a plan waits.
const ATTEMPTS: u32 = 3;

/// How long a plan waits for the answer.
const PATIENCE: Duration = Duration::from_secs(20);

impl Connection {
    /// Whose credentials these are. It is asked once for each connection; everybody gets the same
    /// answer.
    ///
    /// # Errors
    /// Why nobody can tell.
    pub async fn caller(&self) -> Result<&Caller, &Fault> {
        self.caller.get_or_init(|| self.ask()).await.as_ref()
    }

    async fn ask(&self) -> Result<Caller, Fault> {
        let config = self.config().await;
        let settings = Builder::from(config)
            .region(config.region().cloned().unwrap_or(ANYWHERE))
            .retry_config(self.retries().await.or(ATTEMPTS))
            .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
            .build();
        let answer = Client::from_conf(settings).get_caller_identity().send().await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Err(Fault::of(config, SERVICE, CALL, &error).await),
        };
        let account = answer.account().and_then(|digits| digits.parse().ok());
        match account {
            Some(account) => {
                Ok(Caller { account, arn: answer.arn().unwrap_or_default().to_owned() })
            }
            None => Err(Fault {
                service: SERVICE,
                call: CALL,
                kind: FaultKind::Refused,
                said: "the answer names no account".to_owned(),
            }),
        }
    }
}
