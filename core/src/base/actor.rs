//! Who did something, and when.

use std::fmt;
use std::str::FromStr;

use super::rule::RuleId;
use super::timestamp::Timestamp;
use super::violation::{Violation, Violations, quoted};

/// A person or system by name, such as `github-actions[bot]`.
///
/// One line, no blanks around it, no angle brackets: it must fit into git's author line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(String);

impl Actor {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Somebody of whom no name is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// Whether both are the same person. Case does not count, as on GitHub; nor do how many blanks
    /// stand between two words, characters that nobody sees, and the `@` before a login.
    #[must_use]
    pub fn is_same_person(&self, other: &Self) -> bool {
        self.comparable() == other.comparable()
    }

    /// The name as names are compared: whoever is the same person has the same one.
    pub(crate) fn comparable(&self) -> String {
        let seen: String = self.0.chars().filter(|c| !is_invisible(*c)).collect();
        let words: Vec<&str> = seen.split_whitespace().collect();
        words.join(" ").trim_start_matches('@').to_lowercase()
    }
}

/// Characters without a width: joiners, marks of direction and the like.
const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

impl FromStr for Actor {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let actor = Self(text.to_owned());
        let fits = !actor.comparable().is_empty()
            && text.trim() == text
            && !text.chars().any(|c| c.is_control() || c == '<' || c == '>');
        if fits {
            return Ok(actor);
        }
        Err(Violation::new(
            RuleId::OWN003,
            quoted(text),
            "the name of a person or system, on one line, without angle brackets or blanks around it",
            "Write a login or an e-mail address, such as `ada@example.com`.",
        )
        .into())
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(Actor);

/// Who changes something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The person or system.
    pub actor: Actor,
    /// The e-mail address; may be empty.
    pub email: String,
    /// The time of the change.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_are_one_line_names() {
        for name in ["github-actions[bot]", "ada@example.com", "Ada Lovelace"] {
            assert_eq!(name.parse::<Actor>().unwrap().to_string(), name);
        }
        for name in ["", " ada", "ada\n", "a <b>", "a<b", "a>b", "\t", "\u{200b}", "@"] {
            assert!(name.parse::<Actor>().unwrap_err().breaks(RuleId::OWN003), "{name:?}");
        }
    }

    #[test]
    fn logins_are_compared_without_case() {
        let actor = |name: &str| name.parse::<Actor>().unwrap();
        assert!(actor("Ada").is_same_person(&actor("ada")));
        assert!(!actor("Ada").is_same_person(&actor("bob")));
        for same in ["ada lovelace", "Ada  Lovelace", "Ada\u{a0}Lovelace", "A\u{200b}da Lovelace"] {
            assert!(actor("Ada Lovelace").is_same_person(&actor(same)), "{same:?}");
        }
        assert!(actor("@ada").is_same_person(&actor("ada")));
        assert!(!actor("Ada Lovelace").is_same_person(&actor("AdaLovelace")));
    }
}
