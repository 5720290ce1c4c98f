//! A type as JSON, the form in which schemas and dynamic values carry it.

use serde_json::{Value as Json, json};

use super::Type;
use crate::codec::not_json;

/// Why bytes are not a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// Not JSON at all.
    #[error("a type is not valid JSON: {0}")]
    Json(String),
    /// JSON that names no type.
    #[error("{0} is not a type; expected a name such as \"string\", or [\"list\", T]")]
    Unknown(String),
}

impl Type {
    /// The type as compact JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_json_value().to_string()
    }

    pub(crate) fn to_json_value(&self) -> Json {
        match self {
            Self::String => Json::from("string"),
            Self::Number => Json::from("number"),
            Self::Bool => Json::from("bool"),
            Self::Dynamic => Json::from("dynamic"),
            Self::List(element) => json!(["list", element.to_json_value()]),
            Self::Set(element) => json!(["set", element.to_json_value()]),
            Self::Map(element) => json!(["map", element.to_json_value()]),
            Self::Tuple(elements) => {
                json!(["tuple", elements.iter().map(Self::to_json_value).collect::<Json>()])
            }
            Self::Object(attributes) => {
                let typed = |(name, ty): (&String, &Self)| (name.clone(), ty.to_json_value());
                json!(["object", attributes.iter().map(typed).collect::<Json>()])
            }
        }
    }

    /// Reads a type from JSON. Marks of optional attributes are passed over.
    ///
    /// # Errors
    /// The bytes are not JSON, or not a type.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TypeError> {
        let json = serde_json::from_slice(bytes).map_err(|e| TypeError::Json(not_json(&e)))?;
        Self::read_json(&json)
    }

    pub(crate) fn read_json(json: &Json) -> Result<Self, TypeError> {
        let unknown = || TypeError::Unknown(json.to_string());
        if let Some(name) = json.as_str() {
            return primitive(name).ok_or_else(unknown);
        }
        let parts = json.as_array().ok_or_else(unknown)?;
        let kind = parts.first().and_then(Json::as_str).ok_or_else(unknown)?;
        match (kind, &parts[1..]) {
            ("list", [element]) => Ok(Self::List(Box::new(Self::read_json(element)?))),
            ("set", [element]) => Ok(Self::Set(Box::new(Self::read_json(element)?))),
            ("map", [element]) => Ok(Self::Map(Box::new(Self::read_json(element)?))),
            ("tuple", [Json::Array(elements)]) => {
                elements.iter().map(Self::read_json).collect::<Result<_, _>>().map(Self::Tuple)
            }
            ("object", [Json::Object(attributes)] | [Json::Object(attributes), Json::Array(_)]) => {
                let typed = |(name, json)| Ok((String::clone(name), Self::read_json(json)?));
                attributes.iter().map(typed).collect::<Result<_, _>>().map(Self::Object)
            }
            _ => Err(unknown()),
        }
    }
}

fn primitive(name: &str) -> Option<Type> {
    match name {
        "string" => Some(Type::String),
        "number" => Some(Type::Number),
        "bool" => Some(Type::Bool),
        "dynamic" => Some(Type::Dynamic),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_type_comes_back() {
        for text in [
            r#""string""#,
            r#""number""#,
            r#""bool""#,
            r#""dynamic""#,
            r#"["list","string"]"#,
            r#"["set",["map","bool"]]"#,
            r#"["tuple",[]]"#,
            r#"["tuple",["string",["list","dynamic"]]]"#,
            r#"["object",{}]"#,
            r#"["object",{"a":"string","b\"c":["object",{"d":"number"}]}]"#,
        ] {
            assert_eq!(Type::from_json(text.as_bytes()).unwrap().to_json(), text);
        }
    }

    #[test]
    fn a_type_that_is_nested_too_deeply_is_refused() {
        let deep = format!("{}\"string\"{}", "[\"list\",".repeat(100_000), "]".repeat(100_000));
        let read = move || Type::from_json(deep.as_bytes());
        let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(read).unwrap();
        let error = thread.join().unwrap().unwrap_err().to_string();
        assert!(error.contains("nested more than 128 levels deep"), "{error}");
    }

    #[test]
    fn optional_marks_are_passed_over() {
        let marked = br#"["object", {"a": "string"}, ["a"]]"#;
        assert_eq!(Type::from_json(marked).unwrap().to_json(), r#"["object",{"a":"string"}]"#);
    }

    #[test]
    fn what_is_no_type_is_named() {
        for text in [r#""text""#, "[]", r#"["list"]"#, r#"["list","string","bool"]"#, "12", "null"]
        {
            let error = Type::from_json(text.as_bytes()).unwrap_err();
            assert!(matches!(error, TypeError::Unknown(_)), "{text}: {error}");
        }
        assert!(matches!(Type::from_json(b"[\"list\","), Err(TypeError::Json(_))));
    }
}
