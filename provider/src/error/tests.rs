//! One failure reads the same, whatever meets with it.

use pipeline_core::base::cause::in_full;
use pipeline_core::deployment::deployer::Report;
use pipeline_core::deployment::engine::{
    Back, Doubt, Failure, Outcome, Refusal, Unwritten, Verdict,
};
use pipeline_core::git::{CommitError, Obstacle, Rejection};

use super::*;

fn push(detail: &str, in_doubt: bool) -> LedgerError {
    let (remote, detail) = ("origin".to_owned(), detail.to_owned());
    CommitError::Transport {
        remote,
        obstacle: Obstacle::read(&detail),
        attempts: 3,
        detail,
        in_doubt,
    }
    .into()
}

fn listing(detail: &str) -> LedgerError {
    let (remote, detail) = ("origin".to_owned(), detail.to_owned());
    GitError::Transport {
        operation: "list the refs",
        remote,
        obstacle: Obstacle::read(&detail),
        attempts: 3,
        detail,
    }
    .into()
}

fn hook() -> LedgerError {
    let name = "refs/ledger/queues/staging".parse().unwrap();
    let said = "pre-receive hook declined; it said:\nfrozen\u{1b}[2J".to_owned();
    CommitError::Rejected { rejections: vec![Rejection { name, said }] }.into()
}

/// What can go wrong with a remote: lost, denied, out of time, unanswered, and a hook that says no.
fn met() -> Vec<LedgerError> {
    vec![
        push("Could not resolve host: git.example.com", false),
        push("remote: HTTP Basic: Access denied", false),
        push("git gave no answer within 60 s", false),
        push("the remote end hung up unexpectedly", true),
        listing("Could not resolve host: git.example.com"),
        listing("git gave no answer within 60 s"),
        hook(),
    ]
}

fn only(diagnostics: Diagnostics) -> Diagnostic {
    let mut all: Vec<Diagnostic> = diagnostics.into_iter().collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn deployed(verdict: Verdict) -> Diagnostic {
    let report = Report {
        verdict,
        deployment: None,
        warnings: Vec::new(),
        steps: Vec::new(),
        took: std::time::Duration::ZERO,
    };
    only(not_deployed(&report, &"staging".parse().unwrap(), Path::root()))
}

#[test]
fn a_tag_and_a_deployment_that_cannot_begin_say_the_same() {
    for error in met() {
        let tag = only(ledger(&error, &Path::root()));
        let refusal = Refusal::Unclaimed(Unwritten::Ledger(error));
        assert_eq!(deployed(Verdict::Refused(refusal)), tag);
    }
}

#[test]
fn a_deployment_that_cannot_end_tells_the_failure_as_a_tag_does() {
    for error in met() {
        let tag = only(ledger(&error, &Path::root())).detail;
        let (found, advice) = (in_full(&error), Told::of(&error));
        assert!(tag.to_lowercase().contains(&found.to_lowercase()), "{tag}");
        assert!(!advice.next.is_empty() && tag.contains(advice.next), "{tag}");
        let unwritten = Unwritten::Ledger(error);
        let reason = Failure::Unrecorded(unwritten.clone());
        let failed = Outcome::Failed { reason, health: None, back: Back::Unchanged };
        let reason = Doubt::Recorded { outcome: Box::new(failed.clone()), source: unwritten };
        for verdict in [Verdict::Recorded(failed), Verdict::Unknown { reason, resolution: None }] {
            let told = deployed(verdict).detail;
            assert!(told.contains(&found) && told.contains(advice.next), "{told}");
            assert!(told.contains(&advice.exhausted()), "{told}");
        }
    }
}

#[test]
fn only_a_deployment_is_told_how_it_waits() {
    let busy = Violation::new(RuleId::BUS001, "it held", "it free", "Wait for it.");
    let told = |violation: &Violation| violation_under(violation, &Path::root()).detail;
    assert!(told(&busy).contains("on_busy"));
    assert!(!told(&busy.under("concurrency")).contains("on_busy"));
}

#[test]
fn a_terminal_obeys_no_hook() {
    let told = only(ledger(&hook(), &Path::root())).detail;
    assert!(told.contains("frozen\\u{1b}[2J") && !told.contains('\u{1b}'), "{told}");
}

#[test]
fn a_ref_that_begins_a_sentence_keeps_its_name() {
    assert_eq!(sentence("refs/heads/main is gone"), "refs/heads/main is gone.");
    assert_eq!(sentence("it is gone!"), "It is gone!");
}
