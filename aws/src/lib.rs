//! AWS, as far as deployments need it: one connection with one set of credentials, shared by the
//! adapters beside this file.
//!
//! Nothing is looked up before the first call: building a [`Connection`] costs no I/O. Requests are
//! retried by the SDK, throttling included. It leaves out every service but ECS, S3, STS, IAM,
//! CloudFormation and CloudWatch Logs.

mod channel;
mod clock;
pub mod cloudformation;
mod credentials;
pub mod ecs;
mod endpoint;
pub mod fault;
pub mod logs;
mod misfit;
mod patience;
pub mod permissions;
mod roots;
pub mod s3;
pub mod stacks;
pub mod state;
pub mod sts;
mod surroundings;

use std::time::Duration;

use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_ecs::config::SharedHttpClient;
use tokio::sync::OnceCell;

use fault::Fault;
use misfit::Misfit;
use sts::Caller;
use surroundings::{Retries, Surroundings};

/// How often a request is sent where nobody says how often.
const ATTEMPTS: u32 = 5;

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
    reached: OnceCell<Reached>,
    caller: OnceCell<Result<Caller, Fault>>,
    /// The HTTP client of a connection that looks at nothing of this machine.
    #[cfg(feature = "testing")]
    alone: Option<SharedHttpClient>,
}

/// How AWS is reached, once that was looked up.
#[derive(Debug)]
struct Reached {
    config: SdkConfig,
    retries: Retries,
}

impl Connection {
    /// A connection by these settings. No I/O happens here.
    #[must_use]
    pub const fn new(settings: AwsSettings) -> Self {
        Self {
            settings,
            reached: OnceCell::const_new(),
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
        &self.reached().await.config
    }

    /// How often requests are repeated, as far as somebody said it.
    async fn retries(&self) -> Retries {
        self.reached().await.retries
    }

    async fn reached(&self) -> &Reached {
        self.reached.get_or_init(|| self.load()).await
    }

    async fn load(&self) -> Reached {
        let surroundings = self.surroundings().await;
        // A setting that cannot be followed is told by each request, since only they have somebody to tell.
        let (http, retries) = match self.followed(&surroundings) {
            Ok((http, retries)) => (http, retries),
            Err(misfit) => (misfit.client(), Retries::default()),
        };
        let loaded = self.loader(http, retries, &surroundings).load().await;
        let loaded = loaded.to_builder().service_config(endpoint::Filled(loaded.clone())).build();
        let config = credentials::with_credentials(loaded, &self.settings, &surroundings).await;
        Reached { config, retries }
    }

    async fn surroundings(&self) -> Surroundings {
        #[cfg(feature = "testing")]
        if self.alone.is_some() {
            return Surroundings::none();
        }
        Surroundings::of_this_machine(self.settings.profile.as_deref()).await
    }

    /// What follows from the settings of this machine that the SDK does not follow by itself.
    fn followed(&self, surroundings: &Surroundings) -> Result<(SharedHttpClient, Retries), Misfit> {
        let retries = surroundings.retries()?;
        #[cfg(feature = "testing")]
        if let Some(client) = &self.alone {
            return Ok((client.clone(), retries));
        }
        let trusted = surroundings.roots()?.map(|roots| roots.context()).transpose()?;
        let endpoint = self.settings.endpoint_url.as_deref();
        Ok((channel::client(endpoint, trusted.unwrap_or_default()), retries))
    }

    fn loader(
        &self,
        http: SharedHttpClient,
        retries: Retries,
        surroundings: &Surroundings,
    ) -> ConfigLoader {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(30))
            .operation_timeout(Duration::from_secs(120))
            .build();
        let mut loader = self
            .who(aws_config::defaults(BehaviorVersion::latest()))
            .timeout_config(timeouts)
            .retry_config(retries.or(ATTEMPTS));
        let named = self.settings.region.clone().map(Region::new);
        loader = match named.or_else(|| surroundings.region()) {
            Some(region) => loader.region(region),
            // The SDK would take an empty variable for the name of a region.
            None => loader.region(Self::of_the_instance(http.clone())),
        };
        if let Some(profile) = &self.settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &self.settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        loader.http_client(http)
    }

    /// The region of the machine in EC2 that this may be.
    fn of_the_instance(http: SharedHttpClient) -> ImdsRegionProvider {
        let machine = ProviderConfig::default().with_http_client(http);
        ImdsRegionProvider::builder().configure(&machine).build()
    }

    /// As the person that this machine's settings name.
    fn who(&self, loader: ConfigLoader) -> ConfigLoader {
        #[cfg(feature = "testing")]
        if self.alone.is_some() {
            return loader.test_credentials().empty_test_environment();
        }
        loader
    }
}
