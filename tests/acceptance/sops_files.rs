//! Files that SOPS itself wrote, by three of its versions: each is taken for encrypted, and no longer once
//! something of it stands in the clear or is missing; and each is decrypted to what SOPS itself gives.

use std::path::Path;
use std::process::Command;

use pipeline_acceptance::go::{Found, sops};
use pipeline_acceptance::scene::skipped;
use pipeline_acceptance::{Outcome, command};
use pipeline_core::sops::decrypt::{Handed, Identities, Prints, Source, decrypt};
use pipeline_core::sops::{Format, inspect};
use serde_json::Value;

/// The oldest that Go's modules have under its name of today, one in between, and one that writes long
/// values of INI in three quotes.
const VERSIONS: [&str; 3] = ["3.8.1", "3.10.2", "3.13.1"];

/// Somebody who can decrypt, and what by.
const RECIPIENT: &str = "age1w0hqak9t577km4x0eg0tjsjkhnxzg02f8fwpz5xxfzq0tmac0g2qm76fmc";
const IDENTITY: &str = include_str!("../fixtures/secrets/identity.txt");

const YAML: &str = "# Who reads this?\ndatabase:\n  password: p1 # behind\n  port: 5432\n  ratio: 0.5\n  tls: true\n  \
     replica:\n  empty: \"\"\n  hosts: [a.example.org, b.example.org]\n  users:\n    - name: ada\n      token: t1\n  \
     text: |\n    several\n    lines, ü 🚀\n\"odd key: #\": value\n";
/// Values of which a comment behind them says that they are no secrets, in each style that SOPS writes.
const COMMENTED: &str = "a: y # plain\nb: word # plain\nc: 'it''s # no' # plain\nd: p1 # secret\ne:\n  - \"1\" # plain\n  \
     - p2\n  - |- # plain\n    several\n    lines\nf: | # plain\n\n  several\n  lines\ng: # plain\n  h: \"2\"\ni: \"\" # plain\n";
const JSON: &str = r#"{"a": {"b": ["x", 1, 2.5, true, null, ""], "c_plain": "p", "password": "ü \" \\ 🚀"}, "d": "e"}"#;
const ENV: &str =
    "# a comment\nPASSWORD=p1\nEMPTY=\nURL=https://example.org/?a=b#c\nQUOTED=\"a b\"\n";
const INI: &str = "top = 1\n\n; a comment\n[database]\npassword = p1\nempty =\nurl = https://example.org/?a=b\n\n\
                   [other]\nlong = one two three\n";

/// A file, and what SOPS is told besides.
struct Case {
    name: &'static str,
    text: &'static str,
    arguments: &'static [&'static str],
}

/// What the oldest version does not take at all.
const TOO_NEW: [&str; 2] = ["dates.yaml", "comments.yaml"];

const fn case(name: &'static str, text: &'static str, arguments: &'static [&'static str]) -> Case {
    Case { name, text, arguments }
}

const CASES: &[Case] = &[
    case("plain.yaml", YAML, &[]),
    case("documents.yaml", "a: 1\n---\nb: [x, {c: d}]\n", &[]),
    case("list.yaml", "a:\n  - - x\n    - y\n  - z: 1\n", &[]),
    case(
        "suffix.yaml",
        "a_plain: 1\nb: {c_plain: {d: e}, f: g}\n",
        &["--unencrypted-suffix", "_plain"],
    ),
    case(
        "secret.yaml",
        "a_secret: 1\nb: {c_secret: {d: e}, f: g}\n",
        &["--encrypted-suffix", "_secret"],
    ),
    case("regex.yaml", YAML, &["--encrypted-regex", "^(password|token)$"]),
    case("inverse.yaml", YAML, &["--unencrypted-regex", "^(port|ratio|tls)$"]),
    case("dates.yaml", "a: 2001-02-03\nb: 2001-02-03T04:05:06Z\n", &[]),
    case("comments.yaml", COMMENTED, &["--unencrypted-comment-regex", "^ plain"]),
    case("plain.json", JSON, &[]),
    case("regex.json", JSON, &["--encrypted-regex", "^password$"]),
    case("plain.env", ENV, &[]),
    case("suffix.env", "PASSWORD=p1\nHOST_unencrypted=h\n", &[]),
    case("plain.ini", INI, &[]),
    case(
        "secrets.enc",
        "any bytes \u{1} at all\n",
        &["--input-type", "binary", "--output-type", "binary"],
    ),
];

fn encrypted(sops: &Path, folder: &Path, case: &Case) -> Outcome<String> {
    let file = folder.join(case.name);
    std::fs::write(&file, case.text)?;
    let mut command = Command::new(sops);
    command.args(["--encrypt", "--age", RECIPIENT]).args(case.arguments).arg(&file);
    command.current_dir(folder).env("HOME", folder);
    Ok(command::run(&mut command)?.success()?.stdout)
}

/// Where each value that SOPS encrypted begins and ends, but for the MAC and for comments.
fn ciphertexts(text: &str) -> Vec<(usize, usize)> {
    let begins = text.match_indices("ENC[AES256_GCM,").map(|(at, _)| at);
    let found = begins.filter_map(|at| Some((at, at + text[at..].find(']')? + 1)));
    found
        .filter(|(from, to)| {
            let line = text[..*from].rsplit('\n').next().unwrap_or_default();
            !text[*from..*to].ends_with("type:comment]") && !line.contains("mac")
        })
        .collect()
}

