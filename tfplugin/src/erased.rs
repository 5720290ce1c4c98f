//! The object-safe mirror of the author's traits: everything the server asks, in terms of values.
//!
//! Blanket implementations over the author's traits fill these; the server calls them and knows no
//! author's type. Each kind of thing has one trait here and one list in [`Provider`].

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::mpsc;

use crate::diagnostics::Diagnostics;
use crate::log::Log;
use crate::path::Path;
use crate::schema::{IdentitySchema, Schema, Signature};
use crate::stop::Stop;
use crate::value::Value;

/// A future that the server may await from any thread.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What `configure` made: shared by every resource and data source of one configured provider.
pub type Configured = Arc<dyn Any + Send + Sync>;

/// A provider: its configuration, and what it offers.
pub trait Provider: Send + Sync + 'static {
    /// The type name, such as `pipeline`.
    fn type_name(&self) -> &'static str;
    /// The version shown in bug reports.
    fn version(&self) -> &'static str;
    /// The schema of the `provider` block.
    fn schema(&self) -> &Schema;
    /// Managed resources, sorted by name.
    fn resources(&self) -> &[Box<dyn Resource>];
    /// Data sources, sorted by name.
    fn data_sources(&self) -> &[Box<dyn DataSource>];
    /// Ephemeral resources, sorted by name.
    fn ephemerals(&self) -> &[Box<dyn Ephemeral>];
    /// List resources, sorted by name; each has the name of a managed resource.
    fn lists(&self) -> &[Box<dyn List>];
    /// Actions, sorted by name.
    fn actions(&self) -> &[Box<dyn Action>];
    /// Functions, sorted by name.
    fn functions(&self) -> &[Box<dyn Function>];
    /// Checks a provider block; values may be unknown.
    fn validate(&self, config: &Value) -> Diagnostics;
    /// Makes what resources share. `config` may hold unknown values while planning.
    fn configure<'a>(
        &'a self,
        config: &'a Value,
        host_version: &'a str,
        stop: &'a Stop,
        log: &'a Log,
    ) -> Answer<'a, (Option<Configured>, Diagnostics)>;
    /// The host has heard every answer, and ends the process.
    fn settle(&self, configured: &Configured);
    /// The process ends: what nobody will ask for any more is given back.
    fn depart<'a>(&'a self, configured: &'a Configured) -> Answer<'a, ()>;
}

/// What every call on a configured resource or data source is given beside its values.
#[derive(Clone)]
pub struct Call {
    /// From the provider's `configure`; absent where the host has not configured it.
    pub configured: Option<Configured>,
    /// Set when the person interrupts.
    pub stop: Stop,
    /// Told what goes on.
    pub log: Log,
}

/// A managed resource.
pub trait Resource: Send + Sync + 'static {
    /// The type name, such as `pipeline_version_tag`.
    fn name(&self) -> &'static str;
    /// Built on first use.
    fn schema(&self) -> &Schema;
    /// Where the resource has one.
    fn identity_schema(&self) -> Option<&IdentitySchema>;
    /// Checks one block; values may be unknown.
    fn validate(&self, config: &Value, write_only_allowed: bool) -> Diagnostics;
    /// What applying would do.
    fn plan<'a>(&'a self, request: PlanRequest, call: Call) -> Answer<'a, PlanResponse>;
    /// Creates (prior null), deletes (planned null) or updates.
    fn apply<'a>(&'a self, request: ApplyRequest, call: Call) -> Answer<'a, ObjectResponse>;
    /// The object as it is now; a null state: it is gone.
    fn read<'a>(&'a self, request: ReadRequest, call: Call) -> Answer<'a, ObjectResponse>;
    /// Finds an existing object. A null state in the response always comes with an error.
    fn import<'a>(&'a self, key: ImportKey, call: Call) -> Answer<'a, ObjectResponse>;
    /// Stored state (JSON of schema version `version`) in the current schema.
    fn upgrade(&self, version: i64, raw: &[u8]) -> (Value, Diagnostics);
    /// Stored identity in the current identity schema; `raw` may be empty.
    fn upgrade_identity(&self, version: i64, raw: &[u8]) -> (Value, Diagnostics);
    /// The configuration of an object in the current schema, which a person may go on from.
    fn configuration(&self, state: &Value) -> (Value, Diagnostics);
    /// State of another resource type, taken over.
    fn move_state(&self, request: &MoveRequest) -> ObjectResponse;
}

/// The input of a plan.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// Null to create.
    pub prior: Value,
    /// Null to destroy.
    pub config: Value,
    /// The host's merge of the two; null to destroy.
    pub proposed: Value,
    /// Bytes stored beside the state.
    pub prior_private: Vec<u8>,
    /// Null where none is stored.
    pub prior_identity: Value,
}

/// The output of a plan.
#[derive(Debug, Clone)]
pub struct PlanResponse {
    /// What the object will be; null to destroy.
    pub planned: Value,
    /// Sorted and unique.
    pub requires_replace: Vec<Path>,
    /// Bytes for apply.
    pub private: Vec<u8>,
    /// Null where the resource has none.
    pub identity: Value,
    /// Problems found.
    pub diagnostics: Diagnostics,
}

/// The input of an apply.
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// Null to create.
    pub prior: Value,
    /// Null to destroy.
    pub planned: Value,
    /// Null to destroy; wholly known.
    pub config: Value,
    /// Bytes from the plan.
    pub private: Vec<u8>,
    /// Null where the plan gave none.
    pub identity: Value,
}

/// An object as it is after an apply, read, import or move.
#[derive(Debug, Clone)]
pub struct ObjectResponse {
    /// Null: there is none.
    pub state: Value,
    /// Bytes to store beside it.
    pub private: Vec<u8>,
    /// Null where the resource has none.
    pub identity: Value,
    /// Problems found.
    pub diagnostics: Diagnostics,
}

