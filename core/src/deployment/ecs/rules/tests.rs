//! What is put back, and where nothing is deployed to.

use super::*;

fn candidate(revision: &str, image: &str, is_active: bool) -> Candidate {
    Candidate { revision: revision.to_owned(), image: Some(image.to_owned()), is_active }
}

#[test]
fn the_verified_revision_goes_before_the_one_that_merely_ran() {
    let before = candidate("web:7", "web:hand-made", true);
    let good = candidate("web:5", "web:1.4.0", true);
    assert_eq!(put_back(Some(&before), Some(&good)), Choice::Revision("web:5"));
}

#[test]
fn of_two_revisions_with_one_image_the_newest_settings_stay() {
    let before = candidate("web:7", "web:1.4.0", true);
    let good = candidate("web:5", "web:1.4.0", true);
    assert_eq!(put_back(Some(&before), Some(&good)), Choice::Revision("web:7"));
    assert_eq!(put_back(Some(&before), None), Choice::Revision("web:7"));
    assert_eq!(put_back(None, Some(&good)), Choice::Revision("web:5"));
}

#[test]
fn what_is_not_active_is_passed_over() {
    let before = candidate("web:7", "web:hand-made", true);
    let gone = candidate("web:5", "web:1.4.0", false);
    assert_eq!(put_back(Some(&before), Some(&gone)), Choice::Revision("web:7"));
    let same = candidate("web:7", "web:1.4.0", false);
    let good = candidate("web:5", "web:1.4.0", true);
    assert_eq!(put_back(Some(&same), Some(&good)), Choice::Revision("web:5"));
    assert_eq!(put_back(Some(&same), Some(&gone)), Choice::Inactive(vec!["web:7", "web:5"]));
    assert_eq!(put_back(None, Some(&gone)), Choice::Inactive(vec!["web:5"]));
    assert_eq!(put_back(None, None), Choice::Nothing);
}

#[test]
fn images_that_nobody_can_tell_any_more_are_not_the_same() {
    let forgotten = Candidate { image: None, ..candidate("web:7", "", false) };
    let good = Candidate { image: None, ..candidate("web:5", "", true) };
    assert_eq!(put_back(Some(&forgotten), Some(&good)), Choice::Revision("web:5"));
}

const PLAN: EcsPlan<'_> = EcsPlan {
    cluster: "main",
    service: "web",
    container: "app",
    timeout: Duration::from_secs(1200),
};

fn service() -> ServiceFacts {
    ServiceFacts {
        status: "ACTIVE".to_owned(),
        controller: "ECS".to_owned(),
        desired: 1,
        bakes: Duration::ZERO,
        containers: vec!["app".to_owned()],
        before: None,
        good: None,
    }
}

#[test]
fn all_problems_of_a_service_are_told_at_once() {
    let facts = ServiceFacts {
        status: "DRAINING".to_owned(),
        controller: "CODE_DEPLOY".to_owned(),
        desired: 0,
        bakes: Duration::from_secs(1200),
        containers: vec!["application".to_owned(), "api".to_owned()],
        before: Some(candidate("arn:aws:ecs:eu-west-1:1:task-definition/web:7", "a", false)),
        good: None,
    };
    let found = check(&PLAN, &EcsFacts::Service(facts));
    let rules: Vec<&str> = found.iter().map(|violation| violation.rule.as_str()).collect();
    assert_eq!(rules, ["OWN011", "OWN013", "OWN014", "OWN037", "OWN012", "OWN015"]);
    assert!(found.iter().all(|violation| violation.at.to_string().starts_with("ecs.")));
    assert_eq!(check(&PLAN, &EcsFacts::Service(service())), []);
}

#[test]
fn near_names_are_offered() {
    let known = vec!["mian".to_owned(), "other".to_owned()];
    let told = check(&PLAN, &EcsFacts::NoCluster(known))[0].to_string();
    assert!(told.contains("`mian`, `other`") && told.contains("Did you mean `mian`?"), "{told}");
    let plan = EcsPlan { service: "arn:aws:ecs:eu-west-1:1:service/main/wbe", ..PLAN };
    let told = check(&plan, &EcsFacts::NoService(vec!["web".to_owned()]))[0].to_string();
    assert!(told.contains("Did you mean `web`?"), "{told}");
    let told = check(&PLAN, &EcsFacts::NoService(Vec::new()))[0].to_string();
    assert!(told.contains("Create the service first"), "{told}");
}
