//! A block that the provider completes without storing a plan: what data sources and ephemeral resources share.

use crate::diagnostics::Diagnostics;
use crate::guard::{bug, caught, caught_async};
use crate::model::{Draft as _, Model, Trail};
use crate::path::Path;
use crate::plan;
use crate::schema::Block;
use crate::value::Value;

/// What is wrong with a block that has no write-only arguments; values may be unknown.
pub(crate) fn validated<M: Model>(
    block: &Block,
    config: &Value,
    validate: fn(&M::Draft, &mut Diagnostics),
) -> Diagnostics {
    let mut out = Diagnostics::new();
    plan::presence(block, config, true, &mut out);
    let draft = M::Draft::read(config, &Trail::ROOT, &mut out);
    draft.check(&mut out);
    let result = caught("`validate`", || validate(&draft, &mut out));
    out.extend(result.err());
    out
}

/// The object that the author's `work` makes of a configuration: arguments as they are configured, everything
/// known.
pub(crate) async fn completed<M: Model, F>(
    block: &Block,
    config: &Value,
    what: &str,
    work: impl FnOnce(M) -> F,
) -> Result<Value, Diagnostics>
where
    F: Future<Output = Result<M, Diagnostics>>,
{
    let mut open = config.clone();
    plan::defaults(block, config, &mut open);
    plan::computed_unknown(block, config, &mut open);
    let mut problems = Diagnostics::new();
    let Some(model) = M::decode(&open, &Trail::ROOT, &mut problems) else {
        return Err(problems);
    };
    let model = match caught_async(what, || work(model)).await? {
        Ok(model) => model,
        Err(problems) if problems.has_errors() => return Err(problems),
        Err(mut warnings) => {
            warnings.push(bug(Path::root(), format!("{what} failed without saying why.")));
            return Err(warnings);
        }
    };
    let mut object = model.encode();
    plan::applied(block, &open, &object, &mut problems);
    plan::settle(&mut object, &Value::Null);
    if problems.has_errors() { Err(problems) } else { Ok(object) }
}
