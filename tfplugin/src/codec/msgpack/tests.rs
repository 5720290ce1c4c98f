//! The host's bytes, every form of each value, and the law that values come back.

use proptest::prelude::*;

use super::*;
use crate::codec::samples::{typed_value, unknown_free};
use crate::path::Path;
use crate::value::{Number, Refined, Refinements};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    (0..digits.len() / 2)
        .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

fn ty(json: &str) -> Type {
    Type::from_json(json.as_bytes()).unwrap()
}

fn read(hex: &str, json: &str) -> Result<Value, DecodeError> {
    decode(&bytes(hex), &ty(json))
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

#[test]
fn unknown_is_one_zero_byte_in_an_extension() {
    assert_eq!(encode(&Value::unknown(), &Type::String), bytes("d4 00 00"));
    assert_eq!(encode(&Value::unknown(), &Type::Dynamic), bytes("d4 00 00"));
}

#[test]
fn any_extension_is_unknown() {
    for hex in [
        "d4 00 00",
        "d4 05 01",
        "d5 00 0000",
        "d6 07 00000000",
        "c7 03 63 010203",
        "c7 00 0c",
        "d4 0c 80",
    ] {
        assert_eq!(read(hex, r#""string""#), Ok(Value::unknown()), "{hex}");
        assert_eq!(read(hex, r#"["list","bool"]"#), Ok(Value::unknown()), "{hex}");
    }
}

#[test]
fn refinements_are_read_and_written() {
    let not_null = Refined { nullness: Some(false), ..Refined::default() };
    let value = Value::Unknown(Refinements(Some(Box::new(not_null))));
    assert_eq!(read("c7 03 0c 81 01 c2", r#""string""#), Ok(value.clone()));
    assert_eq!(encode(&value, &Type::String), bytes("c7 03 0c 81 01 c2"));
    let all = Value::Unknown(Refinements(Some(Box::new(Refined {
        nullness: Some(false),
        prefix: Some("https://".to_owned()),
        lower: Some((Number::from(1), true)),
        upper: Some(("0.5".parse().unwrap(), false)),
        min_length: Some(0),
        max_length: Some(300),
    }))));
    assert_eq!(decode(&encode(&all, &Type::String), &Type::String), Ok(all));
}

#[test]
fn refinements_of_a_newer_host_are_passed_over() {
    let newer = "c7 0a 0c 82 63 92 c3 81 a1 61 90 01 c2";
    let Ok(Value::Unknown(facts)) = read(newer, r#""string""#) else { panic!("not unknown") };
    assert_eq!(facts.0.unwrap().nullness, Some(false));
}

#[test]
fn refinements_beyond_the_hosts_limit_are_left_out() {
    let long = Refined { prefix: Some("x".repeat(2000)), ..Refined::default() };
    let value = Value::Unknown(Refinements(Some(Box::new(long))));
    assert_eq!(encode(&value, &Type::String), bytes("d4 00 00"));
    let empty = Value::Unknown(Refinements(Some(Box::default())));
    assert_eq!(encode(&empty, &Type::String), bytes("d4 00 00"));
}

#[test]
fn every_form_of_a_number_is_read() {
    for (hex, text) in [
        ("00", "0"),
        ("7f", "127"),
        ("ff", "-1"),
        ("cc ff", "255"),
        ("cd ffff", "65535"),
        ("ce ffffffff", "4294967295"),
        ("cf ffffffffffffffff", "18446744073709551615"),
        ("d0 80", "-128"),
        ("d1 8000", "-32768"),
        ("d2 80000000", "-2147483648"),
        ("d3 8000000000000000", "-9223372036854775808"),
        ("ca 3fc00000", "1.5"),
        ("cb 3ff8000000000000", "1.5"),
        ("cb 3fb999999999999a", "0.1"),
        ("a3 302e31", "0.1"),
    ] {
        assert_eq!(read(hex, r#""number""#), Ok(number(text)), "{hex}");
    }
    for hex in ["cb 7ff8000000000000", "cb 7ff0000000000000", "a3 4e614e"] {
        assert!(read(hex, r#""number""#).is_err(), "{hex}");
    }
}

#[test]
fn numbers_are_written_as_the_host_writes_them() {
    for (text, hex) in [
        ("0", "00"),
        ("127", "7f"),
        ("128", "cc 80"),
        ("256", "cd 0100"),
        ("65536", "ce 00010000"),
        ("9223372036854775807", "cf 7fffffffffffffff"),
        ("-1", "ff"),
        ("-32", "e0"),
        ("-33", "d0 df"),
        ("-129", "d1 ff7f"),
        ("-32769", "d2 ffff7fff"),
        ("-9223372036854775808", "d3 8000000000000000"),
        ("1.5", "cb 3ff8000000000000"),
        ("0.1", "a3 302e31"),
        ("9223372036854775808", "b3 39323233333732303336383534373735383038"),
    ] {
        assert_eq!(encode(&number(text), &Type::Number), bytes(hex), "{text}");
    }
}

#[test]
fn long_numbers_come_back_digit_by_digit() {
    for text in ["18446744073709551616", "1e400", "123456789.012345678901234567890123", "-1e-30"] {
        let value = number(text);
        assert_eq!(decode(&encode(&value, &Type::Number), &Type::Number), Ok(value), "{text}");
    }
}

#[test]
fn dynamic_values_carry_their_type_as_bytes() {
    let pair = |ty: Type, value: Value| Value::Dynamic(Box::new((ty, value)));
    for (value, hex) in [
        (pair(Type::Number, number("1.5")), "92 c4 08 226e756d62657222 cb 3ff8000000000000"),
        (pair(Type::Bool, Value::Null), "92 c4 06 22626f6f6c22 c0"),
        (pair(Type::Bool, Value::unknown()), "92 c4 06 22626f6f6c22 d4 00 00"),
        (Value::unknown(), "d4 00 00"),
        (Value::Null, "c0"),
    ] {
        assert_eq!(encode(&value, &Type::Dynamic), bytes(hex));
        assert_eq!(decode(&bytes(hex), &Type::Dynamic), Ok(value));
    }
}

#[test]
fn a_bare_value_is_given_the_type_it_has() {
    let bare = Value::List(vec![Value::from("a"), Value::from(true)]);
    let typed = decode(&encode(&bare, &Type::Dynamic), &Type::Dynamic);
    let expected = Value::Dynamic(Box::new((ty(r#"["tuple",["string","bool"]]"#), bare)));
    assert_eq!(typed, Ok(expected));
}

#[test]
fn empty_collections_are_empty() {
    for json in [r#"["list","string"]"#, r#"["set","string"]"#, r#"["tuple",[]]"#] {
        assert_eq!(encode(&Value::List(vec![]), &ty(json)), bytes("90"));
        assert_eq!(read("90", json), Ok(Value::List(vec![])));
    }
    for json in [r#"["map","string"]"#, r#"["object",{}]"#] {
        assert_eq!(encode(&Value::Map([].into()), &ty(json)), bytes("80"));
        assert_eq!(read("80", json), Ok(Value::Map([].into())));
    }
}

#[test]
fn an_object_has_exactly_the_attributes_of_its_type() {
    let object = r#"["object",{"a":"string","b":"bool"}]"#;
    assert_eq!(encode(&Value::Map([].into()), &ty(object)), bytes("82 a1 61 c0 a1 62 c0"));
    assert!(read("82 a1 62 c3 a1 61 c0", object).is_ok(), "order is free");
    let missing = read("81 a1 61 c0", object).unwrap_err();
    assert_eq!(missing.to_string(), "attribute \"b\" is missing");
    let extra = read("83 a1 61 c0 a1 62 c0 a1 63 c0", object).unwrap_err();
    assert_eq!(extra.to_string(), "attribute \"c\" is not in the schema");
}

#[test]
fn errors_name_the_place() {
    let nested = r#"["object",{"rules":["list",["map","number"]]}]"#;
    let error = read("81 a5 72756c6573 92 80 81 a1 78 c3", nested).unwrap_err();
    assert_eq!(error.to_string(), "rules[1][\"x\"]: expected a number, found a bool");
    assert_eq!(error.path(), Path::from("rules").index(1).key("x"));
    let set = r#"["object",{"names":["set",["list","string"]]}]"#;
    let error = read("81 a5 6e616d6573 91 91 01", set).unwrap_err();
    assert_eq!(error.path(), Path::from("names"));
}

#[test]
fn broken_bytes_are_errors() {
    for hex in
        ["", "c1", "92 c0", "a5 61", "dd ffffffff", "c0 c0", "a1 ff", "81 01 c0", "d9", "cb 00"]
    {
        for json in [
            r#""string""#,
            r#""number""#,
            r#"["list","bool"]"#,
            r#"["map","bool"]"#,
            r#""dynamic""#,
        ] {
            assert!(read(hex, json).is_err(), "{hex} as {json}");
        }
    }
}

proptest! {
    #[test]
    fn every_value_of_every_type_comes_back((ty, value) in typed_value()) {
        let bytes = encode(&value, &ty);
        prop_assert_eq!(decode(&bytes, &ty), Ok(value));
    }

    #[test]
    fn json_and_msgpack_agree((ty, value) in unknown_free()) {
        let json = crate::codec::json::encode(&value, &ty).unwrap();
        prop_assert_eq!(crate::codec::json::decode(&json, &ty), Ok(value));
    }

    #[test]
    fn no_bytes_break_the_reader(bytes: Vec<u8>, (ty, _) in typed_value()) {
        let _ = decode(&bytes, &ty);
    }

    #[test]
    fn a_cut_value_is_an_error((ty, value) in typed_value(), cut in 0.0..1.0_f64) {
        let bytes = encode(&value, &ty);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let kept = (bytes.len() as f64 * cut) as usize;
        prop_assert!(decode(&bytes[..kept], &ty).is_err());
    }
}

/// Lists of dynamic values in each other, without an end.
fn nested(levels: usize) -> Vec<u8> {
    let list = br#"["list","dynamic"]"#;
    let mut out = Vec::new();
    for _ in 0..levels {
        out.extend([0x92, 0xc4, list.len() as u8]);
        out.extend(list);
        out.push(0x91);
    }
    out.push(0xc0);
    out
}

#[test]
fn what_is_nested_too_deeply_is_refused_with_the_limit() {
    let read = |levels| {
        let read = move || decode(&nested(levels), &Type::Dynamic).map(drop);
        let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn(read).unwrap();
        thread.join().unwrap()
    };
    for levels in [65, 1_000, 100_000] {
        let error = read(levels).unwrap_err();
        assert_eq!(error.problem(), "nested more than 128 levels deep", "{levels}");
    }
    assert_eq!(read(64), Ok(()));
}

#[test]
fn a_length_reserves_no_memory_that_its_bytes_do_not_fill() {
    // Each level claims as many elements as there are bytes left.
    let mut claims: Vec<u8> = Vec::new();
    for _ in 0..60 {
        claims.extend([0xdd, 0x00, 0x0f, 0xff, 0xff]);
    }
    claims.resize(1 << 20, 0xc0);
    let deep = (0..60).fold(Type::Bool, |ty, _| Type::List(Box::new(ty)));
    // Sixty times a million values would be more than two gigabytes.
    let before = resident();
    assert!(decode(&claims, &deep).is_err());
    assert!(resident() < before + (512 << 20), "{before}");
}

/// The most memory that this process ever had.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmPeak:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}
