//! Where a workflow lives: the repository on GitHub, and the address of the workflow's page.

use std::fmt;
use std::str::FromStr;

use url::{Url, form_urlencoded};

use crate::base::rule::RuleId;
use crate::base::url::HttpUrl;
use crate::base::violation::{Violation, Violations, quoted};

use super::{Inputs, Workflow};

/// The host of GitHub itself.
pub const GITHUB: &str = "github.com";

/// A repository on GitHub, or on a GitHub Enterprise Server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GithubRepository {
    host: String,
    path: String,
}

impl GithubRepository {
    /// The repository `path`, written `owner/name`, at `host`.
    ///
    /// # Errors
    /// [`LNK002`](RuleId::LNK002) where either could not be so named.
    pub fn new(host: &str, path: &str) -> Result<Self, Violations> {
        let host = host.to_lowercase();
        let is_host = format!("https://{host}").parse::<HttpUrl>().is_ok() && !host.contains('/');
        let parts: Vec<&str> = path.split('/').collect();
        if is_host && parts.len() == 2 && parts.iter().all(|part| is_name(part)) {
            return Ok(Self { host, path: path.to_owned() });
        }
        let found = quoted(&format!("{host}/{path}"));
        let expected = "a repository of GitHub, `owner/name`, with the host of its server in front if it is not github.com";
        let next = "Write it as GitHub shows it, such as `example/shop`.";
        Err(Violation::new(RuleId::LNK002, found, expected, next).into())
    }

    /// The host of the server, such as `github.com`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Owner and name, such as `example/shop`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The address of the repository's page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}/{}", self.host, self.path)
    }
}

fn is_name(part: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !part.is_empty()
        && part.len() <= 100
        && part.bytes().all(letters)
        && !matches!(part, "." | "..")
}

impl FromStr for GithubRepository {
    type Err = Violations;
    /// Reads `owner/name` or `host/owner/name`, as `gh --repo` does.
    fn from_str(text: &str) -> Result<Self, Violations> {
        match text.match_indices('/').count() {
            2 => text
                .split_once('/')
                .map_or_else(|| Self::new(GITHUB, text), |(host, path)| Self::new(host, path)),
            _ => Self::new(GITHUB, text),
        }
    }
}

impl fmt::Display for GithubRepository {
    /// As `gh --repo` reads it: the host only where it is not GitHub's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host != GITHUB {
            write!(f, "{}/", self.host)?;
        }
        f.write_str(&self.path)
    }
}

/// The address of a workflow's page, with the inputs that it is to be started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionUrl {
    /// Whose workflow.
    pub repository: GithubRepository,
    /// Which workflow.
    pub workflow: Workflow,
    /// What it is started with.
    pub inputs: Inputs,
}

impl ActionUrl {
    /// Reads the address of a workflow on the GitHub at `host`.
    ///
    /// # Errors
    /// [`LNK002`](RuleId::LNK002) for another address, [`LNK004`](RuleId::LNK004) for an unknown workflow or
    /// inputs that are not written `name:value,name:value`.
    pub fn read(text: &str, host: &str) -> Result<Self, Violations> {
        let url = text.parse::<HttpUrl>().map_err(|faults| faults.as_rule(RuleId::LNK002))?;
        let elsewhere = || elsewhere(&url, host);
        if !url.is_https() || !url.host().eq_ignore_ascii_case(host) {
            return Err(elsewhere().into());
        }
        let parsed = Url::parse(text).map_err(|_| elsewhere())?;
        let segments: Vec<&str> = parsed.path_segments().map(Iterator::collect).unwrap_or_default();
        let [owner, name, "actions", "workflows", file] = segments.as_slice() else {
            return Err(elsewhere().into());
        };
        let repository = GithubRepository::new(host, &format!("{owner}/{name}"))?;
        let workflow =
            file.strip_suffix(".yml").or_else(|| file.strip_suffix(".yaml")).unwrap_or(file);
        let workflow = workflow.parse::<Workflow>()?;
        let inputs = parsed.query().into_iter().flat_map(|query| query.split('&'));
        let inputs =
            inputs.filter_map(|part| part.strip_prefix("inputs=")).next().unwrap_or_default();
        let inputs = read_inputs(inputs)?;
        Ok(Self { repository, workflow, inputs })
    }
}

/// `name:value,name:value`, escaped as in a query; some escape colon and comma as well.
fn read_inputs(list: &str) -> Result<Inputs, Violation> {
    let list = if list.contains(':') { list.to_owned() } else { unescaped(list) };
    let pair = |part: &str| {
        let (name, value) = part.split_once(':')?;
        Some((unescaped(name), unescaped(value)))
    };
    list.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| {
            pair(part).ok_or_else(|| {
                let next = "Write a colon between name and value, a comma between inputs.";
                Violation::new(RuleId::LNK004, quoted(part), "an input, `name:value`", next)
            })
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    // A pair without `=` is a name without a value.
    let text = text.replace('=', "%3D").replace('&', "%26");
    let first = form_urlencoded::parse(text.as_bytes()).next();
    first.map(|(name, _)| name.into_owned()).unwrap_or_default()
}

fn elsewhere(url: &HttpUrl, host: &str) -> Violation {
    let found = quoted(url.without_query().as_str());
    let expected =
        format!("the page of a workflow, `https://{host}/<owner>/<name>/actions/workflows/<file>`");
    let next = "Open the workflow on GitHub and take the address of that page.";
    Violation::new(RuleId::LNK002, found, expected, next)
}

impl fmt::Display for ActionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { repository, workflow, inputs } = self;
        write!(f, "{}/actions/workflows/{}", repository.url(), workflow.file())?;
        for (position, (name, value)) in inputs.iter().enumerate() {
            f.write_str(if position == 0 { "?inputs=" } else { "," })?;
            write!(
                f,
                "{name}:{}",
                form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>()
            )?;
        }
        Ok(())
    }
}
