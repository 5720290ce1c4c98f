//! The `aws` group of the provider block, and the settings that come of it.
//!
//! It leaves out credentials, which the SDK finds by itself, and connecting, which waits until
//! something needs it.

use pipeline_aws::{AssumeRole, AwsSettings};
use pipeline_core::{HttpUrl, KnownRegions, RoleArn, SessionName};
use tfplugin::{Diagnostics, Field, FieldValue, Model, Text};

use crate::error;

/// What CloudTrail shows where the configuration names no session.
const SESSION: &str = "terraform-provider-pipeline";

/// How AWS is reached.
///
/// Credentials are found as the AWS CLI finds them: environment variables, shared configuration
/// files, sessions of `aws login` and `aws sso login`, web identity, the container's or the instance's
/// role. Nobody can type the code of an MFA device here (`mfa_serial`): begin a session first. Proxies
/// are those of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, as for git and health checks.
/// `AWS_MAX_ATTEMPTS`, `AWS_RETRY_MODE`, `AWS_CA_BUNDLE` and their properties of the profile are heeded.
/// Nothing is asked of AWS until a resource or data source needs it.
#[derive(Debug, Clone, Model)]
pub struct AwsConfig {
    /// Region. Defaults to `AWS_REGION`, then to the profile's region.
    pub region: Option<String>,
    /// Profile of the shared configuration files. Defaults to `AWS_PROFILE`.
    pub profile: Option<String>,
    /// Endpoint of every service, STS among them, such as `http://127.0.0.1:4566` for a local AWS. Defaults to
    /// `AWS_ENDPOINT_URL_S3` and the like for one service, then to `AWS_ENDPOINT_URL`, then to the profile's, then
    /// to AWS itself. It excludes FIPS and dual-stack endpoints.
    pub endpoint_url: Option<Text<HttpUrl>>,
    /// Role to assume with the credentials that were found.
    pub assume_role: Option<AssumeRoleConfig>,
}

/// A role to assume.
#[derive(Debug, Clone, Model)]
pub struct AssumeRoleConfig {
    /// ARN of the role, such as `arn:aws:iam::123456789012:role/deployer`.
    pub role_arn: Text<RoleArn>,
    /// Name of the session, as CloudTrail shows it. Defaults to `terraform-provider-pipeline`.
    pub session_name: Option<Text<SessionName>>,
    /// External ID, where the role's trust policy asks for one.
    pub external_id: Option<String>,
}

/// The settings; `None` while something in the group is not known.
pub(super) fn settings(field: &Field<AwsConfigDraft>) -> Option<AwsSettings> {
    let config = match field.settled() {
        FieldValue::Unknown => return None,
        FieldValue::Null => return Some(AwsSettings::default()),
        FieldValue::Known(config) => config,
    };
    Some(AwsSettings {
        region: config.region,
        profile: config.profile,
        endpoint_url: config.endpoint_url.map(|url| url.to_string()),
        assume_role: config.assume_role.map(|role| AssumeRole {
            role_arn: role.role_arn.to_string(),
            session_name: role
                .session_name
                .map_or_else(|| SESSION.to_owned(), |name| name.to_string()),
            external_id: role.external_id,
        }),
    })
}

/// Checks what the types do not: the region, which `extra_regions` can add to.
pub(super) fn validate(
    field: &Field<AwsConfigDraft>,
    extra: &Field<Vec<String>>,
    out: &mut Diagnostics,
) {
    let Some(region) = field.known().map(|draft| &draft.region) else { return };
    let Some(name) = region.known().filter(|_| !extra.is_unknown()) else { return };
    let known = KnownRegions::with_extra(extra.known().into_iter().flatten().cloned());
    if let Err(unknown) = known.aws_used(name) {
        out.extend(error::violations_at(&unknown, region.path().clone()));
    }
}
