//! Which pieces of code the provider reaches, by names.
//!
//! A method counts as reached when its name is called anywhere and its type is named in code that is
//! reached; what a type does for a trait, as soon as the type is named. So nothing that runs is missed.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{Code, Import, Kind, Piece};
use super::words::{Use, is_type};

/// The package that users run.
const ROOT: &str = "provider";

/// The rules that reached code says are broken.
pub(super) fn enforced(code: &Code) -> BTreeSet<String> {
    let mut walk = Walk::new(code);
    walk.run();
    let reached = walk.reached.iter().filter_map(|index| code.pieces.get(*index));
    reached.flat_map(|piece| piece.rules.iter().cloned()).collect()
}

struct Walk<'a> {
    code: &'a Code,
    /// The pieces of each name.
    by_name: BTreeMap<&'a str, Vec<usize>>,
    /// What each type has.
    by_owner: BTreeMap<&'a str, Vec<usize>>,
    /// The packages that have a type of this name.
    makers: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The names of all modules.
    modules: BTreeSet<&'a str>,
    /// The types that were named, with their packages, and the methods that were called.
    types: BTreeSet<(&'a str, &'a str)>,
    methods: BTreeSet<String>,
    reached: BTreeSet<usize>,
    open: Vec<usize>,
}

impl<'a> Walk<'a> {
    fn new(code: &'a Code) -> Self {
        let mut walk = Self {
            code,
            by_name: BTreeMap::new(),
            by_owner: BTreeMap::new(),
            makers: BTreeMap::new(),
            modules: BTreeSet::new(),
            types: BTreeSet::new(),
            methods: BTreeSet::new(),
            reached: BTreeSet::new(),
            open: Vec::new(),
        };
        for (index, piece) in code.pieces.iter().enumerate() {
            walk.modules.extend(piece.module.split("::"));
            walk.by_name.entry(&piece.name).or_default().push(index);
            if let Some(owner) = piece.owner() {
                walk.by_owner.entry(owner).or_default().push(index);
            }
            if piece.makes_type() {
                walk.makers.entry(&piece.name).or_default().insert(piece.package());
            }
        }
        walk
    }

    fn run(&mut self) {
        for (index, piece) in self.code.pieces.iter().enumerate() {
            // What is done for a type of others is done for whoever has one.
            let is_foreign = |owner: &String| !self.makers.contains_key(owner.as_str());
            let foreign = matches!(&piece.kind, Kind::Trait(owner) if is_foreign(owner));
            if foreign || piece.package() == ROOT {
                self.reach(index);
            }
        }
        while let Some(piece) = self.open.pop().and_then(|index| self.code.pieces.get(index)) {
            for used in &piece.uses {
                self.follow(piece, used);
            }
        }
    }

    fn reach(&mut self, index: usize) {
        if self.reached.insert(index) {
            self.open.push(index);
        }
    }

    fn follow(&mut self, piece: &Piece, used: &Use) {
        match used {
            Use::Method(name) => self.call(name),
            Use::Name(name) => {
                let import = self.import(&piece.module, name);
                let real = import.map_or(name, |import| &import.name);
                let root = import.map_or("self", |import| &import.root);
                self.name(real, &self.packages(real, piece, root));
                match import {
                    Some(Import { from, .. }) => self.functions(real, |it| in_module(it, from)),
                    None => self.local(name, &piece.module),
                }
            }
            Use::Path(before, name) => {
                let import = self.import(&piece.module, before);
                let root = import.map_or(before.as_str(), |import| &import.root);
                self.name(name, &self.packages(name, piece, root));
                let before = import.map_or(before.as_str(), |import| &import.name);
                if is_type(before) {
                    self.of_type(before, name);
                } else if before == "self" {
                    self.local(name, &piece.module);
                } else if before == "super" || before == "crate" {
                    self.functions(name, |_| false);
                } else if self.modules.contains(before) {
                    self.functions(name, |it| in_module(it, before));
                }
            }
        }
    }

