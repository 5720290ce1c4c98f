//! The draft of a struct: the same fields, each of which may be null or unknown.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::model::{bounds, sorted};
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
    let bounds = bounds(model);
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
        #[allow(trivial_bounds)]
        #vis struct #draft #bounds { #(#fields,)* }
    }
}

fn implementation(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let draft = format_ident!("{ident}Draft");
    let bounds = bounds(model);
    let methods = [read(model), encode(model), touched(model), overlay(model), check(model)];
    let copied = copied(model);
    quote! {
        #[automatically_derived]
        #[allow(unused_variables, trivial_bounds)]
        impl ::tfplugin::model::Draft for #draft #bounds {
            type Model = #ident;
            #(#methods)*
        }

        #copied

        #[automatically_derived]
        #[allow(trivial_bounds)]
        impl ::core::convert::From<#ident> for #draft #bounds {
            fn from(model: #ident) -> Self {
                ::tfplugin::model::draft_of(&model)
            }
        }
    }
}

/// `Clone` and `Debug`, not derived: under the bounds that every item of this code has.
fn copied(model: &Model) -> TokenStream {
    let draft = format_ident!("{}Draft", model.ident);
    let name = draft.to_string();
    let bounds = bounds(model);
    let idents: Vec<_> = model.fields.iter().map(|field| &field.ident).collect();
    let names = model.fields.iter().map(crate::parse::Field::name);
    quote! {
        #[automatically_derived]
        #[allow(trivial_bounds)]
        impl ::core::clone::Clone for #draft #bounds {
            fn clone(&self) -> Self {
                Self { #(#idents: ::core::clone::Clone::clone(&self.#idents),)* }
            }
        }

        #[automatically_derived]
        #[allow(trivial_bounds)]
        impl ::core::fmt::Debug for #draft #bounds {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#name) #(.field(#names, &self.#idents))* .finish()
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
        // A closure, so that a `&String` can be a `&str`.
        Some(quote! { self.#ident.validate(|value| #validate(value), out); })
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
