//! The deployer of a configured provider.

use pipeline_core::Timestamp;
use pipeline_core::deployment::deployer::{Deployer, Notice};
use pipeline_core::git::{Repository, Signature};

use super::Session;

impl Session<'_> {
    /// Who deploys in the name of whoever runs this; `tell` hears of each step.
    #[must_use]
    pub fn deployer<'b>(
        &'b self,
        signature: &'b Signature,
        clock: &'b (dyn Fn() -> Timestamp + Send + Sync),
        tell: &'b (dyn Fn(Notice) + Send + Sync),
    ) -> Deployer<'b, Repository> {
        Deployer {
            ledger: self.ledger(),
            grammar: &self.settings.grammar,
            lease: self.settings.lease,
            handover: self.pipeline.handover(),
            author: &signature.name,
            email: &signature.email,
            authority: &self.settings.authority,
            clock,
            tell,
        }
    }
}