    fn import(&self, module: &str, name: &str) -> Option<&'a Import> {
        self.code.imports.get(&(module.to_owned(), name.to_owned()))
    }

    /// The packages whose type of this name a piece may mean, where a path from here begins so.
    fn packages(&self, name: &str, piece: &Piece, root: &str) -> BTreeSet<&'a str> {
        let all = self.all_packages(name);
        let meant = root.strip_prefix("pipeline_").unwrap_or_else(|| piece.package());
        match all.get(meant) {
            Some(one) => BTreeSet::from([*one]),
            None => all,
        }
    }

    fn all_packages(&self, name: &str) -> BTreeSet<&'a str> {
        self.makers.get(name).cloned().unwrap_or_default()
    }

    /// A type, constant or macro was named.
    fn name(&mut self, name: &str, packages: &BTreeSet<&'a str>) {
        let kinds = [Kind::Constant, Kind::Macro];
        for index in self.named(name, |piece| kinds.contains(&piece.kind)) {
            self.reach(index);
        }
        let known = self.makers.get_key_value(name).map(|(name, _)| *name);
        let Some(name) = known else { return };
        let new: BTreeSet<&str> =
            packages.iter().copied().filter(|package| self.types.insert((package, name))).collect();
        let of_type = self.named(name, |it| it.kind == Kind::Type && new.contains(it.package()));
        of_type.into_iter().for_each(|index| self.reach(index));
        if new.is_empty() {
            return;
        }
        for index in self.by_owner.get(name).cloned().unwrap_or_default() {
            let Some(piece) = self.code.pieces.get(index).filter(|it| self.is_known(it)) else {
                continue;
            };
            if matches!(piece.kind, Kind::Trait(_)) || self.methods.contains(&piece.name) {
                self.reach(index);
            }
        }
    }

    /// Whether the type of this piece was named.
    fn is_known(&self, piece: &Piece) -> bool {
        let Some(owner) = piece.owner() else { return piece.kind == Kind::Default };
        let packages = self.all_packages(owner);
        match packages.get(piece.package()) {
            Some(own) => self.types.contains(&(*own, owner)),
            None => packages.iter().any(|package| self.types.contains(&(*package, owner))),
        }
    }

    /// A method was called, of whatever type.
    fn call(&mut self, name: &str) {
        if self.methods.insert(name.to_owned()) {
            let found = self.named(name, |piece| self.is_known(piece));
            found.into_iter().for_each(|index| self.reach(index));
        }
    }

    /// Something of one type was named.
    fn of_type(&mut self, of: &str, name: &str) {
        let found = self.named(name, |piece| piece.owner() == Some(of));
        if found.is_empty() {
            self.call(name);
        }
        found.into_iter().for_each(|index| self.reach(index));
    }

    /// Functions of this name in this very module.
    fn local(&mut self, name: &str, module: &str) {
        let is_here = |it: &Piece| it.kind == Kind::Function && it.module == module;
        self.named(name, is_here).into_iter().for_each(|index| self.reach(index));
    }

    /// Functions of this name where they are meant; everywhere, where none is.
    fn functions(&mut self, name: &str, meant: impl Fn(&Piece) -> bool) {
        let all = self.named(name, |it| it.kind == Kind::Function);
        let is_meant = |index: &usize| self.code.pieces.get(*index).is_some_and(&meant);
        let near: Vec<usize> = all.iter().copied().filter(is_meant).collect();
        let found = if near.is_empty() { all } else { near };
        found.into_iter().for_each(|index| self.reach(index));
    }

    fn named(&self, name: &str, is: impl Fn(&Piece) -> bool) -> Vec<usize> {
        let all = self.by_name.get(name).into_iter().flatten().copied();
        all.filter(|index| self.code.pieces.get(*index).is_some_and(&is)).collect()
    }
}

fn in_module(piece: &Piece, name: &str) -> bool {
    piece.module.rsplit("::").next() == Some(name)
}
