//! `blank`: a model of which only what must be given is given.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Type};

use super::default;
use crate::check::{Wrapper, head, wrapper};
use crate::parse::{Field, Model};

/// The constructor; nothing where every field must be given, because the struct itself says that.
pub(super) fn emit(model: &Model) -> TokenStream {
    let (ident, vis) = (&model.ident, &model.vis);
    let parts: Vec<(&Ident, Part)> =
        model.fields.iter().map(|field| (&field.ident, part(field))).collect();
    if parts.iter().all(|(_, part)| matches!(part, Part::Given(_))) {
        return TokenStream::new();
    }
    let parameters = parts.iter().filter_map(|(ident, part)| match part {
        Part::Given(ty) => Some(quote! { #ident: impl ::core::convert::Into<#ty> }),
        Part::Filled(_) => None,
    });
    let values = parts.iter().map(|(ident, part)| match part {
        Part::Given(_) => quote! { #ident: ::core::convert::Into::into(#ident) },
        Part::Filled(value) => quote! { #ident: #value },
    });
    let doc = format!(
        "A [`{ident}`] of which only what must be given is given: other arguments have their default \
         or are null, and what the provider computes is not known yet."
    );
    quote! {
        #[automatically_derived]
        #[allow(dead_code, clippy::too_many_arguments)]
        impl #ident {
            #[doc = #doc]
            #[must_use]
            #vis fn blank(#(#parameters),*) -> Self {
                Self { #(#values,)* }
            }
        }
    }
}

/// Where the value of a field comes from.
enum Part<'a> {
    /// From a parameter of this type.
    Given(&'a Type),
    /// It is this.
    Filled(TokenStream),
}

fn part(field: &Field) -> Part<'_> {
    let ty = &field.ty;
    if field.options.default.is_some() {
        // A text that a type of the domain reads is only read when the program runs, and might be
        // refused: it is given like a required argument.
        return default::typed(field)
            .map_or(Part::Given(ty), |typed| Part::Filled(quote!(#typed())));
    }
    let is_list = field.options.block.is_some() || field.options.variadic.is_some();
    match wrapper(ty) {
        Wrapper::Option => Part::Filled(quote!(::core::option::Option::None)),
        Wrapper::Computed => Part::Filled(quote!(::tfplugin::attribute::Computed::Unknown)),
        Wrapper::WriteOnly => Part::Filled(quote!(::core::default::Default::default())),
        Wrapper::Plain if is_list && head(ty).as_deref() == Some("Vec") => {
            Part::Filled(quote!(::std::vec::Vec::new()))
        }
        Wrapper::Plain => Part::Given(ty),
    }
}
