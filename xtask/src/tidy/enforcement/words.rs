//! The names that a stretch of code uses, and the rules that it says are broken, by its tokens alone.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A name that is used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// By itself.
    Name(String),
    /// After `::`, with what stands before.
    Path(String, String),
    /// After a dot, and called.
    Method(String),
}

impl Use {
    pub(super) fn plain(&self) -> Option<String> {
        match self {
            Self::Name(name) => Some(name.clone()),
            Self::Path(..) | Self::Method(_) => None,
        }
    }
}

/// Gathers what a stretch of code names.
pub(super) struct Words<'a> {
    pub(super) uses: &'a mut BTreeSet<Use>,
    pub(super) rules: &'a mut BTreeSet<String>,
    /// What `Self` is.
    pub(super) owner: Option<&'a str>,
}

impl Words<'_> {
    /// `counted`: whether a rule that is named here is said to be broken, not asked for.
    pub(super) fn walk(&mut self, tokens: TokenStream, counted: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => {
                    let list = group.delimiter() == Delimiter::Bracket;
                    let asked = is_word(&tokens, at.checked_sub(1), &["breaks", "contains"])
                        || (list && is_word(&tokens, at.checked_add(2), &["contains"]));
                    self.walk(group.stream(), counted && !asked);
                }
                TokenTree::Ident(_) => self.word(&tokens, at, counted),
                // Serde names types and functions in texts, such as `try_from = "Parts"`.
                TokenTree::Literal(literal) if is_sign(&tokens, at.checked_sub(1), '=') => {
                    let text = literal.to_string();
                    let mut words = text.trim_matches('"').rsplit("::");
                    self.uses.extend(words.next().map(|word| Use::Name(word.to_owned())));
                }
                _ => {}
            }
        }
    }

    fn word(&mut self, tokens: &[TokenTree], at: usize, counted: bool) {
        let Some(name) = tokens.get(at).cloned().and_then(word) else { return };
        let before = |steps: usize| at.checked_sub(steps);
        if is_sign(tokens, before(1), ':') && is_sign(tokens, before(2), ':') {
            match before(3).and_then(|at| tokens.get(at)).cloned() {
                Some(TokenTree::Ident(qualifier)) => {
                    let qualifier = qualifier.to_string();
                    if qualifier == "RuleId" && counted && !is_compared(tokens, at) {
                        self.rules.insert(name.clone());
                    }
                    let known = match (qualifier.as_str(), self.owner) {
                        ("Self", Some(owner)) => owner.to_owned(),
                        _ => qualifier,
                    };
                    self.uses.insert(Use::Path(known, name));
                }
                Some(_) => _ = self.uses.insert(Use::Method(name)),
                None => {}
            }
        } else if is_sign(tokens, before(1), '.') && !is_sign(tokens, before(2), '.') {
            let next = tokens.get(at + 1);
            let called = matches!(next, Some(TokenTree::Group(it)) if it.delimiter() == Delimiter::Parenthesis);
            if called || is_sign(tokens, Some(at + 1), ':') {
                self.uses.insert(Use::Method(name));
            }
        } else {
            self.uses.insert(Use::Name(name));
        }
    }
}

/// Whether the path that ends here is compared with something, or is a pattern.
fn is_compared(tokens: &[TokenTree], end: usize) -> bool {
    let mut start = end;
    while let Some(before) = start.checked_sub(3)
        && is_sign(tokens, Some(start - 1), ':')
        && matches!(tokens.get(before), Some(TokenTree::Ident(_)))
    {
        start = before;
    }
    let pair = |first: Option<usize>, signs: &[(char, char)]| {
        let second = first.map(|at| at + 1);
        signs.iter().any(|(a, b)| is_sign(tokens, first, *a) && is_sign(tokens, second, *b))
    };
    pair(start.checked_sub(2), &[('=', '='), ('!', '=')])
        || pair(Some(end + 1), &[('=', '='), ('!', '='), ('=', '>')])
        || is_sign(tokens, Some(end + 1), '|')
}

fn is_sign(tokens: &[TokenTree], at: Option<usize>, sign: char) -> bool {
    let token = at.and_then(|at| tokens.get(at));
    matches!(token, Some(TokenTree::Punct(it)) if it.as_char() == sign)
}

fn is_word(tokens: &[TokenTree], at: Option<usize>, words: &[&str]) -> bool {
    let token = at.and_then(|at| tokens.get(at));
    matches!(token, Some(TokenTree::Ident(it)) if words.iter().any(|word| it == word))
}

pub(super) fn word(token: TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(it) => Some(it.to_string().trim_start_matches("r#").to_owned()),
        _ => None,
    }
}

/// Whether a name is one of a type, by its first letter.
pub(super) fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// Whether a word looks like the ID of a rule, such as `TAG001`.
pub(super) fn is_rule(word: &str) -> bool {
    let (letters, digits) = word.split_at_checked(3).unwrap_or_default();
    let all = |text: &str, is: fn(char) -> bool| text.len() == 3 && text.chars().all(is);
    all(letters, |it| it.is_ascii_uppercase()) && all(digits, |it| it.is_ascii_digit())
}
