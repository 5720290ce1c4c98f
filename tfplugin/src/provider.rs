//! What an author writes for the provider itself, and its erased form.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use crate::action::{self, Action};
use crate::completed;
use crate::data_source::{self, DataSource};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::ephemeral::{self, Ephemeral};
use crate::erased::{self, Answer, Configured};
use crate::function::{self, Function};
use crate::guard::{caught, caught_async};
use crate::list::{self, List};
use crate::log::Log;
use crate::model::{Draft as _, Model, Trail};
use crate::plan;
use crate::resource::{self, Resource};
use crate::schema::{Attribute, AttributeKind, Block, Presence, Schema};
use crate::stop::Stop;
use crate::value::Value;

mod self_check;

pub use self_check::self_check;

/// A provider: its configuration, what that makes, and what it offers.
pub trait Provider: Send + Sync + 'static {
    /// The type name, such as `pipeline`: resources and data sources are called `pipeline_…`.
    const TYPE_NAME: &'static str;
    /// The version shown in bug reports.
    const VERSION: &'static str;
    /// The `provider` block.
    type Config: Model;
    /// What every resource and data source shares.
    type Configured: Send + Sync + 'static;

    /// Reports what is wrong with the block, beyond what its types say. No I/O; unknown is not wrong.
    fn validate(draft: &<Self::Config as Model>::Draft, out: &mut Diagnostics) {
        let _ = (draft, out);
    }

    /// Makes what resources share. While planning, parts of `config` may be unknown. What goes on
    /// outside of any call can be told to `log`, which may be kept.
    fn configure(
        config: <Self::Config as Model>::Draft,
        host_version: &str,
        stop: &Stop,
        log: &Log,
    ) -> impl Future<Output = Result<Self::Configured, Diagnostics>> + Send;

    /// What a person should know of what was configured, although nothing is wrong with it. Everything
    /// here is shown as a warning. Called once, after `configure`.
    fn advise(configured: &Self::Configured) -> impl Future<Output = Diagnostics> + Send {
        let _ = configured;
        async { Diagnostics::new() }
    }

    /// Called when the host ends the process in order, which it does once it has heard every answer.
    /// Never called where either is killed. Short, and no I/O that may hang.
    fn settle(configured: &Self::Configured) {
        let _ = configured;
    }

    /// Gives back what nobody will ask for any more, such as ephemeral resources that are still open: hosts close
    /// none of which a dependent failed. Called after `settle`, and where the host is gone without a word.
    /// The host waits for it, but the process ends after ten seconds.
    fn depart(configured: &Self::Configured) -> impl Future<Output = ()> + Send {
        let _ = configured;
        async {}
    }

    /// Names everything that the provider offers.
    fn offers(list: &mut Offers<Self>)
    where
        Self: Sized;
}

/// The one list of what a provider offers.
pub struct Offers<P> {
    resources: Vec<Box<dyn erased::Resource>>,
    data_sources: Vec<Box<dyn erased::DataSource>>,
    ephemerals: Vec<Box<dyn erased::Ephemeral>>,
    lists: Vec<Box<dyn erased::List>>,
    actions: Vec<Box<dyn erased::Action>>,
    functions: Vec<Box<dyn erased::Function>>,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> Offers<P> {
    fn of() -> Self {
        let mut list = Self {
            resources: Vec::new(),
            data_sources: Vec::new(),
            ephemerals: Vec::new(),
            lists: Vec::new(),
            actions: Vec::new(),
            functions: Vec::new(),
            provider: PhantomData,
        };
        P::offers(&mut list);
        list.resources.sort_by_key(|each| each.name());
        list.data_sources.sort_by_key(|each| each.name());
        list.ephemerals.sort_by_key(|each| each.name());
        list.lists.sort_by_key(|each| each.name());
        list.actions.sort_by_key(|each| each.name());
        list.functions.sort_by_key(|each| each.name());
        list
    }

    /// Offers a managed resource.
    pub fn resource<R: Resource<Provider = P::Configured>>(&mut self) {
        self.resources.push(Box::new(resource::Adapter::<R>::default()));
    }

    /// Offers a data source.
    pub fn data_source<D: DataSource<Provider = P::Configured>>(&mut self) {
        self.data_sources.push(Box::new(data_source::Adapter::<D>::default()));
    }

    /// Offers an ephemeral resource.
    pub fn ephemeral<E: Ephemeral<Provider = P::Configured>>(&mut self) {
        self.ephemerals.push(Box::new(ephemeral::Adapter::<E>::default()));
    }

    /// Offers to list what there is of a managed resource, which is offered too.
    pub fn list<L: List>(&mut self)
    where
        L::Resource: Resource<Provider = P::Configured>,
    {
        self.lists.push(Box::new(list::Adapter::<L>::default()));
    }

    /// Offers an action.
    pub fn action<A: Action<Provider = P::Configured>>(&mut self) {
        self.actions.push(Box::new(action::Adapter::<A>::default()));
    }

    /// Offers a function.
    pub fn function<F: Function>(&mut self) {
        self.functions.push(Box::new(function::Adapter::<F>::default()));
    }
}

/// The provider `P` as the server sees it.
#[must_use]
pub fn erase<P: Provider>() -> Erased<P> {
    Erased { offers: Offers::of(), schema: OnceLock::new() }
}

/// The erased form of the provider `P`.
pub struct Erased<P> {
    offers: Offers<P>,
    schema: OnceLock<Schema>,
}

impl<P: Provider> erased::Provider for Erased<P> {
    fn type_name(&self) -> &'static str {
        P::TYPE_NAME
    }

