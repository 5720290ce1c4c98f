//! The `sops` section of a file: rules, MAC and keys.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::error::Problem;
use super::flat;
use super::format::Format;
use super::tree::Node;

/// The settings that say what is secret, by their names in a file.
const SETTINGS: [&str; 6] = [
    "unencrypted_suffix",
    "encrypted_suffix",
    "unencrypted_regex",
    "encrypted_regex",
    "unencrypted_comment_regex",
    "encrypted_comment_regex",
];

/// The kinds of keys, by their names in a file.
const KINDS: [&str; 7] = ["kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "age", "pgp"];

/// The key that the section stands under.
const SECTION: &str = "sops";
/// What each of its keys starts with where sections cannot be nested at all.
const PREFIX: &str = "sops_";

/// What a file's section says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metadata {
    pub(crate) rules: Vec<(&'static str, String)>,
    pub(crate) key_groups: usize,
    pub(crate) keys: BTreeMap<String, usize>,
    pub(crate) last_modified: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) mac_only_encrypted: bool,
    has_mac: bool,
    empty_groups: Vec<usize>,
}

/// Takes the section out of a document.
///
/// # Errors
/// It is nested too deeply.
pub(crate) fn take(format: Format, document: &mut Node) -> Result<Option<Rc<Node>>, Problem> {
    let Node::Map(items) = document else { return Ok(None) };
    // Only the first counts; another stays in the document, to be judged as a value.
    let mut first = true;
    let mut is_section = |key: &str| match format {
        Format::Dotenv => key.starts_with(PREFIX),
        _ => key == SECTION && std::mem::replace(&mut first, false),
    };
    let section: Vec<_> = items.extract_if(.., |item| is_section(&item.key)).collect();
    let section = match format {
        Format::Dotenv if section.is_empty() => None,
        Format::Dotenv => Some(Rc::new(flat::unfold(&section, PREFIX)?)),
        Format::Ini => match section.first() {
            Some(section) => Some(Rc::new(flat::unfold(section.node.items(), "")?)),
            None => None,
        },
        _ => section.into_iter().next().map(|item| item.node),
    };
    Ok(section.filter(|section| matches!(**section, Node::Map(_))))
}

impl Metadata {
    /// Reads a section.
    pub(crate) fn read(section: &Node) -> Self {
        let text = |key: &str| section.get(key).and_then(Node::text).map(str::to_owned);
        let groups = match section.get("key_groups") {
            Some(groups) if !groups.items().is_empty() => {
                groups.items().iter().map(|group| keys(&group.node)).collect()
            }
            _ => vec![keys(section)],
        };
        let empty =
            |(number, group): (usize, &BTreeMap<_, _>)| group.is_empty().then_some(number + 1);
        let mut all = BTreeMap::new();
        for (kind, count) in groups.iter().flatten() {
            *all.entry(kind.clone()).or_insert(0) += count;
        }
        Self {
            rules: SETTINGS.iter().filter_map(|name| Some((*name, text(name)?))).collect(),
            key_groups: groups.len(),
            keys: all,
            last_modified: text("lastmodified"),
            version: text("version"),
            mac_only_encrypted: text("mac_only_encrypted").is_some_and(|text| is_true(&text)),
            has_mac: text("mac").is_some_and(|mac| super::is_ciphertext(&mac)),
            empty_groups: groups.iter().enumerate().filter_map(empty).collect(),
        }
    }

    /// What is missing.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !self.has_mac {
            problems.push(Problem::NoMac);
        }
        if self.keys.is_empty() {
            problems.push(Problem::NoKeys);
        } else {
            let empty = self.empty_groups.iter();
            problems.extend(empty.map(|group| Problem::EmptyKeyGroup { group: *group }));
        }
        problems
    }
}

/// How many keys of each kind hold the data key.
fn keys(group: &Node) -> BTreeMap<String, usize> {
    let holds = |key: &Node| key.get("enc").and_then(Node::text).is_some();
    let count = |kind: &str| {
        let listed = group.get(kind).map(Node::items).unwrap_or_default();
        listed.iter().filter(|item| holds(&item.node)).count()
    };
    KINDS
        .iter()
        .map(|kind| ((*kind).to_owned(), count(kind)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text == "1"
}
