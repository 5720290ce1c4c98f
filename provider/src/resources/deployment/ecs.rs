//! The `ecs` block of `pipeline_deployment`: which service a version is rolled out on, what a plan asks
//! of it, and what somebody else made of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pipeline_aws::Connection;
use pipeline_aws::ecs::{EcsSettings, EcsTarget};
use pipeline_core::Environment;
use pipeline_core::deployment::ecs::{ContainerVariables, EcsName, EcsReference, ImageReference};
use pipeline_core::deployment::{Deployment as Record, EcsRollout, Rollout};
use tfplugin::{Attr, Change, Diagnostics, FieldValue, Model, Path, Span, Text};

use super::model::Deployment;
use crate::deploying;
use crate::error;
use crate::session::Session;

/// A service of Amazon ECS that runs the version.
///
/// A deployment registers a new revision of the task definition that the service runs, with this image
/// in one container, asks the service to run it, and follows that rollout to its end. Whatever fails,
/// the revision that ran before is put back. No revision is ever deregistered.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct EcsBlock {
    /// Cluster, by name or ARN.
    pub cluster: Text<EcsReference>,
    /// Service, by name or ARN. It exists already at plan, and ECS itself rolls it out. A service that the
    /// same apply creates is named by an attribute that is known only afterwards, such as its ID.
    pub service: Text<EcsReference>,
    /// Container of its task definition whose image is replaced.
    pub container: Text<EcsName>,
    /// Image with a tag or digest, such as `registry.example.org/api:1.2.3`.
    pub image: Text<ImageReference>,
    /// Variables to set in the container. Others stay as they are, also those that were set here before.
    pub environment: Option<BTreeMap<String, String>>,
    /// Variables that ECS fills from a store of secrets: for each the ARN of a secret or parameter, or the
    /// path of a parameter such as `/api/token`. Never the secret itself.
    pub secrets: Option<BTreeMap<String, String>>,
    /// How long a rollout, or putting one back, may take. Defaults to `20m`.
    pub timeout: Option<Text<Span>>,
    /// Pause between two looks at the service. Defaults to `5s`.
    pub poll_interval: Option<Text<Span>>,
}

/// Checks what needs nobody to be asked.
pub(super) fn validate(draft: &EcsBlockDraft, out: &mut Diagnostics) {
    let read = |field: &tfplugin::Field<BTreeMap<String, String>>| match field.value() {
        FieldValue::Known(map) => Some(map.clone()),
        FieldValue::Null => Some(BTreeMap::new()),
        FieldValue::Unknown => None,
    };
    let (Some(environment), Some(secrets)) = (read(&draft.environment), read(&draft.secrets))
    else {
        return;
    };
    if let Err(bad) = ContainerVariables::new(environment, secrets) {
        out.extend(error::violations(&bad, &Path::from(Deployment::ECS)));
    }
}

impl EcsBlock {
    /// Whether the other asks for the same to run in the same place.
    pub(super) fn runs_the_same(&self, other: &Self) -> bool {
        let lasting = |it: &Self| Self { timeout: None, poll_interval: None, ..it.clone() };
        lasting(self) == lasting(other)
    }

    /// The block that a record is the result of, as far as the record tells.
    pub(crate) fn of(rollout: &EcsRollout) -> Option<Self> {
        Some(Self::blank(
            rollout.cluster.parse::<EcsReference>().ok()?,
            rollout.service.parse::<EcsReference>().ok()?,
            rollout.container.parse::<EcsName>().ok()?,
            rollout.image.parse::<ImageReference>().ok()?,
        ))
    }

    /// The target of a deployment.
    pub(crate) fn target(&self, connection: Arc<Connection>) -> EcsTarget {
        let time = |span: &Option<Text<Span>>, otherwise: Duration| {
            span.as_ref().map_or(otherwise, |span| span.duration())
        };
        let settings = EcsSettings {
            environment: self.environment.clone().unwrap_or_default(),
            secrets: self.secrets.clone().unwrap_or_default(),
            timeout: time(&self.timeout, EcsSettings::TIMEOUT),
            poll_interval: time(&self.poll_interval, EcsSettings::POLL_INTERVAL)
                .max(Duration::from_millis(10)),
            ..EcsSettings::new(
                self.cluster.as_str(),
                self.service.as_str(),
                self.container.as_str(),
                self.image.as_str(),
            )
        };
        EcsTarget::new(connection, settings)
    }
}

/// Asks whether the deployment can be made, where credentials allow: account (CFG005), region (ENV026),
/// cluster, service, container, and the revision that a failure would put back.
///
/// # Errors
/// Everything that forbids it.
pub(super) async fn check(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    environment: Option<&Environment>,
    last_good: Option<&Record>,
) -> Result<(), Diagnostics> {
    let (FieldValue::Known(block), Some(aws)) = (change.config.ecs.settled(), session.aws()) else {
        return Ok(());
    };
    if !is_placed(session, change, environment, Deployment::ECS).await? {
        return Ok(());
    }
    let good = last_good.and_then(|record| record.rollout.as_ref()).and_then(Rollout::ecs);
    match deploying::looked_at(&block.target(aws), good, Deployment::ECS).await {
        Ok(faults) => error::settle(&faults, |warning| change.warn(warning)),
        Err(warning) => {
            change.warn(warning);
            Ok(())
        }
    }
}

/// Whether the credentials are of the account (CFG005) and for the region (ENV026) of the environment; false, with a
/// warning, where nobody can tell.
///
/// # Errors
/// They are not.
pub(super) async fn is_placed(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    environment: Option<&Environment>,
    at: Attr,
) -> Result<bool, Diagnostics> {
    let region = change.config.region.known().map(|region| region.0.clone());
    let placed = deploying::is_placed(session, environment, region.as_ref(), at).await;
    let (is_placed, warning) = placed?;
    warning.into_iter().for_each(|warning| change.warn(warning));
    Ok(is_placed)
}

/// Whether a deployment has to roll something out: another image, or the same one elsewhere. Without a
/// service nothing is.
pub(super) fn differs(wanted: Option<&EcsBlock>, prior: Option<&EcsBlock>) -> bool {
    match (wanted, prior) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(wanted), Some(prior)) => !wanted.runs_the_same(prior),
    }
}
