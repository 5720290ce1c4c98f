//! What an application of the CDK has to find in `cdk.json`: the keys of its context.

use serde_json::Value;

use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::violation::{FieldPath, Violation, quoted};

/// Which of the required keys the context of `cdk.json` lacks, or has without a value.
#[must_use]
pub fn check(json: &str, required: &[String]) -> Vec<Violation> {
    let fault = |found: String, next: &str| {
        vec![Violation::new(
            RuleId::CFG007,
            found,
            "`cdk.json` with a `context`, a JSON object",
            next,
        )]
    };
    if required.is_empty() {
        return Vec::new();
    }
    let value: Value = match serde_json::from_str(json) {
        Ok(value) => value,
        Err(error) => {
            let found = format!(
                "a text that is not JSON at line {}, column {}",
                error.line(),
                error.column()
            );
            return fault(found, "Mend the file: `npx cdk ls` reads it, too.");
        }
    };
    let Some(context) = value.get("context").and_then(Value::as_object) else {
        return fault("no `context`".to_owned(), "Add `\"context\": {…}` with the required keys.");
    };
    let missing = |key: &&String| context.get(*key).is_none_or(is_blank);
    let names = || context.keys().map(String::as_str);
    let told = |key: &String| {
        let found = if context.contains_key(key) { "an empty value" } else { "nothing" };
        let next = || format!("Write it: `cdk.json`, `context`, {}.", quoted(key));
        let next = if found == "nothing" { did_you_mean_or(key, names(), next) } else { next() };
        let at = FieldPath::from("context").key(key.clone());
        Violation::new(RuleId::CFG007, found, "a value", next).under(at)
    };
    required.iter().filter(missing).map(told).collect()
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_values() {
        let json = r#"{"context": {"vpc": "vpc-1", "zone": " ", "flag": false, "accont": "1"}}"#;
        let required = ["vpc", "flag", "zone", "account"].map(str::to_owned);
        let told: Vec<String> = check(json, &required).iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("context[\"zone\"]`: found an empty value"), "{told:?}");
        assert!(told[1].ends_with("Did you mean `accont`?"), "{told:?}");
        assert!(check("not json", &[]).is_empty());
        assert!(check("not json", &required)[0].to_string().contains("line 1"));
        assert!(check("{}", &required)[0].to_string().contains("no `context`"));
    }
}
