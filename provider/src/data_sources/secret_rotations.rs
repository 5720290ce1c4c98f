//! `pipeline_secret_rotations`: which secrets are to be rotated, and when.

use pipeline_core::secret::{SecretRecord, rotations};
use pipeline_core::{EnvironmentName, Timestamp};
use tfplugin::{Computed, DataContext, DataSource, Diagnostics, Model, Path, Text};

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;

/// The secrets that are recorded, and when each is to be rotated. Their values are nowhere.
///
/// What is overdue is judged by the time of each read.
#[derive(Debug, Clone, Model)]
pub struct SecretRotations {
    /// Name of an environment. All environments where absent.
    pub environment: Option<Text<EnvironmentName>>,
    /// Whether to list only secrets whose rotation is overdue (`true`), or only the others (`false`). All
    /// where absent.
    pub overdue: Option<bool>,
    /// Secrets, by environment and name.
    pub rotations: Computed<Vec<SecretRotation>>,
}

/// A secret.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct SecretRotation {
    /// Environment that uses it.
    pub environment: String,
    /// Name in the Key Vault.
    pub name: String,
    /// URL of the Key Vault.
    pub key_vault_url: String,
    /// What it is.
    pub r#type: String,
    /// After how many days it is to be rotated again.
    pub rotation_schedule_days: u64,
    /// When it was rotated last, in UTC; null where it never was.
    pub last_rotated_at: Option<String>,
    /// When it is to be rotated next, in UTC; null where it never was.
    pub next_rotation_due: Option<String>,
    /// Whether its rotation is overdue.
    pub overdue: bool,
    /// Whether anything uses it.
    pub is_active: bool,
    /// When somebody read it last, in UTC, as far as that is known.
    pub last_accessed_at: Option<String>,
    /// Person or system that made it.
    pub created_by: String,
}

impl DataSource for SecretRotations {
    const NAME: &'static str = "pipeline_secret_rotations";
    type Provider = Pipeline;

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let (environment, now) = (self.environment.as_deref(), session.now());
        let found = rotations(&session.ledger(), environment, self.overdue, now).await;
        let (records, unusable) = found.blame(Path::root())?;
        for record in &unusable {
            cx.warn(error::unusable(Self::ROTATIONS, record));
        }
        let shown: Vec<_> = records.iter().map(|it| SecretRotation::of(it, now)).collect();
        Ok(Self { rotations: shown.into(), ..self })
    }
}

impl SecretRotation {
    fn of(record: &SecretRecord, now: Timestamp) -> Self {
        let told = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Self {
            environment: record.environment.to_string(),
            name: record.name.to_string(),
            key_vault_url: record.key_vault_url.to_string(),
            r#type: record.secret_type.to_string(),
            rotation_schedule_days: record.rotation_schedule_days.get().into(),
            last_rotated_at: told(record.last_rotated_at),
            next_rotation_due: told(record.next_rotation_due()),
            overdue: record.is_overdue(now),
            is_active: record.is_active,
            last_accessed_at: told(record.last_accessed_at),
            created_by: record.created_by.to_string(),
        }
    }
}
