//! What is written about containers, well and badly.

use super::*;

fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn images_print_what_they_read() {
    let digest = format!("api@sha256:{}", "0a".repeat(32));
    let images = [
        "api:1.2.3",
        "team/api:v1_2",
        "localhost:5000/api:1",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/api:1.2.3-rc.1",
        &digest,
        &format!("registry.example.org/team/api:1.2.3@sha256:{}", "0a".repeat(32)),
    ];
    for image in images {
        assert_eq!(image.parse::<ImageReference>().unwrap().to_string(), *image);
    }
}

#[test]
fn texts_that_are_no_images_are_told_why() {
    let next = |text: &str| text.parse::<ImageReference>().unwrap_err().to_string();
    assert!(next("https://registry.example.org/api:1").contains("scheme"));
    assert!(next("registry.example.org/api").contains("tag or the digest"));
    assert!(next("localhost:5000/api").contains("tag or the digest"));
    assert!(next("Team/API:1").contains("lower case"));
    assert!(next("api:1 2").contains("tag of at most"));
    assert!(next("api@sha256:12").contains("whole digest"));
    assert!(next("").contains("tag or the digest"));
    assert!(next(&format!("{}:1", "a".repeat(300))).contains("Shorten"));
}

#[test]
fn clusters_and_services_go_by_name_or_arn() {
    for name in ["web", "Web_2-a", "arn:aws:ecs:eu-west-1:123456789012:cluster/main"] {
        assert_eq!(name.parse::<EcsReference>().unwrap().to_string(), name);
        assert_eq!(name.parse::<EcsName>().is_ok(), !name.starts_with("arn:"));
    }
    for text in ["", "a b", "web.1", "arn:aws:s3:::bucket/web", "arn:aws:ecs:eu-west-1:1:cluster/"]
    {
        assert!(text.parse::<EcsReference>().unwrap_err().breaks(RuleId::OWN017), "{text}");
    }
}

#[test]
fn secrets_are_places() {
    for place in [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-token-Ab12Cd",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-token-Ab12Cd:key::",
        "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/api/token",
        "/api/production/token",
    ] {
        assert!(ContainerVariables::new(map(&[]), map(&[("TOKEN", place)])).is_ok(), "{place}");
    }
    for text in ["hunter2", "", "/a+b==", "//", "arn:aws:s3:::bucket", "arn:", "two words"] {
        let faults = ContainerVariables::new(map(&[]), map(&[("TOKEN", text)])).unwrap_err();
        assert!(faults.breaks(RuleId::OWN019), "{text}");
        assert!(text.is_empty() || !faults.to_string().contains(text), "{faults}");
    }
}

#[test]
fn all_faults_of_variables_are_told_at_once() {
    let environment = map(&[("A B", "x"), ("TOKEN", "y")]);
    let faults = ContainerVariables::new(environment, map(&[("TOKEN", "hunter2"), ("=", "/a")]));
    let places: Vec<String> = faults.unwrap_err().iter().map(|it| it.at.to_string()).collect();
    assert_eq!(places, ["environment", "secrets", "secrets[\"TOKEN\"]", "secrets[\"TOKEN\"]"]);
}
