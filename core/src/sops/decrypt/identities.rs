//! The age identities of whoever decrypts: texts in, keys out. Where texts come from is for the caller.

use std::fmt;

use super::age::Identity;
use crate::base::foreign;

/// How many identities are tried on each sealed key.
const MOST: usize = 32;
/// How many letters of a name are shown.
const SHOWN: usize = 200;

/// Where identities are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The text of a variable, which may hold several identities in one line.
    Variable(&'static str),
    /// The file whose path a variable holds.
    FileOf(&'static str),
    /// A file, by its path as a person knows it, such as `~/.config/sops/age/keys.txt`.
    File(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "`{name}`"),
            Self::FileOf(name) => write!(f, "the file of `{name}`"),
            Self::File(path) => write!(f, "`{}`", foreign::word(path, SHOWN)),
        }
    }
}

/// Something that is no identity which can be used. It names a place and no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// Where it stands.
    pub source: Source,
    /// Its line, from 1.
    pub line: usize,
    /// What it is.
    pub what: &'static str,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in line {} of {}", self.what, self.line, self.source)
    }
}

/// Keys, and where they were looked for. The keys are cleared when this goes, and never shown.
#[derive(Default)]
pub struct Identities {
    pub(crate) keys: Vec<Identity>,
    looked: Vec<Source>,
    unusable: Vec<Unusable>,
    unreadable: Vec<String>,
    /// Ways that SOPS knows and that are not gone here, which this machine is set up for.
    passed_over: Vec<&'static str>,
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({} keys)", self.keys.len())
    }
}

impl Identities {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the identities of a text, one in a line; where there is no text, remembers that it was looked for.
    pub fn add(&mut self, source: Source, text: Option<&str>) {
        let several = matches!(source, Source::Variable(_));
        for (number, line) in text.into_iter().flat_map(str::lines).enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let words: Vec<&str> =
                if several { line.split_whitespace().collect() } else { vec![line.trim()] };
            for word in words {
                if let Err(what) = self.take(word) {
                    self.unusable.push(Unusable { source: source.clone(), line: number + 1, what });
                }
            }
        }
        self.looked.push(source);
    }

    /// Remembers a place that is there and cannot be read, and why.
    pub fn unreadable(&mut self, source: Source, why: &dyn fmt::Display) {
        let why = foreign::word(&why.to_string(), SHOWN);
        self.unreadable.push(format!("{source} cannot be read: {why}"));
        self.looked.push(source);
    }

    /// Remembers that SOPS would go a way that is not gone here, by the name of its variable.
    pub fn pass_over(&mut self, name: &'static str) {
        self.passed_over.push(name);
    }

    fn take(&mut self, word: &str) -> Result<(), &'static str> {
        if self.keys.len() == MOST {
            return Err("one identity too many");
        }
        let identity = Identity::read(word).ok_or_else(|| kind(word))?;
        self.keys.push(identity);
        Ok(())
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.keys.len()
    }

    /// What they are, or where none was found, by name only.
    pub(crate) fn told(&self) -> String {
        let list = |all: &[String]| all.join(", ");
        let looked = list(&self.looked.iter().map(ToString::to_string).collect::<Vec<_>>());
        let mut told = match self.keys.as_slice() {
            [] => format!("no age identity in {looked}"),
            keys => {
                let names: Vec<String> =
                    keys.iter().map(|key| format!("`{}`", key.recipient())).collect();
                format!("identities of {} in {looked}", list(&names))
            }
        };
        if !self.unusable.is_empty() {
            let faults: Vec<String> = self.unusable.iter().map(ToString::to_string).collect();
            told.push_str(&format!("; {}", list(&faults)));
        }
        for fault in &self.unreadable {
            told.push_str(&format!("; {fault}"));
        }
        for name in &self.passed_over {
            told.push_str(&format!("; `{name}` is set, which is not used here"));
        }
        told
    }
}

/// What a word is that is no X25519 identity, as far as it can be told without showing it.
fn kind(word: &str) -> &'static str {
    let begins =
        |with: &str| word.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
    if begins("AGE-SECRET-KEY-PQ-1") {
        "a post-quantum identity, which is not supported,"
    } else if begins("AGE-SECRET-KEY-1") {
        "a damaged identity"
    } else if begins("AGE-PLUGIN-") {
        "the identity of a plugin, which is not supported,"
    } else if begins("age1") {
        "a recipient, which is a public key,"
    } else if begins("-----BEGIN OPENSSH") || begins("ssh-") {
        "an SSH key, which is not supported,"
    } else if begins("-----BEGIN AGE") {
        "a key file with a passphrase, which is not supported,"
    } else {
        "something that is no identity"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_identity_is_told_by_its_kind_and_never_shown() {
        let mut identities = Identities::new();
        let text = "# a comment\n\nAGE-SECRET-KEY-1CANARY\nAGE-PLUGIN-YUBIKEY-1CANARY\nCANARY\n";
        identities.add(Source::FileOf("SOPS_AGE_KEY_FILE"), Some(text));
        identities
            .add(Source::Variable("SOPS_AGE_KEY"), Some("age1canary AGE-SECRET-KEY-PQ-1CANARY"));
        identities.add(Source::File("~/.config/sops/age/keys.txt".to_owned()), None);
        identities.pass_over("SOPS_AGE_KEY_CMD");
        let told = identities.told();
        for part in [
            "no age identity in the file of `SOPS_AGE_KEY_FILE`, `SOPS_AGE_KEY`, `~/.config/sops/age/keys.txt`",
            "a damaged identity in line 3 of the file",
            "the identity of a plugin, which is not supported, in line 4",
            "something that is no identity in line 5",
            "a recipient, which is a public key, in line 1 of `SOPS_AGE_KEY`",
            "a post-quantum identity",
            "`SOPS_AGE_KEY_CMD` is set, which is not used here",
        ] {
            assert!(told.contains(part), "{part} is missing from {told}");
        }
        assert!(!told.to_lowercase().contains("canary"), "{told}");
        assert_eq!(format!("{identities:?}"), "Identities(0 keys)");
    }
}
