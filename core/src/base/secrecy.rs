//! Which names say that their value is a secret.
//!
//! A name is no proof; it decides only what is left out where a value would otherwise be shown.

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
