//! `pipeline_config`: a configuration file, its problems, and the workflow that does what it says.

mod checks;
mod workflow;

use std::path::PathBuf;

use pipeline_core::KnownRegions;
use pipeline_core::base::limits::LARGEST_FILE;
use pipeline_core::configuration::{
    self, Configuration, ConfiguredEnvironment, Position, Problem, VERSION,
};
use pipeline_core::files;
use pipeline_core::workflow::Workflow;
use tfplugin::{Computed, DataContext, DataSource, Diagnostic, Diagnostics, Model, Path};

use crate::error;
use crate::pipeline::Pipeline;

use workflow::TemplateBlock;

/// A configuration file of a pipeline: what is built, which stacks go to which environment, and everything
/// that is wrong with it, with line and column.
///
/// The file is YAML with `version: "1.0"`, `build` and `environments`, each of which has `name`, `region`,
/// `account`, `stacks` and perhaps `tests`. From a good file, `template` makes manifests for Argo Workflows and
/// Argo Events. A command is split into words as a shell does, and nothing is expanded: for `&&`, `|` and
/// variables write `bash -c '…'`, or a script of the repository.
#[derive(Debug, Clone, Model)]
pub struct Config {
    /// The file, such as `"${path.root}/aphex-config.yaml"`. `cdk.json` is looked for beside it.
    pub path: String,
    /// Whether a problem is an error. With `false` the problems are data, and what could not be read is null.
    #[tf(default = true)]
    pub strict: bool,
    /// Where a workflow of Argo runs, and with what.
    pub template: Option<TemplateBlock>,
    /// Names of environments whose account must be that of the AWS credentials. Where IAM lets the credentials
    /// simulate their own policies (`iam:SimulatePrincipalPolicy`, `iam:GetRole`), a warning says that they may not
    /// deploy there.
    pub check_environments: Option<Vec<String>>,
    /// Keys that the `context` of `cdk.json` must have, each with a value.
    pub required_context: Option<Vec<String>>,
    /// Whether the programs that the build calls are looked for and asked for their version.
    #[tf(default = false)]
    pub check_tools: bool,
    /// Version of the format.
    pub version: Computed<Option<String>>,
    /// What is built.
    pub build: Computed<Option<BuildItem>>,
    /// Environments, in the order in which they are deployed to.
    pub environments: Computed<Option<Vec<EnvironmentItem>>>,
    /// What is wrong or odd, in the order of the file.
    pub problems: Computed<Vec<ProblemItem>>,
    /// `WorkflowTemplate` of Argo Workflows, as YAML.
    pub workflow_template: Computed<Option<String>>,
    /// `EventSource` of Argo Events, as YAML; null without `template.repository`.
    pub event_source: Computed<Option<String>>,
    /// `Sensor` of Argo Events, as YAML; null without `template.repository`.
    pub sensor: Computed<Option<String>>,
}

/// What is built.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct BuildItem {
    /// Commands, in order.
    pub commands: Vec<String>,
}

/// An environment.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct EnvironmentItem {
    /// Name.
    pub name: String,
    /// Region of AWS.
    pub region: String,
    /// Account of AWS.
    pub account: String,
    /// Stacks, in the order in which they are deployed.
    pub stacks: Vec<StackItem>,
    /// Commands that test the environment afterwards.
    pub test_commands: Vec<String>,
}

/// A stack.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct StackItem {
    /// Name.
    pub name: String,
    /// File that defines it.
    pub path: String,
}

/// Something that is wrong or odd.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ProblemItem {
    /// Where in the file, such as `environments[0].region`.
    pub path: String,
    /// Line, from 1; null where no line is meant.
    pub line: Option<u64>,
    /// Column, from 1; null where no line is meant.
    pub column: Option<u64>,
    /// Rule that is broken.
    pub rule: String,
    /// Whether it is `error` or `warning`.
    pub severity: String,
    /// What was found, what was expected, and what to do next.
    pub message: String,
}

