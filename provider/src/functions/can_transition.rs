//! `can_transition`.

use pipeline_core::base::machine::Machine;
use tfplugin::{Function, FunctionFault, Model};

use super::fault;

/// Whether an entity may go from one status to another.
///
/// The tables are those that every resource is checked against.
#[derive(Debug, Clone, Model)]
pub struct CanTransition {
    /// The kind of entity, such as `deployment`.
    pub entity: String,
    /// The status now, such as `queued`.
    pub from: String,
    /// The status wanted, such as `in_progress`.
    pub to: String,
}

impl Function for CanTransition {
    const NAME: &'static str = "can_transition";
    type Output = bool;

    fn call(self) -> Result<bool, FunctionFault> {
        let machine = Machine::by_name(&self.entity).map_err(|e| fault(&e, Self::ENTITY))?;
        machine.status(&self.from).map_err(|error| fault(&error, Self::FROM))?;
        machine.status(&self.to).map_err(|error| fault(&error, Self::TO))?;
        Ok(machine.can_transition(&self.from, &self.to))
    }
}
