//! The default of a field: as a value for the schema, and in the type of the field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Expr, Ident, Type};

use crate::check::head;
use crate::parse::Field;

/// The function that gives a default as a value.
pub(super) fn name(field: &Field) -> Ident {
    format_ident!("default_{}", field.name())
}

/// The default as a value; where the compiler can read it, by way of a function that gives it in the
/// type of the field.
pub(super) fn emit(field: &Field) -> Option<TokenStream> {
    let default = field.options.default.as_ref()?;
    let (name, ty) = (name(field), &field.ty);
    let Some(typed) = typed(field) else {
        return Some(quote! {
            fn #name() -> ::tfplugin::value::Value { ::tfplugin::value::Value::from(#default) }
        });
    };
    let value = match literal(default) {
        Literal::Other if is_primitive(ty) => quote!(#default),
        _ => quote!(::core::convert::Into::into(#default)),
    };
    Some(quote! {
        fn #typed() -> #ty {
            let value: #ty = #value;
            value
        }
        fn #name() -> ::tfplugin::value::Value {
            ::tfplugin::attribute::Slot::encode(&#typed())
        }
    })
}

/// The function that gives a default in the type of the field; none for a text that a type of the
/// domain has to read.
pub(super) fn typed(field: &Field) -> Option<Ident> {
    let default = field.options.default.as_ref()?;
    let is_read =
        matches!(literal(default), Literal::Text) && head(&field.ty).as_deref() != Some("String");
    (!is_read).then(|| format_ident!("typed_default_{}", field.name()))
}

/// What a default is, as far as its spelling tells.
enum Literal {
    /// A string, which the type of the field reads.
    Text,
    /// Another literal.
    Other,
    /// An expression.
    None,
}

/// What `expr` is.
fn literal(expr: &Expr) -> Literal {
    match expr {
        Expr::Lit(lit) if matches!(lit.lit, syn::Lit::Str(_)) => Literal::Text,
        Expr::Lit(_) => Literal::Other,
        Expr::Unary(unary) => literal(&unary.expr),
        _ => Literal::None,
    }
}

/// Whether a literal can be of type `ty` as it is.
fn is_primitive(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    ["bool", "i64", "u64", "f64"].iter().any(|name| path.path.is_ident(name))
}
