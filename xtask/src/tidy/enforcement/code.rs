//! Code as a list of pieces: functions, types, constants and macros, each with the names that it uses
//! and the rules that it says are broken.
//!
//! What only tests compile is left out. Who reaches whom is not known here.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, ImplItem, Item, TraitItem, UseTree};

use super::words::{Use, Words, is_rule, is_type, word};
use crate::tidy::source::Source;

/// Where the code is that the provider is made of.
const FOLDERS: [&str; 3] = ["core/src/", "aws/src/", "provider/src/"];

/// All code of the provider.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// Every piece.
    pub(super) pieces: Vec<Piece>,
    /// What the files import: by the path of the module and the name there, where it comes from.
    pub(super) imports: BTreeMap<(String, String), Import>,
}

/// A name that a module takes from elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Import {
    /// The first word of its path.
    pub(super) root: String,
    /// The last module of its path.
    pub(super) from: String,
    /// Its name there.
    pub(super) name: String,
}

/// One piece of code.
#[derive(Debug)]
pub(super) struct Piece {
    /// The path of its module, such as `core::tag::rules`.
    pub(super) module: String,
    /// What it is called.
    pub(super) name: String,
    /// What it is.
    pub(super) kind: Kind,
    /// The names it uses.
    pub(super) uses: BTreeSet<Use>,
    /// The rules that it says are broken.
    pub(super) rules: BTreeSet<String>,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A function of a module.
    Function,
    /// A function or constant of a type.
    Method(String),
    /// What a trait gives all its types.
    Default,
    /// What a type does for a trait; whoever has the type can come here.
    Trait(String),
    /// A type, with what it is made of.
    Type,
    /// A constant.
    Constant,
    /// A macro.
    Macro,
}

impl Code {
    /// Reads all code.
    ///
    /// # Errors
    /// When a file is not Rust.
    pub(super) fn read(sources: &[Source]) -> Result<Self, String> {
        let is_code = |source: &&Source| {
            source.is_rust() && FOLDERS.iter().any(|folder| source.path.starts_with(folder))
        };
        let mut files = Vec::new();
        for source in sources.iter().filter(is_code) {
            let file = syn::parse_file(&source.text)
                .map_err(|error| format!("{}: {error}", source.path))?;
            files.push((source.path.as_str(), file));
        }
        let hidden: Vec<String> = files
            .iter()
            .flat_map(|(path, file)| file.items.iter().filter_map(|item| hidden(path, item)))
            .collect();
        let mut code = Self::default();
        for (path, file) in files {
            if !hidden.iter().any(|module| within(path, module)) {
                code.add_items(&module_of(path), file.items);
            }
        }
        Ok(code)
    }

    fn add_items(&mut self, module: &str, items: Vec<Item>) {
        for item in items.into_iter().filter(|item| !is_for_tests(attributes(item))) {
            self.add_item(module, item);
        }
    }

    fn add_item(&mut self, module: &str, item: Item) {
        match item {
            Item::Fn(it) => {
                let tokens = [it.sig.to_token_stream(), it.block.to_token_stream()];
                self.add(module, &it.sig.ident.to_string(), Kind::Function, tokens, None);
            }
            Item::Struct(it) => {
                self.add(module, &it.ident.to_string(), Kind::Type, [it.to_token_stream()], None);
            }
            Item::Enum(it) => {
                self.add(module, &it.ident.to_string(), Kind::Type, [it.to_token_stream()], None);
            }
            Item::Type(it) => {
                self.add(module, &it.ident.to_string(), Kind::Type, [it.to_token_stream()], None);
            }
            Item::Const(it) => {
                let tokens = [it.ty.to_token_stream(), it.expr.to_token_stream()];
                self.add(module, &it.ident.to_string(), Kind::Constant, tokens, None);
            }
            Item::Static(it) => {
                let tokens = [it.ty.to_token_stream(), it.expr.to_token_stream()];
                self.add(module, &it.ident.to_string(), Kind::Constant, tokens, None);
            }
            Item::Impl(it) => self.add_impl(module, it),
            Item::Trait(it) => self.add_trait(module, it),
            Item::Macro(it) => self.add_macro(module, &it),
            Item::Mod(it) => {
                let inner = format!("{module}::{}", it.ident);
                self.add_items(&inner, it.content.map(|(_, items)| items).unwrap_or_default());
            }
            Item::Use(it) => {
                let root = it.tree.to_token_stream().into_iter().next().and_then(word);
                self.add_use(module, &root.unwrap_or_default(), "", &it.tree);
            }
            _ => {}
        }
    }

    fn add_impl(&mut self, module: &str, it: syn::ItemImpl) {
        let owner = type_name(&it.self_ty);
        let kind = match it.trait_ {
            Some(_) => Kind::Trait(owner.clone()),
            None => Kind::Method(owner.clone()),
        };
        let header = [it.trait_.as_ref().map(|(path, _)| path.to_token_stream())];
        let header: TokenStream = header.into_iter().flatten().collect();
        for item in it.items {
            let (name, attributes, tokens) = match item {
                ImplItem::Fn(it) => {
                    let tokens = [it.sig.to_token_stream(), it.block.to_token_stream()];
                    (it.sig.ident.to_string(), it.attrs, tokens)
                }
                ImplItem::Const(it) => {
                    let tokens = [it.ty.to_token_stream(), it.expr.to_token_stream()];
                    (it.ident.to_string(), it.attrs, tokens)
                }
                ImplItem::Type(it) => {
                    let tokens = [it.ty.to_token_stream(), TokenStream::new()];
                    (it.ident.to_string(), it.attrs, tokens)
                }
                _ => continue,
            };
            if !is_for_tests(&attributes) {
                let tokens = tokens.into_iter().chain([header.clone()]);
                self.add(module, &name, kind.clone(), tokens, Some(&owner));
            }
        }
    }

