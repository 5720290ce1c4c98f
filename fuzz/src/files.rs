//! Files: configurations, encrypted files, states, templates, scripts.

use std::collections::BTreeSet;

use pipeline_core::KnownRegions;
use pipeline_core::artifact::Sha256;
use pipeline_core::configuration::{self, context};
use pipeline_core::secret_scan::{Audit, FindingKind, MOST_FINDINGS, Scanner};
use pipeline_core::sops;
use pipeline_core::stack::{Declared, TemplateOutputs};
use pipeline_core::terraform_state::{Output, StateFile};

use crate::Outcome;
use crate::laws::{text, told};

pub(crate) fn configuration(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else { return Outcome::Refused };
    let reading = configuration::read(text, &KnownRegions::default());
    let has_error = reading.problems.iter().any(|problem| !problem.violation.is_warning());
    assert_eq!(reading.configuration.is_none(), has_error);
    reading.problems.iter().for_each(told);
    let places = reading.problems.iter().filter_map(|problem| problem.at);
    // YAML ends lines by a carriage return as well, and puts the end of a file below its last line.
    let last = text.split(['\n', '\r']).count() + 1;
    places.for_each(|at| assert!((1..=last).contains(&at.line), "{at:?} of {last}"));
    context::check(text, &["account".to_owned()]).iter().for_each(told);
    reading.configuration.is_some().into()
}

/// One name for each format, so that none depends on what the bytes look like.
const NAMES: [&str; 5] = ["a.yaml", "a.json", "a.env", "a.ini", "secrets.enc"];

pub(crate) fn sops(bytes: &[u8]) -> Outcome {
    let mut any = false;
    for name in NAMES {
        match sops::inspect(name, bytes) {
            Ok(report) => {
                any = true;
                assert!(report.encrypted > 0 || report.in_the_clear == 0, "{report:?}");
                assert!(report.key_groups > 0 && !report.keys.is_empty(), "{report:?}");
            }
            Err(reason) => {
                assert!(!reason.problems.is_empty());
                told(&reason);
            }
        }
    }
    any.into()
}

pub(crate) fn state(bytes: &[u8]) -> Outcome {
    let state = match StateFile::read(bytes) {
        Ok(state) => state,
        Err(reason) => {
            told(&reason);
            return Outcome::Refused;
        }
    };
    assert_eq!(state.hash, Sha256::of(bytes));
    for (name, output) in &state.outputs {
        let sensitive = |json: &serde_json::Value| json["outputs"][name]["sensitive"] == true;
        let json = serde_json::from_slice::<serde_json::Value>(bytes);
        let is_shown = matches!(output, Output::Plain { .. });
        assert!(!is_shown || !json.as_ref().is_ok_and(sensitive), "{name}");
    }
    Outcome::Read
}

pub(crate) fn template(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else { return Outcome::Refused };
    let declared = Declared::read(text);
    let Some(outputs) = TemplateOutputs::read(text) else { return Outcome::Refused };
    let json = serde_json::from_str::<serde_json::Value>(text).unwrap_or_default();
    for (name, parameter) in
        json.get("Parameters").and_then(|it| it.as_object()).into_iter().flatten()
    {
        let hides = parameter.get("NoEcho") == Some(&serde_json::Value::Bool(true));
        let is_hidden = declared.as_ref().is_none_or(|it| it.hidden().contains(name));
        assert!(!hides || is_hidden, "{name} is hidden");
    }
    let named = json.get("Outputs").and_then(serde_json::Value::as_object).into_iter().flatten();
    for (name, output) in named {
        // Where nothing is hidden, nothing can be shown by mistake.
        assert!(!outputs.may_show(name, &BTreeSet::new()), "{name}");
        let Some(parameter) = output.pointer("/Value/Ref").and_then(|it| it.as_str()) else {
            continue;
        };
        let hidden = BTreeSet::from([parameter.trim().to_owned()]);
        assert!(outputs.may_show(name, &hidden), "{name} shows {parameter}");
    }
    Outcome::Read
}

thread_local! {
    // It compiles each expression once.
    static SCANNER: Scanner = Scanner::default();
}

/// As they are, and without zero bytes: by these the corpus keeps apart what would look like a credential.
pub(crate) fn scan(bytes: &[u8]) -> Outcome {
    let joined: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    [scanned(bytes), scanned(&joined)].contains(&true).into()
}

fn scanned(bytes: &[u8]) -> bool {
    let findings = SCANNER.with(|scanner| scanner.scan("scripts/a.sh", bytes));
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    assert!(findings.is_sorted_by_key(|finding| finding.line));
    for finding in &findings {
        assert!(finding.line.is_some_and(|line| (1..=lines).contains(&line)), "{finding:?}");
        assert!(matches!(finding.kind, FindingKind::Credential(_)), "{finding:?}");
        assert!(finding.fingerprint.bytes().all(|it| it.is_ascii_hexdigit()), "{finding:?}");
        told(&finding.violation());
    }
    let found = !findings.is_empty();
    // All that was found can be allowed, and nothing is left then.
    let allowed = findings.iter().map(|finding| finding.fingerprint.clone()).collect();
    let audit = Audit::new(1, findings.clone(), &allowed);
    assert_eq!((audit.findings.len(), audit.left_out), (0, 0));
    let audit = Audit::new(1, findings.clone(), &BTreeSet::new());
    assert_eq!(audit.findings.len() + audit.left_out, findings.len());
    assert!(audit.findings.len() <= MOST_FINDINGS);
    found
}