/// The input of a read.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// As stored.
    pub state: Value,
    /// Bytes stored beside it.
    pub private: Vec<u8>,
    /// Null where none is stored.
    pub identity: Value,
}

/// What names the object to import.
#[derive(Debug, Clone)]
pub enum ImportKey {
    /// A string, as `terraform import` takes it.
    Id(String),
    /// An object of the identity schema.
    Identity(Value),
}

/// The input of a move from another resource type.
#[derive(Debug, Clone)]
pub struct MoveRequest {
    /// `host/namespace/type`.
    pub source_provider: String,
    /// The other type.
    pub source_type: String,
    /// The version of its schema.
    pub source_version: i64,
    /// Its state, JSON.
    pub source_state: Vec<u8>,
    /// Its private bytes.
    pub source_private: Vec<u8>,
}

/// A data source.
pub trait DataSource: Send + Sync + 'static {
    /// The type name, such as `pipeline_version`.
    fn name(&self) -> &'static str;
    /// Built on first use.
    fn schema(&self) -> &Schema;
    /// Checks one block; values may be unknown.
    fn validate(&self, config: &Value) -> Diagnostics;
    /// The result; null always comes with an error.
    fn read<'a>(&'a self, config: Value, call: Call) -> Answer<'a, (Value, Diagnostics)>;
}

/// An ephemeral resource.
pub trait Ephemeral: Send + Sync + 'static {
    /// The type name, such as `pipeline_secrets`.
    fn name(&self) -> &'static str;
    /// Built on first use.
    fn schema(&self) -> &Schema;
    /// Checks one block; values may be unknown.
    fn validate(&self, config: &Value) -> Diagnostics;
    /// Opens it for this run.
    fn open<'a>(&'a self, config: Value, call: Call) -> Answer<'a, Opened>;
    /// Keeps it open; `private` is from the last renewal, or from opening.
    fn renew<'a>(&'a self, private: Vec<u8>, call: Call) -> Answer<'a, Renewed>;
    /// Closes it; `private` is from opening, or from any renewal.
    fn close<'a>(&'a self, private: Vec<u8>, call: Call) -> Answer<'a, Diagnostics>;
}

/// An ephemeral resource that was opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Null always comes with an error.
    pub result: Value,
    /// Bytes for renewing and closing.
    pub private: Vec<u8>,
    /// When it wants to be renewed, if at all.
    pub renew_at: Option<SystemTime>,
    /// Problems found.
    pub diagnostics: Diagnostics,
}

impl Opened {
    /// Nothing is open.
    pub(crate) const fn failed(diagnostics: Diagnostics) -> Self {
        Self { result: Value::Null, private: Vec::new(), renew_at: None, diagnostics }
    }
}

/// An ephemeral resource that was renewed.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// Bytes for the next renewal, and for closing where the host keeps them.
    pub private: Vec<u8>,
    /// When it wants to be renewed again, if at all.
    pub renew_at: Option<SystemTime>,
    /// Problems found.
    pub diagnostics: Diagnostics,
}

/// A list resource: what there is of a managed resource.
pub trait List: Send + Sync + 'static {
    /// The name of the managed resource, which has an identity.
    fn name(&self) -> &'static str;
    /// Of what is asked for; built on first use.
    fn schema(&self) -> &Schema;
    /// Checks one block; values may be unknown.
    fn validate(&self, config: &Value) -> Diagnostics;
    /// Gives to `items` what is asked for, each as soon as the one before was taken, and says at last what went
    /// wrong. Changes nothing, and may be dropped at any time.
    fn list<'a>(
        &'a self,
        request: ListRequest,
        items: mpsc::Sender<Listed>,
        call: Call,
    ) -> Answer<'a, Diagnostics>;
}

/// The input of a listing.
#[derive(Debug, Clone)]
pub struct ListRequest {
    /// Wholly known.
    pub config: Value,
    /// Whether items hold whole objects.
    pub wants_objects: bool,
    /// No more items than this.
    pub limit: u64,
}

/// One object of a listing.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Never null.
    pub identity: Value,
    /// What people see.
    pub display_name: String,
    /// As the state would hold it; null where it is not wanted.
    pub object: Value,
    /// What was found on the way here.
    pub warnings: Diagnostics,
}

/// Shows a line to the person while something runs.
pub type Listener = Arc<dyn Fn(String) + Send + Sync>;

/// An action.
pub trait Action: Send + Sync + 'static {
    /// The type name, such as `pipeline_promote`.
    fn name(&self) -> &'static str;
    /// Built on first use.
    fn schema(&self) -> &Schema;
    /// Checks one block; values may be unknown.
    fn validate(&self, config: &Value) -> Diagnostics;
    /// What forbids it; values may be unknown.
    fn plan<'a>(&'a self, config: Value, call: Call) -> Answer<'a, Diagnostics>;
    /// Does it; `listener` hears how it goes on.
    fn invoke<'a>(
        &'a self,
        config: Value,
        call: Call,
        listener: Listener,
    ) -> Answer<'a, Diagnostics>;
}

/// A provider-defined function. Pure: the same arguments give the same result in every process.
pub trait Function: Send + Sync + 'static {
    /// The name, without the provider's prefix.
    fn name(&self) -> &'static str;
    /// Built on first use.
    fn signature(&self) -> &Signature;
    /// Calls it with decoded arguments, variadic ones last.
    ///
    /// # Errors
    /// Says what is wrong, and with which argument.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// Why a function call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument to blame, from zero, counting variadic ones; absent: the whole call.
    pub argument: Option<i64>,
    /// What was found, what was expected, what to do next.
    pub text: String,
}