    fn add_trait(&mut self, module: &str, it: syn::ItemTrait) {
        for item in it.items {
            if let TraitItem::Fn(it) = item
                && let Some(block) = it.default
            {
                let tokens = [it.sig.to_token_stream(), block.to_token_stream()];
                self.add(module, &it.sig.ident.to_string(), Kind::Default, tokens, None);
            }
        }
    }

    /// A macro, or what one writes: then every type that is named is taken for one that it makes.
    fn add_macro(&mut self, module: &str, it: &syn::ItemMacro) {
        let tokens = it.mac.tokens.clone();
        if let Some(name) = &it.ident {
            return self.add(module, &name.to_string(), Kind::Macro, [tokens], None);
        }
        let called = it.mac.path.to_token_stream();
        let words: Vec<String> = tokens.clone().into_iter().filter_map(word).collect();
        if called.to_string() == "catalogue" {
            return;
        }
        let rules: BTreeSet<String> = words.iter().filter(|it| is_rule(it)).cloned().collect();
        for owner in words.iter().filter(|word| is_type(word) && !is_rule(word)) {
            let both = [called.clone(), tokens.clone()];
            self.add(module, owner, Kind::Trait(owner.clone()), both, None);
            if let Some(piece) = self.pieces.last_mut() {
                piece.rules.extend(rules.iter().cloned());
                let names: Vec<String> = piece.uses.iter().filter_map(Use::plain).collect();
                piece.uses.extend(names.into_iter().map(Use::Method));
            }
        }
    }

    fn add_use(&mut self, module: &str, root: &str, from: &str, tree: &UseTree) {
        let (local, name) = match tree {
            UseTree::Path(path) => {
                return self.add_use(module, root, &path.ident.to_string(), &path.tree);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.add_use(module, root, from, tree));
            }
            UseTree::Glob(_) => return,
            UseTree::Name(it) => (it.ident.to_string(), it.ident.to_string()),
            UseTree::Rename(it) => (it.rename.to_string(), it.ident.to_string()),
        };
        // `use a::b::{self as c}` names `b`.
        let name = if name == "self" { from.to_owned() } else { name };
        let local = if local == "self" { from.to_owned() } else { local };
        let import = Import { root: root.to_owned(), from: from.to_owned(), name };
        self.imports.insert((module.to_owned(), local), import);
    }

    fn add(
        &mut self,
        module: &str,
        name: &str,
        kind: Kind,
        tokens: impl IntoIterator<Item = TokenStream>,
        owner: Option<&str>,
    ) {
        let (mut uses, mut rules) = (BTreeSet::new(), BTreeSet::new());
        let mut words = Words { uses: &mut uses, rules: &mut rules, owner };
        tokens.into_iter().for_each(|tokens| words.walk(tokens, true));
        let (module, name) = (module.to_owned(), name.to_owned());
        self.pieces.push(Piece { module, name, kind, uses, rules });
    }
}

impl Piece {
    /// The package it is in, by its folder.
    pub(super) fn package(&self) -> &str {
        self.module.split("::").next().unwrap_or_default()
    }

    /// The type it belongs to.
    pub(super) fn owner(&self) -> Option<&str> {
        match &self.kind {
            Kind::Method(owner) | Kind::Trait(owner) => Some(owner),
            _ => None,
        }
    }

    /// Whether it makes a type of its name; macros do.
    pub(super) fn makes_type(&self) -> bool {
        self.kind == Kind::Type || (is_type(&self.name) && self.owner() == Some(&self.name))
    }
}

/// The name of a type; empty where it has none of its own.
fn type_name(of: &syn::Type) -> String {
    match of {
        syn::Type::Path(it) => {
            it.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
        }
        syn::Type::Reference(it) => type_name(&it.elem),
        _ => String::new(),
    }
}

/// `core/src/tag/rules/mod.rs` is `core::tag::rules`.
fn module_of(path: &str) -> String {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod").trim_end_matches("/lib");
    path.replacen("/src", "", 1).replace('/', "::")
}

/// The path, without its end, of a module that only tests compile.
fn hidden(path: &str, item: &Item) -> Option<String> {
    let Item::Mod(it) = item else { return None };
    let outside = it.content.is_none() && is_for_tests(&it.attrs);
    let folder = ["/mod.rs", "/lib.rs", "/main.rs", ".rs"]
        .into_iter()
        .find_map(|end| path.strip_suffix(end))
        .unwrap_or(path);
    outside.then(|| format!("{folder}/{}", it.ident))
}

fn within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.meta.to_token_stream().to_string();
        let tests = ["test", "\"testing\""];
        let mut words = text.split(|sign: char| !(sign.is_alphanumeric() || "\"_".contains(sign)));
        attribute.path().is_ident("cfg")
            && !text.contains("not")
            && words.any(|word| tests.contains(&word))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Const(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}
