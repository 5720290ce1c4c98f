//! What a deployment would change, shown by change sets that are deleted again.

use super::forward::call;
use super::{Reason, StackSettings, StacksTarget, Stop};
use crate::cloudformation::Stacks;
use pipeline_core::base::violation::Violation;
use pipeline_core::stack::{ResourceChange, check_protected};

/// What a deployment would do to one stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// Its resources would be changed so; perhaps nothing.
    Changes {
        /// What would be done.
        changes: Vec<ResourceChange>,
        /// What is protected and would be lost (STK002).
        faults: Vec<Violation>,
    },
    /// It cannot be shown.
    NotShown(Reason),
}

impl StacksTarget<'_> {
    /// Makes a change set for each stack, by this name, and deletes it again. A stack that is there only for it is
    /// deleted too.
    pub async fn preview(&self, name: &str) -> Vec<Preview> {
        let stacks = match self.open().await {
            Ok(stacks) => stacks,
            Err(fault) => {
                let not_shown = |_| Preview::NotShown(Reason::Closed { fault: fault.clone() });
                return self.stacks.iter().map(not_shown).collect();
            }
        };
        let mut all = Vec::with_capacity(self.stacks.len());
        for settings in &self.stacks {
            let shown = Box::pin(self.preview_one(&stacks, settings, name)).await;
            all.push(shown.unwrap_or_else(Preview::NotShown));
        }
        all
    }

    async fn preview_one(
        &self,
        stacks: &Stacks<'_>,
        settings: &StackSettings,
        name: &str,
    ) -> Result<Preview, Reason> {
        let mut patience = settings.patience();
        let seen = stacks.find(settings.name.as_str()).await;
        let seen = seen.map_err(|fault| call(settings, fault))?;
        let status = seen.as_ref().map(|seen| seen.stack.status.as_str());
        let is_new = matches!(status, None | Some("REVIEW_IN_PROGRESS" | "DELETE_COMPLETE"));
        let own = (settings.name.as_str(), name);
        let made = self.prepare(stacks, settings, own, is_new, &mut patience).await;
        self.give_up(stacks, own, is_new).await;
        let changes = match made {
            Ok(set) => set.map(|set| set.changes).unwrap_or_default(),
            Err(Stop::Failed(reason) | Stop::Replaced(reason) | Stop::Unknown(reason)) => {
                return Err(reason);
            }
            Err(Stop::LeaseOver) => Vec::new(),
        };
        let faults = check_protected(&settings.protect, &changes);
        Ok(Preview::Changes { changes, faults })
    }
}