    fn version(&self) -> &'static str {
        P::VERSION
    }

    fn schema(&self) -> &Schema {
        self.schema
            .get_or_init(|| Schema { version: 0, block: only_configured(P::Config::block()) })
    }

    fn resources(&self) -> &[Box<dyn erased::Resource>] {
        &self.offers.resources
    }

    fn data_sources(&self) -> &[Box<dyn erased::DataSource>] {
        &self.offers.data_sources
    }

    fn ephemerals(&self) -> &[Box<dyn erased::Ephemeral>] {
        &self.offers.ephemerals
    }

    fn lists(&self) -> &[Box<dyn erased::List>] {
        &self.offers.lists
    }

    fn actions(&self) -> &[Box<dyn erased::Action>] {
        &self.offers.actions
    }

    fn functions(&self) -> &[Box<dyn erased::Function>] {
        &self.offers.functions
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        completed::validated::<P::Config>(&self.schema().block, config, P::validate)
    }

    fn configure<'a>(
        &'a self,
        config: &'a Value,
        host_version: &'a str,
        stop: &'a Stop,
        log: &'a Log,
    ) -> Answer<'a, (Option<Configured>, Diagnostics)> {
        Box::pin(async move {
            match self.configured(config, host_version, stop, log).await {
                Ok(configured) => {
                    let advice = caught_async("`advise`", || P::advise(&configured)).await;
                    let advice = advice.unwrap_or_else(Into::into);
                    (Some(Arc::new(configured) as Arc<dyn Any + Send + Sync>), warnings(advice))
                }
                Err(problems) => (None, problems),
            }
        })
    }

    fn settle(&self, configured: &Configured) {
        if let Some(configured) = configured.downcast_ref::<P::Configured>() {
            // There is nobody left to tell of a panic; it is in the log.
            let _ = caught("`settle`", || P::settle(configured));
        }
    }

    fn depart<'a>(&'a self, configured: &'a Configured) -> Answer<'a, ()> {
        Box::pin(async move {
            if let Some(configured) = configured.downcast_ref::<P::Configured>() {
                let _ = caught_async("`depart`", || P::depart(configured)).await;
            }
        })
    }
}

impl<P: Provider> Erased<P> {
    async fn configured(
        &self,
        config: &Value,
        host_version: &str,
        stop: &Stop,
        log: &Log,
    ) -> Result<P::Configured, Diagnostics> {
        let mut filled = config.clone();
        plan::defaults(&erased::Provider::schema(self).block, config, &mut filled);
        let mut problems = Diagnostics::new();
        let draft = <P::Config as Model>::Draft::read(&filled, &Trail::ROOT, &mut problems);
        if problems.has_errors() {
            return Err(problems);
        }
        caught_async("`configure`", || P::configure(draft, host_version, stop, log)).await?
    }
}

/// The same, each as a warning.
fn warnings(problems: Diagnostics) -> Diagnostics {
    let mut all = Diagnostics::new();
    all.extend(problems.into_iter().map(|it| Diagnostic { severity: Severity::Warning, ..it }));
    all
}

/// A block without state, as of a provider, a list or an action: a default makes an argument optional, and nothing is
/// computed.
pub(crate) fn only_configured(mut block: Block) -> Block {
    block.attributes.iter_mut().for_each(only_optional);
    for nested in &mut block.blocks {
        nested.block = only_configured(std::mem::take(&mut nested.block));
    }
    block
}

fn only_optional(attribute: &mut Attribute) {
    if attribute.presence == Presence::OptionalComputed {
        attribute.presence = Presence::Optional;
    }
    if let AttributeKind::Nested { attributes, .. } = &mut attribute.kind {
        attributes.iter_mut().for_each(only_optional);
    }
}
