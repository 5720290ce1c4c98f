//! Second pass: refuses what has no meaning, as far as names and spelling tell.
//!
//! What only types tell (an identity that is a nested object, write-only inside a set) is asserted by
//! the emitted code, where the compiler knows the types.

use syn::spanned::Spanned as _;
use syn::{GenericArgument, PathArguments, Type};

use crate::parse::{Choice, Errors, Field, Group, GroupKind, Input, Model};
use crate::suggest::near;

/// The outermost type of a field, as spelled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapper {
    /// None of the others: required.
    Plain,
    /// `Option<T>`.
    Option,
    /// `Computed<T>`.
    Computed,
    /// `WriteOnly<T>`.
    WriteOnly,
}

/// The wrapper of `ty`.
pub(crate) fn wrapper(ty: &Type) -> Wrapper {
    match head(ty).as_deref() {
        Some("Option") => Wrapper::Option,
        Some("Computed") => Wrapper::Computed,
        Some("WriteOnly") => Wrapper::WriteOnly,
        _ => Wrapper::Plain,
    }
}

/// The last name of a type's path: `Option` of `std::option::Option<T>`.
pub(crate) fn head(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

/// The names from the outermost type inward along first type arguments.
fn heads(ty: &Type) -> Vec<String> {
    let mut names = Vec::new();
    let mut ty = Some(ty);
    while let Some(Type::Path(path)) = ty {
        let Some(segment) = path.path.segments.last() else { break };
        names.push(segment.ident.to_string());
        ty =
            match &segment.arguments {
                PathArguments::AngleBracketed(list) => list.args.iter().rev().find_map(|arg| {
                    if let GenericArgument::Type(ty) = arg { Some(ty) } else { None }
                }),
                _ => None,
            };
    }
    names
}

/// Checks everything that was parsed.
pub(crate) fn input(input: &Input, errors: &mut Errors) {
    match input {
        Input::Model(input) => model(input, errors),
        Input::Choice(input) => choice(input, errors),
    }
}

fn model(model: &Model, errors: &mut Errors) {
    if model.docs.is_none() {
        errors.push_lesser(
            model.ident.span(),
            format!(
                "`{}` has no doc comment; it becomes the description, so write one with `///`",
                model.ident
            ),
        );
    }
    for field in &model.fields {
        described(field, errors);
        presence(field, errors);
        replacement(field, errors);
        identity(field, errors);
        block(field, errors);
    }
    variadic(model, errors);
    for each in &model.groups {
        group(each, model, errors);
    }
}

fn described(field: &Field, errors: &mut Errors) {
    if field.docs.is_none() {
        errors.push_lesser(
            field.ident.span(),
            format!(
                "`{}` has no doc comment; it becomes the description, so write one with `///`",
                field.name()
            ),
        );
    }
}

fn presence(field: &Field, errors: &mut Errors) {
    let wrapper = wrapper(&field.ty);
    let computed = wrapper == Wrapper::Computed;
    if let (Some(span), false) = (field.options.use_state_for_unknown, computed) {
        errors.push(span, "`use_state_for_unknown` needs a `Computed<…>` field: no other can be unknown in a plan");
    }
    if let (Some(span), false) = (field.options.optional, computed) {
        errors.push(span, "`optional` belongs to a `Computed<…>` field; any other optional argument is an `Option<…>`");
    }
    if let Some(default) = &field.options.default {
        let why = match wrapper {
            Wrapper::Plain => return,
            Wrapper::Option => {
                "an argument with a default is never null: write `T`, not `Option<T>`"
            }
            Wrapper::Computed => "a `Computed` value has no default: the provider sets it",
            Wrapper::WriteOnly => "a `WriteOnly` argument has no default: it is never stored",
        };
        errors.push(default.span(), why);
    }
}

fn replacement(field: &Field, errors: &mut Errors) {
    let Some(span) = field.options.requires_replace else { return };
    match wrapper(&field.ty) {
        Wrapper::WriteOnly => errors.push(
            span,
            "`requires_replace` on a write-only argument would replace the object in every plan; put it on a companion such as `…_version`",
        ),
        Wrapper::Computed if field.options.optional.is_none() => errors.push(
            span,
            "`requires_replace` on a read-only attribute has no meaning: nobody can change it",
        ),
        _ => {}
    }
}

fn identity(field: &Field, errors: &mut Errors) {
    let Some((span, _)) = field.options.identity else { return };
    let heads = heads(&field.ty);
    let has = |name: &str| heads.iter().any(|head| head == name);
    if has("WriteOnly") {
        errors
            .push(span, "a write-only argument cannot be part of the identity: it is never stored");
    } else if has("Sensitive") {
        errors.push(span, "a sensitive value cannot be part of the identity: identities are shown");
    } else if has("BTreeMap") || has("BTreeSet") {
        errors.push(span, "an identity attribute is a string, number, bool or a list of these");
    } else if field.options.block.is_some() {
        errors.push(span, "a block cannot be part of the identity");
    }
}

fn block(field: &Field, errors: &mut Errors) {
    let options = &field.options;
    if options.block.is_none() {
        for (limit, name) in [(&options.min, "min"), (&options.max, "max")] {
            if let Some(limit) = limit {
                errors.push(limit.span(), format!("`{name}` belongs to a `block`"));
            }
        }
        return;
    }
    let outer = head(&field.ty).unwrap_or_default();
    if matches!(outer.as_str(), "Computed" | "WriteOnly" | "Sensitive" | "BTreeSet" | "BTreeMap") {
        errors.push(field.ty.span(), "a `block` is `Vec<M>`, `Option<M>` or `M` of a model `M`");
    }
    if outer != "Vec" {
        for limit in [&options.min, &options.max].into_iter().flatten() {
            errors.push(limit.span(), "`min` and `max` count the blocks of a `Vec<M>`");
        }
    }
    let meaningless = [
        (options.requires_replace, "requires_replace"),
        (options.default.as_ref().map(|default| default.span()), "default"),
    ];
    for (span, name) in meaningless {
        if let Some(span) = span {
            errors.push(span, format!("`{name}` is for attributes: put it on those of the block"));
        }
    }
}

fn variadic(model: &Model, errors: &mut Errors) {
    let last = model.fields.len().saturating_sub(1);
    for (position, field) in model.fields.iter().enumerate() {
        let Some(span) = field.options.variadic else { continue };
        if position != last || head(&field.ty).as_deref() != Some("Vec") {
            errors.push(span, "only the last parameter can be `variadic`, and it is a `Vec<T>`");
        }
    }
}

fn group(group: &Group, model: &Model, errors: &mut Errors) {
    if group.members.len() < 2 {
        errors.push(group.span, "name at least two arguments");
    }
    let names: Vec<String> = model.fields.iter().map(Field::name).collect();
    let candidates: Vec<&str> = names.iter().map(String::as_str).collect();
    for member in &group.members {
        match model.fields.iter().find(|field| field.ident == *member) {
            None => errors.push(member.span(), unknown_field(&member.to_string(), &candidates)),
            Some(field) if can_be_absent(field) => {}
            Some(_) => errors.push(
                member.span(),
                format!("`{member}` is always set, so it cannot be one of {}", group.kind.words()),
            ),
        }
    }
}

fn can_be_absent(field: &Field) -> bool {
    match wrapper(&field.ty) {
        Wrapper::Option | Wrapper::WriteOnly => true,
        Wrapper::Computed => field.options.optional.is_some(),
        Wrapper::Plain => {
            field.options.block.is_some() && head(&field.ty).as_deref() == Some("Vec")
        }
    }
}

fn unknown_field(name: &str, candidates: &[&str]) -> String {
    match near(name, candidates) {
        Some(near) => format!("there is no field `{name}`; did you mean `{near}`?"),
        None => format!("there is no field `{name}`"),
    }
}

impl GroupKind {
    fn words(self) -> &'static str {
        match self {
            Self::ExactlyOneOf => "`exactly_one_of`",
            Self::AtLeastOneOf => "`at_least_one_of`",
            Self::Conflicts => "`conflicts`",
        }
    }
}

fn choice(choice: &Choice, errors: &mut Errors) {
    if choice.docs.is_none() {
        errors.push_lesser(choice.ident.span(), format!("`{}` has no doc comment", choice.ident));
    }
    if choice.variants.is_empty() {
        errors.push(choice.ident.span(), "a choice needs at least one variant");
    }
    for variant in choice.variants.iter().filter(|variant| variant.docs.is_none()) {
        errors.push_lesser(
            variant.ident.span(),
            format!(
                "`{}` has no doc comment; it is listed among the allowed values",
                variant.ident
            ),
        );
    }
}
