//! From YAML to a configuration: every value is looked at, and each fault is noted with its place.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use super::yaml::{Entry, Kind, Node, Unreadable, entries, read as read_yaml};
use super::{Configuration, ConfiguredEnvironment, Problem, Reading, VERSION};
use crate::base::limits::DEEPEST;
use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::violation::{FieldPath, Violation, Violations, one_of, quoted};
use crate::base::yaml::{self, Item, Position};
use crate::environment::{Stack, Stacks, TestCommands};
use crate::{AccountId, KnownRegions};

/// The name of an environment in a configuration file, where a digit or a hyphen may stand first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentLabel(String);

impl EnvironmentLabel {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EnvironmentLabel {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !text.is_empty() && text.bytes().all(letters) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "lower-case letters, digits and hyphens";
        let next = "Write a name such as `staging`.";
        Err(Violation::new(RuleId::CFG009, quoted(text), expected, next).into())
    }
}

impl fmt::Display for EnvironmentLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

pub(super) fn read(text: &str, known: &KnownRegions) -> Reading {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = match read_yaml(text) {
        Ok(root) => root,
        Err(why) => return Reading { configuration: None, problems: vec![unreadable(&why)] },
    };
    let mut reader = Reader { known, problems: Vec::new() };
    let configuration = reader.configuration(&root);
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| problem.at);
    let is_whole = problems.iter().all(|problem| problem.violation.is_warning());
    Reading { configuration: configuration.filter(|_| is_whole), problems }
}

fn unreadable(why: &Unreadable) -> Problem {
    let whole = "one YAML document with `version`, `build` and `environments`";
    let (at, found, next) = match why {
        Unreadable::Yaml(yaml::Unreadable::Syntax { at, said }) => {
            let said = quoted(said);
            (
                Some(*at),
                format!("a text that is not YAML here: {said}"),
                "Mend this place first: what follows was not read.".to_owned(),
            )
        }
        Unreadable::Yaml(yaml::Unreadable::TooDeep { at }) => {
            let found = format!("lists and maps nested more than {DEEPEST} deep");
            (Some(*at), found, "Take the nesting out.".to_owned())
        }
        Unreadable::Yaml(yaml::Unreadable::TooMany | yaml::Unreadable::TooMuch) => (
            None,
            "more values than are read".to_owned(),
            "Write less, or fewer aliases.".to_owned(),
        ),
        Unreadable::Documents(count) => {
            let next = "Keep the document that is meant.".to_owned();
            (None, format!("{count} documents"), next)
        }
    };
    Problem { violation: Violation::new(RuleId::CFG004, found, whole, next), at }
}

struct Reader<'a> {
    known: &'a KnownRegions,
    problems: Vec<Problem>,
}

/// A map of the file, its path, and the keys that it may have.
struct Map<'a> {
    entries: Vec<Entry<'a>>,
    at: Position,
    path: FieldPath,
}

impl<'a> Map<'a> {
    fn get(&self, key: &str) -> Option<&'a Node> {
        // Of a key that is written twice the last counts, as everywhere in YAML.
        self.entries.iter().rev().find(|entry| entry.key == key).map(|entry| entry.value)
    }

    fn below(&self, key: &'static str) -> FieldPath {
        self.path.clone().field(key)
    }
}

