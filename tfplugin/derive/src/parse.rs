//! First pass: the struct or enum and its options, as written.
//!
//! What is not Rust's or the options' grammar is reported here; whether it makes sense together is
//! the next pass.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Ident, LitInt, LitStr, Path, Type};

use crate::suggest::near;

/// All mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors {
    all: Option<syn::Error>,
    grave: bool,
}

impl Errors {
    /// Adds one, after which the rest means nothing.
    pub(crate) fn push(&mut self, span: Span, text: impl std::fmt::Display) {
        self.add(syn::Error::new(span, text));
    }

    /// Adds one that leaves the code as good as it is: whoever uses the type need not hear of it as well.
    pub(crate) fn push_lesser(&mut self, span: Span, text: impl std::fmt::Display) {
        self.combine(syn::Error::new(span, text));
    }

    fn add(&mut self, error: syn::Error) {
        self.grave = true;
        self.combine(error);
    }

    fn combine(&mut self, error: syn::Error) {
        match &mut self.all {
            Some(all) => all.combine(error),
            None => self.all = Some(error),
        }
    }

    /// Whether one was added that leaves no code to emit.
    pub(crate) const fn is_grave(&self) -> bool {
        self.grave
    }

    /// All of them as one, where there are any.
    pub(crate) fn finish(self) -> Option<syn::Error> {
        self.all
    }
}

/// What the derive stands on.
pub(crate) enum Input {
    /// A struct: an object.
    Model(Model),
    /// An enum without fields: a string with fixed choices.
    Choice(Choice),
}

/// A struct.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) vis: syn::Visibility,
    pub(crate) docs: Option<String>,
    pub(crate) version: Option<LitInt>,
    pub(crate) immutable: Option<Span>,
    pub(crate) settings: Option<Span>,
    pub(crate) deprecated: Option<LitStr>,
    pub(crate) groups: Vec<Group>,
    pub(crate) fields: Vec<Field>,
}

/// How members of a [`Group`] relate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupKind {
    ExactlyOneOf,
    AtLeastOneOf,
    Conflicts,
}

/// Arguments that depend on each other.
pub(crate) struct Group {
    pub(crate) kind: GroupKind,
    pub(crate) span: Span,
    pub(crate) members: Vec<Ident>,
}

/// One field.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: syn::Visibility,
    pub(crate) ty: Type,
    pub(crate) docs: Option<String>,
    pub(crate) options: FieldOptions,
}

impl Field {
    /// The name in Terraform: the identifier without `r#`.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

/// The options of one field; a span says where a flag was written.
#[derive(Default)]
pub(crate) struct FieldOptions {
    pub(crate) requires_replace: Option<Span>,
    pub(crate) use_state_for_unknown: Option<Span>,
    pub(crate) optional: Option<Span>,
    pub(crate) default: Option<Expr>,
    pub(crate) identity: Option<(Span, bool)>,
    pub(crate) validate: Option<Path>,
    pub(crate) block: Option<Span>,
    pub(crate) min: Option<LitInt>,
    pub(crate) max: Option<LitInt>,
    pub(crate) deprecated: Option<LitStr>,
    pub(crate) variadic: Option<Span>,
}

/// An enum.
pub(crate) struct Choice {
    pub(crate) ident: Ident,
    pub(crate) docs: Option<String>,
    pub(crate) variants: Vec<Variant>,
}

/// One variant.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) docs: Option<String>,
    pub(crate) rename: Option<LitStr>,
}

const FIELD_OPTIONS: &[&str] = &[
    "requires_replace",
    "use_state_for_unknown",
    "optional",
    "default",
    "identity",
    "validate",
    "block",
    "min",
    "max",
    "deprecated",
    "variadic",
];

const STRUCT_OPTIONS: &[&str] = &[
    "version",
    "immutable",
    "settings",
    "exactly_one_of",
    "at_least_one_of",
    "conflicts",
    "deprecated",
];

const VARIANT_OPTIONS: &[&str] = &["rename"];

/// Reads what the derive stands on.
pub(crate) fn input(input: DeriveInput, errors: &mut Errors) -> Option<Input> {
    if let Some(parameter) = input.generics.params.first() {
        errors.push(parameter.span(), "a model has no generic parameters");
        return None;
    }
    match input.data {
        Data::Struct(ref data) => {
            let Fields::Named(fields) = &data.fields else {
                errors.push(input.ident.span(), "a model is a struct with named fields");
                return None;
            };
            let fields = fields.named.iter().filter_map(|each| field(each, errors)).collect();
            Some(Input::Model(model(&input, fields, errors)))
        }
        Data::Enum(ref data) => {
            let variants = data.variants.iter().filter_map(|each| variant(each, errors)).collect();
            no_options(&input.attrs, errors);
            Some(Input::Choice(Choice { docs: docs(&input.attrs), ident: input.ident, variants }))
        }
        Data::Union(_) => {
            errors.push(input.ident.span(), "a model is a struct, or an enum without fields");
            None
        }
    }
}