#[test]
#[ignore = "slow: builds three versions of SOPS, once; daily tests judge what SOPS wrote in texts of their own"]
fn what_sops_writes_is_taken_for_encrypted() -> Outcome {
    for version in VERSIONS {
        let sops = match sops(version)? {
            Found::Ready(program) => program,
            Found::Missing(why) => {
                let what = format!("SOPS {version} cannot be built here: {why}");
                skipped("what_sops_writes_is_taken_for_encrypted", &what);
                return Ok(());
            }
        };
        let folder = tempfile::tempdir()?;
        let taken = |case: &&Case| version != VERSIONS[0] || !TOO_NEW.contains(&case.name);
        for case in CASES.iter().filter(taken) {
            let text = encrypted(&sops, folder.path(), case)?;
            judge(version, case, &text)?;
            compare(&sops, folder.path(), case, &text)?;
        }
        let groups = format!(
            "creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n      - age: [{RECIPIENT}]\n      - age: \
             [{RECIPIENT}]\n"
        );
        std::fs::write(folder.path().join(".sops.yaml"), groups)?;
        std::fs::write(folder.path().join("groups.yaml"), YAML)?;
        let mut command = Command::new(&sops);
        command.args(["--encrypt", "groups.yaml"]).current_dir(folder.path());
        let text = command::run(&mut command)?.success()?.stdout;
        let report = inspect("groups.yaml", text.as_bytes())
            .map_err(|why| format!("{version} with groups of keys: {why}\n{text}"))?;
        assert_eq!((report.key_groups, report.keys["age"]), (2, 2), "{version}");
    }
    Ok(())
}

fn handed(name: &str, text: &str) -> Outcome<Handed> {
    let mut identities = Identities::new();
    identities.add(Source::Variable("SOPS_AGE_KEY"), Some(IDENTITY));
    let secrets = decrypt(name, text.as_bytes(), &identities)
        .map_err(|why| format!("{name}: {why}\n{text}"))?;
    Ok(secrets.hand_out(Prints::Nothing).map_err(|why| why.to_string())?)
}

/// What SOPS decrypts is what we do: the same values, of the same types.
fn compare(sops: &Path, folder: &Path, case: &Case, text: &str) -> Outcome {
    let ours = handed(case.name, text)?;
    let file = folder.join("encrypted");
    std::fs::write(&file, text)?;
    let kind = match ours.format() {
        Format::Yaml => "yaml",
        Format::Json => "json",
        Format::Dotenv => "dotenv",
        Format::Ini => "ini",
        _ => "binary",
    };
    let output = if kind == "binary" { kind } else { "json" };
    let mut command = Command::new(sops);
    command.args(["--decrypt", "--input-type", kind, "--output-type", output]).arg(&file);
    command.current_dir(folder).env("HOME", folder).env("SOPS_AGE_KEY", IDENTITY.trim());
    let theirs = command::run(&mut command)?.success()?.stdout;
    let title = format!("{} of {}", case.name, sops.display());
    let Some(json) = ours.json() else {
        assert_eq!(ours.content(), Some(theirs.as_bytes()), "{title}");
        return Ok(());
    };
    let mut json: Value = serde_json::from_str(json)?;
    // Of several documents SOPS gives the first.
    if let Some(documents) = json.as_array_mut() {
        json = documents.swap_remove(0);
    }
    assert_eq!(json, serde_json::from_str::<Value>(&theirs)?, "{title}");
    Ok(())
}

fn judge(version: &str, case: &Case, text: &str) -> Outcome {
    let title = format!("{} of SOPS {version}", case.name);
    let report =
        inspect(case.name, text.as_bytes()).map_err(|why| format!("{title}: {why}\n{text}"))?;
    assert_eq!(report.version.as_deref(), Some(version), "{title}");
    assert_eq!((report.key_groups, report.keys["age"]), (1, 1), "{title}");
    let places = ciphertexts(text);
    assert_eq!(report.encrypted, places.len(), "{title}:\n{text}");
    let refused = |broken: &str, how: &str| {
        let why = inspect(case.name, broken.as_bytes()).err();
        let why = why.map(|why| why.to_string());
        assert!(why.is_some(), "{title}, {how}:\n{broken}");
        why.unwrap_or_default()
    };
    for (from, to) in places {
        let broken = [&text[..from], "hunter2", &text[to..]].concat();
        let why = refused(&broken, "with a value in the clear");
        assert!(!why.contains("hunter2"), "{title}: {why}");
    }
    refused(case.text, "before it was encrypted");
    refused(&text[..text.floor_char_boundary(text.len() / 2)], "broken off");
    for (name, how) in [("age", "without its keys"), ("mac", "without its MAC")] {
        let broken =
            ["\"{}\"", "_{}", "    {}", "\n{}"].iter().fold(text.to_owned(), |text, form| {
                let old = form.replace("{}", name);
                text.replace(&old, &old.replace(name, &format!("x{name}")))
            });
        assert_ne!(broken, text, "{title}, {how}");
        refused(&broken, how);
    }
    Ok(())
}
