//! Files as SOPS writes them, and as people spoil them.

use super::*;

mod hostile_tests;

const ENC: &str = "ENC[AES256_GCM,data:p673w==,iv:YY8nUg2yFPEgPLEUYrmV9JqFXsCnnGBWqEoUdKQkUqU=,tag:kE6Ghkqcx4yWyRSCYLH0Cg==,type:str]";

/// The section of a YAML file, with more settings.
fn section(settings: &str) -> String {
    format!(
        "sops:\n    age:\n        - recipient: age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw\n          enc: |\n            -----BEGIN AGE ENCRYPTED FILE-----\n            YWdlLWVuY3J5cHRpb24=\n            -----END AGE ENCRYPTED FILE-----\n    lastmodified: \"2026-01-02T03:04:05Z\"\n    mac: {ENC}\n{settings}    version: 3.11.0\n"
    )
}

fn yaml(body: &str, settings: &str) -> Result<SopsReport, NotEncrypted> {
    inspect("secrets.yaml", format!("{body}{}", section(settings)).as_bytes())
}

/// The places that are in the clear, with their lines.
fn plaintext(result: Result<SopsReport, NotEncrypted>) -> Vec<(String, Option<usize>)> {
    let problems = result.map_or_else(|error| error.problems, |_| Vec::new());
    let place = |problem| match problem {
        Problem::Plaintext { at, line } => (at, line),
        other => panic!("{other}"),
    };
    problems.into_iter().map(place).collect()
}

fn at(places: &[(&str, usize)]) -> Vec<(String, Option<usize>)> {
    places.iter().map(|(at, line)| ((*at).to_owned(), Some(*line))).collect()
}

#[test]
fn a_wholly_encrypted_yaml_file() {
    let body = format!(
        "# {ENC}\ndatabase:\n  users:\n    - name: {ENC}\n      none: null\n      empty: \"\"\n    - {ENC}\nports: []\n"
    );
    let report = yaml(&body, "").unwrap();
    assert_eq!((report.encrypted, report.in_the_clear, report.key_groups), (2, 0, 1));
    assert_eq!(report.keys, BTreeMap::from([("age".to_owned(), 1)]));
    assert_eq!(report.last_modified.as_deref(), Some("2026-01-02T03:04:05Z"));
    assert_eq!((report.format, report.mac_only_encrypted), (Format::Yaml, false));
}

#[test]
fn names_every_place_and_never_a_value() {
    let body = format!(
        "database:\n  password: hunter2\n  port: 5432\n  tls: true\nlist:\n  - {ENC}\n  - hunter3\n"
    );
    let error = yaml(&body, "").unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`database.password` (line 2)") && !text.contains("hunter"), "{text}");
    let expected =
        [("database.password", 2), ("database.port", 3), ("database.tls", 4), ("list[1]", 7)];
    assert_eq!(plaintext(Err(error)), at(&expected));
}

#[test]
fn ciphertext_must_look_like_it() {
    for fake in [
        "ENC[hunter2]",
        "ENC[AES256_GCM,data:my secret,iv:a,tag:b,type:str]",
        "xENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]",
        "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str] and more",
        "ENC[AES256_GCM,data:,iv:YQ==,tag:YQ==,type:str]",
        "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:odd]",
    ] {
        assert_eq!(plaintext(yaml(&format!("a: '{fake}'\n"), "")), at(&[("a", 1)]), "{fake}");
    }
}

#[test]
fn the_default_suffix_leaves_values_in_the_clear() {
    let body =
        format!("region_unencrypted: eu\nnested_unencrypted:\n  a: b\n  c: [d]\nkey: {ENC}\n");
    let report = yaml(&body, "").unwrap();
    assert_eq!((report.encrypted, report.in_the_clear), (1, 3));
    // With another rule the default no longer holds.
    let settings = "    unencrypted_suffix: _plain\n";
    assert_eq!(
        plaintext(yaml("a_plain: x\nb_unencrypted: y\n", settings)),
        at(&[("b_unencrypted", 2)])
    );
}

