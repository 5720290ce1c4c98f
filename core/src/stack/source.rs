//! Where the template of a stack is, as a configuration says it. Nothing is read here.

use std::fmt;
use std::path::{Component, Path};
use std::str::FromStr;

use crate::base::foreign::hidden_fault;
use crate::base::rule::RuleId;
use crate::base::secrecy::url_secret;
use crate::base::violation::{Violation, Violations, quoted};

/// Where a template is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateSource {
    /// A file, by its path from the root of the checkout, which it does not leave.
    File(String),
    /// An object in S3.
    S3 {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// An object in S3, by its HTTPS URL.
    Url(String),
}

impl FromStr for TemplateSource {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if let Some(what) = url_secret(text) {
            let found = format!("a template with {what}");
            return Err(bad(
                found,
                "Write the URL without it: CloudFormation reads it with your credentials.",
            ));
        }
        if let Some(object) = text.strip_prefix("s3://") {
            let parts = object
                .split_once('/')
                .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty());
            let (bucket, key) = parts.ok_or_else(|| {
                bad(quoted(text), "Write `s3://`, the bucket, a slash and the key.")
            })?;
            return Ok(Self::S3 { bucket: bucket.to_owned(), key: key.to_owned() });
        }
        if text.starts_with("https://") {
            return Ok(Self::Url(text.to_owned()));
        }
        let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        let path = Path::new(text);
        let is_file = path.file_name().is_some() && path.components().all(inside);
        if is_file && !text.contains("://") && hidden_fault(text).is_none() {
            return Ok(Self::File(text.to_owned()));
        }
        Err(bad(
            quoted(text),
            "Write a path such as `cdk.out/App.template.json`, without `..` and without a slash in front.",
        ))
    }
}

fn bad(found: String, next: &str) -> Violations {
    let expected = "the path of a file inside the repository, or `s3://bucket/key`, or the HTTPS URL of an object in S3";
    Violation::new(RuleId::OWN050, found, expected, next).into()
}

impl fmt::Display for TemplateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(text) | Self::Url(text) => f.pad(text),
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

text_serde!(TemplateSource);
