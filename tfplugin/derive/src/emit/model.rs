//! `impl Model` and the attribute constants of a struct.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::{blank, default};
use crate::check::{Wrapper, wrapper};
use crate::parse::{Field, Model};

/// Everything about the struct itself.
pub(super) fn emit(model: &Model) -> TokenStream {
    let constants = constants(model);
    let asserts = model.fields.iter().map(asserts);
    let defaults = model.fields.iter().filter_map(default::emit);
    let implementation = implementation(model);
    let blank = blank::emit(model);
    quote! {
        #constants
        const _: () = {
            #(#asserts)*
            #(#defaults)*
            #implementation
            #blank
        };
    }
}

/// One constant per field, so that blame is checked by the compiler.
fn constants(model: &Model) -> TokenStream {
    let (ident, vis) = (&model.ident, &model.vis);
    let each = model.fields.iter().map(|field| {
        let name = field.name();
        let constant = Ident::new(&name.to_uppercase(), field.ident.span());
        let doc = format!("The attribute `{name}`, to say where a problem is.");
        quote! {
            #[doc = #doc]
            #vis const #constant: ::tfplugin::model::Attr = ::tfplugin::model::Attr::new(#name);
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident { #(#each)* }
    }
}

/// What only the compiler knows of the field's type.
fn asserts(field: &Field) -> TokenStream {
    let ty = &field.ty;
    let identity = field.options.identity.map(|_| {
        quote_spanned! { ty.span() =>
            const _: () = ::tfplugin::attribute::require_identity::<#ty>();
        }
    });
    quote_spanned! { ty.span() =>
        const _: () = ::tfplugin::attribute::require_sound::<#ty>();
        #identity
    }
}

fn implementation(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let draft = format_ident!("{ident}Draft");
    let version = model.version.as_ref().map(|version| {
        quote! { const SCHEMA_VERSION: i64 = #version; }
    });
    let immutable = model.immutable.is_some();
    let settings = model.settings.is_some();
    let blocks = model.fields.iter().any(|field| field.options.block.is_some());
    let variadic = model.fields.iter().any(|field| field.options.variadic.is_some());
    let contents = model.fields.iter().map(|field| &field.ty);
    let is_chosen =
        |field: &Field| field.options.default.is_some() || field.options.optional.is_some();
    let chosen = if model.fields.iter().any(is_chosen) { quote!(CHOSEN) } else { quote!(NONE) };
    let bounds = bounds(model);
    let methods = [block(model), decode(model), encode(model)];
    quote! {
        #[automatically_derived]
        #[allow(unused_variables, trivial_bounds)]
        impl ::tfplugin::model::Model for #ident #bounds {
            type Draft = #draft;
            #version
            const IMMUTABLE: bool = #immutable;
            const SETTINGS: bool = #settings;
            const HAS_BLOCKS: bool = #blocks;
            const VARIADIC: bool = #variadic;
            const CONTENTS: ::tfplugin::attribute::Contents =
                ::tfplugin::attribute::Contents::#chosen
                #(.and(::tfplugin::attribute::contents::<#contents>()))*;
            #(#methods)*
        }
    }
}

fn block(model: &Model) -> TokenStream {
    let description = model.docs.clone().unwrap_or_default();
    let deprecated = optional_text(model.deprecated.as_ref());
    let fields = model.fields.iter().map(|field| {
        let spec = spec(model, field);
        let ty = &field.ty;
        if field.options.block.is_some() {
            let count = |limit: Option<&syn::LitInt>| limit.map_or(quote!(0), |n| quote!(#n));
            let (min, max) = (count(field.options.min.as_ref()), count(field.options.max.as_ref()));
            quote! { shape.block::<#ty>(&#spec, #min, #max); }
        } else {
            quote! { shape.attribute::<#ty>(#spec); }
        }
    });
    quote! {
        fn block() -> ::tfplugin::schema::Block {
            let mut shape = ::tfplugin::model::Shape::new(#description, #deprecated);
            #(#fields)*
            shape.finish()
        }
    }
}

fn spec(model: &Model, field: &Field) -> TokenStream {
    let name = field.name();
    let description = field.docs.clone().unwrap_or_default();
    let deprecated = optional_text(field.options.deprecated.as_ref());
    let optional = field.options.optional.is_some();
    let replace = requires_replace(model, field);
    let keep = field.options.use_state_for_unknown.is_some()
        || (model.immutable.is_some() && wrapper(&field.ty) == Wrapper::Computed);
    let default = field.options.default.as_ref().map_or(quote!(None), |_| {
        let default = default::name(field);
        quote!(Some(#default()))
    });
    let identity = match field.options.identity {
        None => quote!(None),
        Some((_, false)) => quote!(Some(::tfplugin::schema::IdentityRole::Required)),
        Some((_, true)) => quote!(Some(::tfplugin::schema::IdentityRole::Optional)),
    };
    quote! {
        ::tfplugin::model::Spec {
            name: #name,
            description: #description,
            deprecated: #deprecated,
            optional: #optional,
            default: ::core::option::Option::#default,
            requires_replace: #replace,
            use_state_for_unknown: #keep,
            identity: ::core::option::Option::#identity,
        }
    }
}

/// Asked for, or because the struct is immutable and this is an argument that describes the object.
fn requires_replace(model: &Model, field: &Field) -> TokenStream {
    let ty = &field.ty;
    let argument = match wrapper(ty) {
        Wrapper::Plain | Wrapper::Option => true,
        Wrapper::Computed => field.options.optional.is_some(),
        Wrapper::WriteOnly => false,
    };
    if field.options.requires_replace.is_some() {
        quote!(true)
    } else if model.immutable.is_some() && argument {
        quote!(::tfplugin::attribute::describes_object::<#ty>())
    } else {
        quote!(false)
    }
}

fn optional_text(text: Option<&syn::LitStr>) -> TokenStream {
    text.map_or(
        quote!(::core::option::Option::None),
        |text| quote!(::core::option::Option::Some(#text)),
    )
}

fn decode(model: &Model) -> TokenStream {
    let idents: Vec<_> = model.fields.iter().map(|field| &field.ident).collect();
    let reads = model.fields.iter().map(|field| {
        let (name, ty, ident) = (field.name(), &field.ty, &field.ident);
        if field.options.default.is_some() {
            let default = default::name(field);
            quote! { let #ident = object.field_or::<#ty>(#name, #default, out); }
        } else {
            quote! { let #ident = object.field::<#ty>(#name, out); }
        }
    });
    quote! {
        fn decode(
            value: &::tfplugin::value::Value,
            trail: &::tfplugin::model::Trail<'_>,
            out: &mut ::tfplugin::diagnostics::Diagnostics,
        ) -> ::core::option::Option<Self> {
            let object = ::tfplugin::model::Object::new(value, trail, out)?;
            #(#reads)*
            ::core::option::Option::Some(Self { #(#idents: #idents?,)* })
        }
    }
}

fn encode(model: &Model) -> TokenStream {
    let entries = sorted(model).into_iter().map(|field| {
        let (name, ident) = (field.name(), &field.ident);
        quote! { (#name.to_owned(), ::tfplugin::attribute::Slot::encode(&self.#ident)) }
    });
    quote! {
        fn encode(&self) -> ::tfplugin::value::Value {
            ::tfplugin::value::Value::Map(::std::collections::BTreeMap::from([#(#entries,)*]))
        }
    }
}

/// The fields by name: a map built from sorted entries sorts nothing.
pub(super) fn sorted(model: &Model) -> Vec<&Field> {
    let mut fields: Vec<&Field> = model.fields.iter().collect();
    fields.sort_by_key(|field| field.name());
    fields
}

/// Every field is a slot. Said once per item and with the span of the type, so that the compiler
/// says what is wrong with a type once and not at every use.
pub(super) fn bounds(model: &Model) -> TokenStream {
    let bounds = model.fields.iter().map(|field| {
        let ty = &field.ty;
        quote_spanned! { ty.span() => #ty: ::tfplugin::attribute::Slot, }
    });
    quote! { where #(#bounds)* }
}
