//! The signature section of a function's page.

use super::attributes::inline;
use crate::schema::{Parameter, Signature};
use crate::types::Type;

/// The signature in HCL's words, the arguments, and what comes back.
pub(super) fn section(name: &str, signature: &Signature) -> String {
    let mut parameters: Vec<String> = signature.parameters.iter().map(declared).collect();
    parameters.extend(signature.variadic.iter().map(|rest| format!("{}...", declared(rest))));
    let mut text = format!(
        "\n## Signature\n\n```text\n{name}({}) {}\n```\n\n## Arguments\n\n",
        parameters.join(", "),
        hcl(&signature.result)
    );
    for (position, parameter) in signature.parameters.iter().enumerate() {
        text += &argument(position, parameter, "");
    }
    if let Some(rest) = &signature.variadic {
        text += &argument(signature.parameters.len(), rest, "Variadic, ");
    }
    text
}

fn declared(parameter: &Parameter) -> String {
    format!("{} {}", parameter.name, hcl(&parameter.ty))
}

fn argument(position: usize, parameter: &Parameter, prefix: &str) -> String {
    let nullable = if parameter.allow_null { ", Nullable" } else { "" };
    format!(
        "{}. `{}` ({prefix}{}{nullable}) {}\n",
        position + 1,
        parameter.name,
        super::attributes::type_name(&parameter.ty),
        inline(&parameter.description)
    )
}

/// A type as a type constraint is written.
fn hcl(ty: &Type) -> String {
    match ty {
        Type::String => "string".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Dynamic => "any".to_owned(),
        Type::List(inner) => format!("list({})", hcl(inner)),
        Type::Set(inner) => format!("set({})", hcl(inner)),
        Type::Map(inner) => format!("map({})", hcl(inner)),
        Type::Tuple(types) => {
            let types: Vec<String> = types.iter().map(hcl).collect();
            format!("tuple([{}])", types.join(", "))
        }
        Type::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, ty)| format!("{name} = {}", hcl(ty))).collect();
            format!("object({{{}}})", fields.join(", "))
        }
    }
}
