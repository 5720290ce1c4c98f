//! Whether stacks can be deployed as they are given (STK001, STK003, OWN050).

use std::collections::{BTreeMap, BTreeSet};

use super::declared::Declared;
use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::violation::{FieldPath, Violation, quoted};

/// The most bytes that CloudFormation takes of a template that comes with the call.
pub const LARGEST_TEMPLATE: u64 = 51_200;

/// STK001: stacks that are named twice, so that their order is none.
#[must_use]
pub fn check_order<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Violation> {
    let mut seen = BTreeMap::new();
    let mut faults = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        let Some(first) = seen.insert(name, index) else { continue };
        let found = format!("{} for the stacks at {first} and {index}", quoted(name));
        let next =
            "Take one of the two out: each stack is deployed once, at its place in the order.";
        let fault = Violation::new(RuleId::STK001, found, "a stack of its own at each place", next);
        faults.push(fault.under(FieldPath::root().index(index).field("name")));
    }
    faults
}

/// What a configuration gives to a template.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The parameters whose values everybody may see.
    pub parameters: &'a BTreeSet<String>,
    /// The parameters whose values nobody sees.
    pub secret_parameters: &'a BTreeSet<String>,
}

/// Whether the parameters are those that the template has (OWN050), and whether those that it hides are given
/// where nobody sees them (STK003).
#[must_use]
pub fn check_parameters(given: Given<'_>, declared: &Declared) -> Vec<Violation> {
    let mut faults = Vec::new();
    let places = [("parameters", given.parameters), ("secret_parameters", given.secret_parameters)];
    for (place, names) in places {
        for name in names {
            let at = || FieldPath::root().field(place).key(name);
            match declared.parameters.get(name) {
                None => faults.push(unknown(name, declared).under(at())),
                Some(it) if it.is_hidden && place == "parameters" => {
                    faults.push(shown(name).under(at()));
                }
                Some(_) => {}
            }
        }
        if place == "parameters" {
            let both = names.intersection(given.secret_parameters);
            faults.extend(
                both.map(|name| twice(name).under(FieldPath::root().field(place).key(name))),
            );
        }
    }
    let is_given =
        |name: &String| given.parameters.contains(name) || given.secret_parameters.contains(name);
    let open = declared.parameters.iter().filter(|(name, it)| !it.has_default && !is_given(name));
    faults.extend(open.map(|(name, _)| missing(name).under("parameters")));
    faults
}

fn unknown(name: &str, declared: &Declared) -> Violation {
    let known = declared.parameters.keys().map(String::as_str);
    let next =
        did_you_mean_or(name, known, || "Take it out, or declare it in the template.".to_owned());
    let found = format!("{}, which the template does not declare", quoted(name));
    Violation::new(RuleId::OWN050, found, "parameters of the template", next)
}

fn missing(name: &str) -> Violation {
    let found = format!("no value for {}", quoted(name));
    let expected = "a value for each parameter of the template that has no default";
    Violation::new(RuleId::OWN050, found, expected, "Give it a value.")
}

fn twice(name: &str) -> Violation {
    let found = format!("{} in `secret_parameters` too", quoted(name));
    Violation::new(RuleId::OWN050, found, "each parameter once", "Take it out of one of the two.")
}

fn shown(name: &str) -> Violation {
    let found = format!("{}, which the template hides (`NoEcho`)", quoted(name));
    let next = "Put its value into `secrets_wo` or a variable of `pass_environment`, and the name of that into \
                `secret_parameters`.";
    Violation::new(RuleId::STK003, found, "parameters that everybody may see", next)
}
