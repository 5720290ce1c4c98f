//! Where a state lies: the settings of a backend and a workspace give a file or an object.

use super::{Backend, WorkspaceName};
use crate::artifact::BucketName;
use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

/// The settings of a backend, as its block in Terraform has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackendConfig {
    /// The file of the default workspace (`local`).
    pub path: Option<String>,
    /// The folder of the other workspaces (`local`).
    pub workspace_dir: Option<String>,
    /// The bucket (`s3`).
    pub bucket: Option<String>,
    /// The key of the default workspace's object (`s3`).
    pub key: Option<String>,
    /// The region of the bucket (`s3`).
    pub region: Option<String>,
    /// What the keys of the other workspaces begin with (`s3`).
    pub workspace_key_prefix: Option<String>,
    /// The table that holds the lock (`s3`).
    pub dynamodb_table: Option<String>,
    /// Whether a lock file lies beside the state (`s3`).
    pub use_lockfile: Option<bool>,
}

/// Where one state lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file.
    Local {
        /// Its path, as written or by Terraform's convention.
        path: String,
    },
    /// An object.
    S3 {
        /// The bucket.
        bucket: BucketName,
        /// The key.
        key: String,
        /// The region, where it is named.
        region: Option<String>,
        /// How those who write it wait for each other.
        locking: Option<Locking>,
    },
}

/// How those who write a state in S3 wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locking {
    /// By a table in DynamoDB.
    Table,
    /// By a lock file in S3.
    LockFile,
}

impl Location {
    /// The location as one text: a path, or the URI of an object.
    #[must_use]
    pub fn uri(&self) -> String {
        match self {
            Self::Local { path } => path.clone(),
            Self::S3 { bucket, key, .. } => format!("s3://{bucket}/{key}"),
        }
    }
}

impl BackendConfig {
    /// Where the state of `workspace` lies.
    ///
    /// # Errors
    /// OWN033 for each setting that is missing, of no use, or another backend's.
    pub fn locate(
        &self,
        backend: Backend,
        workspace: &WorkspaceName,
    ) -> Result<Location, Violations> {
        let mut findings = Findings::new();
        findings.extend(self.strangers(backend));
        match backend {
            Backend::Local => findings.finish(Location::Local { path: self.file(workspace) }),
            Backend::S3 => self.object(workspace, findings),
        }
    }

    /// The settings that the other backend has.
    fn strangers(&self, backend: Backend) -> Vec<Violation> {
        let local =
            [("path", self.path.is_some()), ("workspace_dir", self.workspace_dir.is_some())];
        let s3 = [
            ("bucket", self.bucket.is_some()),
            ("key", self.key.is_some()),
            ("region", self.region.is_some()),
            ("workspace_key_prefix", self.workspace_key_prefix.is_some()),
            ("dynamodb_table", self.dynamodb_table.is_some()),
            ("use_lockfile", self.use_lockfile.is_some()),
        ];
        let (others, owner): (&[_], _) = match backend {
            Backend::Local => (&s3, Backend::S3),
            Backend::S3 => (&local, Backend::Local),
        };
        let given = others.iter().filter(|(_, given)| *given);
        given.map(|(name, _)| stranger(name, backend, owner)).collect()
    }

    fn file(&self, workspace: &WorkspaceName) -> String {
        if workspace.is_default() {
            return self.path.clone().unwrap_or_else(|| "terraform.tfstate".to_owned());
        }
        let folder = self.workspace_dir.as_deref().unwrap_or("terraform.tfstate.d");
        format!("{}/{workspace}/terraform.tfstate", folder.trim_end_matches('/'))
    }

    fn object(
        &self,
        workspace: &WorkspaceName,
        mut findings: Findings,
    ) -> Result<Location, Violations> {
        let bucket = needed(self.bucket.as_deref(), "the name of a bucket");
        let bucket = findings.take("bucket", bucket.and_then(|name| name.parse()));
        let key = findings.take("key", self.object_key());
        let prefix = findings.take("workspace_key_prefix", self.prefix());
        let (Some(bucket), Some(key), Some(prefix)) = (bucket, key, prefix) else {
            return Err(findings.fail());
        };
        let key =
            if workspace.is_default() { key } else { joined(&[&prefix, workspace.as_str(), &key]) };
        findings.finish(Location::S3 {
            bucket,
            key,
            region: self.region.clone(),
            locking: self.locking(),
        })
    }

    fn object_key(&self) -> Result<String, Violations> {
        let key = needed(self.key.as_deref(), "the key of an object")?;
        let parts: Vec<&str> = key.split('/').filter(|part| !part.is_empty()).collect();
        let expected =
            "a key without a slash at either end or two in a row, as Terraform's backend wants it";
        as_wanted(&key, parts.join("/"), expected)
    }

    fn prefix(&self) -> Result<String, Violations> {
        let prefix = self.workspace_key_prefix.as_deref().unwrap_or("env:");
        let expected = "a prefix without a slash at either end, as Terraform's backend wants it";
        as_wanted(prefix, prefix.trim_matches('/').to_owned(), expected)
    }

    fn locking(&self) -> Option<Locking> {
        let table = self.dynamodb_table.as_ref().filter(|table| !table.is_empty());
        let file = self.use_lockfile.unwrap_or_default().then_some(Locking::LockFile);
        table.map(|_| Locking::Table).or(file)
    }
}

/// The text, where it is as the backend wants it.
fn as_wanted(text: &str, wanted: String, expected: &'static str) -> Result<String, Violations> {
    if wanted == text {
        return Ok(wanted);
    }
    let next = format!("Write {}.", quoted(&wanted));
    Err(Violation::new(RuleId::OWN033, quoted(text), expected, next).into())
}

/// Paths in one, as the backend joins them: Go's `path.Join` takes out what is empty, `.` and `..`.
fn joined(paths: &[&str]) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in paths.iter().flat_map(|path| path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn needed(value: Option<&str>, what: &str) -> Result<String, Violations> {
    let text = value.filter(|text| !text.trim().is_empty());
    text.map(str::to_owned).ok_or_else(|| {
        let next = "Copy it from the `backend \"s3\"` block of the other configuration.";
        Violation::new(
            RuleId::OWN033,
            "nothing",
            format!("{what}, which the backend `s3` needs"),
            next,
        )
        .into()
    })
}

fn stranger(name: &'static str, backend: Backend, owner: Backend) -> Violation {
    Violation::new(
        RuleId::OWN033,
        format!("`{name}` for the backend `{backend}`"),
        format!("settings of the backend `{backend}` alone"),
        format!("Leave it out, or write `backend = \"{owner}\"`."),
    )
    .under(name)
}
