//! Short texts: versions, tags, names, IDs, times, addresses, expressions.

use pipeline_core::action_link::{ActionUrl, GITHUB, GithubRepository};
use pipeline_core::approval::AllowedSigner;
use pipeline_core::archive::retention::Kept;
use pipeline_core::artifact::{ArtifactPath, ArtifactPlace, ArtifactType, BucketName, Sha256};
use pipeline_core::configuration::{EnvironmentLabel, tools};
use pipeline_core::deployment::dialect::{SemanticVersion, UnixDeploymentId};
use pipeline_core::git::ObjectId;
use pipeline_core::infrastructure::{Configuration, InfrastructureId};
use pipeline_core::maintenance::TaskId;
use pipeline_core::run::{PipelineName, RunCommit, RunId, RunKey};
use pipeline_core::stack::StackName;
use pipeline_core::tag::{Tag, TagGrammar, TagKind, TagName};
use pipeline_core::terraform_state::{TerraformVersion, WorkspaceName};
use pipeline_core::workflow::{KubernetesName, PinnedImage};
use pipeline_core::{
    AccountId, Actor, BodyPattern, BranchName, Bump, CommitSha, ConfigPath, DeploymentId,
    DeploymentUuid, EcsName, EcsReference, EntityId, EnvironmentName, HealthCheckUrl, HttpUrl,
    ImageReference, KeyVaultUrl, Prerelease, PublicUrl, RefName, RegionName, RoleArn, SecretName,
    SecretsPath, SessionName, SubProjectPath, Timestamp, Version, VersionConstraint, WorkflowRunId,
};
use tfplugin::{Number, Span};

use crate::Outcome;
use crate::laws::{prints_and_reads, text, told, unread};

/// Whether any of these types reads the text; each that does prints what it reads again.
macro_rules! any_reads {
    ($text:expr; $($type:ty),+ $(,)?) => {
        [$(prints_and_reads::<$type>($text)),+].contains(&true).into()
    };
}

pub(crate) fn versions(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else { return Outcome::Refused };
    if let Ok(bump) = text.parse::<Bump>() {
        assert!(text.parse::<Bump>() == Ok(bump));
        return Outcome::Read;
    }
    any_reads!(text; Version, Prerelease, VersionConstraint, SemanticVersion, TerraformVersion)
}

pub(crate) fn tags(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else { return Outcome::Refused };
    prints_and_reads::<TagName>(text);
    let grammar = TagGrammar { allow_prerelease: true, ..TagGrammar::default() };
    let tag = match grammar.parse(text) {
        Ok(tag) => tag,
        Err(reason) => {
            told(&reason);
            return Outcome::Refused;
        }
    };
    assert_eq!(tag.name().as_str(), text);
    let again = match tag.kind().clone() {
        TagKind::Version(version) => Tag::of_version(version),
        TagKind::Environment { path, name } => Ok(Tag::of_environment(path, name)),
        TagKind::State { version, state } => Tag::of_state(version, state),
    };
    match again {
        Ok(again) => assert_eq!(again, tag),
        Err(reason) => unread(text, &reason),
    }
    // Who does not allow pre-releases reads the same or refuses it.
    if let Ok(stricter) = TagGrammar::default().parse(text) {
        assert_eq!(stricter, tag);
    }
    Outcome::Read
}

pub(crate) fn names(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else { return Outcome::Refused };
    for command in text.lines() {
        assert_ne!(tools::program(command).as_deref(), Some(""), "{command:?}");
    }
    any_reads!(
        text; AccountId, Actor, AllowedSigner, ArtifactPath, ArtifactPlace, ArtifactType, BranchName, BucketName, CommitSha,
        ConfigPath, Configuration, DeploymentId, DeploymentUuid, EcsName, EcsReference, EntityId,
        EnvironmentLabel, EnvironmentName, ImageReference, InfrastructureId, Kept, KubernetesName, Number,
        ObjectId, PinnedImage, PipelineName, RefName, RegionName, RoleArn, RunCommit, RunId, RunKey,
        SecretName, SecretsPath, SessionName, Sha256, Span, StackName, SubProjectPath, TaskId, Timestamp,
        UnixDeploymentId, WorkflowRunId, WorkspaceName,
    )
}

pub(crate) fn addresses(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else { return Outcome::Refused };
    if let Ok(address) = ActionUrl::read(text, GITHUB) {
        assert_eq!(address.repository.host(), GITHUB);
    }
    any_reads!(text; HttpUrl, HealthCheckUrl, PublicUrl, KeyVaultUrl, GithubRepository)
}

/// The first line is the expression, and the rest is a body.
pub(crate) fn pattern(bytes: &[u8]) -> Outcome {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (expression, body) = bytes.split_at(end);
    let Some(expression) = text(expression) else { return Outcome::Refused };
    match expression.parse::<BodyPattern>() {
        Ok(pattern) => {
            assert_eq!(pattern.as_str(), expression);
            // Either answer is fine, as long as there is one.
            let _ = pattern.matches(body);
            Outcome::Read
        }
        Err(reason) => {
            told(&reason);
            Outcome::Refused
        }
    }
}
