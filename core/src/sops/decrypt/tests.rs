//! Files that SOPS 3.13.1 wrote for an identity of these tests, and what becomes of them when somebody touches
//! them.

use std::collections::BTreeMap;
use std::io;

use proptest::prelude::*;

use super::super::Format;
use super::*;
use crate::RuleId;

/// Made for these tests; nothing else is encrypted for it.
const IDENTITY: &str = include_str!("tests/identity.txt");
/// Another one, for which nothing is encrypted alone.
const STRANGER: &str = include_str!("tests/stranger.txt");

macro_rules! files {
    ($($name:literal),*) => {
        &[$(($name, include_bytes!(concat!("tests/", $name)))),*]
    };
}

const FILES: &[(&str, &[u8])] = files!(
    "plain.yaml",
    "documents.yaml",
    "k8s.yaml",
    "only.yaml",
    "same.yaml",
    "groups.yaml",
    "plain.json",
    "plain.env",
    "plain.ini",
    "secrets.enc",
    "bytes.enc"
);

fn file(name: &str) -> &'static str {
    let (_, bytes) = FILES.iter().find(|(known, _)| *known == name).unwrap();
    std::str::from_utf8(bytes).unwrap()
}

fn identities(text: &str) -> Identities {
    let mut identities = Identities::new();
    identities.add(Source::Variable("SOPS_AGE_KEY"), Some(text));
    identities
}

fn opened(name: &str, text: &str) -> Result<Handed, Locked> {
    let secrets = decrypt(name, text.as_bytes(), &identities(IDENTITY))?;
    Ok(secrets.hand_out(Prints::Nothing).unwrap())
}

fn values(name: &str) -> BTreeMap<String, String> {
    let handed = opened(name, file(name)).unwrap();
    handed.values().map(|(place, value)| (place.to_owned(), value.to_owned())).collect()
}

fn expected(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values.iter().map(|(place, value)| ((*place).to_owned(), (*value).to_owned())).collect()
}

fn locked(name: &str, text: &str) -> Locked {
    opened(name, text).err().unwrap()
}

#[test]
fn yaml_with_every_type() {
    let all = [
        ("database.password", "p1"),
        ("database.port", "5432"),
        ("database.ratio", "0.5"),
        ("database.tls", "true"),
        ("database.empty", ""),
        ("database.hosts[0]", "a.example.org"),
        ("database.hosts[1]", "b.example.org"),
        ("database.users[0].name", "ada"),
        ("database.users[0].token", "t1"),
        ("text", "several\nlines, ü 🚀\n"),
        ("since", "2001-02-03T00:00:00Z"),
        ("odd key: #", "value"),
    ];
    assert_eq!(values("plain.yaml"), expected(&all));
    let json: serde_json::Value =
        serde_json::from_str(opened("plain.yaml", file("plain.yaml")).unwrap().json().unwrap())
            .unwrap();
    assert_eq!(json["database"]["port"], 5432);
    assert_eq!(json["database"]["replica"], serde_json::Value::Null);
    assert_eq!(json["database"]["users"][0]["token"], "t1");
}

