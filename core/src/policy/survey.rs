//! What happened in the environments that come before one, and which come before which.

use std::collections::BTreeSet;

use super::{Order, OrderSurvey, Place, Predecessor};
use crate::deployment::Scope;
use crate::deployment::survey::{Survey, bring, history, survey as survey_place};
use crate::environment::Environment;
use crate::ledger::{Ledger, LedgerError, RefStore};
use crate::{EnvironmentName, RegionName, TagGrammar, Version};

/// What the same plan will do before.
#[derive(Debug, Clone, Default)]
pub struct Announced {
    /// The environments that it will register.
    pub environments: Vec<Environment>,
    /// What it will deploy.
    pub deployments: Vec<Arrival>,
}

/// A deployment that the same plan makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Where to.
    pub environment: EnvironmentName,
    /// To which region of it; to all of them, where none is named.
    pub region: Option<RegionName>,
    /// What.
    pub version: Version,
}

impl Announced {
    fn registers(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.environments.iter().find(|it| it.name == *name)
    }

    fn brings(&self, version: &Version, scope: &Scope) -> bool {
        self.deployments.iter().any(|it| {
            it.environment == scope.environment
                && it.version == *version
                && (it.region.is_none() || it.region == scope.region)
        })
    }
}

/// Looks at the environments that come before the one of `survey`. Where none does, nothing is read.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    survey: &Survey,
    version: &Version,
    announced: &Announced,
) -> Result<OrderSurvey, LedgerError> {
    let name = &survey.scope().environment;
    let policies = [survey.registered(), announced.registers(name)];
    let after = policies.into_iter().flatten().filter_map(|it| it.after.as_ref());
    let names: BTreeSet<&EnvironmentName> = after.flat_map(|it| it.environments()).collect();
    if names.is_empty() {
        return Ok(OrderSurvey::default());
    }
    let mut before = Vec::with_capacity(names.len());
    for name in names {
        before.push(predecessor(ledger, grammar, name, version, announced).await?);
    }
    let planned = announced.environments.iter();
    Ok(OrderSurvey { before, order: order(ledger, planned).await? })
}

async fn predecessor<S: RefStore>(
    ledger: &Ledger<S>,
    grammar: &TagGrammar,
    name: &EnvironmentName,
    version: &Version,
    announced: &Announced,
) -> Result<Predecessor, LedgerError> {
    bring(ledger, name).await?;
    let whole = Scope {
        environment: name.clone(),
        sub_project_path: version.sub_project_path().clone(),
        region: None,
    };
    let found = survey_place(ledger, grammar, whole.clone()).await?;
    let environment = announced.registers(name).or_else(|| found.registered());
    let regions = environment.map(|it| it.regions.as_slice()).unwrap_or_default();
    let mut places = Vec::new();
    if regions.is_empty() {
        let will_run = announced.brings(version, &whole);
        places.push(Place { region: None, running: found.running().cloned(), will_run });
    }
    for region in regions {
        let scope = Scope { region: Some(region.name.clone()), ..whole.clone() };
        let will_run = announced.brings(version, &scope);
        let found = survey_place(ledger, grammar, scope).await?;
        let region = Some(region.name.clone());
        places.push(Place { region, running: found.running().cloned(), will_run });
    }
    let (name, is_registered) = (name.clone(), environment.is_some());
    Ok(Predecessor {
        name,
        is_registered,
        places,
        history: history(ledger, &whole.environment).await?.0,
    })
}

/// The order of all environments that are registered, as the same plan changes it. A record that cannot be read
/// orders nothing.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn order<'a, S: RefStore>(
    ledger: &Ledger<S>,
    planned: impl IntoIterator<Item = &'a Environment>,
) -> Result<Order, LedgerError> {
    let (entries, _) = ledger.survey(&ledger.environments()).await?;
    let registered = entries.iter().map(|entry| &entry.record.environment);
    let before = |it: &Environment| {
        let after = it.after.as_ref().map(|after| after.environments().to_vec());
        (it.name.clone(), after.unwrap_or_default())
    };
    let mut order: Order = registered.map(before).collect();
    order.extend(planned.into_iter().map(before));
    Ok(order)
}
