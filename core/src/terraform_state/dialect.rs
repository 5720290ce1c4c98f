//! A Terraform state in the JSON of the documented systems: what is known of it, never what is in it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Backend, BackendConfig, ResourcesCount, TerraformVersion, WorkspaceName};
use crate::DeploymentUuid;
use crate::Timestamp;
use crate::artifact::Sha256;
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, flag, parsed, text, whole};
use crate::base::violation::Violations;

/// What is known of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownState {
    /// Its lineage, which stays the same from the first write on.
    pub id: DeploymentUuid,
    /// Its workspace.
    pub workspace: WorkspaceName,
    /// Where it lies.
    pub backend: Backend,
    /// The settings of its backend.
    pub backend_config: BackendConfig,
    /// How many resources it manages.
    pub resources_count: ResourcesCount,
    /// When it was written last.
    pub last_updated: Timestamp,
    /// What wrote it last.
    pub terraform_version: TerraformVersion,
    /// The SHA-256 of its bytes.
    pub state_file_hash: Sha256,
}

impl Documented for KnownState {
    const DIALECTS: &'static [Dialect] = &[Dialect::D000];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        let id = fields.must("id", parsed);
        let workspace = fields.must("workspace", parsed);
        let backend = fields.must("backend", parsed);
        let config = fields.must("backend_config", config);
        let count = fields.must("resources_count", |it| ResourcesCount::new(whole(it)?));
        let updated = fields.must("last_updated", parsed);
        let version = fields.must("terraform_version", parsed);
        let hash = fields.must("state_file_hash", parsed);
        if let (Some(backend), Some(config), Some(workspace)) = (backend, &config, &workspace) {
            fields.part("backend_config", config.locate(backend, workspace));
        }
        let first = id.zip(workspace).zip(backend).zip(config);
        let second = count.zip(updated).zip(version).zip(hash);
        let made = first.zip(second).map(
            |(
                (((id, workspace), backend), backend_config),
                (((count, updated), version), hash),
            )| {
                Self {
                    id,
                    workspace,
                    backend,
                    backend_config,
                    resources_count: count,
                    last_updated: updated,
                    terraform_version: version,
                    state_file_hash: hash,
                }
            },
        );
        fields.finish(made)
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        let config = &self.backend_config;
        let texts = BTreeMap::from([
            ("path", &config.path),
            ("workspace_dir", &config.workspace_dir),
            ("bucket", &config.bucket),
            ("key", &config.key),
            ("region", &config.region),
            ("workspace_key_prefix", &config.workspace_key_prefix),
            ("dynamodb_table", &config.dynamodb_table),
        ]);
        let said = texts.into_iter().filter_map(|(name, it)| Some((name, json!(it.as_ref()?))));
        let lock = config.use_lockfile.map(|is_used| ("use_lockfile", json!(is_used)));
        let said: Map<String, Value> =
            said.chain(lock).map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Told::whole(json!({
            "id": self.id,
            "workspace": self.workspace,
            "backend": self.backend,
            "backend_config": said,
            "resources_count": self.resources_count.get(),
            "last_updated": self.last_updated,
            "terraform_version": self.terraform_version,
            "state_file_hash": self.state_file_hash,
        })))
    }
}

fn config(json: &Value) -> Result<BackendConfig, Violations> {
    let mut fields = Fields::of(json)?;
    let made = BackendConfig {
        path: fields.may("path", text),
        workspace_dir: fields.may("workspace_dir", text),
        bucket: fields.may("bucket", text),
        key: fields.may("key", text),
        region: fields.may("region", text),
        workspace_key_prefix: fields.may("workspace_key_prefix", text),
        dynamodb_table: fields.may("dynamodb_table", text),
        use_lockfile: fields.may("use_lockfile", flag),
    };
    fields.finish(Some(made))
}
