//! What the provider offers, found by name, with the types its values are encoded by.
//!
//! Types are worked out from schemas on first use and kept.

use std::sync::OnceLock;

use crate::diagnostics::Diagnostics;
use crate::erased::{Action, DataSource, Ephemeral, Function, List, Provider, Resource};
use crate::guard::bug;
use crate::path::Path;
use crate::types::Type;

pub(super) struct Catalogue {
    provider: Box<dyn Provider>,
    config: OnceLock<Type>,
    /// In the provider's order, as are all that follow.
    resources: Vec<ResourceTypes>,
    data_sources: Vec<OnceLock<Type>>,
    ephemerals: Vec<OnceLock<Type>>,
    lists: Vec<OnceLock<Type>>,
    actions: Vec<OnceLock<Type>>,
}

#[derive(Default)]
struct ResourceTypes {
    state: OnceLock<Type>,
    identity: OnceLock<Option<Type>>,
}

/// A resource with the types of its values.
#[derive(Clone, Copy)]
pub(super) struct KnownResource<'a> {
    pub(super) resource: &'a dyn Resource,
    pub(super) ty: &'a Type,
    /// Absent where the resource has no identity.
    pub(super) identity: Option<&'a Type>,
}

impl Catalogue {
    pub(super) fn new(provider: Box<dyn Provider>) -> Self {
        let resources = provider.resources().iter().map(|_| ResourceTypes::default()).collect();
        let data_sources = provider.data_sources().iter().map(|_| OnceLock::new()).collect();
        let ephemerals = provider.ephemerals().iter().map(|_| OnceLock::new()).collect();
        let lists = provider.lists().iter().map(|_| OnceLock::new()).collect();
        let actions = provider.actions().iter().map(|_| OnceLock::new()).collect();
        Self {
            provider,
            config: OnceLock::new(),
            resources,
            data_sources,
            ephemerals,
            lists,
            actions,
        }
    }

    pub(super) fn provider(&self) -> &dyn Provider {
        &*self.provider
    }

    pub(super) fn config_type(&self) -> &Type {
        self.config.get_or_init(|| self.provider.schema().ty())
    }

    pub(super) fn resource(&self, name: &str) -> Result<KnownResource<'_>, Diagnostics> {
        let all = self.provider.resources();
        let position = all.binary_search_by(|resource| resource.name().cmp(name));
        let known = position.ok().and_then(|p| Some((all.get(p)?, self.resources.get(p)?)));
        let (resource, types) = known.ok_or_else(|| absent("resource type", name))?;
        let ty = types.state.get_or_init(|| resource.schema().ty());
        let identity = types
            .identity
            .get_or_init(|| resource.identity_schema().map(crate::schema::IdentitySchema::ty));
        Ok(KnownResource { resource: &**resource, ty, identity: identity.as_ref() })
    }

    pub(super) fn data_source(&self, name: &str) -> Result<(&dyn DataSource, &Type), Diagnostics> {
        let all = self.provider.data_sources();
        let position = all.binary_search_by(|source| source.name().cmp(name));
        let known = position.ok().and_then(|p| Some((all.get(p)?, self.data_sources.get(p)?)));
        let (source, ty) = known.ok_or_else(|| absent("data source", name))?;
        Ok((&**source, ty.get_or_init(|| source.schema().ty())))
    }

    pub(super) fn ephemeral(&self, name: &str) -> Result<(&dyn Ephemeral, &Type), Diagnostics> {
        let all = self.provider.ephemerals();
        let position = all.binary_search_by(|ephemeral| ephemeral.name().cmp(name));
        let known = position.ok().and_then(|p| Some((all.get(p)?, self.ephemerals.get(p)?)));
        let (ephemeral, ty) = known.ok_or_else(|| absent("ephemeral resource", name))?;
        Ok((&**ephemeral, ty.get_or_init(|| ephemeral.schema().ty())))
    }

    pub(super) fn list(&self, name: &str) -> Result<(&dyn List, &Type), Diagnostics> {
        let all = self.provider.lists();
        let position = all.binary_search_by(|list| list.name().cmp(name));
        let known = position.ok().and_then(|p| Some((all.get(p)?, self.lists.get(p)?)));
        let (list, ty) = known.ok_or_else(|| absent("list resource", name))?;
        Ok((&**list, ty.get_or_init(|| list.schema().ty())))
    }

    pub(super) fn action(&self, name: &str) -> Result<(&dyn Action, &Type), Diagnostics> {
        let all = self.provider.actions();
        let position = all.binary_search_by(|action| action.name().cmp(name));
        let known = position.ok().and_then(|p| Some((all.get(p)?, self.actions.get(p)?)));
        let (action, ty) = known.ok_or_else(|| absent("action", name))?;
        Ok((&**action, ty.get_or_init(|| action.schema().ty())))
    }

    pub(super) fn function(&self, name: &str) -> Option<&dyn Function> {
        let all = self.provider.functions();
        let position = all.binary_search_by(|function| function.name().cmp(name)).ok()?;
        all.get(position).map(|function| &**function)
    }

    /// Which provider this is, for reports of bugs.
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.provider.type_name(), self.provider.version())
    }
}

fn absent(kind: &str, name: &str) -> Diagnostics {
    bug(Path::root(), format!("This provider has no {kind} named {name:?}.")).into()
}
