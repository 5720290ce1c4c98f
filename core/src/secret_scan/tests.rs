//! Credentials are made up here from parts, so that no scanner takes this file for a leak.

use super::kinds::KINDS;
use super::*;
use crate::RuleId;

fn aws() -> String {
    ["AKIA", "QYLPMN5HFIQR7XYA"].concat()
}

/// A credential of each kind that is hard to get right.
fn samples() -> Vec<(&'static str, String)> {
    let (hex, word) = ("0123456789abcdef", "aB3dE5gH7jK9");
    vec![
        ("aws-access-key-id", format!("export AWS_ACCESS_KEY_ID={}", aws())),
        ("aws-secret-access-key", format!("aws_secret_access_key = \"{}\"", "aB3/".repeat(10))),
        ("azure-client-secret", format!("secret: abc8Q~{}", "x".repeat(32))),
        ("azure-storage-key", format!("AccountName=a;AccountKey={}==;", "aB".repeat(43))),
        ("digitalocean-token", format!("dop_v1_{}", hex.repeat(4))),
        ("gcp-api-key", format!("key='AIza{}'", "a-_B3".repeat(7))),
        ("github-token", format!("curl -H 'Authorization: token ghp_{}'", word.repeat(3))),
        ("github-fine-grained-token", format!("github_pat_{}", "a_".repeat(41))),
        ("gitlab-token", format!("glpat-{}", "a-B3c".repeat(4))),
        ("npm-token", format!("//registry/:_authToken=npm_{}", word.repeat(3))),
        (
            "private-key",
            format!("-----BEGIN RSA PRIVATE {}-----\n{}\n", "KEY", "MIIEpAIBAAKC".repeat(5)),
        ),
        ("slack-token", format!("xoxb-{0}-{0}-{word}", "1234567890")),
        ("slack-webhook", format!("https://hooks.slack.com/services/{}", "aB3/".repeat(11))),
        ("stripe-key", format!("sk_live_{}", word.repeat(2))),
    ]
}

#[test]
fn every_kind_has_a_pattern_and_keywords_in_lower_case() {
    assert!(KINDS.is_sorted_by_key(|kind| kind.name));
    for compiled in kinds::all() {
        assert!(compiled.regex().is_some(), "{}", compiled.kind().name);
        for keyword in compiled.kind().keywords {
            assert!(!keyword.is_empty() && *keyword == keyword.to_ascii_lowercase(), "{keyword}");
        }
    }
}

#[test]
fn credentials_are_found_by_kind_and_line_and_never_shown() {
    let scanner = Scanner::default();
    for (name, text) in samples() {
        let file = format!("#!/bin/sh\nset -e\n{text}\necho done\n");
        let found = scanner.scan("scripts/deploy.sh", file.as_bytes());
        let [finding] = &found[..] else { panic!("{name}: {found:?}") };
        assert_eq!(finding.kind, FindingKind::Credential(name));
        assert_eq!(finding.line, Some(if name == "private-key" { 4 } else { 3 }), "{name}");
        let told = format!("{finding:?} {}", finding.violation());
        for word in text.split(['=', ' ', '"', '\'', '\n', '/']).filter(|word| word.len() >= 12) {
            assert!(!told.contains(word), "{name}: {told}");
        }
    }
}

#[test]
fn what_only_looks_like_one_is_none() {
    let scanner = Scanner::default();
    let short = aws()[..19].to_owned();
    for text in [
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE".to_owned(),
        "AWS_SECRET_ACCESS_KEY: ${{ secrets.AWS_SECRET_ACCESS_KEY }}".to_owned(),
        "aws_secret_access_key=\"$AWS_SECRET_ACCESS_KEY\"".to_owned(),
        format!("key={short}"),
        format!("key={}A", aws()),
        "grep -q 'BEGIN PRIVATE KEY' \"$file\"".to_owned(),
        "echo '-----BEGIN PRIVATE KEY-----'".to_owned(),
        "export GITHUB_TOKEN=ghp_xxxx".to_owned(),
        "SKIP=1 do_v1_x task_sk_live".to_owned(),
    ] {
        assert_eq!(scanner.scan("a.sh", text.as_bytes()), [], "{text}");
    }
}

#[test]
fn places_stay_right_among_bytes_that_are_no_text() {
    let file = [&b"\xff\xfe\n"[..], "größe\n".as_bytes(), aws().as_bytes(), b"\xff"].concat();
    let found = Scanner::default().scan("a.sh", &file);
    assert_eq!(found.iter().map(|it| it.line).collect::<Vec<_>>(), [Some(3)]);
}

#[test]
fn each_of_many_is_found_once() {
    // Closer together than a credential may be long, and more than one such stretch of them.
    let file = format!("{}\n", aws()).repeat(500);
    let found = Scanner::default().scan("a.sh", file.as_bytes());
    let lines: Vec<_> = found.iter().filter_map(|it| it.line).collect();
    assert_eq!(lines, (1..=500).collect::<Vec<_>>());
}

#[test]
fn a_fingerprint_follows_its_credential_and_not_its_line() {
    let scanner = Scanner::default();
    let of = |path: &str, text: &str| scanner.scan(path, text.as_bytes())[0].fingerprint.clone();
    let (moved, other) = (format!("\n\n{}", aws()), aws().replace("QY", "ZZ"));
    assert_eq!(of("a.sh", &aws()), of("a.sh", &moved));
    assert_ne!(of("a.sh", &aws()), of("b.sh", &aws()));
    assert_ne!(of("a.sh", &aws()), of("a.sh", &other));
}

#[test]
fn what_is_allowed_is_left_out_but_for_secrets_in_the_clear() {
    let scanner = Scanner::default();
    let mut findings = scanner.scan("a.sh", aws().as_bytes());
    findings.push(Finding::of_file("environments/a/secrets.enc", FindingKind::PlaintextSecrets));
    let all = findings.iter().map(|finding| finding.fingerprint.clone()).collect();
    let audit = Audit::new(2, findings, &all);
    let told = audit.objection().unwrap();
    assert_eq!((audit.findings.len(), told.rule), (1, RuleId::MNT008));
    assert_eq!(audit.findings[0].violation().rule, RuleId::SCY001);
    assert_eq!(Audit::default().objection(), None);
}

#[test]
fn a_flood_of_findings_is_cut_and_counted() {
    let file = format!("{}\n", aws()).repeat(MOST_FINDINGS + 7);
    let found = Scanner::default().scan("a.sh", file.as_bytes());
    let audit = Audit::new(1, found, &BTreeSet::new());
    assert_eq!((audit.findings.len(), audit.left_out), (MOST_FINDINGS, 7));
}

#[test]
fn scripts_are_known_by_their_places() {
    for path in [
        "scripts/a/b.py",
        ".github/workflows/ci.yml",
        "deploy.sh",
        "api/Dockerfile",
        "api/Dockerfile.dev",
        "api/web.dockerfile",
    ] {
        assert!(is_script(path), "{path}");
    }
    for path in ["src/main.rs", "docs/scripts/x.md", "Dockerfiles/readme.md", "a.sha"] {
        assert!(!is_script(path), "{path}");
    }
    assert!(is_secrets_file("environments/eu/secrets.enc"));
    assert!(!is_secrets_file("environments/eu/old/secrets.enc"));
}
