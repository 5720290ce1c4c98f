//! `pipeline_report`: what runs where, what happened, what to do; for people.

use pipeline_core::report::{
    self, Figure, GithubRun, LaneMetrics, Link, ReportQuestion, check_github_run, check_links,
    check_run, survey,
};
use pipeline_core::run::RunKey;
use pipeline_core::{EnvironmentName, Timestamp};
use tfplugin::{Computed, DataContext, DataSource, Diagnostic, Diagnostics, Model, Path, Text};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;

/// A report of what runs where since when, what is under way, what would be promoted, what failed and was
/// taken back, what can be gone back to, and what needs attention; with the five figures of DORA.
///
/// It is the same until something happens: its time is that of the newest record, unless `at` says otherwise.
/// Links to workflows are there for those that the repository has in `.github/workflows`, where the provider
/// block's `github` or GitHub Actions names the repository.
///
/// Each figure says its `n` and its definition. Fewer than five deployments make no figure, a shallow clone
/// no lead time, and rework is not recorded where no deployment says what it fixes (`fixes`). Not in it: freezes, order and soak.
#[derive(Debug, Clone, Model)]
pub struct Report {
    /// Names of environments, in the order in which versions go through them. All registered ones where
    /// absent, those that serve the public last.
    pub environments: Option<Vec<Text<EnvironmentName>>>,
    /// Since when history and figures count, such as `2026-01-01T00:00:00Z`. Ninety days before its time
    /// where absent.
    pub since: Option<Text<Timestamp>>,
    /// Time that it is judged by: for how long a version runs, what is overdue. That of the newest record
    /// where absent. It hides no newer record.
    pub at: Option<Text<Timestamp>>,
    /// ID of a `pipeline_run` that is over, as `name/run_id`: the report begins with it.
    pub run: Option<Text<RunKey>>,
    /// ID of the GitHub Actions run that `run` went on in. The one that its deployments name where absent.
    pub workflow_run_id: Option<Text<GithubRun>>,
    /// What it is called. The name of the repository on GitHub where absent.
    pub title: Option<String>,
    /// All of it as JSON.
    pub json: Computed<String>,
    /// GitHub-flavoured Markdown for the summary of a job: at most 1,000,000 bytes; it says what was cut.
    pub markdown: Computed<String>,
    /// One HTML page without scripts and without anything to load.
    pub html: Computed<String>,
    /// Workflows that can be started, each with its command.
    pub action_links: Computed<Vec<ReportLink>>,
    /// Figures of each sub-project in each environment.
    pub metrics: Computed<Vec<ReportMetric>>,
}

/// A link to a workflow.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ReportLink {
    /// What it says.
    pub label: String,
    /// Page of the workflow.
    pub url: String,
    /// What it is for: `deployment`, `release`, `maintenance`, `rollback` or `state`.
    pub category: String,
    /// Command that starts the workflow with its inputs.
    pub command: String,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct ReportMetric {
    /// Environment.
    pub environment: String,
    /// Path of the sub-project; empty for the root project.
    pub sub_project_path: String,
    /// `deployment_frequency`, `change_lead_time`, `change_fail_rate`, `failed_deployment_recovery_time` or
    /// `deployment_rework_rate`.
    pub key: String,
    /// Deployments in a week, seconds, or a share from 0 to 1; null where nothing can be said.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: String,
    /// Value as people read it, or why there is none.
    pub shown: String,
    /// How many deployments, commits or failures it is made from.
    pub n: u64,
    /// What it means.
    pub definition: String,
}

impl DataSource for Report {
    const NAME: &'static str = "pipeline_report";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let github_run = self.workflow_run_id.as_ref().map(|it| it.0);
        let alone = check_github_run(github_run, self.run.as_deref());
        error::settle(alone.as_slice(), |it| cx.warn(it))?;
        let session = cx.provider.open().await?;
        let wanted: Option<Vec<EnvironmentName>> =
            self.environments.as_ref().map(|names| names.iter().map(|it| it.0.clone()).collect());
        let (grammar, run) = (&session.settings.grammar, self.run.as_deref());
        let found = survey::survey(&session.ledger(), grammar, wanted.as_deref(), run).await;
        let mut facts = found.blame(Path::root())?;
        let not_over = run.and_then(|key| check_run(key, facts.run.as_ref()));
        error::settle(not_over.as_slice(), |it| cx.warn(it))?;
        let github = session.settings.github.as_ref();
        facts.github = github.map(|it| it.repository.clone());
        facts.clock = Some(session.now());
        let question = ReportQuestion {
            title: self.title.clone(),
            since: self.since.as_ref().map(|it| it.0),
            at: self.at.as_ref().map(|it| it.0),
            github_run,
        };
        let (since, _) = facts.period(&question).ok_or_else(no_time)?;
        let looked = survey::look_at_repository(session.repository, &mut facts, since).await;
        looked.map_err(|error| error::git(&error, &Path::root()))?;
        let report = facts.report(&question).ok_or_else(no_time)?;
        error::settle(report.check_time(&question).as_slice(), |it| cx.warn(it))?;
        let owing = github.filter(|it| it.is_configured).map(|it| &it.repository);
        error::settle(check_links(&report.action_links, owing).as_slice(), |it| cx.warn(it))?;
        let links: Vec<_> = report.action_links.iter().map(ReportLink::from).collect();
        let metrics: Vec<_> = report.metrics.iter().flat_map(figures).collect();
        let json = serde_json::to_string(&report).map_err(|error| unprintable(&error))?;
        Ok(Self {
            json: json.into(),
            markdown: report.markdown().into(),
            html: report.html().into(),
            action_links: links.into(),
            metrics: metrics.into(),
            ..self
        })
    }
}

impl From<&Link> for ReportLink {
    fn from(link: &Link) -> Self {
        Self {
            label: link.label.clone(),
            url: link.url.clone(),
            category: link.category.to_string(),
            command: link.command.clone(),
        }
    }
}

fn figures(of: &LaneMetrics) -> impl Iterator<Item = ReportMetric> + '_ {
    let report::Lane { environment, sub_project_path, .. } = &of.lane;
    of.figures.iter().map(move |figure: &Figure| ReportMetric {
        environment: environment.to_string(),
        sub_project_path: sub_project_path.to_string(),
        key: figure.key.to_owned(),
        value: figure.value,
        unit: figure.unit.to_owned(),
        shown: figure.shown.clone(),
        n: u64::try_from(figure.n).unwrap_or(u64::MAX),
        definition: figure.definition.to_owned(),
    })
}

fn no_time() -> Diagnostics {
    let told = "Found no time in the calendar to judge it by. Next: set `at`.";
    Diagnostic::error(Report::AT, "The report has no time", told).into()
}

fn unprintable(error: &serde_json::Error) -> Diagnostics {
    let told = format!("Found that {error}. Next: report this as a bug of the provider.");
    Diagnostic::error(Report::JSON, "The report cannot be printed", told).into()
}
