//! Where a workflow runs, and with what: names of Kubernetes, images, a bucket and a role.
//!
//! What is wrong with one of them is wrong when it is parsed; it leaves out what the configuration says.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use crate::action_link::GithubRepository;
use crate::artifact::BucketName;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};
use crate::deployment::ecs::ImageReference;
use crate::{BranchName, RoleArn};

/// Where a workflow runs, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The name of the template, and of the mutex that lets one run go at a time.
    pub name: KubernetesName,
    /// The namespace that everything is in.
    pub namespace: Option<KubernetesName>,
    /// The bucket that takes what the build makes.
    pub artifact_bucket: BucketName,
    /// The service account that the workflow runs as.
    pub service_account: KubernetesName,
    /// The image that builds and tests.
    pub builder_image: PinnedImage,
    /// The image that deploys.
    pub deployer_image: PinnedImage,
    /// The role that deploys, where the service account does not name it itself.
    pub execution_role: Option<RoleArn>,
    /// How many seconds a workflow may take.
    pub deadline_seconds: NonZeroU64,
    /// What starts the workflow; without it nothing does.
    pub hook: Option<Hook>,
}

/// Pushes that start the workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The repository on GitHub that sends its pushes.
    pub repository: GithubRepository,
    /// The branch that is pushed to.
    pub branch: BranchName,
    /// The Secret of Kubernetes that holds the webhook's secret under the key `secret`.
    pub secret: Option<KubernetesName>,
}

impl Settings {
    /// How many seconds a workflow may take unless somebody says otherwise: two hours.
    pub const DEADLINE: NonZeroU64 = NonZeroU64::MIN.saturating_add(2 * 60 * 60 - 1);
}

/// A name as Kubernetes takes it (RFC 1123), short enough to be a label too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesName(String);

impl KubernetesName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KubernetesName {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let inside = |end: &u8| *end != b'-';
        let bytes = text.as_bytes();
        let ends = bytes.first().is_some_and(inside) && bytes.last().is_some_and(inside);
        if ends && bytes.len() <= 63 && text.bytes().all(letters) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a name of Kubernetes: at most 63 lower-case letters, digits and hyphens, a letter or digit at both ends";
        let next = "Write a name such as `orders-pipeline`.";
        Err(Violation::new(RuleId::CFG011, quoted(text), expected, next).into())
    }
}

impl fmt::Display for KubernetesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An image that is the same tomorrow: anything but `:latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedImage(ImageReference);

impl FromStr for PinnedImage {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let image = text.parse::<ImageReference>()?;
        if !text.ends_with(":latest") {
            return Ok(Self(image));
        }
        let next = "Write the tag of a version, or better the digest.";
        let expected = "an image that stays the same";
        Err(Violation::new(RuleId::CFG011, quoted(text), expected, next).into())
    }
}

impl fmt::Display for PinnedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