#[test]
fn suffixes_and_expressions_look_at_every_key_on_the_way() {
    let body = "data:\n  a: x\nkind: Secret\nmydatabase: y\n";
    let cases: [(&str, &[(&str, usize)]); 6] = [
        ("    encrypted_regex: ^(data|stringData)$\n", &[("data.a", 2)]),
        ("    encrypted_regex: data\n", &[("data.a", 2), ("mydatabase", 4)]),
        ("    encrypted_regex: (?i)^DATA$\n", &[("data.a", 2)]),
        ("    unencrypted_regex: ^(kind|data)$\n", &[("mydatabase", 4)]),
        ("    encrypted_suffix: base\n", &[("mydatabase", 4)]),
        ("    unencrypted_suffix: ''\n", &[("data.a", 2), ("kind", 3), ("mydatabase", 4)]),
    ];
    for (settings, expected) in cases {
        assert_eq!(plaintext(yaml(body, settings)), at(expected), "{settings}");
    }
}

#[test]
fn comments_can_be_the_rule() {
    let body =
        "# secret from here\na: x\nb: y\n\n# secret: nested\nc:\n  d: z # fine\ne: w # secret\n";
    let settings = "    encrypted_comment_regex: secret\n";
    assert_eq!(plaintext(yaml(body, settings)), at(&[("a", 2), ("c.d", 7), ("e", 8)]));
    let settings = "    unencrypted_comment_regex: secret\n";
    assert_eq!(plaintext(yaml(body, settings)), at(&[("b", 3)]));
}

#[test]
fn a_comment_stands_behind_a_value_however_that_is_written() {
    let settings = "    unencrypted_comment_regex: plain\n";
    let judged = |text: &str| plaintext(yaml(&format!("z: {ENC}\n{text}\n"), settings));
    let is_secret = |text: &&&str| !judged(text).is_empty();
    let commented = [
        "a: y # plain",
        "a: \"y\" # plain",
        "a: \"y\"\t #plain",
        "a: 'y' # plain",
        "a: \"\" # plain",
        "a: \"ü \\\" # no\" # plain",
        "a: 'it''s # no' # plain",
        "a: 'y' # it's \"plain\"",
        "a: \"y\" # plain\n# other",
        "a: \"one\n  two\" # plain",
        "a: 'one\\\n  ''two' # plain",
        "a: &anchor \"y\" # plain",
        "a: !!str &anchor 'y' # plain",
        "\"a\": \"y\" # plain",
        "a:\n  \"b: # c\": 'y' # plain",
        "a:\n  - \"y\" # plain",
        "a: |- # plain\n  y",
        "a: >2 # plain\n    y",
        "a: !!binary | # plain\n  eQ==",
        "a:\n  - - |- # plain\n\n      y",
        "a:\n  - !!binary | # plain\n    eQ==",
        "a:\n  # plain\n  - |-\n    y",
        "a:\n  # plain\n  - - |2\n\n      y",
        "a:\n  # plain\n  - !!binary |\n    eQ==",
    ];
    let wrong: Vec<_> = commented.iter().filter(|text| is_secret(text)).collect();
    assert!(wrong.is_empty(), "the comment is not seen: {wrong:#?}");
    let others = [
        "a: \"y # plain\"",
        "a: 'y # plain'",
        "a: \"one\n  two # plain\"",
        "\"a # plain\": y",
        "a: \"y\"\n# plain",
        "a: |\n  y\n# plain",
        "a: |\n  y # plain",
        "a: |\n  # plain\n  y",
        "a:\n  - |\n    y\n# plain",
        "a:\n  - |\n    | # plain",
        "a:\n  - |\n    # plain\n    y",
        "a:\n  # plain\n  - x: z\n  - |\n    y",
    ];
    let wrong: Vec<_> = others.iter().filter(|text| !is_secret(text)).collect();
    assert!(wrong.is_empty(), "no comment of it: {wrong:#?}");
}

