//! A push to a branch in the JSON of the documented systems: what of GitHub's payload matters to them.

use serde_json::{Value, json};

use super::PushEvent;
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, parsed, text};
use crate::base::revision::BranchName;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

impl Documented for PushEvent {
    const DIALECTS: &'static [Dialect] = &[Dialect::D004];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        let commit_sha = fields.must("commit_sha", parsed);
        let branch = fields.must("branch", branch);
        let repo_url = fields.must("repo_url", parsed);
        let author = fields.must("author", text);
        let message = fields.must("message", text);
        let timestamp = fields.must("timestamp", parsed);
        let texts = branch.zip(author).zip(message);
        let made = match (commit_sha, repo_url, timestamp, texts) {
            (
                Some(commit_sha),
                Some(repo_url),
                Some(timestamp),
                Some(((branch, author), message)),
            ) => Some(Self {
                commit_sha,
                branch,
                repo_url,
                author,
                message,
                timestamp,
                repository: None,
                pusher: None,
                created: false,
                forced: false,
            }),
            _ => None,
        };
        fields.finish(made)
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        let json = json!({
            "commit_sha": self.commit_sha,
            "branch": self.branch,
            "repo_url": self.repo_url.to_string(),
            "author": self.author,
            "message": self.message,
            "timestamp": self.timestamp,
        });
        let lost = [
            ("repository", self.repository.is_some()),
            ("pusher", self.pusher.is_some()),
            ("created", self.created),
            ("forced", self.forced),
        ];
        let left_out = lost.into_iter().filter(|(_, is_said)| *is_said).map(|(name, _)| name);
        Ok(Told { json, left_out: left_out.collect() })
    }
}

/// EVT002: the ref of a branch.
fn branch(json: &Value) -> Result<String, Violations> {
    let name = text(json)?;
    let short = name.strip_prefix("refs/heads/").ok_or_else(|| {
        let next = "Write the whole name of the ref.";
        Violation::new(RuleId::EVT002, quoted(&name), "a branch, as in `refs/heads/main`", next)
    })?;
    short.parse::<BranchName>()?;
    Ok(name)
}
