//! `convert_deployment`.

use pipeline_core::deployment::dialect::Dialect;
use pipeline_core::deployment::dialect::convert::convert;
use tfplugin::{Function, FunctionFault, Model};

use super::fault;

/// Tells a deployment in the words of another system.
///
/// The systems are `hosting` (applications on AWS resources), `ci` (versions, tags and environments), `azure`
/// (artifacts, migrations and health), `state` (one record of a deployment-state file) and `stacks` (the result of
/// a stack). What the other system needs and the deployment does not have is an error, as is a status that it has
/// no word for. What it has no place for is listed, so that nothing is lost without a word.
#[derive(Debug, Clone, Model)]
pub struct ConvertDeployment {
    /// The deployment, as JSON.
    pub json: String,
    /// The system whose words it is in.
    pub from: String,
    /// The system whose words it is to be in.
    pub to: String,
}

/// A deployment in other words.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ConvertedDeployment {
    /// The deployment, as JSON.
    pub json: String,
    /// What the other system has no place for, by name.
    pub left_out: Vec<String>,
}

impl Function for ConvertDeployment {
    const NAME: &'static str = "convert_deployment";
    type Output = ConvertedDeployment;

    fn call(self) -> Result<ConvertedDeployment, FunctionFault> {
        let from = Dialect::by_name(&self.from).map_err(|error| fault(&error, Self::FROM))?;
        let to = Dialect::by_name(&self.to).map_err(|error| fault(&error, Self::TO))?;
        let converted = convert(&self.json, from, to).map_err(|error| fault(&error, Self::JSON))?;
        let left_out = converted.left_out.iter().map(ToString::to_string).collect();
        Ok(ConvertedDeployment { json: converted.json.to_string(), left_out })
    }
}
