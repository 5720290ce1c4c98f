//! Which names say that their value is a secret, and which texts hold a URL with one.
//!
//! A name is no proof; it decides only what is left out where a value would otherwise be shown.

use serde_json::Value;

use super::rule::RuleId;
use super::violation::{FieldPath, Violation};

/// Words that make a name the name of a secret, as they stand in names of several words.
const WORDS: &[&str] = &[
    "apikey",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
];

/// Pairs of words that do so together.
const PAIRS: &[(&str, &str)] = &[
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("connection", "string"),
    ("encryption", "key"),
    ("private", "key"),
    ("shared", "key"),
    ("signing", "key"),
    ("storage", "key"),
];

/// Last words that turn the name of a secret into the name of something about it.
const ABOUT: &[&str] = &["arn", "id", "ids", "name", "names", "path", "url", "uri", "version"];

/// Whether a value of that name is to be kept out of sight: `db_password`, `DbPassword` or
/// `API_KEY`, but neither `secret_arn` nor `TokenUrl`.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let about = words.last().is_some_and(|last| ABOUT.contains(&last.as_str()));
    let single = words.iter().any(|word| WORDS.contains(&word.as_str()));
    let pair = words
        .windows(2)
        .any(|two| PAIRS.iter().any(|(first, second)| two[0] == *first && (two[1] == *second)));
    !about && (single || pair)
}

/// Words of a query that stand before a signature or a token, beside those that name a secret.
const SIGNED: &[&str] = &["sig", "signature", "x-amz-signature", "x-goog-signature"];

/// What it is that a text holds of a secret: a URL with a user or password before its host, or with a token
/// behind it.
#[must_use]
pub fn url_secret(text: &str) -> Option<&'static str> {
    text.match_indices("://").find_map(|(at, sign)| {
        let url = text.get(at + sign.len()..)?.split(char::is_whitespace).next()?;
        if has_user(url) {
            Some("a URL with a user or password")
        } else {
            has_token(url).then_some("a URL with a token")
        }
    })
}

/// Whether something stands before the `@` of a host. A password may have slashes; a port has none.
fn has_user(url: &str) -> bool {
    let host = url.split(['/', '?', '#']).next().unwrap_or_default();
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let is_open =
        host.rsplit_once(':').is_some_and(|(_, rest)| !is_port(rest) && !host.ends_with(']'));
    host.contains('@') || (is_open && url.contains('@'))
}

fn has_token(url: &str) -> bool {
    let Some(start) = url.find(['?', '#']) else { return false };
    url[start..].split(['?', '#', '&', ';']).filter_map(|pair| pair.split_once('=')).any(
        |(name, value)| {
            let signed = SIGNED.iter().any(|word| name.eq_ignore_ascii_case(word));
            !value.is_empty() && (signed || is_secret_name(name))
        },
    )
}

/// OWN046: no text of what would be recorded holds a URL with a secret. Each is told at the field that holds
/// it, and never shown.
#[must_use]
pub fn recorded_secrets(fields: &Value) -> Vec<Violation> {
    let fields = fields.as_object().into_iter().flatten();
    let told = |(name, value): (&String, &Value)| {
        Some(recorded_secret(holds(value)?).under(FieldPath::root().field(name.clone())))
    };
    fields.filter_map(told).collect()
}

/// OWN046, of a URL with this secret.
#[must_use]
pub fn recorded_secret(what: &str) -> Violation {
    let found = format!("{what} (not shown)");
    let expected = "a text that everybody who reads the repository may see";
    let next = "Write the URL without it, and revoke it if this was ever applied or committed.";
    Violation::new(RuleId::OWN046, found, expected, next)
}

fn holds(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(text) => url_secret(text),
        Value::Array(items) => items.iter().find_map(holds),
        Value::Object(fields) => fields.values().find_map(holds),
        _ => None,
    }
}

/// The words of a name, in lower case: `DBPassword` and `db-password` are both `db`, `password`.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let rises = before.is_some_and(|it| it.is_lowercase() || it.is_ascii_digit());
        let starts = letter.is_uppercase()
            && (rises || (before.is_some() && after.is_some_and(|it| it.is_lowercase())));
        if (starts || !letter.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(words("DBPassword"), ["db", "password"]);
        assert_eq!(words("db-master_password2"), ["db", "master", "password2"]);
        assert_eq!(words("ApiURLToken"), ["api", "url", "token"]);
        assert!(words("").is_empty());
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for secret in [
            "password",
            "DbPassword",
            "DB_PASSWORD",
            "masterUserPassword",
            "api-key",
            "APIKey",
            "PrivateKeyPem",
            "github_token",
            "ConnectionString",
            "AWSSecretAccessKey",
        ] {
            assert!(is_secret_name(secret), "{secret}");
        }
    }

    #[test]
    fn urls_with_secrets_are_known() {
        for secret in [
            "https://robot:s3cret@example.com/app.zip",
            "https://token@example.com",
            "see ftp://a:b/c@host/x for more",
            "oci://robot:s3cret@registry:5000/app",
            "https://b.s3.amazonaws.com/a?X-Amz-Date=1&X-Amz-Signature=abc",
            "https://a.blob.core.windows.net/c/a?sv=1&sig=abc",
            "https://example.com/a#access_token=abc",
        ] {
            assert!(url_secret(secret).is_some(), "{secret}");
        }
        for plain in [
            "dist/bundle.js",
            "https://example.com/a@b?page=2&token=",
            "oci://registry:5000/app@sha256:abc",
            "https://[::1]/a@b",
            "pkg:npm/left-pad@1.3.0",
            "s3://bucket/key",
            "git@example.com:a/b.git",
        ] {
            assert_eq!(url_secret(plain), None, "{plain}");
        }
    }

    #[test]
    fn what_is_about_a_secret_is_none() {
        for plain in [
            "",
            "ApiUrl",
            "BucketName",
            "secret_arn",
            "DbPasswordSecretArn",
            "TokenUrl",
            "access_key_id",
            "key",
            "monkey",
            "tokenizer",
        ] {
            assert!(!is_secret_name(plain), "{plain}");
        }
    }
}
