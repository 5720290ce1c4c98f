//! Nested settings in formats that know no nesting: `age__list_0__map_recipient`.

use super::tree::{Item, Node};

const MAP: &str = "__map_";
const LIST: &str = "__list_";

/// Builds the nested form; `prefix` is taken off every name.
pub(crate) fn unfold(items: &[Item], prefix: &str) -> Node {
    let mut root = Node::Map(Vec::new());
    for item in items {
        let name = item.key.strip_prefix(prefix).unwrap_or(&item.key);
        place(&mut root, &steps(name), &item.node);
    }
    root
}

/// One step down.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    Key(&'a str),
    /// A position: it only has to differ from the others.
    Position(&'a str),
}

type Make<'a> = fn(&'a str) -> Step<'a>;

fn steps<'a>(name: &'a str) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    let mut make: Make<'a> = Step::Key;
    let mut rest = name;
    loop {
        let next: [(&str, Make<'a>); 2] = [(MAP, Step::Key), (LIST, Step::Position)];
        let found =
            next.into_iter().filter_map(|(sign, make)| Some((rest.find(sign)?, sign, make)));
        let Some((at, sign, following)) = found.min_by_key(|(at, ..)| *at) else {
            steps.push(make(rest));
            return steps;
        };
        steps.push(make(rest.get(..at).unwrap_or_default()));
        rest = rest.get(at + sign.len()..).unwrap_or_default();
        make = following;
    }
}

fn place(node: &mut Node, steps: &[Step<'_>], value: &Node) {
    let Some((step, rest)) = steps.split_first() else {
        *node = value.clone();
        return;
    };
    let (key, empty): (&str, fn(Vec<Item>) -> Node) = match step {
        Step::Key(key) => (key, Node::Map),
        Step::Position(position) => (position, Node::List),
    };
    if !matches!((step, &*node), (Step::Key(_), Node::Map(_)) | (Step::Position(_), Node::List(_)))
    {
        *node = empty(Vec::new());
    }
    let (Node::Map(items) | Node::List(items)) = node else { return };
    let at = items.iter().position(|item| item.key == key).unwrap_or_else(|| {
        let item =
            Item { key: key.to_owned(), node: Node::Empty, line: None, comments: Vec::new() };
        items.push(item);
        items.len() - 1
    });
    if let Some(item) = items.get_mut(at) {
        place(&mut item.node, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_steps_of_a_name() {
        assert_eq!(steps("mac"), [Step::Key("mac")]);
        assert_eq!(
            steps("key_groups__list_0__map_age__list_12__map_enc"),
            [
                Step::Key("key_groups"),
                Step::Position("0"),
                Step::Key("age"),
                Step::Position("12"),
                Step::Key("enc"),
            ]
        );
    }
}