fn model(input: &DeriveInput, fields: Vec<Field>, errors: &mut Errors) -> Model {
    let mut model = Model {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        docs: docs(&input.attrs),
        version: None,
        immutable: None,
        settings: None,
        deprecated: None,
        groups: Vec::new(),
        fields,
    };
    options(&input.attrs, STRUCT_OPTIONS, errors, |name, meta, errors| {
        let span = meta.path.span();
        match name {
            "version" => once(&mut model.version, meta.value()?.parse()?, span, errors),
            "immutable" => once(&mut model.immutable, span, span, errors),
            "settings" => once(&mut model.settings, span, span, errors),
            "deprecated" => once(&mut model.deprecated, meta.value()?.parse()?, span, errors),
            "exactly_one_of" => model.groups.push(group(GroupKind::ExactlyOneOf, &meta)?),
            "at_least_one_of" => model.groups.push(group(GroupKind::AtLeastOneOf, &meta)?),
            _ => model.groups.push(group(GroupKind::Conflicts, &meta)?),
        }
        Ok(())
    });
    model
}

fn group(kind: GroupKind, meta: &ParseNestedMeta<'_>) -> syn::Result<Group> {
    let content;
    syn::parenthesized!(content in meta.input);
    let members = content.parse_terminated(Ident::parse_any, syn::Token![,])?;
    Ok(Group { kind, span: meta.path.span(), members: members.into_iter().collect() })
}

fn field(field: &syn::Field, errors: &mut Errors) -> Option<Field> {
    let mut found = FieldOptions::default();
    options(&field.attrs, FIELD_OPTIONS, errors, |name, meta, errors| {
        let span = meta.path.span();
        match name {
            "requires_replace" => once(&mut found.requires_replace, span, span, errors),
            "use_state_for_unknown" => {
                once(&mut found.use_state_for_unknown, span, span, errors);
            }
            "optional" => once(&mut found.optional, span, span, errors),
            "default" => once(&mut found.default, meta.value()?.parse()?, span, errors),
            "identity" => once(&mut found.identity, identity(&meta)?, span, errors),
            "validate" => once(&mut found.validate, meta.value()?.parse()?, span, errors),
            "block" => once(&mut found.block, span, span, errors),
            "min" => once(&mut found.min, meta.value()?.parse()?, span, errors),
            "max" => once(&mut found.max, meta.value()?.parse()?, span, errors),
            "deprecated" => once(&mut found.deprecated, meta.value()?.parse()?, span, errors),
            _ => once(&mut found.variadic, span, span, errors),
        }
        Ok(())
    });
    Some(Field {
        ident: field.ident.clone()?,
        vis: field.vis.clone(),
        ty: field.ty.clone(),
        docs: docs(&field.attrs),
        options: found,
    })
}

/// `identity`, or `identity(optional)`: then true.
fn identity(meta: &ParseNestedMeta<'_>) -> syn::Result<(Span, bool)> {
    let mut optional = false;
    if meta.input.peek(syn::token::Paren) {
        meta.parse_nested_meta(|inner| {
            optional = inner.path.is_ident("optional");
            if optional { Ok(()) } else { Err(inner.error("expected `optional`")) }
        })?;
    }
    Ok((meta.path.span(), optional))
}

fn variant(variant: &syn::Variant, errors: &mut Errors) -> Option<Variant> {
    if !matches!(variant.fields, Fields::Unit) {
        errors.push(variant.span(), "a choice is an enum whose variants have no fields");
        return None;
    }
    let mut rename = None;
    options(&variant.attrs, VARIANT_OPTIONS, errors, |_, meta, errors| {
        once(&mut rename, meta.value()?.parse()?, meta.path.span(), errors);
        Ok(())
    });
    Some(Variant { ident: variant.ident.clone(), docs: docs(&variant.attrs), rename })
}

fn no_options(attrs: &[Attribute], errors: &mut Errors) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("tf")) {
        errors.push(attr.span(), "a choice has no options; its variants have `rename`");
    }
}

/// Hands every known option in `#[tf(…)]` to `read`, and reports the others.
fn options(
    attrs: &[Attribute],
    known: &[&str],
    errors: &mut Errors,
    mut read: impl FnMut(&str, ParseNestedMeta<'_>, &mut Errors) -> syn::Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("tf")) {
        let result = attr.parse_nested_meta(|meta| {
            let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            if known.contains(&name.as_str()) {
                return read(&name, meta, errors);
            }
            errors.push(meta.path.span(), unknown_option(&name, known));
            skip(&meta)
        });
        if let Err(error) = result {
            errors.add(error);
        }
    }
}

fn unknown_option(name: &str, known: &[&str]) -> String {
    match near(name, known) {
        Some(near) => format!("unknown option `{name}`; did you mean `{near}`?"),
        None => format!("unknown option `{name}`; the options here are `{}`", known.join("`, `")),
    }
}

/// Steps over the value of an unknown option, so that the options after it are still read.
fn skip(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(syn::Token![=]) {
        meta.value()?.parse::<Expr>()?;
    } else if meta.input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in meta.input);
        content.parse::<TokenStream>()?;
    }
    Ok(())
}

fn once<T>(slot: &mut Option<T>, value: T, span: Span, errors: &mut Errors) {
    if slot.is_some() {
        errors.push(span, "this option is given twice");
    }
    *slot = Some(value);
}

/// The doc comment: its lines without the leading space, joined as written.
fn docs(attrs: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = attrs.iter().filter_map(doc_line).collect();
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn doc_line(attr: &Attribute) -> Option<String> {
    let syn::Meta::NameValue(meta) = &attr.meta else { return None };
    let Expr::Lit(value) = &meta.value else { return None };
    let syn::Lit::Str(text) = &value.lit else { return None };
    let text = text.value();
    meta.path.is_ident("doc").then(|| text.strip_prefix(' ').unwrap_or(&text).to_owned())
}