impl DataSource for Config {
    const NAME: &'static str = "pipeline_config";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let known = KnownRegions::with_extra(cx.provider.extra_regions()?.iter().cloned());
        let text = contents(PathBuf::from(&self.path), LARGEST_FILE)
            .await
            .map_err(|why| self.unreadable(&why))?;
        // A large file costs time, which must not stop timers and leases.
        let reading = tokio::task::spawn_blocking(move || configuration::read(&text, &known)).await;
        let reading = reading.map_err(|stopped| self.unreadable(&stopped.to_string()))?;
        let mut problems = reading.problems;
        let read = reading.configuration.as_ref();
        let made = self
            .template
            .as_ref()
            .zip(read)
            .map(|(block, read)| Workflow::new(read, &block.into()));
        let (made, refused) = match made.transpose() {
            Ok(made) => (made, None),
            Err(refused) => (None, Some(refused)),
        };
        problems.extend(refused.into_iter().flatten().map(Problem::elsewhere));
        problems.extend(self.look_around(read, cx).await?);
        self.tell(&problems, cx)?;
        Ok(self.shown(read, made, &problems))
    }
}

impl Config {
    /// Errors where the file has to be right, warnings in any case.
    fn tell(&self, problems: &[Problem], cx: &DataContext<Self>) -> Result<(), Diagnostics> {
        let mut errors = Diagnostics::new();
        for problem in problems {
            let told = self.told(problem);
            if problem.violation.is_warning() {
                cx.warn(told);
            } else if self.strict {
                errors.extend([told]);
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    fn told(&self, problem: &Problem) -> Diagnostic {
        let mut told = error::violation_under(&problem.violation, &Path::root());
        told.path = Self::PATH.into();
        let at = &problem.violation.at;
        let place = if at.is_root() { String::new() } else { format!("`{at}`, ") };
        let line = match problem.at {
            Some(Position { line, column }) => format!("line {line}, column {column} of "),
            None => String::new(),
        };
        told.detail = format!("{}\n\nThis is about {place}{line}`{}`.", told.detail, self.path);
        told
    }

    fn unreadable(&self, why: &str) -> Diagnostics {
        let detail = format!(
            "Found that `{}` cannot be read: {why}; expected a configuration file. Next: write the path from the \
             folder in which Terraform runs, or `\"${{path.root}}/aphex-config.yaml\"`.",
            self.path
        );
        Diagnostic::error(Self::PATH, "There is no configuration file", detail).into()
    }

    fn shown(
        self,
        read: Option<&Configuration>,
        made: Option<Workflow>,
        problems: &[Problem],
    ) -> Self {
        let (template, event_source, sensor) = made.map_or((None, None, None), |made| {
            (Some(made.template), made.event_source, made.sensor)
        });
        Self {
            version: read.map(|_| VERSION.to_owned()).into(),
            build: read.map(|read| BuildItem { commands: read.build.clone() }).into(),
            environments: read
                .map(|read| read.environments.iter().map(EnvironmentItem::from).collect::<Vec<_>>())
                .into(),
            problems: problems.iter().map(ProblemItem::from).collect::<Vec<_>>().into(),
            workflow_template: template.into(),
            event_source: event_source.into(),
            sensor: sensor.into(),
            ..self
        }
    }
}

/// The text of a file; what is not UTF-8 is said.
async fn contents(path: PathBuf, most: u64) -> Result<String, String> {
    let read = tokio::task::spawn_blocking(move || files::read(&path, most)).await;
    let (bytes, _) = read.map_err(|stopped| stopped.to_string())?.map_err(|why| why.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

impl From<&ConfiguredEnvironment> for EnvironmentItem {
    fn from(environment: &ConfiguredEnvironment) -> Self {
        let stacks = environment.stacks.iter();
        Self {
            name: environment.name.to_string(),
            region: environment.region.to_string(),
            account: environment.account.to_string(),
            stacks: stacks
                .map(|stack| StackItem {
                    name: stack.name().to_owned(),
                    path: stack.path().to_owned(),
                })
                .collect(),
            test_commands: environment.tests.to_vec(),
        }
    }
}

impl From<&Problem> for ProblemItem {
    fn from(problem: &Problem) -> Self {
        let violation = &problem.violation;
        let number =
            |from: fn(Position) -> usize| problem.at.and_then(|at| u64::try_from(from(at)).ok());
        Self {
            path: violation.at.to_string(),
            line: number(|at| at.line),
            column: number(|at| at.column),
            rule: violation.rule.to_string(),
            severity: violation.severity().to_string(),
            message: violation.to_string(),
        }
    }
}
