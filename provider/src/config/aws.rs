//! The `aws` group of the provider block, and the settings that come of it.
//!
//! It leaves out credentials, which the SDK finds by itself, and connecting, which waits until
//! something needs it.

use pipeline_aws::{AssumeRole, AwsSettings};
use pipeline_core::{HttpUrl, KnownRegions, RoleArn, SessionName};
use tfplugin::{Diagnostics, Field, Model, Text};

use crate::error;

/// What CloudTrail shows where the configuration names no session.
const SESSION: &str = "terraform-provider-pipeline";

/// How AWS is reached.
///
/// Credentials are found as the AWS CLI finds them: environment variables, shared configuration
/// files, web identity, the container's or the instance's role. Nothing is asked of AWS until a
/// resource or data source needs it.
#[derive(Debug, Clone, Model)]
pub struct AwsConfig {
    /// Region. Defaults to `AWS_REGION`, then to the profile's region.
    pub region: Option<String>,
    /// Profile of the shared configuration files. Defaults to `AWS_PROFILE`.
    pub profile: Option<String>,
    /// Endpoint of every service, such as `http://127.0.0.1:4566` for a local AWS. Defaults to
    /// `AWS_ENDPOINT_URL`, then to AWS itself.
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
    if field.is_unknown() {
        return None;
    }
    let Some(draft) = field.known() else { return Some(AwsSettings::default()) };
    let assume_role = match draft.assume_role.known() {
        Some(role) => Some(assume_role(role)?),
        None if draft.assume_role.is_unknown() => return None,
        None => None,
    };
    Some(AwsSettings {
        region: optional(&draft.region)?.cloned(),
        profile: optional(&draft.profile)?.cloned(),
        endpoint_url: optional(&draft.endpoint_url)?.map(ToString::to_string),
        assume_role,
    })
}

fn assume_role(draft: &AssumeRoleConfigDraft) -> Option<AssumeRole> {
    let session = optional(&draft.session_name)?.map(ToString::to_string);
    Some(AssumeRole {
        role_arn: draft.role_arn.known()?.to_string(),
        session_name: session.unwrap_or_else(|| SESSION.to_owned()),
        external_id: optional(&draft.external_id)?.cloned(),
    })
}

/// The value or its absence; `None` while neither is known.
fn optional<T>(field: &Field<T>) -> Option<Option<&T>> {
    (!field.is_unknown()).then(|| field.known())
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
