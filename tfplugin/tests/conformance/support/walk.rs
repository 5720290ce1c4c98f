//! A host that walks `conform_thing` through plans and applies and checks every answer by the
//! host's own rules.

use prost::bytes::Bytes;
use tfplugin::Value;
use tfplugin::schema::Block;
use tfplugin::types::Type;
use tfplugin::wire::tfplugin6::*;

use super::host::{Host, clean, dynamic, value};
use super::process::Process;
use super::schema;
use crate::oracle::{compatible, proposed, valid};

pub(crate) const THING: &str = "conform_thing";

/// A configured process with what the host knows of the thing.
pub(crate) struct Walk {
    pub(crate) process: Process,
    pub(crate) host: Host,
    pub(crate) block: Block,
    pub(crate) ty: Type,
    pub(crate) identity: Type,
}

/// What a state file holds of one object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) state: Value,
    pub(crate) private: Bytes,
    pub(crate) identity: Option<ResourceIdentityData>,
}

impl Stored {
    /// Nothing is stored of an object that is to be created.
    pub(crate) fn nothing() -> Self {
        Self { state: Value::Null, private: Bytes::new(), identity: None }
    }
}

/// An object of `ty` with these attributes; the rest is null, and blocks are absent.
pub(crate) fn object(ty: &Type, set: &[(&str, Value)]) -> Value {
    let Type::Object(types) = ty else { panic!("{ty:?} is no object") };
    let given = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, v)| v.clone());
    let absent = |name: &str| if name == "rule" { Value::List(vec![]) } else { Value::Null };
    for (name, _) in set {
        assert!(types.contains_key(*name), "no attribute {name}");
    }
    let value = |name: &String| (name.clone(), given(name).unwrap_or_else(|| absent(name)));
    Value::Map(types.keys().map(value).collect())
}

impl Walk {
    pub(crate) async fn start() -> Self {
        let process = Process::start().await;
        let host = process.host().await;
        let walk = Self::of(process, host).await;
        walk.configure().await;
        walk
    }

    /// Without configuring.
    pub(crate) async fn of(process: Process, host: Host) -> Self {
        let mut provider = host.provider.clone();
        let schemas = provider.get_provider_schema(get_provider_schema::Request {}).await.unwrap();
        let schemas = schemas.into_inner();
        clean(&schemas.diagnostics);
        let block = schema::block(schemas.resource_schemas[THING].block.as_ref().unwrap());
        let identity = Type::Object([("name".to_owned(), Type::String)].into());
        Self { process, host, ty: block.ty(), block, identity }
    }

    pub(crate) async fn configure(&self) {
        let config = Type::Object(
            [("greeting".to_owned(), Type::String), ("token".to_owned(), Type::String)].into(),
        );
        let request = configure_provider::Request {
            terraform_version: "1.15.0".to_owned(),
            config: dynamic(&object(&config, &[("greeting", Value::from("hi "))]), &config),
            client_capabilities: None,
        };
        let response = self.host.provider.clone().configure_provider(request).await.unwrap();
        clean(&response.into_inner().diagnostics);
    }

    pub(crate) fn thing(&self, set: &[(&str, Value)]) -> Value {
        object(&self.ty, set)
    }

    pub(crate) async fn validate(&self, config: &Value, write_only: bool) -> Vec<Diagnostic> {
        let capabilities =
            ClientCapabilities { write_only_attributes_allowed: write_only, ..Default::default() };
        let request = validate_resource_config::Request {
            type_name: THING.to_owned(),
            config: dynamic(config, &self.ty),
            client_capabilities: Some(capabilities),
        };
        let response = self.host.provider.clone().validate_resource_config(request).await.unwrap();
        response.into_inner().diagnostics
    }

