//! Cases of the security audit.

use std::collections::BTreeSet;

use pipeline_core::secret_scan::{Audit, Finding, Scanner};

use super::{Case, Found, case};

pub(crate) const CASES: &[Case] = &[
    case("SCY002", || told("${{ secrets.KEY }}"), || told(&key("AKIA"))),
    case("SCY002", || told(&key("AKIB")), || told(&key("ASIA"))),
    case("MNT008", || audit(&key("AKIB"), false), || audit(&key("AKIA"), false)),
    case("MNT008", || audit(&key("AKIA"), true), || audit(&key("AKIA"), false)),
];

/// A made-up key of AWS, of parts, so that no scanner takes this file for a leak.
fn key(prefix: &str) -> String {
    format!("{prefix}{}", "QYLPMN5HFIQR7XYA")
}

fn scan(value: &str) -> Vec<Finding> {
    let script = format!("#!/bin/sh\nexport AWS_ACCESS_KEY_ID={value}\n");
    Scanner::default().scan("scripts/deploy.sh", script.as_bytes())
}

fn told(value: &str) -> Found {
    scan(value).iter().map(Finding::violation).collect()
}

/// An audit, with everything that it found allowed or not.
fn audit(value: &str, is_allowed: bool) -> Found {
    let found = scan(value);
    let all: BTreeSet<String> = found.iter().map(|it| it.fingerprint.clone()).collect();
    let allowed = if is_allowed { all } else { BTreeSet::new() };
    Audit::new(1, found, &allowed).objection().into_iter().collect()
}
