//! Stored state as the host writes it, and what is read leniently.

use super::*;

fn ty(json: &str) -> Type {
    Type::from_json(json.as_bytes()).unwrap()
}

fn read(json: &str, of: &str) -> Result<Value, DecodeError> {
    decode(json.as_bytes(), &ty(of))
}

#[test]
fn numbers_keep_every_digit() {
    for text in ["123456789012345678901234567890", "0.10000000000000000000000001", "1e400", "-0.5"]
    {
        let number = Value::Number(text.parse().unwrap());
        assert_eq!(read(text, r#""number""#), Ok(number.clone()));
        assert_eq!(read(&format!("{text:?}"), r#""number""#), Ok(number.clone()));
        let written = encode(&number, &Type::Number).unwrap();
        assert_eq!(decode(&written, &Type::Number), Ok(number));
    }
}

#[test]
fn primitives_convert_as_the_host_converts() {
    assert_eq!(read("true", r#""string""#), Ok(Value::from("true")));
    assert_eq!(read("12.50", r#""string""#), Ok(Value::from("12.50")));
    assert_eq!(read("\"false\"", r#""bool""#), Ok(Value::from(false)));
    assert!(read("\"yes\"", r#""bool""#).is_err());
    assert!(read("1", r#""bool""#).is_err());
    assert!(read("\"twelve\"", r#""number""#).is_err());
}

#[test]
fn a_missing_attribute_is_null_and_an_unknown_one_an_error() {
    let object = r#"["object",{"a":"string","b":["object",{"c":"bool"}]}]"#;
    let expected =
        Value::Map([("a".to_owned(), Value::Null), ("b".to_owned(), Value::Null)].into());
    assert_eq!(read("{}", object), Ok(expected));
    let error = read(r#"{"b":{"d":1}}"#, object).unwrap_err();
    assert_eq!(error.to_string(), "b: attribute \"d\" is not in the schema");
}

#[test]
fn stored_state_may_hold_attributes_that_are_gone() {
    let object = ty(r#"["object",{"a":"string","b":["list",["object",{"c":"bool"}]]}]"#);
    let pretty =
        "{\n  \"gone\": {\"x\": 1},\n  \"a\": \"v\",\n  \"b\": [{\"c\": true, \"old\": 1}]\n}";
    let compact = br#"{"a":"v","b":[{"c":true}]}"#;
    assert_eq!(decode_lossy_state(pretty.as_bytes(), &object), decode(compact, &object));
    assert!(decode_lossy_state(br#"{"a":[]}"#, &object).is_err(), "a wrong type is still an error");
}

#[test]
fn dynamic_values_name_their_type() {
    let typed = Value::Dynamic(Box::new((Type::Bool, Value::Bool(true))));
    assert_eq!(read(r#"{"type":"bool","value":true}"#, r#""dynamic""#), Ok(typed.clone()));
    assert_eq!(encode(&typed, &Type::Dynamic).unwrap(), br#"{"type":"bool","value":true}"#);
    assert_eq!(read("null", r#""dynamic""#), Ok(Value::Null));
    assert!(read(r#"{"value":true}"#, r#""dynamic""#).is_err());
}

#[test]
fn errors_name_the_place() {
    let error = read(r#"{"a":[1,"x"]}"#, r#"["object",{"a":["list","number"]}]"#).unwrap_err();
    assert!(error.to_string().starts_with("a[1]: \"x\" is not a decimal number"), "{error}");
    let error = read("[", r#""string""#).unwrap_err();
    assert!(error.to_string().starts_with("the bytes are not JSON"), "{error}");
}

#[test]
fn unknown_values_have_no_json() {
    let list = Value::List(vec![Value::unknown()]);
    assert_eq!(encode(&list, &ty(r#"["list","bool"]"#)), Err(Unrepresentable));
}

#[test]
fn what_is_nested_too_deeply_is_refused_with_the_limit() {
    const LIST: &str = r#"{"type":["list","dynamic"],"value":["#;
    let deep = format!("{}{}", LIST.repeat(100_000), "]}".repeat(100_000));
    let read = move || decode(deep.as_bytes(), &Type::Dynamic);
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(read).unwrap();
    let error = thread.join().unwrap().unwrap_err();
    assert!(error.problem().contains("nested more than 128 levels deep"), "{error}");
}
