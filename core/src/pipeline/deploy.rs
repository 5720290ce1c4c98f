//! Deploying from a script, and looking back: what was deployed, and what can be gone back to.

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::{Pipeline, PipelineError};
use crate::deployment::deployer::{Deployer, Request};
use crate::deployment::{Deployment, History, rules, survey};
use crate::rollback::{self, SelectionCriteria, select};
use crate::rollout::{GitOnly, Target};
use crate::{
    DeploymentId, DeploymentUuid, EnvironmentName, RuleId, SubProjectPath, Timestamp, Version,
};

/// How long a deployment holds its environment without a sign of life.
const LEASE: Duration = Duration::from_secs(60);

impl Pipeline {
    /// A deployment of a version that has a tag, to be changed where it shall differ from what most
    /// want, and then handed to [`Pipeline::deploy`].
    ///
    /// # Errors
    /// DEP007 where the version has no tag; when the refs cannot be listed.
    pub async fn request(
        &self,
        version: Version,
        environment: EnvironmentName,
    ) -> Result<Request, PipelineError> {
        let releases = self.releases().await?;
        let Some(commit) = releases.get(&version).map(|release| release.commit) else {
            let strange = releases.strange(&version);
            let untagged =
                rules::untagged(RuleId::DEP007, &version, releases.near(&version), strange);
            return Err(PipelineError::Refused(vec![untagged]));
        };
        let random = random();
        let id = DeploymentId::draw(jiff::Timestamp::now(), random)?;
        let ids = (id, DeploymentUuid::from_random(random));
        Ok(Request::new(ids, (version, commit), environment, self.author().actor))
    }

    /// Deploys: the environment tag and the record, and nothing apart from git.
    ///
    /// # Errors
    /// Everything but a success, with the record where there is one.
    pub async fn deploy(&self, request: Request) -> Result<Deployment, PipelineError> {
        self.deploy_on(request, None::<&GitOnly>, pending()).await
    }

    /// Deploys onto a target. `stop` ends when somebody interrupts, with who or what did.
    ///
    /// # Errors
    /// Everything but a success, with the record where there is one.
    pub async fn deploy_on<T: Target>(
        &self,
        request: Request,
        target: Option<&T>,
        stop: impl Future<Output = String> + Send,
    ) -> Result<Deployment, PipelineError> {
        self.check_override()?;
        let author = self.author();
        let (clock, name) = (|| Timestamp::from_jiff(jiff::Timestamp::now()), author.actor);
        let deployer = Deployer {
            ledger: self.ledger.clone(),
            grammar: &self.grammar,
            lease: LEASE,
            handover: self.handover.clone(),
            author: name.as_str(),
            email: &author.email,
            authority: &self.authority,
            clock: &clock,
            tell: &|_| (),
        };
        deployer.deploy(request, target, stop).await.into_result().map_err(PipelineError::from)
    }

    /// The deployments to an environment. Records that cannot be used are left out.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn history(&self, environment: &EnvironmentName) -> Result<History, PipelineError> {
        self.compare().await?;
        Ok(survey::history(&self.ledger, environment).await?.0)
    }

    /// The deployment to whose version an environment can go back; `Err` inside: why there is none.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn rollback_target(
        &self,
        environment: &EnvironmentName,
        project: &SubProjectPath,
    ) -> Result<Result<Deployment, String>, PipelineError> {
        self.compare().await?;
        let found =
            rollback::survey(&self.ledger, &self.grammar, environment.clone(), project.clone());
        let (found, nothing) = (found.await?.0, BTreeMap::new());
        let selection = select(&found.facts(&nothing), SelectionCriteria::default());
        Ok(selection.target.map(|it| it.deployment.clone()))
    }
}

/// Not secret: the seeds of the standard library are random, and each one differs from the last.
fn random() -> [u8; 16] {
    let draw = || RandomState::new().hash_one(std::process::id()).to_le_bytes();
    let (first, second) = (draw(), draw());
    std::array::from_fn(|at| if at < 8 { first[at] } else { second[at - 8] })
}
