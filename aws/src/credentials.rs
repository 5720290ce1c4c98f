//! Whose credentials are used: those of a profile that is named come before all others, and a role is
//! assumed with whatever was found.
//!
//! It leaves out the SDK's own search, which is used where no profile is named.

mod discreet;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_sdk_sts::config::SharedCredentialsProvider;

use self::discreet::Discreet;
use super::surroundings::Surroundings;
use super::{AssumeRole, AwsSettings};

/// STS answers the same everywhere, so that a missing region stops nobody here.
pub(super) const ANYWHERE: Region = Region::from_static("us-east-1");

/// The configuration, with the credentials that the settings ask for. Nothing is fetched yet.
pub(super) async fn with_credentials(
    base: SdkConfig,
    settings: &AwsSettings,
    surroundings: &Surroundings,
) -> SdkConfig {
    // The SDK would prefer the environment's credentials to a profile that somebody named.
    let found = match &settings.profile {
        Some(profile) => Some(SharedCredentialsProvider::new(of_profile(&base, profile))),
        None => base.credentials_provider(),
    };
    let base = match found {
        Some(found) => using(&base, Discreet::new(found, surroundings)),
        None => base,
    };
    match &settings.assume_role {
        Some(role) => using(&base, of_role(&base, role).await),
        None => base,
    }
}

fn using(
    base: &SdkConfig,
    credentials: impl aws_sdk_sts::config::ProvideCredentials + 'static,
) -> SdkConfig {
    let credentials = SharedCredentialsProvider::new(credentials);
    base.clone().into_builder().credentials_provider(credentials).build()
}

fn of_profile(base: &SdkConfig, profile: &str) -> ProfileFileCredentialsProvider {
    let mut machine = ProviderConfig::default().with_region(base.region().cloned());
    if let Some(http) = base.http_client() {
        machine = machine.with_http_client(http);
    }
    ProfileFileCredentialsProvider::builder().configure(&machine).profile_name(profile).build()
}

async fn of_role(base: &SdkConfig, role: &AssumeRole) -> AssumeRoleProvider {
    let mut provider = AssumeRoleProvider::builder(&role.role_arn)
        .session_name(&role.session_name)
        .region(base.region().cloned().unwrap_or(ANYWHERE))
        .configure(base);
    if let Some(id) = &role.external_id {
        provider = provider.external_id(id);
    }
    provider.build().await
}
