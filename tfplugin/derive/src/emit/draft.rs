//! The draft of a struct: the same fields, each of which may be null or unknown.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::model::sorted;
use crate::parse::{Group, GroupKind, Model};

/// The sibling struct with its conversions.
pub(super) fn emit(model: &Model) -> TokenStream {
    let declaration = declaration(model);
    let implementation = implementation(model);
    quote! {
        #declaration
        const _: () = { #implementation };
    }
}

fn declaration(model: &Model) -> TokenStream {
    let (ident, vis) = (&model.ident, &model.vis);
    let draft = format_ident!("{ident}Draft");
    let doc = format!("A [`{ident}`] of which any part may be null or not known yet.");
    let fields = model.fields.iter().map(|field| {
        let (ident, vis, ty) = (&field.ident, &field.vis, &field.ty);
        let doc = field.docs.clone().unwrap_or_default();
        quote! {
            #[doc = #doc]
            #vis #ident: ::tfplugin::model::Field<::tfplugin::attribute::DraftOf<#ty>>
        }
    });
    quote! {
        #[doc = #doc]
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #vis struct #draft { #(#fields,)* }
    }
}

fn implementation(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let draft = format_ident!("{ident}Draft");
    let methods = [read(model), encode(model), touched(model), overlay(model), check(model)];
    quote! {
        #[automatically_derived]
        #[allow(unused_variables)]
        impl ::tfplugin::model::Draft for #draft { #(#methods)* }

        #[automatically_derived]
        impl ::core::convert::From<#ident> for #draft {
            fn from(model: #ident) -> Self {
                ::tfplugin::model::draft_of(&model)
            }
        }
    }
}

fn read(model: &Model) -> TokenStream {
    let fields = model.fields.iter().map(|field| {
        let (ident, name, ty) = (&field.ident, field.name(), &field.ty);
        quote! { #ident: ::tfplugin::model::Field::read::<#ty>(#name, value, trail, out) }
    });
    quote! {
        fn read(
            value: &::tfplugin::value::Value,
            trail: &::tfplugin::model::Trail<'_>,
            out: &mut ::tfplugin::diagnostics::Diagnostics,
        ) -> Self {
            Self { #(#fields,)* }
        }
    }
}

fn encode(model: &Model) -> TokenStream {
    let entries = sorted(model).into_iter().map(|field| {
        let (ident, name, ty) = (&field.ident, field.name(), &field.ty);
        quote! { (#name.to_owned(), self.#ident.encode::<#ty>()) }
    });
    quote! {
        fn encode(&self) -> ::tfplugin::value::Value {
            ::tfplugin::value::Value::Map(::std::collections::BTreeMap::from([#(#entries,)*]))
        }
    }
}

fn touched(model: &Model) -> TokenStream {
    let idents = model.fields.iter().map(|field| &field.ident);
    quote! {
        fn touched(&self) -> bool { false #(|| self.#idents.touched())* }
    }
}

fn overlay(model: &Model) -> TokenStream {
    let fields = model.fields.iter().map(|field| {
        let (ident, name, ty) = (&field.ident, field.name(), &field.ty);
        quote! { self.#ident.overlay::<#ty>(#name, target); }
    });
    quote! {
        fn overlay(&self, target: &mut ::tfplugin::value::Value) { #(#fields)* }
    }
}

fn check(model: &Model) -> TokenStream {
    let nested = model.fields.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        quote! { self.#ident.check::<#ty>(out); }
    });
    let validators = model.fields.iter().filter_map(|field| {
        let (ident, validate) = (&field.ident, field.options.validate.as_ref()?);
        Some(quote! { self.#ident.validate(#validate, out); })
    });
    let groups = model.groups.iter().map(group);
    quote! {
        fn check(&self, out: &mut ::tfplugin::diagnostics::Diagnostics) {
            #(#nested)*
            #(#validators)*
            #(#groups)*
        }
    }
}

fn group(group: &Group) -> TokenStream {
    let members = &group.members;
    let kind = match group.kind {
        GroupKind::ExactlyOneOf => quote!(ExactlyOneOf),
        GroupKind::AtLeastOneOf => quote!(AtLeastOneOf),
        GroupKind::Conflicts => quote!(Conflicts),
    };
    quote! {
        ::tfplugin::model::Group::#kind.check(&[#(self.#members.member(),)*], out);
    }
}
