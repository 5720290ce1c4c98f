//! What an author writes for a provider-defined function.

use std::marker::PhantomData;
use std::sync::OnceLock;

use crate::attribute::Attribute;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::{self, FunctionError};
use crate::guard::caught;
use crate::model::{Attr, Model, Trail};
use crate::path::{Path, Step};
use crate::schema::{self, Parameter, Presence, Signature};
use crate::types::Type;
use crate::value::Value;

/// A function: a model whose fields, in order, are the parameters.
///
/// A field `Option<T>` may be given null. The last field may be a `Vec<T>` with `#[tf(variadic)]`.
/// The first paragraph of the doc comment is the summary.
pub trait Function: Model {
    /// The name, without the provider's prefix.
    const NAME: &'static str;
    /// What comes back; a model is an object, and an `Option` may be null.
    type Output: Returned;

    /// Computes the result: the same for the same arguments, in every process.
    ///
    /// # Errors
    /// Says what is wrong, and with which argument.
    fn call(self) -> Result<Self::Output, FunctionFault>;
}

/// What a function gives back: a value that is there, or one that may be null.
pub trait Returned {
    /// Its type in a signature.
    fn ty() -> Type;
    /// The value of this.
    fn to_value(&self) -> Value;
}

impl<T: Attribute> Returned for T {
    fn ty() -> Type {
        T::kind().ty()
    }

    fn to_value(&self) -> Value {
        self.encode()
    }
}

impl<T: Attribute> Returned for Option<T> {
    fn ty() -> Type {
        T::kind().ty()
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Attribute::encode)
    }
}

/// Why a function call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionFault {
    text: String,
    argument: Path,
}

impl FunctionFault {
    /// The whole call is at fault.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: Path::root() }
    }

    /// The argument `attr` is at fault.
    #[must_use]
    pub fn at(self, attr: Attr) -> Self {
        Self { argument: attr.into(), ..self }
    }
}

impl From<String> for FunctionFault {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for FunctionFault {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<FunctionFault> for Diagnostics {
    fn from(fault: FunctionFault) -> Self {
        Diagnostic::error(fault.argument, "Invalid argument", fault.text).into()
    }
}

impl From<Diagnostics> for FunctionFault {
    /// All texts, blaming the first argument that is blamed.
    fn from(problems: Diagnostics) -> Self {
        let blamed = problems.iter().map(|problem| &problem.path).find(|path| !path.is_root());
        let argument = blamed.cloned().unwrap_or_default();
        let texts: Vec<String> = problems.into_iter().map(text).collect();
        Self { text: texts.join("\n"), argument }
    }
}

/// The detail, or the summary where there is none.
fn text(mut problem: Diagnostic) -> String {
    if problem.detail.is_empty() {
        std::mem::swap(&mut problem.detail, &mut problem.summary);
    }
    problem.located().into_owned()
}

/// The erased form of the function `F`.
#[derive(Debug)]
pub struct Adapter<F> {
    shape: OnceLock<Shape>,
    function: PhantomData<fn() -> F>,
}

#[derive(Debug)]
struct Shape {
    signature: Signature,
    names: Vec<String>,
}

impl<F: Function> Default for Adapter<F> {
    fn default() -> Self {
        Self { shape: OnceLock::new(), function: PhantomData }
    }
}

impl<F: Function> Adapter<F> {
    fn shape(&self) -> &Shape {
        self.shape.get_or_init(|| {
            let block = F::block();
            let names = block.attributes.iter().map(|a| a.name.clone()).collect();
            Shape { signature: signature::<F>(&block), names }
        })
    }

    /// The arguments as an object: variadic ones become the list that the last field is.
    fn object(&self, arguments: Vec<Value>) -> Value {
        let shape = self.shape();
        let fixed = shape.signature.parameters.len();
        let mut arguments = arguments;
        let rest = arguments.split_off(fixed.min(arguments.len()));
        if shape.signature.variadic.is_some() {
            arguments.push(Value::List(rest));
        }
        Value::Map(shape.names.iter().cloned().zip(arguments).collect())
    }

    /// Which argument a path leads to.
    fn argument(&self, path: &Path) -> Option<i64> {
        let [Step::Attribute(name), inside @ ..] = path.steps() else { return None };
        let position = self.shape().names.iter().position(|each| each == name)?;
        let element = match inside {
            [Step::Index(index), ..] if position == self.shape().signature.parameters.len() => {
                *index
            }
            _ => 0,
        };
        i64::try_from(position).ok().map(|position| position + element)
    }

    fn error(&self, fault: impl Into<FunctionFault>) -> FunctionError {
        let fault = fault.into();
        FunctionError { argument: self.argument(&fault.argument), text: fault.text }
    }
}

fn signature<F: Function>(block: &schema::Block) -> Signature {
    let mut parameters: Vec<Parameter> = block.attributes.iter().map(parameter).collect();
    let last = F::VARIADIC.then(|| parameters.pop()).flatten();
    let variadic = last.map(|last| match last.ty {
        Type::List(ty) => Parameter { ty: *ty, ..last },
        _ => last,
    });
    let returned = F::Output::ty();
    Signature {
        summary: summary(&block.description),
        description: block.description.clone(),
        parameters,
        variadic,
        result: returned,
    }
}

fn parameter(attribute: &schema::Attribute) -> Parameter {
    Parameter {
        name: attribute.name.clone(),
        ty: attribute.ty(),
        description: attribute.description.clone(),
        allow_null: attribute.presence == Presence::Optional,
        allow_unknown: false,
    }
}

/// The first paragraph on one line.
fn summary(description: &str) -> String {
    let paragraph = description.split("\n\n").next().unwrap_or_default();
    paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

impl<F: Function> erased::Function for Adapter<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn signature(&self) -> &Signature {
        &self.shape().signature
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let mut problems = Diagnostics::new();
        let object = self.object(arguments);
        let Some(model) = F::decode(&object, &Trail::ROOT, &mut problems) else {
            return Err(self.error(problems));
        };
        let result = caught("The function", || model.call());
        match result.map_err(|panic| FunctionFault::new(panic.detail)).and_then(|result| result) {
            Ok(output) => Ok(output.to_value()),
            Err(fault) => Err(self.error(fault)),
        }
    }
}
