//! Whose key is whose: lines of an OpenSSH `allowed_signers` file, and lines of the same form that name an
//! OpenPGP key by its fingerprint.
//!
//! A line names people, never patterns and never a certificate authority: a key has to belong to somebody.

use std::fmt;
use std::str::FromStr;

use crate::base::actor::Actor;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

/// A longer line is none of OpenSSH's.
const LONGEST: usize = 4096;

/// Types of keys that OpenSSH signs with.
const SSH_TYPES: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// Stands where OpenSSH has the type of a key.
const OPENPGP: &str = "openpgp";

/// A key, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedSigner {
    line: String,
    people: Vec<Actor>,
    key: SignerKey,
}

/// A key that signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerKey {
    /// OpenSSH's, as its line says it after the people: options, type and key.
    Ssh(String),
    /// OpenPGP's, by the fingerprint of its primary key in upper case.
    OpenPgp(String),
}

impl AllowedSigner {
    /// Whose key it is.
    #[must_use]
    pub fn people(&self) -> &[Actor] {
        &self.people
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &SignerKey {
        &self.key
    }

    /// Whether it is this person's.
    #[must_use]
    pub fn belongs_to(&self, person: &Actor) -> bool {
        self.people.iter().any(|owner| owner.is_same_person(person))
    }
}

impl FromStr for AllowedSigner {
    type Err = Violations;
    fn from_str(line: &str) -> Result<Self, Violations> {
        read(line).map_err(|expected| {
            let shown: String = line.chars().take(80).collect();
            let next = "Write a line such as `ada@example.com ssh-ed25519 AAAA…`, or `ada openpgp` and the fingerprint.";
            Violation::new(RuleId::POL001, quoted(&shown), expected, next).into()
        })
    }
}

impl fmt::Display for AllowedSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.line)
    }
}

text_serde!(AllowedSigner);

/// Reads a line, or says what was expected.
fn read(line: &str) -> Result<AllowedSigner, &'static str> {
    let fits = line.len() <= LONGEST && line.trim() == line && !line.chars().any(char::is_control);
    if !fits || line.starts_with('#') {
        return Err("one line of at most 4096 bytes, without blanks around it");
    }
    let (names, rest) = people_and_rest(line).ok_or("people, then a key")?;
    let people = people(names)?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let key = match words.as_slice() {
        [OPENPGP, fingerprint @ ..] => SignerKey::OpenPgp(read_fingerprint(&fingerprint.concat())?),
        [kind, key, ..] if SSH_TYPES.contains(kind) => ssh(None, kind, key)?,
        [options, kind, key, ..] if SSH_TYPES.contains(kind) => ssh(Some(options), kind, key)?,
        _ => {
            return Err(
                "the type of a key that OpenSSH signs with, or `openpgp`, after the people",
            );
        }
    };
    Ok(AllowedSigner { line: line.to_owned(), people, key })
}

/// The people may stand in quotation marks, where a name has blanks.
fn people_and_rest(line: &str) -> Option<(&str, &str)> {
    match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"'),
        None => line.split_once(char::is_whitespace),
    }
}

fn people(names: &str) -> Result<Vec<Actor>, &'static str> {
    if names.contains(['*', '?', '!']) {
        return Err("people by name, because a pattern makes a key everybody's");
    }
    let people: Result<Vec<Actor>, _> = names.split(',').map(|name| name.trim().parse()).collect();
    people.map_err(|_| "people by name, divided by commas")
}

fn ssh(options: Option<&str>, kind: &str, key: &str) -> Result<SignerKey, &'static str> {
    let known = ["namespaces=", "valid-after=", "valid-before="];
    let is_known = |option: &str| known.iter().any(|name| option.starts_with(name));
    if !options.is_none_or(|options| options.split(',').all(is_known)) {
        return Err(
            "no options but `namespaces`, `valid-after` and `valid-before`, each with one value",
        );
    }
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    if !key.starts_with("AAAA") || !key.bytes().all(is_base64) {
        return Err("a public key of OpenSSH, which begins with `AAAA`");
    }
    let options = options.map(|options| format!("{options} ")).unwrap_or_default();
    Ok(SignerKey::Ssh(format!("{options}{kind} {key}")))
}

fn read_fingerprint(text: &str) -> Result<String, &'static str> {
    let is_whole = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    if is_whole {
        Ok(text.to_ascii_uppercase())
    } else {
        Err("the whole fingerprint of an OpenPGP key")
    }
}