#[test]
fn a_mac_a_key_and_one_rule_are_needed() {
    let whole = section("");
    let problems = |text: &str| inspect("x.yaml", text.as_bytes()).unwrap_err().problems;
    assert_eq!(problems("a: b\n"), [Problem::NoMetadata]);
    assert_eq!(problems(""), [Problem::NoMetadata]);
    assert_eq!(problems("sops: true\n"), [Problem::NoMetadata]);
    assert_eq!(problems("sops: {}\n"), [Problem::NoMac, Problem::NoKeys]);
    assert_eq!(problems(&whole.replace(&format!("mac: {ENC}"), "mac: abc")), [Problem::NoMac]);
    assert_eq!(problems(&whole.replace("enc: |", "other: |")), [Problem::NoKeys]);
    let two = section("    encrypted_suffix: a\n    unencrypted_regex: b\n");
    let settings = vec!["encrypted_suffix", "unencrypted_regex"];
    assert_eq!(problems(&two), [Problem::SeveralRules { settings }]);
    let broken = section("    encrypted_regex: '('\n");
    assert_eq!(problems(&broken), [Problem::InvalidRegex { setting: "encrypted_regex" }]);
}

#[test]
fn key_groups() {
    let group = |kinds: &[&str]| {
        let keys: String = kinds
            .iter()
            .map(|kind| format!("          {kind}:\n            - enc: YQ==\n"))
            .collect();
        format!("        - shamir: 1\n{keys}")
    };
    let file = |groups: &str| {
        format!(
            "sops:\n    shamir_threshold: 2\n    key_groups:\n{groups}    mac: {ENC}\n    mac_only_encrypted: true\n"
        )
    };
    let both = file(&(group(&["kms", "pgp"]) + &group(&["hc_vault", "pgp"])));
    let report = inspect("x.yml", both.as_bytes()).unwrap();
    assert_eq!((report.key_groups, report.keys["pgp"], report.keys.len()), (2, 2, 3));
    assert!(report.mac_only_encrypted);
    let half = file(&(group(&["kms"]) + &group(&[])));
    let error = inspect("x.yml", half.as_bytes()).unwrap_err();
    assert_eq!(error.problems, [Problem::EmptyKeyGroup { group: 2 }]);
}

#[test]
fn every_document_of_a_yaml_file_counts() {
    let file =
        format!("a: {ENC}\n{}---\nb: hunter2\n{}---\n{}", section(""), section(""), section(""));
    let line = file.lines().position(|line| line.starts_with("b:")).unwrap() + 1;
    assert_eq!(plaintext(inspect("x.yaml", file.as_bytes())), at(&[("b", line)]));
    // The first document's section is the one that SOPS reads.
    let file = format!("a: {ENC}\n---\n{}", section(""));
    assert_eq!(inspect("x.yaml", file.as_bytes()).unwrap_err().problems, [Problem::NoMetadata]);
}

#[test]
fn aliases_are_what_they_stand_for_and_do_not_explode() {
    let body = "a_unencrypted: &x {k: v}\nb: *x\n";
    assert_eq!(plaintext(yaml(body, "")), at(&[("b.k", 1)]));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let last = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", last.trim_end_matches(", ")));
    }
    let error = yaml(&bomb, "").unwrap_err();
    assert_eq!(error.problems, [Problem::TooMuch { most: LARGEST_FILE }]);
    let wide = format!("a0: &a [{}]\n{}", "x, ".repeat(500), "b: *a\n".repeat(500));
    assert!(matches!(
        yaml(&wide, "").unwrap_err().problems[..],
        [Problem::TooMuch { .. } | Problem::TooMany { .. }]
    ));
}