    /// Plans without judging the answer.
    pub(crate) async fn ask_plan(
        &self,
        prior: &Stored,
        config: &Value,
    ) -> plan_resource_change::Response {
        let proposed = proposed::proposed(&self.block, &prior.state, config);
        let request = plan_resource_change::Request {
            type_name: THING.to_owned(),
            prior_state: dynamic(&prior.state, &self.ty),
            proposed_new_state: dynamic(&proposed, &self.ty),
            config: dynamic(config, &self.ty),
            prior_private: prior.private.clone(),
            prior_identity: prior.identity.clone(),
            client_capabilities: Some(ClientCapabilities {
                deferral_allowed: true,
                write_only_attributes_allowed: true,
                ..Default::default()
            }),
            ..Default::default()
        };
        self.host.provider.clone().plan_resource_change(request).await.unwrap().into_inner()
    }

    /// Plans, and judges the plan as the host does.
    pub(crate) async fn plan(
        &self,
        prior: &Stored,
        config: &Value,
    ) -> plan_resource_change::Response {
        let response = self.ask_plan(prior, config).await;
        clean(&response.diagnostics);
        assert!(!response.legacy_type_system && response.deferred.is_none());
        let planned = self.planned(&response);
        let faults = valid::faults(&self.block, &prior.state, config, &planned);
        assert!(faults.is_empty(), "{faults:#?}\nconfig {config:?}\nplanned {planned:?}");
        response
    }

    pub(crate) fn planned(&self, response: &plan_resource_change::Response) -> Value {
        value(response.planned_state.as_ref(), &self.ty)
    }

    /// Applies without judging the answer.
    pub(crate) async fn ask_apply(
        &self,
        prior: &Value,
        plan: &plan_resource_change::Response,
        config: &Value,
    ) -> apply_resource_change::Response {
        let request = self.apply_request(prior, plan, config);
        self.host.provider.clone().apply_resource_change(request).await.unwrap().into_inner()
    }

    pub(crate) fn apply_request(
        &self,
        prior: &Value,
        plan: &plan_resource_change::Response,
        config: &Value,
    ) -> apply_resource_change::Request {
        apply_resource_change::Request {
            type_name: THING.to_owned(),
            prior_state: dynamic(prior, &self.ty),
            planned_state: plan.planned_state.clone(),
            config: dynamic(config, &self.ty),
            planned_private: plan.planned_private.clone(),
            planned_identity: plan.planned_identity.clone(),
            ..Default::default()
        }
    }

    /// Applies, and judges the result as the host does.
    pub(crate) async fn apply(
        &self,
        prior: &Value,
        plan: &plan_resource_change::Response,
        config: &Value,
    ) -> Stored {
        let response = self.ask_apply(prior, plan, config).await;
        clean(&response.diagnostics);
        let stored = self.stored(response);
        let planned = self.planned(plan);
        assert_eq!(stored.state.is_null(), planned.is_null());
        if !planned.is_null() {
            let faults = compatible::faults(&self.block, &planned, &stored.state);
            assert!(faults.is_empty(), "{faults:#?}");
        }
        assert!(stored.state.is_wholly_known(), "{:?}", stored.state);
        self.holds_no_secret(&stored.state);
        stored
    }

    pub(crate) fn stored(&self, response: apply_resource_change::Response) -> Stored {
        Stored {
            state: value(response.new_state.as_ref(), &self.ty),
            private: response.private,
            identity: response.new_identity,
        }
    }

    pub(crate) fn holds_no_secret(&self, state: &Value) {
        assert!(state.get("secret").is_none_or(Value::is_null), "a write-only value is stored");
    }

    /// Plan, plan again as an apply does, apply.
    pub(crate) async fn create(&self, config: &Value) -> Stored {
        self.change(&Stored::nothing(), config).await
    }

    pub(crate) async fn change(&self, prior: &Stored, config: &Value) -> Stored {
        clean(&self.validate(config, true).await);
        let first = self.plan(prior, config).await;
        let second = self.plan(prior, config).await;
        assert_eq!(first, second, "planning twice gives two plans");
        self.apply(&prior.state, &second, config).await
    }

    pub(crate) async fn read(&self, stored: &Stored) -> read_resource::Response {
        let request = read_resource::Request {
            type_name: THING.to_owned(),
            current_state: dynamic(&stored.state, &self.ty),
            private: stored.private.clone(),
            current_identity: stored.identity.clone(),
            ..Default::default()
        };
        self.host.provider.clone().read_resource(request).await.unwrap().into_inner()
    }
}
