//! `pipeline_terraform_state`: a state of Terraform, in a file or in S3.
//!
//! Where it lies and what is in it is `pipeline_core`'s; here its outputs become values of Terraform.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use pipeline_aws::fault::FaultKind;
use pipeline_aws::state::{StateBucket, StateError};
use pipeline_core::artifact::Sha256;
use pipeline_core::terraform_state::local::{LocalStateError, StateBytes};
use pipeline_core::terraform_state::rules as policy;
use pipeline_core::terraform_state::{
    Backend, BackendConfig, Location, Output, StateFile, WorkspaceName,
};
use pipeline_core::{Timestamp, Violations};
use tfplugin::codec::json;
use tfplugin::types::Type;
use tfplugin::{
    Computed, DataContext, DataSource, Diagnostic, Diagnostics, FieldValue, Model, Path, Text,
    Value,
};

use crate::error;
use crate::pipeline::Pipeline;

/// A state of Terraform or OpenTofu: what wrote it, how much it manages, and what it gives to others.
///
/// The state is read whole and without a lock. Of its outputs only those are shown that are neither
/// sensitive nor named like a secret; of its resources, only their number.
#[derive(Debug, Clone, Model)]
pub struct TerraformState {
    /// Backend that holds the state: `local` or `s3`.
    pub backend: Text<Backend>,
    /// Workspace.
    #[tf(default = "default")]
    pub workspace: Text<WorkspaceName>,
    /// Settings of the backend, as its block in the other configuration has them.
    pub backend_config: BackendConfigBlock,
    /// SHA-256 of the bytes of the state. Where it is given, any other state is refused.
    #[tf(optional)]
    pub state_file_hash: Computed<Text<Sha256>>,
    /// ID of the state: its lineage.
    pub id: Computed<String>,
    /// Lineage, which stays the same from the first apply on.
    pub lineage: Computed<String>,
    /// Serial number, which grows with every write.
    pub serial: Computed<u64>,
    /// Version of the Terraform or OpenTofu that wrote it.
    pub terraform_version: Computed<String>,
    /// How many objects it manages, data sources not counted.
    pub resources_count: Computed<u64>,
    /// When it was written, in UTC; null where that is not known.
    pub last_updated: Computed<Option<Text<Timestamp>>>,
    /// Names of all outputs.
    pub output_names: Computed<Vec<String>>,
    /// Outputs by name, without those that are sensitive or named like a secret.
    pub outputs: Computed<Value>,
}

/// Settings of a backend.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct BackendConfigBlock {
    /// File of the default workspace, for `local`. Defaults to `terraform.tfstate`.
    pub path: Option<String>,
    /// Folder of the other workspaces, for `local`. Defaults to `terraform.tfstate.d`.
    pub workspace_dir: Option<String>,
    /// Bucket, for `s3`.
    pub bucket: Option<String>,
    /// Key of the default workspace's object, for `s3`.
    pub key: Option<String>,
    /// Region of the bucket, for `s3`. Defaults to that of the provider's `aws` block.
    pub region: Option<String>,
    /// What the keys of the other workspaces begin with, for `s3`. Defaults to `env:`.
    pub workspace_key_prefix: Option<String>,
    /// DynamoDB table that holds the lock, for `s3`.
    pub dynamodb_table: Option<String>,
    /// Whether a lock file lies beside the state, for `s3`.
    pub use_lockfile: Option<bool>,
}

impl DataSource for TerraformState {
    const NAME: &'static str = "pipeline_terraform_state";
    type Provider = Pipeline;

    fn validate(draft: &TerraformStateDraft, out: &mut Diagnostics) {
        let (Some(backend), FieldValue::Known(block)) =
            (draft.backend.known(), draft.backend_config.settled())
        else {
            return;
        };
        // The name of a workspace decides nothing that is checked here.
        let Ok(workspace) = "default".parse() else { return };
        if let Err(wrong) = BackendConfig::from(&block).locate(backend.0, &workspace) {
            out.extend(error::violations(&wrong, draft.backend_config.path()));
        }
    }

    async fn read(self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        let config = BackendConfig::from(&self.backend_config);
        let location = config.locate(self.backend.0, &self.workspace);
        let at = Path::from(Self::BACKEND_CONFIG);
        let location = location.map_err(|wrong| error::violations(&wrong, &at))?;
        let found = self.bytes(&location, cx).await?;
        // A large state costs time, which must not stop timers and leases.
        let (bytes, last_updated) = (found.bytes, found.last_updated);
        let reading = tokio::task::spawn_blocking(move || StateFile::read(&bytes));
        let read = reading.await.map_err(|stopped| broken_off(&location, &stopped))?;
        let state = read.map_err(|wrong| unreadable(&location, &wrong))?;
        if let Some(wrong) = self
            .state_file_hash
            .get()
            .and_then(|expected| policy::check_hash(&expected.0, &state.hash))
        {
            return Err(error::violations(&wrong.into(), &Path::root()));
        }
        self.shown(&state, last_updated)
    }
}

impl TerraformState {
    async fn bytes(
        &self,
        location: &Location,
        cx: &DataContext<Self>,
    ) -> Result<StateBytes, Diagnostics> {
        match location {
            Location::Local { path } => {
                pipeline_core::terraform_state::local::read(FilePath::new(path))
                    .await
                    .map_err(|failed| no_file(&failed))
            }
            Location::S3 { bucket, key, region, .. } => {
                let aws = cx.provider.known_aws()?;
                let opened = StateBucket::open(&aws, region.as_deref(), bucket).await;
                let bucket = opened.map_err(|fault| no_object(location, &fault.into()))?;
                let read = bucket.read(key).await.map_err(|why| no_object(location, &why))?;
                look_around(&bucket, location, cx).await;
                Ok(read)
            }
        }
    }