#[test]
fn json_as_sops_writes_it() {
    let metadata = format!(
        "\"sops\": {{\n\t\t\"kms\": [\n\t\t\t{{\n\t\t\t\t\"arn\": \"arn:aws:kms:us-east-1:123456789012:key/x\",\n\t\t\t\t\"enc\": \"AQI=\"\n\t\t\t}}\n\t\t],\n\t\t\"mac\": \"{ENC}\",\n\t\t\"version\": \"3.11.0\"\n\t}}"
    );
    let whole = format!(
        "{{\n\t\"a\": \"{ENC}\",\n\t\"b\": [\n\t\t\"{ENC}\",\n\t\tnull\n\t],\n\t{metadata}\n}}"
    );
    let report = inspect("secrets.json", whole.as_bytes()).unwrap();
    assert_eq!((report.encrypted, report.format, report.keys["kms"]), (2, Format::Json, 1));
    let spoilt = whole.replace("null", "{\"pin\": 1234}");
    assert_eq!(plaintext(inspect("secrets.json", spoilt.as_bytes())), at(&[("b[1].pin", 5)]));
    let spelt = whole.replace("null", "{\"rate\": 1.50, \"most\": 1E3}");
    let places = [("b[1].rate", 5), ("b[1].most", 5)];
    assert_eq!(plaintext(inspect("secrets.json", spelt.as_bytes())), at(&places));
    let twice = whole.replacen("{\n", "{\n\t\"a\": \"hunter2\",\n", 1);
    assert_eq!(plaintext(inspect("secrets.json", twice.as_bytes())), at(&[("a", 2)]));
    let cut = &whole[..whole.len() - 2];
    assert!(matches!(
        inspect("secrets.json", cut.as_bytes()).unwrap_err().problems[..],
        [Problem::Unreadable { format: Format::Json, line: Some(_) }]
    ));
}

#[test]
fn a_binary_file_is_wrapped_whatever_its_name() {
    let whole = format!(
        "{{\n\t\"data\": \"{ENC}\",\n\t\"sops\": {{\"pgp\": [{{\"enc\": \"x\"}}], \"mac\": \"{ENC}\"}}\n}}"
    );
    for name in ["environments/production/secrets.enc", "key.pem", "archive.bin"] {
        assert_eq!(inspect(name, whole.as_bytes()).unwrap().format, Format::Binary, "{name}");
    }
    let spoilt = whole.replacen(ENC, "hunter2", 1);
    assert_eq!(plaintext(inspect("secrets.enc", spoilt.as_bytes())), at(&[("data", 2)]));
    for bytes in [&b"\xff\x00\xfe"[..], b"-----BEGIN PRIVATE KEY-----\nabc\n"] {
        let error = inspect("secrets.enc", bytes).unwrap_err();
        assert_eq!((error.format, error.problems), (Format::Binary, vec![Problem::NoMetadata]));
    }
}

fn dotenv_metadata() -> String {
    format!(
        "sops_age__list_0__map_enc=-----BEGIN AGE ENCRYPTED FILE-----\\nYWdl\\n-----END AGE ENCRYPTED FILE-----\\n\n\
         sops_age__list_0__map_recipient=age1abc\nsops_lastmodified=2026-01-02T03:04:05Z\nsops_mac={ENC}\n\
         sops_unencrypted_suffix=_unencrypted\nsops_version=3.11.0\n"
    )
}

#[test]
fn dotenv_as_sops_writes_it() {
    let whole =
        format!("#{ENC}\nTOKEN={ENC}\nEMPTY=\nREGION_unencrypted=eu\n{}", dotenv_metadata());
    for name in [".env", "production.env", "secrets.enc"] {
        let report = inspect(name, whole.as_bytes()).unwrap();
        assert_eq!((report.format, report.encrypted, report.in_the_clear), (Format::Dotenv, 1, 1));
        assert_eq!(report.keys["age"], 1);
    }
    let spoilt = format!("PASSWORD=hunter2\n{whole}");
    assert_eq!(plaintext(inspect(".env", spoilt.as_bytes())), at(&[("PASSWORD", 1)]));
    let error = inspect("secrets.enc", b"A=1\nB=2\n").unwrap_err();
    assert_eq!((error.format, error.problems), (Format::Dotenv, vec![Problem::NoMetadata]));
    let error = inspect(".env", b"A=1\nhunter2\n").unwrap_err();
    assert_eq!(error.problems, [Problem::Unreadable { format: Format::Dotenv, line: Some(2) }]);
}

