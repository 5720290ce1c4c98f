//! AWS, as far as deployments need it: one connection with one set of credentials, shared by the
//! adapters beside this file.
//!
//! Nothing is looked up before the first call: building a [`Connection`] costs no I/O. Requests are
//! retried by the SDK, throttling included. It leaves out every service but ECS, S3, STS and
//! CloudFormation.

mod channel;
mod clock;
pub mod cloudformation;
mod credentials;
pub mod ecs;
mod endpoint;
pub mod fault;
pub mod s3;
pub mod state;
pub mod sts;

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
#[cfg(feature = "testing")]
use aws_sdk_ecs::config::SharedHttpClient;
use tokio::sync::OnceCell;

use fault::Fault;
use sts::Caller;

/// How AWS is reached: the `aws` block of the provider, already parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsSettings {
    /// The region; absent: the SDK's chain (environment, profile, instance).
    pub region: Option<String>,
    /// A profile of the shared configuration files.
    pub profile: Option<String>,
    /// One endpoint for every service, such as a local AWS.
    pub endpoint_url: Option<String>,
    /// A role to assume with the credentials that are found.
    pub assume_role: Option<AssumeRole>,
}

/// A role to assume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumeRole {
    /// The ARN of the role.
    pub role_arn: String,
    /// The name of the session, as CloudTrail shows it.
    pub session_name: String,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
}

/// A connection to AWS that is made when it is first used.
#[derive(Debug)]
pub struct Connection {
    settings: AwsSettings,
    config: OnceCell<SdkConfig>,
    caller: OnceCell<Result<Caller, Fault>>,
    /// The HTTP client of a connection that looks at nothing of this machine.
    #[cfg(feature = "testing")]
    alone: Option<SharedHttpClient>,
}

impl Connection {
    /// A connection by these settings. No I/O happens here.
    #[must_use]
    pub const fn new(settings: AwsSettings) -> Self {
        Self {
            settings,
            config: OnceCell::const_new(),
            caller: OnceCell::const_new(),
            #[cfg(feature = "testing")]
            alone: None,
        }
    }

    /// A connection to a server on this machine that looks at no credentials: nothing of this
    /// machine's own settings is read.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn local(endpoint_url: &str) -> Self {
        let settings = AwsSettings {
            region: Some("eu-west-1".to_owned()),
            endpoint_url: Some(endpoint_url.to_owned()),
            ..AwsSettings::default()
        };
        Self {
            alone: Some(aws_smithy_http_client::Builder::new().build_http()),
            ..Self::new(settings)
        }
    }

    /// The same, by an HTTP client that is made from the usual one.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn through(self, make: impl FnOnce(SharedHttpClient) -> SharedHttpClient) -> Self {
        Self { alone: self.alone.map(make), ..self }
    }

    /// What the clients of the services are made from.
    pub async fn config(&self) -> &SdkConfig {
        self.config.get_or_init(|| self.load()).await
    }

    async fn load(&self) -> SdkConfig {
        credentials::with_credentials(self.loader().load().await, &self.settings).await
    }

    fn loader(&self) -> ConfigLoader {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(30))
            .operation_timeout(Duration::from_secs(120))
            .build();
        let mut loader = self
            .channel(aws_config::defaults(BehaviorVersion::latest()))
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(5));
        if let Some(region) = &self.settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &self.settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &self.settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        loader
    }

    /// How AWS is spoken to: by TLS, as the person that this machine's settings name.
    fn channel(&self, loader: ConfigLoader) -> ConfigLoader {
        #[cfg(feature = "testing")]
        if let Some(client) = &self.alone {
            let loader = loader.test_credentials().empty_test_environment();
            return loader.http_client(client.clone());
        }
        loader.http_client(channel::client(self.settings.endpoint_url.as_deref()))
    }
}