impl Reader<'_> {
    fn note(&mut self, at: Position, path: &FieldPath, violation: Violation) {
        self.problems.push(Problem { violation: violation.under(path.clone()), at: Some(at) });
    }

    fn note_all(&mut self, at: Position, path: &FieldPath, violations: Violations) {
        for violation in violations {
            self.note(at, path, violation);
        }
    }

    fn configuration(&mut self, root: &Node) -> Option<Configuration> {
        let map = self.map(
            root,
            FieldPath::root(),
            RuleId::CFG004,
            &["version", "build", "environments"],
        )?;
        self.version(&map);
        let build = self.build(&map);
        let environments = self.environments(&map);
        Some(Configuration { build: build?, environments: environments? })
    }

    fn version(&mut self, map: &Map<'_>) {
        let path = map.below("version");
        let wrong = |rule, found: String, next: &str| {
            Violation::new(rule, found, format!("the text `\"{VERSION}\"`"), next)
        };
        let (at, fault) = match map.get("version") {
            None => {
                (map.at, wrong(RuleId::CFG001, "nothing".to_owned(), "Write `version: \"1.0\"`."))
            }
            Some(node) if node.text() == Some(VERSION) => return,
            Some(node) if node.number().is_some() => (
                node.at,
                wrong(RuleId::CFG009, node.what(), "Put it in quotes: `version: \"1.0\"`."),
            ),
            Some(node) => {
                (node.at, wrong(RuleId::CFG001, node.what(), "Write `version: \"1.0\"`."))
            }
        };
        self.note(at, &path, fault);
    }

    fn build(&mut self, map: &Map<'_>) -> Option<Vec<String>> {
        let path = map.below("build");
        let missing = |at| {
            let next = "Write `build:` with `commands:`, a list of commands.";
            (at, Violation::new(RuleId::CFG002, "nothing", "a map with `commands`", next))
        };
        let Some(node) = map.get("build") else {
            let (at, fault) = missing(map.at);
            self.note(at, &path, fault);
            return None;
        };
        let build = self.map(node, path, RuleId::CFG002, &["commands"])?;
        self.commands(&build, RuleId::CFG002, true)
    }

    /// The commands of the build or of the tests.
    fn commands(&mut self, map: &Map<'_>, rule: RuleId, needed: bool) -> Option<Vec<String>> {
        let path = map.below("commands");
        let next = "Write a list with one command or more, such as `- npm ci`.";
        let expected = if needed { "a list of at least one command" } else { "a list of commands" };
        let node = match map.get("commands") {
            Some(node) => node,
            None if needed => {
                self.note(map.at, &path, Violation::new(rule, "nothing", expected, next));
                return None;
            }
            None => return Some(Vec::new()),
        };
        let Kind::List(items) = &node.kind else {
            self.note(node.at, &path, Violation::new(rule, node.what(), expected, next));
            return None;
        };
        if items.is_empty() && needed {
            self.note(node.at, &path, Violation::new(rule, "an empty list", expected, next));
        }
        let commands = items.iter().enumerate().map(|(index, item)| {
            let path = path.clone().index(index);
            self.command(item, &path, rule)
        });
        let commands: Vec<Option<String>> = commands.collect();
        commands.into_iter().collect()
    }

    fn command(&mut self, item: &Item, path: &FieldPath, rule: RuleId) -> Option<String> {
        let item = &item.value;
        let fault = match item.text() {
            Some(text) if text.trim().is_empty() => Violation::new(
                rule,
                quoted(text),
                "a command",
                "Write the command, or take the line out.",
            ),
            Some(text) if shlex::split(text).is_none() => {
                let next = "Close the quotes, or escape the last backslash.";
                Violation::new(rule, quoted(text), "a command whose quotes are closed", next)
            }
            Some(text) => return Some(text.to_owned()),
            None => {
                let next = "Put the command in quotes; YAML takes `a: b` for a map.";
                Violation::new(rule, item.what(), "a command, as text", next)
            }
        };
        self.note(item.at, path, fault);
        None
    }

    fn environments(&mut self, map: &Map<'_>) -> Option<Vec<ConfiguredEnvironment>> {
        let path = map.below("environments");
        let expected = "a list of at least one environment";
        let next = "List the environments, each with `name`, `region`, `account` and `stacks`.";
        let items = match map.get("environments").map(|node| (node, &node.kind)) {
            Some((_, Kind::List(items))) if !items.is_empty() => items,
            other => {
                let (at, found) = match other {
                    None => (map.at, "nothing".to_owned()),
                    Some((node, Kind::List(_))) => (node.at, "an empty list".to_owned()),
                    Some((node, _)) => (node.at, node.what()),
                };
                self.note(at, &path, Violation::new(RuleId::CFG003, found, expected, next));
                return None;
            }
        };
        let mut names = HashMap::new();
        let read: Vec<Option<ConfiguredEnvironment>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                self.environment(&item.value, path.clone().index(index), &mut names)
            })
            .collect();
        read.into_iter().collect()
    }

    fn environment(
        &mut self,
        item: &Node,
        path: FieldPath,
        names: &mut HashMap<EnvironmentLabel, Position>,
    ) -> Option<ConfiguredEnvironment> {
        let keys = ["name", "region", "account", "stacks", "tests"];
        let map = self.map(item, path, RuleId::CFG003, &keys)?;
        let name = self.name(&map, names);
        let known = self.known;
        let region = self.text(&map, "region", RuleId::ENV021, "`us-east-1`");
        let region =
            region.and_then(|(at, text)| self.parsed(at, &map.below("region"), known.aws(&text)));
        let account = self.account(&map);
        let stacks = self.stacks(&map);
        let tests = self.tests(&map);
        Some(ConfiguredEnvironment {
            name: name?,
            region: region?,
            account: account?,
            stacks: stacks?,
            tests: tests?,
        })
    }

    fn name(
        &mut self,
        map: &Map<'_>,
        names: &mut HashMap<EnvironmentLabel, Position>,
    ) -> Option<EnvironmentLabel> {
        let path = map.below("name");
        let (at, text) = self.text(map, "name", RuleId::ENV020, "`staging`")?;
        let name = self.parsed(at, &path, text.parse::<EnvironmentLabel>())?;
        if let Some(first) = names.insert(name.clone(), at) {
            let found = format!("{} again, after line {}", quoted(&text), first.line);
            let next = "Give each environment a name of its own.";
            let expected = "a name that no other environment of the file has";
            self.note(at, &path, Violation::new(RuleId::CFG003, found, expected, next));
        }
        Some(name)
    }

    fn account(&mut self, map: &Map<'_>) -> Option<AccountId> {
        let path = map.below("account");
        if let Some((node, digits)) =
            map.get("account").and_then(|node| Some((node, node.number()?)))
        {
            let expected = "an account as text, twelve digits in quotes";
            let next = format!("Put it in quotes: `account: \"{}\"`.", padded(digits));
            let found = format!("the number {}, which loses its leading zeros", quoted(digits));
            self.note(node.at, &path, Violation::new(RuleId::CFG009, found, expected, next));
            return None;
        }
        let (at, text) = self.text(map, "account", RuleId::ENV022, "`\"123456789012\"`")?;
        let account = text.parse::<AccountId>().map_err(|faults| faults.as_rule(RuleId::ENV022));
        self.parsed(at, &path, account)
    }

    fn stacks(&mut self, map: &Map<'_>) -> Option<Stacks> {
        let path = map.below("stacks");
        let next = "List the stacks of the environment, each with `name` and `path`.";
        let items = match map.get("stacks").map(|node| (node, &node.kind)) {
            Some((_, Kind::List(items))) if !items.is_empty() => items,
            other => {
                let (at, found) = match other {
                    None => (map.at, "nothing".to_owned()),
                    Some((node, Kind::List(_))) => (node.at, "an empty list".to_owned()),
                    Some((node, _)) => (node.at, node.what()),
                };
                let fault =
                    Violation::new(RuleId::CFG003, found, "a list of at least one stack", next);
                self.note(at, &path, fault);
                return None;
            }
        };
        let stacks: Vec<Option<Stack>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.stack(&item.value, path.clone().index(index)))
            .collect();
        let stacks: Option<Vec<Stack>> = stacks.into_iter().collect();
        Stacks::new(stacks?).ok()
    }

    fn stack(&mut self, item: &Node, path: FieldPath) -> Option<Stack> {
        let map = self.map(item, path, RuleId::ENV024, &["name", "path"])?;
        let name = self.text(&map, "name", RuleId::ENV024, "`OrdersStack`");
        let file = self.text(&map, "path", RuleId::ENV024, "`lib/orders-stack.ts`");
        let ((at, name), (_, file)) = (name?, file?);
        self.parsed(at, &map.path, Stack::new(&name, &file))
    }

    fn tests(&mut self, map: &Map<'_>) -> Option<TestCommands> {
        let path = map.below("tests");
        let node = match map.get("tests") {
            Some(node) if !node.is_nothing() => node,
            _ => return Some(TestCommands::default()),
        };
        let tests = self.map(node, path, RuleId::ENV025, &["commands"])?;
        let commands = self.commands(&tests, RuleId::ENV025, false)?;
        TestCommands::new(commands).ok()
    }

    /// A text that has to be there.
    fn text(
        &mut self,
        map: &Map<'_>,
        key: &'static str,
        rule: RuleId,
        example: &str,
    ) -> Option<(Position, String)> {
        let (at, found) = match map.get(key) {
            Some(node) => match node.text() {
                Some(text) => return Some((node.at, text.to_owned())),
                None => (node.at, node.what()),
            },
            None => (map.at, "nothing".to_owned()),
        };
        let next = format!("Write `{key}`, as text such as {example}.");
        self.note(at, &map.below(key), Violation::new(rule, found, "a text", next));
        None
    }

    fn parsed<T>(
        &mut self,
        at: Position,
        path: &FieldPath,
        read: Result<T, Violations>,
    ) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(violations) => {
                self.note_all(at, path, violations);
                None
            }
        }
    }

    /// A map, and a warning for each of its keys that nothing reads.
    fn map<'a>(
        &mut self,
        node: &'a Node,
        path: FieldPath,
        rule: RuleId,
        keys: &[&'static str],
    ) -> Option<Map<'a>> {
        let Kind::Map(map) = &node.kind else {
            let expected = format!("a map with {}", one_of(keys).trim_start_matches("one of "));
            let next = "Write keys and values, each key on a line of its own.";
            self.note(node.at, &path, Violation::new(rule, node.what(), expected, next));
            return None;
        };
        let entries = entries(map);
        let mut seen: HashMap<&str, Position> = HashMap::new();
        for entry in &entries {
            let at = path.clone().field(entry.key.to_owned());
            if !keys.contains(&entry.key) {
                self.note(entry.at, &at, unknown_key(entry.key, keys));
            }
            if let Some(first) = seen.insert(entry.key, entry.at) {
                let found = format!("the key again, after line {}", first.line);
                let next = "Keep one of the two.";
                let fault = Violation::new(RuleId::CFG004, found, "each key once", next);
                self.note(entry.at, &at, fault);
            }
        }
        Some(Map { entries, at: node.at, path })
    }
}

fn unknown_key(key: &str, keys: &[&'static str]) -> Violation {
    let next =
        did_you_mean_or(key, keys.iter().copied(), || "Take it out: nothing reads it.".to_owned());
    Violation::new(RuleId::CFG010, format!("the key {}", quoted(key)), one_of(keys), next)
}

/// The digits of an account with the zeros that YAML may have lost.
fn padded(digits: &str) -> String {
    let plain = digits.len() <= 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { format!("{digits:0>12}") } else { "123456789012".to_owned() }
}
