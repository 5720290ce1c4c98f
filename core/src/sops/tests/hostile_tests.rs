//! Files that somebody made to do harm, and those that a tool spoilt on the way.

use std::time::Duration;

use super::*;
use crate::base::limits::DEEPEST;

/// More levels than any stack has room for.
const DEEP: usize = 100_000;

/// Looks at a file with little room on the stack.
fn inspect_on_a_small_stack(path: &'static str, text: String) -> Vec<Problem> {
    let look = move || inspect(path, text.as_bytes());
    let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn(look).unwrap();
    thread.join().unwrap().map_or_else(|error| error.problems, |_| Vec::new())
}

#[test]
fn what_is_nested_too_deeply_is_refused_with_the_limit() {
    let steps = "__map_a__list_0".repeat(DEEP);
    let cases = [
        ("list.yaml", format!("a:\n  {}x\n", "- ".repeat(DEEP))),
        ("keys.yaml", format!("{}x\n", "? ".repeat(DEEP))),
        ("flow.yaml", format!("a: {}{}\n", "[".repeat(DEEP), "]".repeat(DEEP))),
        ("maps.enc", format!("a: {}", "{b: ".repeat(DEEP))),
        ("list.json", format!("{{\"a\": {}{}}}", "[".repeat(DEEP), "]".repeat(DEEP))),
        ("map.json", format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP))),
        ("wrapped.enc", format!("{}1{}", "{\"data\":".repeat(DEEP), "}".repeat(DEEP))),
        (".env", format!("A=1\nsops_mac{steps}=1\n")),
        ("flat.ini", format!("[sops]\nmac{steps} = 1\n")),
    ];
    for (path, text) in cases {
        let problems = inspect_on_a_small_stack(path, text);
        assert_eq!(problems, [Problem::TooDeep { most: DEEPEST }], "{path}");
    }
    let told = Problem::TooDeep { most: DEEPEST }.to_string();
    assert!(told.contains("128"), "{told}");
}

#[test]
fn what_is_as_deep_as_is_allowed_is_read() {
    let lists = DEEPEST - 1;
    let text =
        format!("a: {}{ENC}\n{}", "- ".repeat(lists).replacen("- ", "\n  - ", 1), section(""));
    assert_eq!(inspect_on_a_small_stack("x.yaml", text), []);
}

#[test]
fn a_nested_expression_is_refused() {
    let settings = format!("    encrypted_regex: '{}a{}'\n", "(".repeat(5_000), ")".repeat(5_000));
    let problems = inspect_on_a_small_stack("x.yaml", format!("a: {ENC}\n{}", section(&settings)));
    assert_eq!(problems, [Problem::InvalidRegex { setting: "encrypted_regex" }]);
    let large = format!("    encrypted_regex: '{}'\n", "[a-z]{50}".repeat(2_000));
    let problems = inspect_on_a_small_stack("x.yaml", format!("a: {ENC}\n{}", section(&large)));
    assert_eq!(problems, [Problem::InvalidRegex { setting: "encrypted_regex" }]);
}

#[test]
fn a_huge_file_is_refused_before_it_is_looked_at() {
    let text = "a: b\n".repeat(usize::try_from(LARGEST_FILE).unwrap() / 5 + 1);
    let error = inspect("x.yaml", text.as_bytes()).unwrap_err();
    assert_eq!(error.problems, [Problem::TooLarge { size: text.len() as u64, most: LARGEST_FILE }]);
    assert!(error.to_string().contains("8388608"), "{error}");
}

/// The time of the processor that this thread had, whatever else the machine does.
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}

/// What it costs to look so often at a file, at best.
fn cost(times: usize, path: &str, text: &str) -> Duration {
    let all = |_| {
        let begun = processor_time();
        for _ in 0..times {
            let _ = inspect(path, text.as_bytes());
        }
        processor_time() - begun
    };
    (0..5).map(all).min().unwrap()
}