#[test]
fn ini_as_sops_writes_it() {
    let metadata = format!(
        "[sops]\nmac = {ENC}\npgp__list_0__map_enc = -----BEGIN PGP MESSAGE-----\\nx\npgp__list_0__map_fp = ABC\nversion = 3.11.0\n"
    );
    let whole = format!("top = {ENC}\n; a note\n[database]\npassword = {ENC}\n\n{metadata}");
    for name in ["secrets.ini", "secrets.enc"] {
        let report = inspect(name, whole.as_bytes()).unwrap();
        assert_eq!((report.format, report.encrypted, report.keys["pgp"]), (Format::Ini, 2, 1));
    }
    let spread = whole.replace(
        "-----BEGIN PGP MESSAGE-----\\nx",
        "\"\"\"-----BEGIN PGP MESSAGE-----\n\nwcBMAyU\n=j3Rn\n-----END PGP MESSAGE-----\"\"\"",
    );
    assert_ne!(spread, whole);
    let report = inspect("secrets.ini", spread.as_bytes()).unwrap();
    assert_eq!((report.encrypted, report.keys["pgp"]), (2, 1));
    let spoilt = whole.replacen(&format!("password = {ENC}"), "password = hunter2", 1);
    assert_eq!(
        plaintext(inspect("secrets.ini", spoilt.as_bytes())),
        at(&[("database.password", 4)])
    );
    let later = format!("[sops]\nversion = 3.11.0\n{whole}");
    let error = inspect("secrets.ini", later.as_bytes()).unwrap_err();
    assert_eq!(error.problems[..2], [Problem::NoMac, Problem::NoKeys], "the first section counts");
    assert!(error.to_string().contains("`sops.version`"), "the second is judged: {error}");
    let error = inspect("secrets.enc", b"[a]\nb = c\n").unwrap_err();
    assert_eq!((error.format, error.problems), (Format::Ini, vec![Problem::NoMetadata]));
}

#[test]
fn the_name_tells_the_format_and_the_bytes_where_it_does_not() {
    let of = |path, text| detect::format(path, text);
    assert_eq!(of("a/secrets.yaml.enc", "{}"), Format::Yaml);
    assert_eq!(of("a/SECRETS.JSON", "a: b"), Format::Json);
    assert_eq!(of("a/secrets.enc", "a: b\n"), Format::Yaml);
    assert_eq!(of("a/secrets.enc", "{\"a\": 1}"), Format::Json);
    assert_eq!(of("a/secrets.enc", "# c\nA_B=1\n"), Format::Dotenv);
    assert_eq!(of("a/secrets.enc", "word"), Format::Binary);
    assert_eq!(of("yaml", "A=1"), Format::Dotenv);
}

#[test]
fn what_is_no_yaml_is_said_to_be_none() {
    let error = inspect("x.yaml", b"a: [hunter2\nb: }\n").unwrap_err();
    assert!(matches!(error.problems[..], [Problem::Unreadable { line: Some(_), .. }]), "{error}");
    assert!(!error.to_string().contains("hunter2"));
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the bytes are, there is an answer, and it shows no value.
        #[test]
        fn any_bytes_get_an_answer(bytes: Vec<u8>, name in "[a-z]{1,4}\\.(yaml|json|env|ini|enc)") {
            let _ = inspect(&name, &bytes);
        }

        /// One value in the clear is always found, wherever it stands.
        #[test]
        fn one_value_in_the_clear_is_found(before in 0_usize..5, after in 0_usize..5, depth in 0_usize..4) {
            let line = |number: usize| format!("k{number}: {ENC}\n");
            let mut body: String = (0..before).map(line).collect();
            for level in 0..depth {
                body.push_str(&format!("{}n{level}:\n", "  ".repeat(level)));
            }
            body.push_str(&format!("{}spoilt: hunter2\n", "  ".repeat(depth)));
            body.extend((before..before + after).map(line));
            let places = plaintext(yaml(&body, ""));
            prop_assert_eq!(places.len(), 1);
            prop_assert!(places[0].0.ends_with("spoilt") && places[0].1 == Some(before + depth + 1));
        }
    }
}
