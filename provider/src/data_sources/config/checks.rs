//! What stands around a configuration file: the account of the credentials and what they may do, `cdk.json`, and the
//! tools.

use std::path::{Path as FilePath, PathBuf};
use std::time::Duration;

use pipeline_aws::Connection;
use pipeline_aws::permissions::Permissions;
use pipeline_core::RuleId;
use pipeline_core::base::limits::LARGEST_FILE;
use pipeline_core::base::suggest::did_you_mean_or;
use pipeline_core::base::violation::{FieldPath, Violation, one_of, quoted};
use pipeline_core::command::{Command, End};
use pipeline_core::configuration::permissions::{self as needs, Need};
use pipeline_core::configuration::tools::{self, Answer};
use pipeline_core::configuration::{Configuration, ConfiguredEnvironment, Problem, context};
use pipeline_core::environment::account::check_account;
use tfplugin::{DataContext, Diagnostics};

use super::{Config, contents};

/// How long a program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(5);

impl Config {
    /// All that was asked for; nothing is looked at that nobody asked for.
    ///
    /// # Errors
    /// The provider's `aws` is not known.
    pub(super) async fn look_around(
        &self,
        read: Option<&Configuration>,
        cx: &DataContext<Self>,
    ) -> Result<Vec<Problem>, Diagnostics> {
        let mut found = self.context().await;
        if let Some(configuration) = read {
            found.extend(self.accounts(configuration, cx).await?);
            if self.check_tools {
                found.extend(missing_tools(configuration).await);
            }
        }
        Ok(found.into_iter().map(Problem::elsewhere).collect())
    }

    async fn accounts(
        &self,
        configuration: &Configuration,
        cx: &DataContext<Self>,
    ) -> Result<Vec<Violation>, Diagnostics> {
        let wanted = self.check_environments.iter().flatten();
        let mut found = Vec::new();
        for (index, name) in wanted.enumerate() {
            let at = FieldPath::from("check_environments").index(index);
            let known = configuration.environments.iter().find(|one| one.name.as_str() == name);
            let Some(environment) = known else {
                found.push(no_environment(configuration, name).under(at));
                continue;
            };
            let aws = cx.provider.known_aws()?;
            let wrong = match account(&aws, environment).await {
                Some(wrong) => Some(wrong),
                None => permissions(&aws, environment).await,
            };
            found.extend(wrong.map(|violation| violation.under(at)));
        }
        Ok(found)
    }

    async fn context(&self) -> Vec<Violation> {
        let required = self.required_context.as_deref().unwrap_or_default();
        if required.is_empty() {
            return Vec::new();
        }
        let file = beside(FilePath::new(&self.path));
        match contents(file.clone(), LARGEST_FILE).await {
            Ok(json) => context::check(&json, required),
            Err(why) => {
                let found =
                    format!("{}, which cannot be read: {why}", quoted(&file.to_string_lossy()));
                let next = "Put it beside the configuration file.";
                vec![Violation::new(RuleId::CFG007, found, "`cdk.json` with a `context`", next)]
            }
        }
    }
}

/// CFG005: whether the credentials are of the account.
async fn account(aws: &Connection, environment: &ConfiguredEnvironment) -> Option<Violation> {
    match aws.caller().await {
        Ok(caller) => {
            let name = environment.name.as_str();
            check_account(name, Some(&environment.account), &caller.account)
        }
        Err(fault) => {
            let expected = format!("credentials of account `{}`", environment.account);
            Some(Violation::new(RuleId::CFG005, fault.to_string(), expected, fault.next()))
        }
    }
}

/// CFG006: whether the credentials may deploy. Where IAM does not tell, nothing is known and nothing said.
async fn permissions(aws: &Connection, environment: &ConfiguredEnvironment) -> Option<Violation> {
    let permissions = Permissions::of(aws).await.ok()??;
    let partition = permissions.principal().split(':').nth(1)?;
    let roles = refused(&permissions, needs::roles(partition, environment)).await?;
    if roles.is_empty() {
        return None;
    }
    let stacks = refused(&permissions, needs::stacks(partition, environment)).await?;
    needs::check(environment, permissions.principal(), &roles, &stacks)
}

/// Those that IAM does not allow; `None` where it does not tell.
async fn refused(permissions: &Permissions<'_>, needs: Vec<Need>) -> Option<Vec<Need>> {
    let mut refused = Vec::new();
    for need in needs {
        if !permissions.allow(&need.actions, &need.resource).await.ok()? {
            refused.push(need);
        }
    }
    Some(refused)
}

fn beside(path: &FilePath) -> PathBuf {
    path.parent().unwrap_or(FilePath::new("")).join("cdk.json")
}

fn no_environment(configuration: &Configuration, name: &str) -> Violation {
    let known: Vec<&str> = configuration.environments.iter().map(|one| one.name.as_str()).collect();
    let expected = format!("an environment of the file, {}", one_of(&known));
    let next = did_you_mean_or(name, known, || "Take the name from the file.".to_owned());
    Violation::new(RuleId::CFG005, quoted(name), expected, next)
}

async fn missing_tools(configuration: &Configuration) -> Vec<Violation> {
    let mut found = Vec::new();
    for program in tools::programs(&configuration.build) {
        found.extend(tools::check(&program, answer(&program).await));
    }
    found
}

/// Asks a program for its version, in both ways.
async fn answer(program: &str) -> Answer {
    for argument in ["--version", "-v"] {
        let command = Command {
            program: program.to_owned(),
            arguments: vec![argument.to_owned()],
            environment: Default::default(),
            folder: None,
            patience: PATIENCE,
        };
        let finished = command.run().await;
        match finished.end {
            End::NotFound => return Answer::Missing,
            _ if finished.succeeded() => return Answer::Version,
            _ => {}
        }
    }
    Answer::Silent
}
