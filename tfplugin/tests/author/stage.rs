//! Runs a resource through its erased form as the host does, and checks every answer as the host
//! would.

use std::sync::Arc;

use tfplugin::codec::json;
use tfplugin::diagnostics::Diagnostics;
use tfplugin::erased::{
    ApplyRequest, ObjectResponse, PlanRequest, PlanResponse, Provider, ReadRequest, Resource,
};
use tfplugin::provider::erase;
use tfplugin::{Severity, Value};

use crate::host::{compatible, proposed, valid};
use crate::sample::{Fault, Sample, Store, call};

/// A provider with one store, driven through its erased form.
pub struct Stage {
    pub provider: Box<dyn Provider>,
    pub store: Arc<Store>,
}

impl Stage {
    pub fn new() -> Self {
        Self { provider: Box::new(erase::<Sample>()), store: Arc::default() }
    }

    pub fn resource(&self, name: &str) -> &dyn Resource {
        let found = self.provider.resources().iter().find(|each| each.name() == name);
        found.unwrap().as_ref()
    }

    pub fn thing(&self) -> &dyn Resource {
        self.resource("sample_thing")
    }

    pub fn fault(&self, fault: Fault) {
        *self.store.fault.lock().unwrap() = Some(fault);
    }

    pub fn repair(&self) {
        *self.store.fault.lock().unwrap() = None;
    }

    /// A plan, refused or accepted by the provider.
    pub async fn plan(
        &self,
        resource: &dyn Resource,
        prior: &Object,
        config: &Value,
    ) -> PlanResponse {
        let request = PlanRequest {
            prior: prior.state.clone(),
            config: config.clone(),
            proposed: proposed::proposed(&resource.schema().block, &prior.state, config),
            prior_private: prior.private.clone(),
            prior_identity: prior.identity.clone(),
        };
        resource.plan(request, call(&self.store)).await
    }

    /// A plan that must be accepted, by the provider and by the host.
    pub async fn accepted(
        &self,
        resource: &dyn Resource,
        prior: &Object,
        config: &Value,
    ) -> PlanResponse {
        let plan = self.plan(resource, prior, config).await;
        assert!(!plan.diagnostics.has_errors(), "{:?}", plan.diagnostics);
        if !config.is_null() {
            let block = &resource.schema().block;
            let faults = valid::faults(block, &prior.state, config, &plan.planned);
            assert!(faults.is_empty(), "the host would refuse: {faults:?}");
        }
        plan
    }

    /// Applies a plan, whatever comes of it.
    pub async fn put(
        &self,
        resource: &dyn Resource,
        prior: &Object,
        plan: &PlanResponse,
        config: &Value,
    ) -> ObjectResponse {
        let request = ApplyRequest {
            prior: prior.state.clone(),
            planned: plan.planned.clone(),
            config: config.clone(),
            private: plan.private.clone(),
            identity: plan.identity.clone(),
        };
        resource.apply(request, call(&self.store)).await
    }

    /// Plans and applies as `terraform apply` does; both must succeed.
    pub async fn apply(&self, resource: &dyn Resource, prior: &Object, config: &Value) -> Object {
        let plan = self.accepted(resource, prior, config).await;
        let again = self.accepted(resource, prior, config).await;
        assert_eq!(plan.planned, again.planned);
        let response = self.put(resource, prior, &again, config).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        let faults = compatible::faults(&resource.schema().block, &plan.planned, &response.state);
        assert!(faults.is_empty(), "the host would refuse: {faults:?}");
        assert!(response.state.is_wholly_known());
        response.into()
    }

    /// Reads an object that must still be there.
    pub async fn read(&self, resource: &dyn Resource, object: &Object) -> ObjectResponse {
        let request = ReadRequest {
            state: object.state.clone(),
            private: object.private.clone(),
            identity: object.identity.clone(),
        };
        resource.read(request, call(&self.store)).await
    }
}

/// What the host stores of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub state: Value,
    pub private: Vec<u8>,
    pub identity: Value,
}

impl Object {
    /// No object yet.
    pub const NONE: Self = Self { state: Value::Null, private: Vec::new(), identity: Value::Null };
}

impl From<ObjectResponse> for Object {
    fn from(response: ObjectResponse) -> Self {
        let ObjectResponse { state, private, identity, .. } = response;
        Self { state, private, identity }
    }
}

/// A configuration: what is not named is not set.
pub fn config(resource: &dyn Resource, json: &serde_json::Value) -> Value {
    let bytes = serde_json::to_vec(json).unwrap();
    let mut value = json::decode(&bytes, &resource.schema().ty()).unwrap();
    for block in &resource.schema().block.blocks {
        let Value::Map(fields) = &mut value else { unreachable!() };
        let blocks = fields.get_mut(&block.name).unwrap();
        if blocks.is_null() && block.nesting == tfplugin::schema::Nesting::List {
            *blocks = Value::List(Vec::new());
        }
    }
    value
}

/// `object` with its attribute `name` replaced.
pub fn with(object: &Value, name: &str, value: Value) -> Value {
    let Value::Map(mut fields) = object.clone() else { unreachable!() };
    assert!(fields.insert(name.to_owned(), value).is_some(), "no attribute {name}");
    Value::Map(fields)
}

/// Errors as `path: detail`.
pub fn errors(diagnostics: &Diagnostics) -> Vec<String> {
    let errors = diagnostics.iter().filter(|each| each.severity == Severity::Error);
    errors.map(|each| format!("{}: {}", each.path, each.detail)).collect()
}

/// The paths of errors.
pub fn blamed(diagnostics: &Diagnostics) -> Vec<String> {
    let errors = diagnostics.iter().filter(|each| each.severity == Severity::Error);
    errors.map(|each| each.path.to_string()).collect()
}
