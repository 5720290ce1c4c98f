//! How each value of a document stands: encrypted, meant to be in the clear, or known to whoever reads the
//! file. What the rule says of a key or comment is asked once and handed down.

use std::collections::HashMap;

use super::error::Problem;
use super::rule::Rule;
use super::tree::{Comments, Item, Node};
use crate::base::foreign;

/// So many values are named; the rest is counted.
const NAMED: usize = 20;
/// So many letters of a place are shown.
const SHOWN: usize = 120;

/// Counts and faults of all documents of a file.
pub(crate) struct Judge<'a> {
    rule: Option<&'a Rule>,
    meant: Meant<'a>,
    way: Vec<Step<'a>>,
    pub(crate) encrypted: usize,
    pub(crate) in_the_clear: usize,
    problems: Vec<Problem>,
    unnamed: usize,
}

/// What a rule means: a key, or a comment of what stands there.
pub(crate) struct Meant<'a> {
    rule: Option<&'a Rule>,
    /// What the rule says of the comments over a line, by where they are kept.
    above: HashMap<*const String, bool>,
}

impl<'a> Meant<'a> {
    pub(crate) fn by(rule: Option<&'a Rule>) -> Self {
        Self { rule, above: HashMap::new() }
    }

    /// Whether the rule means this part.
    pub(crate) fn names(&mut self, item: &Item, is_list: bool) -> bool {
        let Some(rule) = self.rule else { return false };
        let behind = item.behind.as_ref().is_some_and(|comment| rule.names_comment(comment));
        (!is_list && rule.names_key(&item.key)) || behind || self.names_above(rule, &item.above)
    }

    fn names_above(&mut self, rule: &Rule, above: &Comments) -> bool {
        let asked = || above.iter().any(|comment| rule.names_comment(comment));
        !above.is_empty() && *self.above.entry(above.as_ptr()).or_insert_with(asked)
    }
}

/// One step down, as it is shown.
enum Step<'a> {
    Key(&'a str),
    Position(usize),
}

/// Where the walk is.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Whether the rule means something on the way.
    named: bool,
    line: Option<usize>,
}

impl<'a> Judge<'a> {
    /// One who judges by this rule; without one nothing is secret, because then the rule is what is wrong.
    pub(crate) fn by(rule: Option<&'a Rule>) -> Self {
        Self {
            rule,
            meant: Meant::by(rule),
            way: Vec::new(),
            encrypted: 0,
            in_the_clear: 0,
            problems: Vec::new(),
            unnamed: 0,
        }
    }

    /// Judges every value of a document.
    pub(crate) fn judge(&mut self, document: &'a Node) {
        self.node(document, Place::default());
    }

    /// All that is wrong.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        if self.unnamed > 0 {
            self.problems.push(Problem::More { count: self.unnamed });
        }
        self.problems
    }

    fn node(&mut self, node: &'a Node, at: Place) {
        if let Some(value) = node.text() {
            self.value(value, at);
        }
        let is_list = matches!(node, Node::List(_));
        for (number, item) in node.items().iter().enumerate() {
            self.way.push(if is_list { Step::Position(number) } else { Step::Key(&item.key) });
            let named = at.named || self.meant.names(item, is_list);
            self.node(&item.node, Place { named, line: item.line.or(at.line) });
            self.way.pop();
        }
    }

    fn value(&mut self, value: &str, at: Place) {
        match kind(value) {
            Kind::Ciphertext => self.encrypted += 1,
            Kind::Wrapped => {
                let problem = Problem::Reformatted { at: self.shown(), line: at.line };
                self.note(problem);
            }
            Kind::Plain if self.rule.is_some_and(|rule| rule.is_secret(at.named)) => {
                let problem = Problem::Plaintext { at: self.shown(), line: at.line };
                self.note(problem);
            }
            Kind::Plain => self.in_the_clear += 1,
        }
    }

    fn note(&mut self, problem: Problem) {
        if self.problems.len() < NAMED {
            self.problems.push(problem);
        } else {
            self.unnamed += 1;
        }
    }

    fn shown(&self) -> String {
        let mut shown = String::new();
        for step in &self.way {
            match step {
                Step::Position(number) => shown.push_str(&format!("[{number}]")),
                Step::Key(key) => {
                    if !shown.is_empty() {
                        shown.push('.');
                    }
                    shown.push_str(&foreign::word(key, SHOWN));
                }
            }
            if shown.chars().nth(SHOWN).is_some() {
                let cut: String = shown.chars().take(SHOWN).collect();
                return cut + "…";
            }
        }
        if shown.is_empty() { "(the whole file)".to_owned() } else { shown }
    }
}

enum Kind {
    Ciphertext,
    /// Ciphertext with breaks or blanks in it.
    Wrapped,
    Plain,
}

fn kind(value: &str) -> Kind {
    const BEGIN: &str = "ENC[AES256_GCM,";
    // SOPS does not look at what ends a line behind a value.
    if super::is_ciphertext(value.trim_end_matches(['\n', '\r'])) {
        return Kind::Ciphertext;
    }
    if !value.trim_start().starts_with(BEGIN) {
        return Kind::Plain;
    }
    let joined: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let is_whole =
        super::is_ciphertext(&joined) && has(&joined, ",iv:", 44) && has(&joined, ",tag:", 24);
    if is_whole { Kind::Wrapped } else { Kind::Plain }
}

/// Whether a part has as many letters as SOPS writes: a readable text would hardly.
fn has(joined: &str, part: &str, letters: usize) -> bool {
    let rest = joined.split_once(part).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.find(',')) == Some(letters)
}
