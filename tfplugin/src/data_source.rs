//! What an author writes for a data source.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::erased::{self, Answer, Call};
use crate::guard::{bug, caught, caught_async};
use crate::model::{Draft as _, Model, Trail};
use crate::path::Path;
use crate::plan;
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
        let mut out = Diagnostics::new();
        plan::presence(&self.schema().block, config, true, &mut out);
        let draft = D::Draft::read(config, &Trail::ROOT, &mut out);
        draft.check(&mut out);
        let result = caught("`validate`", || D::validate(&draft, &mut out));
        out.extend(result.err());
        out
    }

    fn read<'a>(&'a self, config: Value, call: Call) -> Answer<'a, (Value, Diagnostics)> {
        Box::pin(async move {
            let mut out = Diagnostics::new();
            let state = self.read_into(&config, call, &mut out).await;
            (state.unwrap_or(Value::Null), out)
        })
    }
}

impl<D: DataSource> Adapter<D> {
    async fn read_into(&self, config: &Value, call: Call, out: &mut Diagnostics) -> Option<Value> {
        let block = &erased::DataSource::schema(self).block;
        let mut open = config.clone();
        plan::defaults(block, config, &mut open);
        plan::computed_unknown(block, config, &mut open);
        let model = D::decode(&open, &Trail::ROOT, out)?;
        let Some(provider) = call.configured.and_then(|c| c.downcast::<D::Provider>().ok()) else {
            out.error(
                Path::root(),
                "Provider is not configured",
                format!(
                    "`{}` needs its provider, which has not been configured in this run. Check the \
                     `provider` block and the messages about it.",
                    D::NAME
                ),
            );
            return None;
        };
        let cx = DataContext::new(provider, call.stop);
        let result = caught_async("`read`", || model.read(&cx)).await;
        out.extend(cx.take());
        match result.map_err(Diagnostics::from).and_then(|result| result) {
            Ok(model) => {
                let mut state = model.encode();
                plan::applied(block, &open, &state, out);
                plan::settle(&mut state, &Value::Null);
                Some(state)
            }
            Err(problems) => {
                let silent = !problems.has_errors();
                out.extend(problems);
                if silent {
                    out.push(bug(Path::root(), "A read failed without saying why."));
                }
                None
            }
        }
    }
}
