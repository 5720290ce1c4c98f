//! What is left behind, and what stays away.

use super::*;
use crate::RuleId;

fn left(records: &[Deployment], new: &str) -> Option<String> {
    let new = record(new, Status::InProgress, 100);
    left_behind(records, &new).map(|record| record.version.to_string())
}

#[test]
fn a_lower_version_leaves_the_higher_one_behind() {
    let records = [good("api/v1.0.0", 1), good("api/v1.2.0", 3), good("api/v1.1.0", 2)];
    assert_eq!(left(&records, "api/v1.1.0"), Some("api/v1.2.0".to_owned()));
    assert_eq!(left(&records, "api/v1.0.9"), Some("api/v1.2.0".to_owned()));
    assert_eq!(left(&records, "api/v1.2.0"), None);
    assert_eq!(left(&records, "api/v1.3.0"), None);
    assert_eq!(left(&records, "web/v0.1.0"), None);
    assert_eq!(left(&[], "api/v1.0.0"), None);
}

#[test]
fn only_what_is_in_place_is_left() {
    let records = [
        good("api/v1.0.0", 1),
        record("api/v1.3.0", Status::RolledBack, 2),
        rolled_out("api/v1.4.0", 3, true),
        good("api/v0.9.0", 4),
    ];
    assert_eq!(left(&records, "api/v0.9.1"), None, "v0.9.0 runs, not v1.0.0");
    let elsewhere =
        Deployment { region: Some("eu-west".parse().unwrap()), ..good("api/v9.0.0", 5) };
    assert_eq!(left(&[elsewhere], "api/v1.0.0"), None);
}

#[test]
fn the_new_deployment_does_not_leave_itself() {
    let (old, new) = (good("api/v1.1.0", 1), good("api/v1.0.0", 2));
    assert_eq!(left_behind(&[old.clone(), new.clone()], &new), Some(&old));
}

#[test]
fn only_a_version_that_ran_before_is_returned_to() {
    let back =
        |records: &[Deployment], new| returns(records, &record(new, Status::InProgress, 100));
    let records = [
        good("api/v1.0.0", 1),
        record("api/v1.1.0", Status::RolledBack, 2),
        record("api/v1.2.0", Status::Failed, 3),
        record("api/v1.3.0", Status::Cancelled, 4),
        good("api/v1.4.0", 5),
    ];
    assert!(back(&records, "api/v1.0.0") && back(&records, "api/v1.1.0"));
    for new in ["api/v1.2.0", "api/v1.3.0", "api/v1.0.1", "web/v1.0.0"] {
        assert!(!back(&records, new), "{new}");
    }
    let elsewhere =
        Deployment { region: Some("eu-west".parse().unwrap()), ..good("api/v2.0.0", 5) };
    assert!(!back(&[elsewhere], "api/v2.0.0"));
    let itself = record("api/v1.4.0", Status::InProgress, 100);
    assert!(!returns(std::slice::from_ref(&itself), &itself));
}

fn held_by(records: &[Deployment], text: &str, named: Option<&str>) -> Option<String> {
    let version = version(text);
    let named = named.map(|id| id.parse().unwrap());
    let held = held(&version, commit_of(&version), records, named.as_ref());
    held.map(|violation| {
        assert_eq!(violation.rule, RuleId::OWN040);
        assert_eq!(violation.at.to_string(), "version");
        violation.to_string()
    })
}

#[test]
fn what_was_rolled_back_stays_away_until_it_is_asked_for() {
    let back = record("api/v1.2.0", Status::RolledBack, 5);
    let id = back.id.to_string();
    let records = [good("api/v1.1.0", 1), back];
    let told = held_by(&records, "api/v1.2.0", None).unwrap();
    assert!(told.contains("rolled back to `api/v0.9.0` at") && told.contains("ada"), "{told}");
    assert!(told.contains(&format!("redeploy_after = \"{id}\"")), "{told}");
    assert_eq!(held_by(&records, "api/v1.2.0", Some(&id)), None);
    let other = records[0].id.to_string();
    let told = held_by(&records, "api/v1.2.0", Some(&other)).unwrap();
    assert!(told.contains(&other) && told.contains(&id), "{told}");
    assert_eq!(held_by(&records, "api/v1.1.0", None), None);
    assert_eq!(held_by(&records, "api/v1.3.0", None), None);
}

#[test]
fn a_failure_holds_only_where_the_service_was_put_back() {
    let held = |failed: Deployment| held_by(&[good("api/v1.1.0", 1), failed], "api/v1.2.0", None);
    assert!(held(rolled_out("api/v1.2.0", 5, true)).unwrap().contains("put back"));
    assert_eq!(held(rolled_out("api/v1.2.0", 5, false)), None);
    assert_eq!(held(record("api/v1.2.0", Status::Failed, 5)), None);
    assert_eq!(held(record("api/v1.2.0", Status::Cancelled, 5)), None);
    let stopped = rolled_out("api/v1.2.0", 5, true);
    let stopped = Deployment { progress: progress(Status::Cancelled, 5), ..stopped };
    assert_eq!(held(stopped), None, "a person stopped it, not the version");
    let health_check = Some(HealthCheckResult::Passed { response_time_ms: None });
    let healthy = Deployment { health_check, ..rolled_out("api/v1.2.0", 5, true) };
    assert_eq!(held(healthy), None, "its end could not be recorded");
}

#[test]
fn a_later_success_or_another_commit_frees_a_version() {
    let back = record("api/v1.2.0", Status::RolledBack, 5);
    assert_eq!(held_by(&[back.clone(), good("api/v1.2.0", 9)], "api/v1.2.0", None), None);
    let again = record("api/v1.2.0", Status::RolledBack, 12);
    let both = [back.clone(), again.clone()];
    assert!(held_by(&both, "api/v1.2.0", Some(back.id.as_str())).is_some());
    assert_eq!(held_by(&both, "api/v1.2.0", Some(again.id.as_str())), None);
    let moved = Deployment { commit_sha: CommitSha::from_bytes([9; 20]), ..back };
    assert_eq!(held_by(&[moved], "api/v1.2.0", None), None);
}
