//! Files of secrets, decrypted by an identity that their corpus is encrypted for.

use pipeline_core::sops::decrypt::{Identities, Prints, Source, decrypt};

use crate::Outcome;
use crate::laws::told;

/// Made for tests; nothing else is encrypted for it.
const IDENTITY: &str = include_str!("../../core/src/sops/decrypt/tests/identity.txt");

/// One name for each format, so that none depends on what the bytes look like.
const NAMES: [&str; 5] = ["a.yaml", "a.json", "a.env", "a.ini", "secrets.enc"];

/// All values of the corpus, those in the clear too: nobody without the data key can make another one.
const VALUES: [&str; 32] = [
    "",
    "p1",
    "5432",
    "0.5",
    "true",
    "a.example.org",
    "b.example.org",
    "ada",
    "t1",
    "several\nlines, ü 🚀\n",
    "2001-02-03T00:00:00Z",
    "value",
    "v1",
    "Secret",
    "shop",
    "7",
    "1.5",
    "2001-02-03T04:05:06Z",
    "a\nb\n",
    "x",
    "1",
    "2.5",
    "9007199254740992",
    "ü \" \\ 🚀",
    "e",
    "https://example.org/?a=b#c",
    "\"a b\"",
    "a\nb",
    "h\ni",
    "https://example.org/?a=b",
    "h",
    "one two three",
];
/// Of a file without structure.
const CONTENT: &str = "any bytes \u{1} at all\n";

pub(crate) fn check(bytes: &[u8]) -> Outcome {
    let mut identities = Identities::new();
    identities.add(Source::Variable("SOPS_AGE_KEY"), Some(IDENTITY));
    let mut any = false;
    for name in NAMES {
        match decrypt(name, bytes, &identities) {
            Ok(secrets) => {
                any = true;
                let handed = secrets.hand_out(Prints::Nothing);
                let Ok(handed) = handed else { return Outcome::Refused };
                for (place, value) in handed.values() {
                    assert!(VALUES.contains(&value) || value == CONTENT, "{place}");
                }
            }
            Err(why) => {
                let reason = why.violation(name);
                told(&reason);
                assert!(!reason.to_string().contains("AGE-SECRET-KEY"));
            }
        }
    }
    any.into()
}