#[test]
fn documents_are_a_list() {
    assert_eq!(
        values("documents.yaml"),
        expected(&[("[0].a", "1"), ("[1].b[0]", "x"), ("[1].b[1].c", "d")])
    );
    let handed = opened("documents.yaml", file("documents.yaml")).unwrap();
    assert_eq!(handed.json(), Some(r#"[{"a":1},{"b":["x",{"c":"d"}]}]"#));
}

#[test]
fn what_the_rule_leaves_in_the_clear_is_covered_too_unless_the_file_says_no() {
    let all = [
        ("apiVersion", "v1"),
        ("kind", "Secret"),
        ("metadata.name", "shop"),
        ("metadata.generation", "7"),
        ("metadata.ratio", "1.5"),
        ("metadata.ready", "true"),
        ("metadata.created", "2001-02-03T04:05:06Z"),
        ("stringData.password", "p1"),
        ("stringData.tls.crt", "a\nb\n"),
    ];
    for name in ["k8s.yaml", "only.yaml"] {
        assert_eq!(values(name), expected(&all), "{name}");
    }
    let renamed = |name| file(name).replace("name: shop", "name: another");
    assert_eq!(locked("k8s.yaml", &renamed("k8s.yaml")), Locked::Mac);
    assert!(opened("only.yaml", &renamed("only.yaml")).is_ok());
}

#[test]
fn json_dotenv_and_ini() {
    let json = [
        ("a.b[0]", "x"),
        ("a.b[1]", "1"),
        ("a.b[2]", "2.5"),
        ("a.b[3]", "true"),
        ("a.b[5]", ""),
        ("a.c_unencrypted", "9007199254740992"),
        ("a.password", "ü \" \\ 🚀"),
        ("d", "e"),
    ];
    assert_eq!(values("plain.json"), expected(&json));
    let dotenv = [
        ("PASSWORD", "p1"),
        ("EMPTY", ""),
        ("URL", "https://example.org/?a=b#c"),
        ("QUOTED", "\"a b\""),
        ("LINES", "a\nb"),
        ("HOST_unencrypted", "h\ni"),
    ];
    assert_eq!(values("plain.env"), expected(&dotenv));
    let ini = [
        ("DEFAULT.top", "1"),
        ("database.password", "p1"),
        ("database.empty", ""),
        ("database.url", "https://example.org/?a=b"),
        ("database.host_unencrypted", "h"),
        ("other.long", "one two three"),
    ];
    assert_eq!(values("plain.ini"), expected(&ini));
}

#[test]
fn a_file_without_structure_is_its_bytes() {
    let text = opened("secrets.enc", file("secrets.enc")).unwrap();
    assert_eq!(text.content(), Some(&b"any bytes \x01 at all\n"[..]));
    assert_eq!(values("secrets.enc"), expected(&[("data", "any bytes \u{1} at all\n")]));
    let bytes = opened("bytes.enc", file("bytes.enc")).unwrap();
    assert_eq!(bytes.content(), Some(&b"\xff\xfe\0bytes"[..]));
    assert_eq!((bytes.values().count(), bytes.json(), bytes.format()), (0, None, Format::Binary));
}

#[test]
fn two_values_of_one_place_are_not_guessed_between() {
    let locked = locked("same.yaml", file("same.yaml"));
    assert_eq!(locked, Locked::SamePlace { at: "a.b".to_owned() });
}

#[test]
fn who_is_not_meant_learns_for_whom_it_is() {
    let found = decrypt("plain.yaml", file("plain.yaml").as_bytes(), &identities(STRANGER));
    let text = found.unwrap_err().violation("environments/dev/secrets.enc").to_string();
    for part in [
        "SEC009",
        "environments/dev/secrets.enc",
        "encrypted for `age1w0hqak9t577km4x0eg0tjsjkhnxzg02f8fwpz5xxfzq0tmac0g2qm76fmc`",
        "identities of `age12g6a8evvrgl3jhvwmvc2qp9apn5c42r8n0ude9ygakuf5mchzuyqwks5t2` in `SOPS_AGE_KEY`",
    ] {
        assert!(text.contains(part), "{part} is missing from {text}");
    }
    assert!(!text.contains("SECRET-KEY"), "{text}");
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    assert_eq!(locked("groups.yaml", file("groups.yaml")), Locked::KeyGroups { groups: 2 });
    let kms = file("plain.yaml").replace("    age:\n", "    kms:\n");
    assert_eq!(locked("plain.yaml", &kms), Locked::OtherKeys { kinds: vec!["kms".to_owned()] });
}

#[test]
fn what_was_moved_changed_or_left_out_is_not_handed_out() {
    let text = file("plain.yaml");
    let line = |key: &str| text.lines().find(|line| line.trim().starts_with(key)).unwrap();
    let (password, port) = (line("password:"), line("port:"));
    let value = |line: &str| line.split_once(": ").unwrap().1.to_owned();
    let moved = text.replace(&value(port), &value(password));
    assert_eq!(locked("plain.yaml", &moved), Locked::Value { at: "database.port".to_owned() });
    let left_out = text.replace(&format!("{port}\n"), "");
    assert_eq!(locked("plain.yaml", &left_out), Locked::Mac);
    let swapped = text.replace(password, "@").replace(port, password).replace('@', port);
    assert_eq!(locked("plain.yaml", &swapped), Locked::Mac);
    let nulled = text.replace("replica: null", "replica: \"\"");
    assert!(opened("plain.yaml", &nulled).is_ok(), "SOPS does not cover it either");
    let later = text.replace("lastmodified: \"2026", "lastmodified: \"2027");
    assert_eq!(locked("plain.yaml", &later), Locked::Mac);
    let only = text.replace("    version:", "    mac_only_encrypted: true\n    version:");
    assert_eq!(locked("plain.yaml", &only), Locked::Mac);
    let other_mac = text.replace(&value(line("mac:")), &value(password));
    assert_eq!(locked("plain.yaml", &other_mac), Locked::Mac);
    let damaged = text.replacen("YWdl", "YWdm", 1);
    assert_eq!(locked("plain.yaml", &damaged), Locked::DataKey);
}

#[test]
fn what_is_told_holds_no_value() {
    let secrets =
        decrypt("plain.yaml", file("plain.yaml").as_bytes(), &identities(IDENTITY)).unwrap();
    assert_eq!(format!("{secrets:?}"), "Secrets(12 values of YAML)");
    let handed = secrets.hand_out(Prints::Elsewhere).unwrap();
    assert_eq!(format!("{handed:?}"), "Handed(Secrets(12 values of YAML))");
}

/// A log that nobody can write to.
struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn in_github_actions_each_line_is_masked_before_anything_is_handed_out() {
    let secrets =
        || decrypt("k8s.yaml", file("k8s.yaml").as_bytes(), &identities(IDENTITY)).unwrap();
    let mut log = Vec::new();
    secrets().hand_out(Prints::GithubActions(&mut log)).unwrap();
    let log = String::from_utf8(log).unwrap();
    for line in ["::add-mask::p1", "::add-mask::a", "::add-mask::b"] {
        assert!(log.lines().any(|found| found == line), "{line} is missing from {log}");
    }
    assert!(log.lines().all(|line| line.starts_with("::add-mask::")), "{log}");
    let refused = secrets().hand_out(Prints::GithubActions(&mut Full)).unwrap_err();
    assert_eq!(refused.rule, RuleId::SEC008);
}

proptest! {
    /// Whoever changes a byte gets what SOPS encrypted, or nothing.
    #[test]
    fn no_change_makes_another_value(
        which in 0..FILES.len(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let (name, bytes) = FILES[which];
        let good = decrypt(name, bytes, &identities(IDENTITY));
        let mut changed = bytes.to_vec();
        *at.get_mut(&mut changed) = byte;
        let found = decrypt(name, &changed, &identities(IDENTITY));
        if let (Ok(found), Ok(good)) = (found, good) {
            prop_assert_eq!(encrypted(name, &found), encrypted(name, &good));
        }
    }
}

/// What SOPS encrypted; keys of what is in the clear, and of empty texts, are bound to nothing.
fn encrypted<'a>(name: &str, secrets: &'a Secrets) -> Vec<(&'a str, &'a str)> {
    let all = secrets.values.iter().map(|(place, value)| (place.as_str(), value.as_str()));
    let by_rule = matches!(name, "k8s.yaml" | "only.yaml");
    let is_secret = |(place, value): &(&str, &str)| match by_rule {
        true => place.starts_with("stringData"),
        false => !value.is_empty() && !place.ends_with("_unencrypted"),
    };
    all.filter(is_secret).collect()
}
