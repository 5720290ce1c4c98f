//! Whether the AWS credentials are those of an environment's account (CFG005), and AWS is asked in its
//! region (ENV026).

use pipeline_aws::fault::Fault;
use pipeline_core::environment::account::{check_account, check_region};
use pipeline_core::{AccountId, Environment, RegionName};
use tfplugin::{Diagnostic, Diagnostics, Path};

use super::Session;
use crate::error;

impl Session<'_> {
    /// Checks whose AWS credentials these are before anything of an environment is touched, and blames
    /// `path`. Where nobody can tell, the answer is a warning: whoever plans may have fewer rights than
    /// whoever applies. Nothing is asked for an environment without an account, nor while the provider
    /// block's `aws` is not known.
    ///
    /// # Errors
    /// CFG005: the credentials belong to another account.
    pub async fn check_account(
        &self,
        environment: &Environment,
        path: impl Into<Path>,
    ) -> Result<Option<Diagnostic>, Diagnostics> {
        let Some((account, aws)) = environment.account.as_ref().zip(self.aws()) else {
            return Ok(None);
        };
        match aws.caller().await {
            Ok(caller) => check_account(environment.name.as_str(), Some(account), &caller.account)
                .map_or(Ok(None), |wrong| Err(error::violations_at(&wrong.into(), path))),
            Err(fault) => Ok(Some(unchecked(account, fault, path.into()))),
        }
    }

    /// Checks in which region AWS is asked before anything of an environment, or of its region, is
    /// touched, and blames `path`. While the provider block's `aws` is not known, and where nobody
    /// names a region, there is nothing to compare.
    ///
    /// # Errors
    /// ENV026: it is asked in another region.
    pub async fn check_aws_region(
        &self,
        environment: &Environment,
        region: Option<&RegionName>,
        path: impl Into<Path>,
    ) -> Result<(), Diagnostics> {
        let Some(aws) = self.aws() else { return Ok(()) };
        let used = aws.config().await.region();
        let wrong = used.and_then(|used| check_region(environment, region, used.as_ref()));
        error::refuse(wrong, path)
    }
}

fn unchecked(account: &AccountId, fault: &Fault, path: Path) -> Diagnostic {
    Diagnostic::warning(
        path,
        "The AWS account could not be checked",
        format!(
            "Found {fault}; expected credentials of account `{account}`. Whether this deployment may be \
             made will show when it is applied. Next: {} (CFG005)",
            fault.next()
        ),
    )
}
