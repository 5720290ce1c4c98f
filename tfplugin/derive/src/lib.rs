//! `#[derive(Model)]`: one Rust struct becomes a Terraform schema, its codec and its documentation.
//!
//! Three passes, each in its own file: `parse` reads the struct and its `#[tf(…)]` options, `check`
//! refuses what has no meaning, `emit` writes the code. All mistakes are reported together, each at
//! the field it belongs to. The derive emits data and conversions, never behaviour: whatever happens
//! in a plan or an apply is ordinary Rust in `tfplugin`.

use proc_macro::TokenStream;

mod check;
mod emit;
mod parse;
mod suggest;

/// Makes a struct a Terraform object, or an enum without fields a string with fixed choices.
///
/// The doc comments are the descriptions, and each must be there. The field types say who sets a
/// value (`T` required, `Option<T>` optional, `Computed<T>` the provider, `WriteOnly<T>` given but
/// never stored); `#[tf(…)]` says the rest.
///
/// A struct in which not every field must be given also has a constructor `blank`. Its parameters are
/// the fields that must be: those that are required, and those whose default is a text that their
/// type has to read. It is the rest of a struct: `Self { found, ..Self::blank(name) }`.
///
/// Options of a field: `requires_replace`, `use_state_for_unknown`, `default = value`, `optional`,
/// `identity` or `identity(optional)`, `validate = function`, `block` with `min = n` and `max = n`,
/// `deprecated = "why"`, `variadic`.
///
/// Options of a struct: `version = n`, `immutable`, `settings`, `exactly_one_of(a, b)`,
/// `at_least_one_of(a, b)`, `conflicts(a, b)`, `deprecated = "why"`.
///
/// Option of a variant: `rename = "spelling"`.
#[proc_macro_derive(Model, attributes(tf))]
pub fn model(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    let mut errors = parse::Errors::default();
    let parsed = parse::input(input, &mut errors);
    if let Some(parsed) = &parsed {
        check::input(parsed, &mut errors);
    }
    let emitted = parsed.filter(|_| !errors.is_grave()).map(|parsed| emit::input(&parsed));
    let mut tokens = emitted.unwrap_or_default();
    tokens.extend(errors.finish().map(syn::Error::into_compile_error));
    tokens.into()
}
