//! Nested settings in formats that know no nesting: `age__list_0__map_recipient`.

use std::collections::HashMap;
use std::rc::Rc;

use super::error::Problem;
use super::tree::{Item, Node};
use crate::base::limits::DEEPEST;

const MAP: &str = "__map_";
const LIST: &str = "__list_";

/// Builds the nested form; `prefix` is taken off every name.
pub(crate) fn unfold(items: &[Item], prefix: &str) -> Result<Node, Problem> {
    let mut tree = Tree { root: Node::Map(Vec::new()), known: HashMap::new() };
    for item in items {
        let name = item.key.strip_prefix(prefix).unwrap_or(&item.key);
        tree.place(name, &item.node)?;
    }
    Ok(tree.root)
}

struct Tree<'a> {
    root: Node,
    /// Where a part stands among its neighbours, by its name down to it.
    known: HashMap<&'a str, usize>,
}

impl<'a> Tree<'a> {
    fn place(&mut self, name: &'a str, value: &Node) -> Result<(), Problem> {
        let mut node = &mut self.root;
        for (step, path) in steps(name)? {
            let (key, empty): (&str, fn(Vec<Item>) -> Node) = match step {
                Step::Key(key) => (key, Node::Map),
                Step::Position(position) => (position, Node::List),
            };
            let fits = matches!(
                (&step, &*node),
                (Step::Key(_), Node::Map(_)) | (Step::Position(_), Node::List(_))
            );
            if !fits {
                *node = empty(Vec::new());
            }
            let (Node::Map(items) | Node::List(items)) = node else { return Ok(()) };
            let known = self.known.get(path).copied();
            // Where one part of this name took the place of another, what was known of it is out of date.
            let known = known.filter(|at| items.get(*at).is_some_and(|item| item.key == key));
            let at = known.unwrap_or(items.len());
            if known.is_none() {
                self.known.insert(path, at);
                items.push(Item::bare(key.to_owned(), Node::Empty));
            }
            let Some(item) = items.get_mut(at) else { return Ok(()) };
            node = Rc::make_mut(&mut item.node);
        }
        *node = value.clone();
        Ok(())
    }
}

/// One step down.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    Key(&'a str),
    /// A position: it only has to differ from the others.
    Position(&'a str),
}

type Make<'a> = fn(&'a str) -> Step<'a>;

/// The steps of a name, each with the name down to its end.
fn steps(name: &str) -> Result<Vec<(Step<'_>, &str)>, Problem> {
    let mut steps = Vec::new();
    let mut make: Make<'_> = Step::Key;
    let mut begin = 0;
    loop {
        if steps.len() == DEEPEST {
            return Err(Problem::TooDeep { most: DEEPEST });
        }
        let rest = name.get(begin..).unwrap_or_default();
        let (at, sign, following) = next(rest).unwrap_or((rest.len(), "", Step::Key));
        let end = begin + at;
        steps.push((make(rest.get(..at).unwrap_or_default()), name.get(..end).unwrap_or_default()));
        if sign.is_empty() {
            return Ok(steps);
        }
        begin = end + sign.len();
        make = following;
    }
}

/// Where the next step begins, and of which kind it is.
fn next(rest: &str) -> Option<(usize, &'static str, Make<'_>)> {
    let kinds: [(&str, Make<'_>); 2] = [(MAP, Step::Key), (LIST, Step::Position)];
    let found = kinds.into_iter().filter_map(|(sign, make)| Some((rest.find(sign)?, sign, make)));
    found.min_by_key(|(at, ..)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_steps_of_a_name() {
        let found =
            |name| steps(name).unwrap().into_iter().map(|(step, _)| step).collect::<Vec<_>>();
        assert_eq!(found("mac"), [Step::Key("mac")]);
        assert_eq!(
            found("key_groups__list_0__map_age__list_12__map_enc"),
            [
                Step::Key("key_groups"),
                Step::Position("0"),
                Step::Key("age"),
                Step::Position("12"),
                Step::Key("enc"),
            ]
        );
        assert_eq!(steps("a___map_b").unwrap()[0].1, "a_");
    }

    #[test]
    fn what_is_set_twice_in_different_ways_is_what_came_last() {
        let item = |name: &str| Item::bare(name.to_owned(), Node::value("v".to_owned()));
        let names = ["a__map_x", "a", "a__map_y", "a__map_x", "a__map_y"];
        let tree = unfold(&names.map(item), "").unwrap();
        let under: Vec<&str> =
            tree.get("a").unwrap().items().iter().map(|item| item.key.as_str()).collect();
        assert_eq!(under, ["y", "x"]);
    }
}
