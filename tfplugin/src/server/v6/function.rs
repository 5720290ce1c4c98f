//! Function calls.

use super::convert;
use crate::diagnostics::Diagnostics;
use crate::erased::FunctionError;
use crate::schema::{Parameter, Signature};
use crate::server::catalogue::Catalogue;
use crate::server::session::Session;
use crate::value::Value;
use crate::wire::tfplugin6 as wire;
use wire::call_function::{Request, Response};

pub(super) async fn call(session: &Session, request: Request) -> Result<Response, Diagnostics> {
    let answer = compute(session.catalogue(), &request);
    Ok(match answer {
        Ok(result) => Response { result: Some(result), error: None },
        Err(FunctionError { argument, text }) => {
            let error = wire::FunctionError { text, function_argument: argument };
            Response { result: None, error: Some(error) }
        }
    })
}

fn compute(catalogue: &Catalogue, request: &Request) -> Result<wire::DynamicValue, FunctionError> {
    let name = &request.name;
    let whole = |text: String| FunctionError { argument: None, text };
    let function = catalogue
        .function(name)
        .ok_or_else(|| whole(format!("this provider has no function {name:?}")))?;
    let signature = function.signature();
    let arguments = arguments(signature, &request.arguments)?;
    let result = function.call(arguments)?;
    Ok(convert::to_dynamic(&result, &signature.result))
}

fn arguments(
    signature: &Signature,
    given: &[wire::DynamicValue],
) -> Result<Vec<Value>, FunctionError> {
    let fixed = signature.parameters.len();
    if given.len() < fixed || (given.len() > fixed && signature.variadic.is_none()) {
        let least = if signature.variadic.is_some() { "at least " } else { "" };
        let text = format!("expected {least}{fixed} arguments, found {}", given.len());
        return Err(FunctionError { argument: None, text });
    }
    let parameters = signature.parameters.iter().chain(signature.variadic.iter().cycle());
    let read = |(index, (value, parameter)): (usize, (&wire::DynamicValue, &Parameter))| {
        convert::value(&parameter.ty, Some(value)).map_err(|diagnostics| {
            let text = diagnostics.iter().map(|d| d.detail.as_str()).collect();
            FunctionError { argument: i64::try_from(index).ok(), text }
        })
    };
    given.iter().zip(parameters).enumerate().map(read).collect()
}
