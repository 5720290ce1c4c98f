//! The order of environments: circles, and what `after` may say.

use proptest::prelude::*;

use super::*;
use crate::EnvironmentName;

fn name(index: usize) -> EnvironmentName {
    ["dev", "qa", "staging", "canary", "production", "dr"][index].parse().unwrap()
}

fn after(names: &[&str]) -> Result<After, crate::Violations> {
    After::new(AfterParts {
        environments: names.iter().map(|it| it.parse().unwrap()).collect(),
        r#match: Match::All,
        condition: Condition::Succeeded,
    })
}

#[test]
fn after_names_each_environment_once() {
    assert!(after(&["dev", "qa"]).is_ok());
    assert!(after(&[]).unwrap_err().breaks(RuleId::POL004));
    let twice = after(&["dev", "qa", "dev"]).unwrap_err();
    assert_eq!(twice.iter().next().unwrap().at.to_string(), "environments[2]");
    let many: Vec<String> = (0..33).map(|n| format!("e{n}")).collect();
    assert!(after(&many.iter().map(String::as_str).collect::<Vec<_>>()).is_err());
}

#[test]
fn a_circle_is_told_with_its_way() {
    let order: Order =
        [(name(4), vec![name(2)]), (name(2), vec![name(1), name(0)]), (name(1), vec![name(4)])]
            .into();
    let told = circular(&name(4), &order).unwrap();
    assert_eq!(told.rule, RuleId::POL006);
    assert_eq!(told.found, "`production` before `qa` before `staging` before `production`");
    assert_eq!(circular(&name(0), &order), None, "it only leads into one");
}

proptest! {
    /// Against the closure of the relation.
    #[test]
    fn there_is_a_circle_exactly_where_something_reaches_itself(
        edges in proptest::collection::vec((0_usize..6, 0_usize..6), 0..12),
        start in 0_usize..6,
    ) {
        let mut order = Order::new();
        let mut reaches = [[false; 6]; 6];
        for (from, to) in &edges {
            order.entry(name(*from)).or_default().push(name(*to));
            reaches[*from][*to] = true;
        }
        for through in 0..6 {
            for from in 0..6 {
                for to in 0..6 {
                    reaches[from][to] |= reaches[from][through] && reaches[through][to];
                }
            }
        }
        let found = circular(&name(start), &order);
        prop_assert_eq!(found.is_some(), reaches[start][start]);
        if let Some(found) = found {
            let way: Vec<EnvironmentName> =
                found.found.split(" before ").map(|it| it.trim_matches('`').parse().unwrap()).collect();
            prop_assert_eq!(way.first(), Some(&name(start)));
            prop_assert_eq!(way.last(), Some(&name(start)));
            for pair in way.windows(2) {
                prop_assert!(order[&pair[1]].contains(&pair[0]), "{} is not before {}", pair[0], pair[1]);
            }
        }
    }
}
