//! From the tree of a file to its values: decrypts each in its place, and counts it into the MAC, in the order of the
//! file.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use crate::base::limits::LARGEST_FILE;

use super::super::format::Format;
use super::super::judge::Meant;
use super::super::rule::Rule;
use super::super::tree::{Item, Node};
use super::cipher::DataKey;
use super::leaf::Leaf;
use super::locked::Locked;
use super::secrets::Secrets;

/// How many bytes the keys on the way to all values may have, counted for each value: a value is bound to them.
const MOST: u64 = 4 * LARGEST_FILE;
/// The key under which SOPS wraps a file that is no structure.
const WRAPPED: &str = "data";

/// A part of a file, decrypted.
pub(crate) enum Branch {
    Leaf(Leaf),
    List(Vec<Branch>),
    Map(Vec<(String, Branch)>),
}

/// A walk over all documents of a file.
pub(crate) struct Walk<'a> {
    format: Format,
    rule: &'a Rule,
    meant: Meant<'a>,
    key: &'a DataKey,
    /// All values so far.
    pub(crate) hash: Sha512,
    only_encrypted: bool,
    /// The keys down to here, as they are bound to a value: each with a colon behind it.
    bound: String,
    /// The same as a person reads it.
    place: String,
    /// How many bytes the keys of the values so far had.
    bytes: u64,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(
        format: Format,
        rule: &'a Rule,
        key: &'a DataKey,
        hash: Sha512,
        only_encrypted: bool,
    ) -> Self {
        let (meant, bound, place) = (Meant::by(Some(rule)), String::new(), String::new());
        Self { format, rule, meant, key, hash, only_encrypted, bound, place, bytes: 0 }
    }

    pub(crate) fn documents(&mut self, documents: &[Node]) -> Result<Vec<Branch>, Locked> {
        documents.iter().map(|document| self.branch(document, false)).collect()
    }

    /// `named`: the rule means something on the way.
    fn branch(&mut self, node: &Node, named: bool) -> Result<Branch, Locked> {
        Ok(match node {
            Node::List(items) => {
                let items = items.iter().enumerate();
                let parts: Result<_, _> =
                    items.map(|(at, item)| self.part(item, Some(at), named)).collect();
                Branch::List(parts?)
            }
            Node::Map(items) => {
                let part = |item: &Item| Ok((item.key.clone(), self.part(item, None, named)?));
                Branch::Map(items.iter().map(part).collect::<Result<_, Locked>>()?)
            }
            leaf => {
                self.count()?;
                Branch::Leaf(match leaf {
                    Node::Value(text) => self.leaf(text, false, named)?,
                    Node::Plain(text) => self.leaf(text, true, named)?,
                    Node::Empty => Leaf::text(""),
                    _ => Leaf::Null,
                })
            }
        })
    }

    fn count(&mut self) -> Result<(), Locked> {
        self.bytes += u64::try_from(self.bound.len()).unwrap_or(u64::MAX);
        if self.bytes > MOST { Err(Locked::TooMuch { most: MOST }) } else { Ok(()) }
    }

    fn part(&mut self, item: &Item, at: Option<usize>, named: bool) -> Result<Branch, Locked> {
        let (bound, place) = (self.bound.len(), self.place.len());
        match at {
            Some(at) => self.place.push_str(&position(at)),
            None => {
                self.bound.push_str(&item.key);
                self.bound.push(':');
                step(&mut self.place, &item.key);
            }
        }
        let named = named || self.meant.names(item, at.is_some());
        let branch = self.branch(&item.node, named);
        self.bound.truncate(bound);
        self.place.truncate(place);
        branch
    }

    fn leaf(&mut self, text: &str, is_plain: bool, named: bool) -> Result<Leaf, Locked> {
        let is_secret = self.rule.is_secret(named);
        let leaf = if is_secret {
            let opened = self.key.open(text, &self.bound);
            let leaf = opened.and_then(|(bytes, kind)| Leaf::of_decrypted(bytes, kind));
            leaf.ok_or_else(|| Locked::Value { at: self.place.clone() })?
        } else if is_plain {
            Leaf::of_word(text)
        } else if self.format == Format::Dotenv {
            Leaf::text(&text.replace("\\n", "\n"))
        } else {
            Leaf::text(text)
        };
        if is_secret || !self.only_encrypted {
            self.hash.update(leaf.covered());
        }
        Ok(leaf)
    }
}

fn position(at: usize) -> String {
    format!("[{at}]")
}

fn step(place: &mut String, key: &str) {
    if !place.is_empty() {
        place.push('.');
    }
    place.push_str(key);
}

