//! What a deployment brings along and what is found out about it: artifacts, migrations, health
//! checks and attempts, with the words of documents 002 and 003.

use serde::{Deserialize, Serialize};

use crate::base::rule::RuleId;
use crate::base::violation::{Findings, Violation, Violations, quoted};

closed_list! {
    /// What became of the migrations of a database.
    pub enum MigrationStatus breaks DEP034 {
        /// There was nothing to migrate.
        NotRequired = "not-required",
        /// They were applied.
        Success = "success",
        /// They could not be applied.
        Failed = "failed",
        /// They were taken back.
        RolledBack = "rolled-back",
    }
}

closed_list! {
    /// What a health check found.
    pub enum HealthCheckStatus breaks DEP035 {
        /// All is well.
        Passed = "passed",
        /// The answer was bad.
        Failed = "failed",
        /// There was no good answer in time.
        Timeout = "timeout",
    }
}

/// The result of a health check; only one that passed has a response time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HealthCheckResult {
    /// All is well.
    Passed {
        /// How long the good answer took, in milliseconds.
        response_time_ms: Option<u64>,
    },
    /// The answer was bad.
    Failed,
    /// There was no good answer in time.
    Timeout,
}

impl HealthCheckResult {
    /// Puts word and response time together.
    ///
    /// # Errors
    /// DEP036 for the response time of a health check that did not pass.
    pub fn new(
        status: HealthCheckStatus,
        response_time_ms: Option<u64>,
    ) -> Result<Self, Violations> {
        match (status, response_time_ms) {
            (HealthCheckStatus::Passed, response_time_ms) => Ok(Self::Passed { response_time_ms }),
            (HealthCheckStatus::Failed, None) => Ok(Self::Failed),
            (HealthCheckStatus::Timeout, None) => Ok(Self::Timeout),
            (_, Some(time)) => Err(Violation::new(
                RuleId::DEP036,
                format!("`{time}`"),
                format!("no response time, because the health check is `{status}`"),
                "Leave the response time out.",
            )
            .under("response_time_ms")
            .into()),
        }
    }

    /// The word.
    #[must_use]
    pub const fn status(self) -> HealthCheckStatus {
        match self {
            Self::Passed { .. } => HealthCheckStatus::Passed,
            Self::Failed => HealthCheckStatus::Failed,
            Self::Timeout => HealthCheckStatus::Timeout,
        }
    }

    /// How long the good answer took, in milliseconds.
    #[must_use]
    pub const fn response_time_ms(self) -> Option<u64> {
        match self {
            Self::Passed { response_time_ms } => response_time_ms,
            Self::Failed | Self::Timeout => None,
        }
    }
}

/// The migrations of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Migrations {
    /// What became of them.
    pub status: MigrationStatus,
    /// Their names, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applied: Vec<String>,
}

/// A built artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArtifactInfo {
    path: String,
    size_bytes: u64,
    build_duration_ms: u64,
}

impl ArtifactInfo {
    /// An artifact at this path, of this size, built in this time.
    ///
    /// # Errors
    /// DEP033 for an empty path and for negative numbers.
    pub fn new(path: &str, size_bytes: i64, build_duration_ms: i64) -> Result<Self, Violations> {
        let mut findings = Findings::new();
        findings.require(!path.trim().is_empty(), || {
            let next = "Write where the artifact lies.";
            Violation::new(RuleId::DEP033, quoted(path), "the path of the artifact", next)
                .under("path")
        });
        let size = findings.take("size_bytes", not_negative(size_bytes));
        let duration = findings.take("build_duration_ms", not_negative(build_duration_ms));
        let (Some(size_bytes), Some(build_duration_ms)) = (size, duration) else {
            return Err(findings.fail());
        };
        findings.finish(Self { path: path.to_owned(), size_bytes, build_duration_ms })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its size in bytes.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// How long it took to build, in milliseconds.
    #[must_use]
    pub const fn build_duration_ms(&self) -> u64 {
        self.build_duration_ms
    }
}

fn not_negative(number: i64) -> Result<u64, Violations> {
    u64::try_from(number).map_err(|_| {
        let next = "Write the measured number.";
        Violation::new(RuleId::DEP033, format!("`{number}`"), "a number that is not negative", next)
            .into()
    })
}

impl<'de> Deserialize<'de> for ArtifactInfo {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            path: String,
            size_bytes: i64,
            build_duration_ms: i64,
        }
        let raw = Raw::deserialize(deserializer)?;
        Self::new(&raw.path, raw.size_bytes, raw.build_duration_ms)
            .map_err(serde::de::Error::custom)
    }
}

/// How often git operations were attempted: once, twice or three times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Attempts(u8);

impl Attempts {
    /// How many there are at most.
    pub const MOST: u8 = 3;

    /// The first attempt.
    pub const FIRST: Self = Self(1);

    /// That many attempts.
    ///
    /// # Errors
    /// DEP052 unless it is 1, 2 or 3.
    pub fn new(count: i64) -> Result<Self, Violations> {
        match u8::try_from(count) {
            Ok(count @ 1..=Self::MOST) => Ok(Self(count)),
            _ => Err(Violation::new(
                RuleId::DEP052,
                format!("`{count}`"),
                "1, 2 or 3 attempts",
                "Write how often the push was attempted.",
            )
            .into()),
        }
    }

    /// So many of one operation, which is never attempted more often than [`Self::MOST`].
    pub(crate) fn of_one(count: u32) -> Self {
        Self(u8::try_from(count).unwrap_or(Self::MOST).clamp(1, Self::MOST))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Attempts {
    fn default() -> Self {
        Self::FIRST
    }
}

impl<'de> Deserialize<'de> for Attempts {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
