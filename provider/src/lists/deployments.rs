//! `pipeline_deployment` as a list resource: what runs where, as far as a deployment brought it there.

use std::collections::BTreeSet;

use pipeline_core::deployment::{Deployment as Record, Scope, Status};
use pipeline_core::environment::registered_names;
use pipeline_core::{EnvironmentName, RegionName, SubProjectPath};
use tfplugin::{Diagnostics, Halt, List, ListContext, Model, Path, Text};

use crate::error::{self, Blame as _};
use crate::resources::Deployment;
use crate::session::Session;

/// Deployments that can be taken over: for each environment, sub-project and region the newest one that succeeded and
/// was not taken back.
///
/// A record does not say how a deployment was done by commands or stacks, nor which health check it had: a generated
/// configuration lacks them until somebody writes them.
#[derive(Debug, Clone, Model)]
pub struct Deployments {
    /// Name of a registered environment. All environments where absent.
    pub environment: Option<Text<EnvironmentName>>,
    /// Path of the sub-project; empty for the root project. All sub-projects where absent.
    pub sub_project_path: Option<Text<SubProjectPath>>,
    /// Region of the environment. Deployments to any region and to none where absent.
    pub region: Option<Text<RegionName>>,
}

impl List for Deployments {
    type Resource = Deployment;

    async fn list(self, cx: &ListContext<Self>) -> Result<(), Halt> {
        let session = cx.provider.open().await?;
        let environments = match &self.environment {
            Some(name) => vec![name.0.clone()],
            None => registered_names(&session.ledger()).await.blame(Path::root())?,
        };
        for environment in environments {
            for scope in self.scopes(cx, &session, &environment).await? {
                let survey = session.survey(scope.clone()).await?;
                let Some(record) = survey.last_good().filter(|it| it.region == scope.region) else {
                    continue;
                };
                let shown = match &scope.region {
                    Some(region) => format!("{} in {environment} ({region})", record.version),
                    None => format!("{} in {environment}", record.version),
                };
                cx.give(shown, Deployment::of(record)).await?;
            }
        }
        Ok(())
    }
}

impl Deployments {
    /// Where anything succeeded that is asked for.
    async fn scopes(
        &self,
        cx: &ListContext<Self>,
        session: &Session<'_>,
        environment: &EnvironmentName,
    ) -> Result<BTreeSet<Scope>, Diagnostics> {
        let (found, broken) = session.history(environment).await?;
        broken.iter().for_each(|record| cx.warn(error::unusable(Path::root(), record)));
        let good = found.records().filter(|it| it.status() == Status::Succeeded);
        let scope = |record: &Record| Scope {
            environment: environment.clone(),
            sub_project_path: record.version.sub_project_path().clone(),
            region: record.region.clone(),
        };
        Ok(good.map(scope).filter(|it| self.admits(it)).collect())
    }

    fn admits(&self, scope: &Scope) -> bool {
        let of_project = |it: &Text<SubProjectPath>| **it == scope.sub_project_path;
        let of_region = |it: &Text<RegionName>| scope.region.as_ref() == Some(&**it);
        self.sub_project_path.as_ref().is_none_or(of_project)
            && self.region.as_ref().is_none_or(of_region)
    }
}