/// What is handed out of documents whose MAC is right.
pub(crate) fn secrets(format: Format, documents: Vec<Branch>) -> Result<Secrets, Locked> {
    if format == Format::Binary {
        return wrapped(documents);
    }
    let mut values = Values::default();
    let mut json = Zeroizing::new(String::new());
    match documents.as_slice() {
        [only] => values.add(only, &mut json)?,
        several => values.list(several, &mut json)?,
    }
    Ok(Secrets { format, values: values.found, json: Some(json), content: None })
}

/// The bytes that SOPS wrapped.
fn wrapped(documents: Vec<Branch>) -> Result<Secrets, Locked> {
    let is_data = |(key, branch): (String, Branch)| match branch {
        Branch::Leaf(Leaf::Text(bytes)) if key == WRAPPED => Some(bytes),
        _ => None,
    };
    let items = documents.into_iter().filter_map(|document| match document {
        Branch::Map(items) => Some(items),
        _ => None,
    });
    let content = items.flatten().find_map(is_data);
    let content = content.ok_or_else(|| Locked::NotText { at: WRAPPED.to_owned() })?;
    let text = std::str::from_utf8(&content).ok().map(|text| Zeroizing::new(text.to_owned()));
    let values = text.map(|text| (WRAPPED.to_owned(), text)).into_iter().collect();
    Ok(Secrets { format: Format::Binary, values, json: None, content: Some(content) })
}

/// Values by their places, while all of them is written as JSON.
#[derive(Default)]
struct Values {
    found: BTreeMap<String, Zeroizing<String>>,
    place: String,
}

impl Values {
    fn add(&mut self, branch: &Branch, json: &mut Zeroizing<String>) -> Result<(), Locked> {
        match branch {
            Branch::Leaf(leaf) => self.leaf(leaf, json),
            Branch::List(items) => self.list(items, json),
            Branch::Map(items) => self.map(items, json),
        }
    }

    fn list(&mut self, items: &[Branch], json: &mut Zeroizing<String>) -> Result<(), Locked> {
        json.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                json.push(',');
            }
            let length = self.place.len();
            self.place.push_str(&position(at));
            self.add(item, json)?;
            self.place.truncate(length);
        }
        json.push(']');
        Ok(())
    }

    fn map(
        &mut self,
        items: &[(String, Branch)],
        json: &mut Zeroizing<String>,
    ) -> Result<(), Locked> {
        json.push('{');
        for (at, (key, item)) in items.iter().enumerate() {
            if at > 0 {
                json.push(',');
            }
            json.push_str(&quoted(key));
            json.push(':');
            let length = self.place.len();
            step(&mut self.place, key);
            self.add(item, json)?;
            self.place.truncate(length);
        }
        json.push('}');
        Ok(())
    }

    fn leaf(&mut self, leaf: &Leaf, json: &mut Zeroizing<String>) -> Result<(), Locked> {
        let (text, is_quoted) = match leaf {
            Leaf::Null => {
                json.push_str("null");
                return Ok(());
            }
            Leaf::Flag(flag) => (flag.to_string(), false),
            Leaf::Whole(number) => (number.to_string(), false),
            Leaf::Real(number) => (number.to_string(), !number.is_finite()),
            Leaf::Time(time) => (time.clone(), true),
            Leaf::Text(bytes) => {
                let text = std::str::from_utf8(bytes).map(str::to_owned);
                (text.map_err(|_| Locked::NotText { at: self.place.clone() })?, true)
            }
        };
        let text = Zeroizing::new(text);
        if is_quoted {
            json.push_str(&quoted(&text));
        } else {
            json.push_str(&text);
        }
        match self.found.entry(self.place.clone()) {
            Entry::Occupied(_) => Err(Locked::SamePlace { at: self.place.clone() }),
            Entry::Vacant(free) => {
                free.insert(text);
                Ok(())
            }
        }
    }
}

fn quoted(text: &str) -> Zeroizing<String> {
    Zeroizing::new(serde_json::Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::super::super::metadata::Metadata;
    use super::super::super::yaml;
    use super::*;

    #[test]
    fn a_long_key_over_many_values_does_not_cost_their_product() {
        let long = "k".repeat(1 << 20);
        let values: String = (0..1 << 16).map(|at| format!("  a{at}_unencrypted:\n")).collect();
        // Only so may a key of YAML be long.
        let documents = yaml::read(&format!("? {long}\n:\n{values}")).unwrap();
        let rule = Rule::of(&Metadata::default()).unwrap();
        let key = DataKey::new(&[0; 32]).unwrap();
        let mut walk = Walk::new(Format::Yaml, &rule, &key, Sha512::new(), false);
        let found = walk.documents(&documents).err();
        assert_eq!(found, Some(Locked::TooMuch { most: MOST }));
        assert!(walk.bytes < 2 * MOST);
    }
}
