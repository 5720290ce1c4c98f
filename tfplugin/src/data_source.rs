//! What an author writes for a data source.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::completed;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::erased::{self, Answer, Call};
use crate::model::Model;
use crate::resource::not_configured;
use crate::schema::Schema;
use crate::stop::Stop;
use crate::value::Value;

/// A data source: a model that is completed by reading.
pub trait DataSource: Model {
    /// The type name, such as `pipeline_version`.
    const NAME: &'static str;
    /// What the provider's `configure` returned.
    type Provider: Send + Sync + 'static;

    /// Reports what is wrong with a block, beyond what its types say. No I/O; unknown is not wrong.
    fn validate(draft: &Self::Draft, out: &mut Diagnostics) {
        let _ = (draft, out);
    }

    /// Completes `self`: arguments are as configured, computed fields are still unknown.
    fn read(self, cx: &DataContext<Self>)
    -> impl Future<Output = Result<Self, Diagnostics>> + Send;
}

/// What a read of a data source has beside its values.
#[derive(Debug)]
pub struct DataContext<D: DataSource> {
    /// What the provider's `configure` returned.
    pub provider: Arc<D::Provider>,
    /// Set when the person interrupts.
    pub stop: Stop,
    warnings: Mutex<Diagnostics>,
}

impl<D: DataSource> DataContext<D> {
    /// A context for one read.
    #[must_use]
    pub fn new(provider: Arc<D::Provider>, stop: Stop) -> Self {
        Self { provider, stop, warnings: Mutex::default() }
    }

    /// Shows a warning; an error given here is shown as a warning too.
    pub fn warn(&self, warning: Diagnostic) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push(Diagnostic { severity: Severity::Warning, ..warning });
    }

    fn take(&self) -> Diagnostics {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *warnings)
    }
}

/// The erased form of the data source `D`.
#[derive(Debug)]
pub struct Adapter<D> {
    schema: OnceLock<Schema>,
    source: PhantomData<fn() -> D>,
}

impl<D: DataSource> Default for Adapter<D> {
    fn default() -> Self {
        Self { schema: OnceLock::new(), source: PhantomData }
    }
}

impl<D: DataSource> erased::DataSource for Adapter<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema { version: D::SCHEMA_VERSION, block: D::block() })
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        completed::validated::<D>(&self.schema().block, config, D::validate)
    }

    fn read<'a>(&'a self, config: Value, call: Call) -> Answer<'a, (Value, Diagnostics)> {
        Box::pin(async move {
            let mut out = Diagnostics::new();
            match self.completed(&config, call, &mut out).await {
                Ok(state) => (state, out),
                Err(problems) => {
                    out.extend(problems);
                    (Value::Null, out)
                }
            }
        })
    }
}

impl<D: DataSource> Adapter<D> {
    async fn completed(
        &self,
        config: &Value,
        call: Call,
        warnings: &mut Diagnostics,
    ) -> Result<Value, Diagnostics> {
        let provider = call.configured.and_then(|it| it.downcast::<D::Provider>().ok());
        let cx = DataContext::new(provider.ok_or_else(|| not_configured(D::NAME))?, call.stop);
        let block = &erased::DataSource::schema(self).block;
        let read = |model: D| model.read(&cx);
        let state = completed::completed(block, config, "`read`", read).await;
        warnings.extend(cx.take());
        state
    }
}