#[test]
fn one_file_costs_no_more_than_its_parts() {
    type Shape = (&'static str, fn(usize) -> String);
    let shapes: [Shape; 12] = [
        ("line.yaml", |n| format!("a: [{}]\n", "x, ".repeat(n))),
        ("keys.yaml", |n| format!("{{{}}}\n", "a: x, ".repeat(n))),
        ("comments.yaml", |n| format!("{}a: [{}]\n", "# c\n".repeat(n), "x, ".repeat(n))),
        ("under.yaml", |n| {
            let rule = section("    encrypted_comment_regex: never\n");
            format!("{}a:\n{}{rule}", "# c\n".repeat(n), "  - x\n".repeat(n))
        }),
        ("flow.yaml", |n| {
            let rule = section("    encrypted_comment_regex: never\n").replace('\n', "\n  ");
            let comments = "# c\n".repeat(n);
            format!("{comments}{{ {} }}\n---\n{rule}", "a: x, ".repeat(n))
        }),
        ("anchors.yaml", |n| {
            let wide = "x, ".repeat(n);
            let nested: String = (0..60).map(|level| format!("&a{level} [")).collect();
            format!("a: {nested}{wide}{}\n", "]".repeat(60))
        }),
        ("text.yaml", |n| format!("a: &a {}\nb: [{}]\n", "x".repeat(n), "*a, ".repeat(n))),
        ("open.json", |n| format!("{{{}\"z\": 1}}", many(n, |i| format!("\"k{i}\": \"x\",")))),
        ("long.json", |n| format!("{{\"{}\": [{}1]}}", "k".repeat(n), "1,".repeat(n))),
        ("twice.json", |n| format!("{{{}\"a\": 1}}", "\"a\": 1,".repeat(n))),
        (".env", |n| many(n, |i| format!("sops_k{i}=1\n"))),
        ("flat.ini", |n| format!("[sops]\n{}", many(n, |i| format!("age__list_{i}__map_enc=1\n")))),
    ];
    for (path, shape) in shapes {
        let parts = cost(16, path, &shape(1_500));
        let whole = cost(1, path, &shape(24_000));
        // What grows with the square takes sixteen times as long as its sixteen parts. A clock that ticks,
        // and caches that others fill, have their share.
        assert!(whole < parts * 6 + Duration::from_millis(20), "{path}: {parts:?}, {whole:?}");
    }
}

fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

#[test]
fn so_many_values_in_the_clear_are_counted_and_not_all_named() {
    let error = yaml(&many(5_000, |i| format!("k{i}: x\n")), "").unwrap_err();
    assert_eq!(error.problems.len(), 21);
    assert_eq!(error.problems[20], Problem::More { count: 4_980 });
    let long = yaml(&format!("? {}\n: x\n", "k".repeat(5_000)), "").unwrap_err();
    assert!(long.to_string().len() < 400, "{long}");
}

#[test]
fn a_file_without_an_encrypted_value_is_not_encrypted() {
    for settings in ["    unencrypted_regex: .*\n", "    encrypted_regex: ^nothing$\n"] {
        let problems = yaml("password: hunter2\n", settings).unwrap_err().problems;
        assert_eq!(problems, [Problem::NothingEncrypted { in_the_clear: 1 }], "{settings}");
    }
    let json = format!(
        "{{\"a\": \"b\", \"sops\": {{\"unencrypted_suffix\": \"a\", \"age\": [{{\"enc\": \"x\"}}], \"mac\": \"{ENC}\"}}}}"
    );
    let error = inspect("x.json", json.as_bytes()).unwrap_err();
    assert_eq!(error.problems, [Problem::NothingEncrypted { in_the_clear: 1 }]);
    assert!(error.problems[0].exposes());
}

/// A text as PowerShell redirects it.
fn utf_16(text: &str, mark: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("{mark}{text}").encode_utf16().flat_map(bytes).collect()
}

#[test]
fn another_encoding_is_named_and_exposes_nothing() {
    let text = format!("a: {ENC}\n{}", section(""));
    for (bytes, name) in [
        (utf_16(&text, "\u{feff}", u16::to_le_bytes), "UTF-16"),
        (utf_16(&text, "\u{feff}", u16::to_be_bytes), "UTF-16"),
        (utf_16(&text, "", u16::to_le_bytes), "UTF-16"),
        (utf_16(&text, "", u16::to_be_bytes), "UTF-16"),
        (text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(), "UTF-32"),
    ] {
        for path in ["x.yaml", "x.enc", "x.env"] {
            let error = inspect(path, &bytes).unwrap_err();
            assert_eq!(error.problems, [Problem::Encoding { name }], "{path}");
            assert!(!error.problems[0].exposes());
            let next = error.problems[0].next();
            assert!(next.contains("UTF-8") && !next.contains("known"), "{next}");
        }
    }
}

#[test]
fn a_byte_order_mark_stands_where_sops_reads_over_it() {
    let text = format!("\u{feff}a: {ENC}\n{}", section(""));
    assert_eq!(inspect("x.yaml", text.as_bytes()).unwrap().encrypted, 1);
    assert_eq!(inspect("x.enc", text.as_bytes()).unwrap().encrypted, 1);
    for (path, text) in [("x.json", "\u{feff}{}"), ("x.env", "\u{feff}A=1\n"), ("x", "\u{feff}{}")]
    {
        let error = inspect(path, text.as_bytes()).unwrap_err();
        assert_eq!(error.problems, [Problem::ByteOrderMark], "{path}");
        assert!(!error.problems[0].exposes());
    }
}

#[test]
fn what_a_formatter_wrapped_is_still_encrypted() {
    let (begun, rest) = ENC.split_at(30);
    let kept = format!("a: |-\n  {ENC}\nb: >-\n  {ENC}\nc: |\n  {ENC}\nd: >\n  {ENC}\n");
    assert_eq!(yaml(&kept, "").unwrap().encrypted, 4);
    let escaped = format!("a: \"{begun}\\\n  {rest}\"\n");
    assert_eq!(yaml(&escaped, "").unwrap().encrypted, 1);
    for broken in [
        format!("a: |-\n  {begun}\n  {rest}\n"),
        format!("a: >-\n  {begun}\n  {rest}\n"),
        format!("a: {begun}\n  {rest}\n"),
    ] {
        let problems = yaml(&broken, "").unwrap_err().problems;
        let wrapped = Problem::Reformatted { at: "a".to_owned(), line: Some(1) };
        assert!(!wrapped.exposes() && !wrapped.next().contains("known"));
        assert_eq!(problems, [wrapped], "{broken}");
    }
    // Ciphertext with something readable behind it is not ciphertext.
    let more = format!("a: |-\n  {ENC}\n  hunter2\n");
    assert_eq!(plaintext(yaml(&more, "")), at(&[("a", 1)]));
}
