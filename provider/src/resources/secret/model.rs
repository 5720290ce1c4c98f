//! The HCL of `pipeline_secret`, and the ways between it and the domain.

use pipeline_core::secret::{KeyVaultUrl, RotationDays, Secret as Domain, SecretName, SecretType};
use pipeline_core::{Actor, EnvironmentName, Timestamp, Violations};
use tfplugin::{Computed, Model, Text};

/// What is known of a secret in an Azure Key Vault, and when it is due to be rotated. Never its value: no
/// argument takes one, and neither state nor ledger holds one.
///
/// The record is kept in the ledger, where `pipeline_secret_rotations` of any configuration finds it. A
/// secret whose rotation is overdue warns at every plan, and changes nothing by that. After a rotation in
/// the Key Vault, set `last_rotated_at`.
///
/// Destroying it removes the record. The Key Vault is never touched.
#[derive(Debug, Clone, Model)]
pub struct Secret {
    /// Name of the secret in the Key Vault: 1 to 127 letters, digits and hyphens. Names that differ only in
    /// case are one secret, as in the Key Vault.
    #[tf(identity, requires_replace)]
    pub name: Text<SecretName>,
    /// Environment that uses it. It has to be registered.
    #[tf(identity, requires_replace)]
    pub environment: Text<EnvironmentName>,
    /// HTTPS URL of the Key Vault, such as `https://kv-shop-prod.vault.azure.net/`.
    pub key_vault_url: Text<KeyVaultUrl>,
    /// What it is: `ConnectionString`, `ApiKey`, `Certificate` or `Other`.
    pub r#type: Text<SecretType>,
    /// After how many days it is to be rotated again.
    #[tf(default = i64::from(RotationDays::DEFAULT), validate = rotation_days)]
    pub rotation_schedule_days: i64,
    /// When it was rotated last, in UTC. Leave it out where it never was.
    pub last_rotated_at: Option<Text<Timestamp>>,
    /// When somebody read it last, in UTC, as the audit log of the Key Vault says.
    pub last_accessed_at: Option<Text<Timestamp>>,
    /// Whether anything uses it. One that nothing uses is never overdue.
    #[tf(default = true)]
    pub is_active: bool,
    /// Person or system that made it. Defaults to who first applies this.
    #[tf(optional, use_state_for_unknown)]
    pub created_by: Computed<Text<Actor>>,
    /// When it is to be rotated next, in UTC; null where it never was.
    pub next_rotation_due: Computed<Option<Text<Timestamp>>>,
    /// When it was recorded, in UTC.
    #[tf(use_state_for_unknown)]
    pub registered_at: Computed<Text<Timestamp>>,
    /// When the record last changed, in UTC.
    pub updated_at: Computed<Text<Timestamp>>,
}

impl Secret {
    /// The domain's secret, made by `actor` where nobody is said.
    ///
    /// # Errors
    /// Every rule that the arguments break, each at its own.
    pub(super) fn domain(&self, actor: &Actor) -> Result<Domain, Violations> {
        let days = RotationDays::try_from(self.rotation_schedule_days);
        Ok(Domain {
            environment: self.environment.0.clone(),
            name: self.name.0.clone(),
            key_vault_url: self.key_vault_url.0.clone(),
            secret_type: self.r#type.0,
            rotation_schedule_days: days.map_err(|bad| bad.under("rotation_schedule_days"))?,
            last_rotated_at: self.last_rotated_at.map(|at| at.0),
            last_accessed_at: self.last_accessed_at.map(|at| at.0),
            created_by: self.created_by.get().map_or_else(|| actor.clone(), |by| by.0.clone()),
            is_active: self.is_active,
        })
    }

    /// The arguments that say what `domain` says.
    pub(super) fn of_domain(domain: &Domain) -> Self {
        let url = domain.key_vault_url.clone();
        let (name, environment) = (domain.name.clone(), domain.environment.clone());
        Self {
            rotation_schedule_days: domain.rotation_schedule_days.into(),
            last_rotated_at: domain.last_rotated_at.map(Text),
            last_accessed_at: domain.last_accessed_at.map(Text),
            is_active: domain.is_active,
            ..Self::blank(name, environment, url, domain.secret_type)
        }
    }
}

fn rotation_days(days: &i64) -> Result<(), Violations> {
    RotationDays::try_from(*days).map(drop)
}
