//! What is told of what ECS says.

use super::super::view::{Event, StoppedContainer};
use super::*;

#[test]
fn signed_urls_lose_their_signature() {
    let said = "CannotPullContainerError: GET https://bucket.example.org/layer?X-Amz-Signature=abc&\
                X-Amz-Security-Token=def: 403";
    let told = plain(said);
    assert!(told.contains("https://bucket.example.org/layer?…"), "{told}");
    assert!(!told.contains("abc") && !told.contains("def"), "{told}");
    assert_eq!(plain("pull http://ada:hunter2@registry/api"), "pull http://registry/api");
}

#[test]
fn words_are_one_short_line() {
    assert_eq!(plain("  a\n\tb.  "), "a b");
    assert_eq!(plain(&"ä".repeat(1000)).chars().count(), LONGEST + 1);
}

#[test]
fn each_way_of_stopping_is_told_once() {
    let task = |id: &str, code: i32| StoppedTask {
        id: id.to_owned(),
        reason: "Essential container in task exited".to_owned(),
        containers: vec![
            StoppedContainer { name: "app".into(), exit_code: Some(code), reason: "OOM".into() },
            StoppedContainer { name: "proxy".into(), exit_code: Some(0), reason: String::new() },
        ],
        ..StoppedTask::default()
    };
    let told = tasks(&[task("a", 137), task("b", 137), task("c", 1)]).unwrap();
    assert_eq!(
        told,
        "task a stopped: Essential container in task exited; container `app`: exit code 137, OOM; \
         task c stopped: Essential container in task exited; container `app`: exit code 1, OOM"
    );
    assert_eq!(tasks(&[StoppedTask::default()]), None);
}

#[test]
fn events_of_before_are_not_told() {
    let event = |at: f64, text: &str| Event { at, message: text.to_owned() };
    let service =
        Service { events: vec![event(2.0, "new"), event(1.0, "old")], ..Service::default() };
    assert_eq!(events(&service, 2.0).unwrap(), "last events: \"new\"");
    assert_eq!(events(&service, 3.0), None);
}
