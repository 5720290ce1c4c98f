//! `pipeline_environment` as a list resource: what is registered.

use pipeline_core::RegionName;
use tfplugin::{Halt, List, ListContext, Model, Path, Text};

use crate::error::{self, Blame as _};
use crate::resources::{Environment, environment};

/// Environments that are registered, by name. Folders that nobody registered are not among them.
#[derive(Debug, Clone, Model)]
pub struct Environments {
    /// Whether to list only environments that serve the public (`true`), or only the others (`false`). All where
    /// absent.
    pub is_production: Option<bool>,
    /// Region that an environment has, such as `eu-west`.
    pub region: Option<Text<RegionName>>,
}

impl List for Environments {
    type Resource = Environment;

    async fn list(self, cx: &ListContext<Self>) -> Result<(), Halt> {
        let session = cx.provider.open().await?;
        let ledger = session.ledger();
        let found = ledger.survey(&ledger.environments()).await;
        let (entries, broken) = found.blame(Path::root())?;
        broken.iter().for_each(|record| cx.warn(error::unusable(Path::root(), record)));
        for record in entries.into_iter().map(|entry| entry.record) {
            let it = &record.environment;
            let has_region = |region: &Text<RegionName>| it.region(region).is_some();
            let wanted = self.is_production.is_none_or(|wanted| wanted == it.is_production)
                && self.region.as_ref().is_none_or(has_region);
            if !wanted {
                continue;
            }
            let shown = it.name.to_string();
            let object = if cx.wants_objects {
                environment::found(&session, &record).await?
            } else {
                Environment::blank(it.name.clone())
            };
            cx.give(shown, object).await?;
        }
        Ok(())
    }
}
