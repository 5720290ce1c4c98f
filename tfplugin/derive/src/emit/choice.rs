//! An enum without fields: a string attribute with fixed choices.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;

use crate::parse::{Choice, Variant};

/// `impl Attribute`, over a table of names.
pub(super) fn emit(choice: &Choice) -> TokenStream {
    let ident = &choice.ident;
    let names: Vec<String> = choice.variants.iter().map(name).collect();
    let docs = choice.variants.iter().map(|variant| variant.docs.clone().unwrap_or_default());
    let variants: Vec<_> = choice.variants.iter().map(|variant| &variant.ident).collect();
    let positions = 0..variants.len();
    quote! {
        const _: () = {
            const NAMES: &[&str] = &[#(#names),*];
            #[automatically_derived]
            impl ::tfplugin::attribute::Attribute for #ident {
                type Draft = Self;
                type SetDraft = ::std::vec::Vec<Self>;
                const CHOICES: &'static [(&'static str, &'static str)] = &[#((#names, #docs)),*];
                fn kind() -> ::tfplugin::schema::AttributeKind {
                    ::tfplugin::schema::AttributeKind::Plain(::tfplugin::types::Type::String)
                }
                fn decode(
                    value: &::tfplugin::value::Value,
                    trail: &::tfplugin::model::Trail<'_>,
                    out: &mut ::tfplugin::diagnostics::Diagnostics,
                ) -> ::core::option::Option<Self> {
                    match ::tfplugin::attribute::choice(NAMES, value, trail, out)? {
                        #(#positions => ::core::option::Option::Some(Self::#variants),)*
                        _ => ::core::option::Option::None,
                    }
                }
                fn encode(&self) -> ::tfplugin::value::Value {
                    ::tfplugin::value::Value::from(match self { #(Self::#variants => #names,)* })
                }
                ::tfplugin::leaf_draft!();
            }
        };
    }
}

/// The spelling in HCL: renamed, or the variant in snake case.
fn name(variant: &Variant) -> String {
    variant
        .rename
        .as_ref()
        .map_or_else(|| snake_case(&variant.ident.unraw().to_string()), syn::LitStr::value)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (position, letter) in name.char_indices() {
        if letter.is_uppercase() && position > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn a_variant_is_spelled_in_snake_case() {
        assert_eq!(snake_case("RequiresReview"), "requires_review");
        assert_eq!(snake_case("Block"), "block");
    }
}