    fn shown(self, state: &StateFile, written: Option<Timestamp>) -> Result<Self, Diagnostics> {
        Ok(Self {
            state_file_hash: Text(state.hash).into(),
            id: state.lineage.clone().into(),
            lineage: state.lineage.clone().into(),
            serial: state.serial.into(),
            terraform_version: state.terraform_version.to_string().into(),
            resources_count: state.resources_count.get().into(),
            last_updated: written.map(Text).into(),
            output_names: state.outputs.keys().cloned().collect::<Vec<_>>().into(),
            outputs: outputs(&state.outputs)?.into(),
            ..self
        })
    }
}

/// Warns where the bucket keeps no versions and where nobody locks.
async fn look_around(
    bucket: &StateBucket<'_>,
    location: &Location,
    cx: &DataContext<TerraformState>,
) {
    let Location::S3 { bucket: name, .. } = location else { return };
    let versioning = match bucket.is_versioned().await {
        Ok(versioned) => policy::check_versioning(name, versioned),
        Err(fault) => {
            cx.warn(Diagnostic::warning(
                TerraformState::BACKEND_CONFIG,
                "Versioning of the bucket could not be checked",
                format!(
                    "Found {fault}; expected to learn whether bucket `{name}` keeps versions. \
                     Next: {} (TFS006)",
                    fault.next()
                ),
            ));
            None
        }
    };
    for warning in versioning.into_iter().chain(policy::check_locking(location)) {
        cx.warn(error::violation_under(&warning, &Path::root()));
    }
}

/// The outputs as one object, each with the type that the state gives it.
fn outputs(outputs: &BTreeMap<String, Output>) -> Result<Value, Diagnostics> {
    let (mut types, mut values) = (BTreeMap::new(), BTreeMap::new());
    for (name, output) in outputs {
        let Output::Plain { value, kind } = output else { continue };
        let typed = Type::from_json(kind.to_string().as_bytes()).ok();
        let typed = typed
            .and_then(|kind| Some((json::decode(value.to_string().as_bytes(), &kind).ok()?, kind)));
        let (value, kind) = typed.ok_or_else(|| other_type(name))?;
        types.insert(name.clone(), kind);
        values.insert(name.clone(), value);
    }
    Ok(Value::Dynamic(Box::new((Type::Object(types), Value::Map(values)))))
}

impl From<&BackendConfigBlock> for BackendConfig {
    fn from(block: &BackendConfigBlock) -> Self {
        Self {
            path: block.path.clone(),
            workspace_dir: block.workspace_dir.clone(),
            bucket: block.bucket.clone(),
            key: block.key.clone(),
            region: block.region.clone(),
            workspace_key_prefix: block.workspace_key_prefix.clone(),
            dynamodb_table: block.dynamodb_table.clone(),
            use_lockfile: block.use_lockfile,
        }
    }
}

fn no_file(failed: &LocalStateError) -> Diagnostics {
    let next = match failed {
        LocalStateError::TooLarge(wrong) => {
            return error::violations_at(wrong, TerraformState::BACKEND_CONFIG);
        }
        LocalStateError::Missing { .. } => {
            "Check path and workspace, and that the other configuration was applied."
        }
        _ => "Name the state file, and see that it may be read.",
    };
    let detail = format!("Found {failed}; expected a state file. Next: {next}");
    Diagnostic::error(TerraformState::BACKEND_CONFIG, "There is no state", detail).into()
}

fn no_object(location: &Location, failed: &StateError) -> Diagnostics {
    let fault = match failed {
        StateError::TooLarge(wrong) => {
            return error::violations_at(wrong, TerraformState::BACKEND_CONFIG);
        }
        StateError::Fault(fault) => fault,
    };
    let summary = match fault.kind {
        FaultKind::Missing => "There is no state",
        _ => "The state could not be read",
    };
    let detail =
        format!("Found {fault}; expected a state at `{}`. Next: {}", location.uri(), fault.next());
    Diagnostic::error(TerraformState::BACKEND_CONFIG, summary, detail).into()
}

/// What is wrong with the file, and which file it is.
fn unreadable(location: &Location, wrong: &Violations) -> Diagnostics {
    let told = |mut one: Diagnostic| {
        one.detail = format!("{}\n\nThe state is `{}`.", one.detail, location.uri());
        one
    };
    let mut out = Diagnostics::new();
    let all = error::violations_at(wrong, TerraformState::BACKEND_CONFIG);
    out.extend(all.into_iter().map(told));
    out
}

fn broken_off(location: &Location, stopped: &tokio::task::JoinError) -> Diagnostics {
    let detail = format!(
        "Found that reading `{}` broke off ({stopped}); expected its content. Next: plan again.",
        location.uri()
    );
    Diagnostic::error(TerraformState::BACKEND_CONFIG, "The state could not be read", detail).into()
}

fn other_type(name: &str) -> Diagnostics {
    Diagnostic::error(
        TerraformState::OUTPUTS,
        "An output of the state cannot be read",
        format!(
            "Found that `{name}` is of another type than the state says; expected a value of that type. \
             Next: apply the configuration that writes the state again."
        ),
    )
    .into()
}
