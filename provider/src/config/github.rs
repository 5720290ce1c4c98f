//! The `github` block: where the repository is shown, and its workflows started.

use pipeline_core::action_link::{GITHUB, GithubRepository};
use tfplugin::{Diagnostics, Model, Path};

use super::Config;
use crate::error;
use crate::surroundings::Surroundings;

/// The repository on GitHub, for links. Defaults to what GitHub Actions says (`GITHUB_SERVER_URL`,
/// `GITHUB_REPOSITORY`).
#[derive(Debug, Clone, Model)]
pub struct GithubConfig {
    /// Host of a GitHub Enterprise Server. Defaults to the one of `GITHUB_SERVER_URL`, then to `github.com`.
    pub host: Option<String>,
    /// Owner and name, such as `example/shop`. Defaults to `GITHUB_REPOSITORY`.
    pub repository: Option<String>,
}

/// The repository on GitHub, and whether somebody named it.
#[derive(Debug, Clone)]
pub struct GithubSettings {
    /// Which.
    pub repository: GithubRepository,
    /// Whether the provider block says so: then a report owes its links.
    pub is_configured: bool,
}

impl GithubSettings {
    /// The repository of the block, completed by the variables of GitHub Actions; `None` where neither
    /// names one. Variables that name none are passed over: they are not the reader's.
    ///
    /// # Errors
    /// LNK002 for a block that names no repository of GitHub.
    pub fn new(
        config: Option<GithubConfig>,
        around: &Surroundings,
    ) -> Result<Option<Self>, Diagnostics> {
        let server = around.variable("GITHUB_SERVER_URL");
        let server = server.as_deref().and_then(|url| url.strip_prefix("https://"));
        let server = server.map(|host| host.trim_end_matches('/').to_owned());
        let by_ci = around.variable("GITHUB_REPOSITORY");
        let is_configured = config.is_some();
        let GithubConfig { host, repository } =
            config.unwrap_or(GithubConfig { host: None, repository: None });
        let host = host.or(server).unwrap_or_else(|| GITHUB.to_owned());
        let Some(name) = repository.or(by_ci) else { return Ok(None) };
        match GithubRepository::new(&host, &name) {
            Ok(repository) => Ok(Some(Self { repository, is_configured })),
            Err(_) if !is_configured => Ok(None),
            Err(bad) => Err(error::violations(&bad, &Path::from(Config::GITHUB))),
        }
    }
}
