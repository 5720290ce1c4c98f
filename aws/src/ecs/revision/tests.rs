//! Copies, and what they are made of.

use super::*;

const ANSWER: &str = r#"{
    "taskDefinition": {
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/web:7",
        "family": "web", "revision": 7, "status": "ACTIVE", "registeredAt": 1.5,
        "registeredBy": "arn:aws:iam::1:user/ada", "compatibilities": ["EC2"],
        "requiresAttributes": [], "deregisteredAt": 2, "deleteRequestedAt": 3,
        "cpu": "256", "fieldOfTomorrow": { "big": 123456789012345678901234567890 },
        "containerDefinitions": [
            { "name": "proxy", "image": "proxy:1", "environment": [{ "name": "A", "value": "1" }] },
            { "name": "app", "image": "app:1", "cpu": 0, "environment": [{ "name": "A", "value": "1" },
              { "name": "B", "value": "2" }], "secrets": [{ "name": "C", "valueFrom": "/c" }] }
        ]
    },
    "tags": [{ "key": "team", "value": "web" }]
}"#;

fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn copied(
    container: &str,
    environment: &[(&str, &str)],
    secrets: &[(&str, &str)],
) -> Option<Value> {
    let (environment, secrets) = (map(environment), map(secrets));
    let difference =
        Difference { container, image: "app:2", environment: &environment, secrets: &secrets };
    Revision::read(ANSWER.as_bytes())?.copy(difference)
}

#[test]
fn a_copy_differs_in_the_image_alone() {
    let mut original: Value = serde_json::from_str(ANSWER).unwrap();
    let mut expected = original["taskDefinition"].take();
    for name in READ_ONLY {
        expected.as_object_mut().unwrap().remove(name);
    }
    expected["tags"] = original["tags"].take();
    expected["containerDefinitions"][1]["image"] = json!("app:2");
    assert_eq!(copied("app", &[], &[]).unwrap(), expected);
    assert_eq!(copied("api", &[], &[]), None);
}

#[test]
fn numbers_are_copied_to_the_last_digit() {
    let text = copied("app", &[], &[]).unwrap().to_string();
    assert!(text.contains("123456789012345678901234567890"), "{text}");
}

#[test]
fn variables_that_are_given_replace_those_of_the_same_name() {
    let copy = copied("app", &[("B", "9"), ("C", "plain"), ("D", "4")], &[("A", "/a")]).unwrap();
    let app = &copy["containerDefinitions"][1];
    let plain = json!([
        { "name": "B", "value": "9" }, { "name": "C", "value": "plain" }, { "name": "D", "value": "4" },
    ]);
    assert_eq!(app["environment"], plain);
    assert_eq!(app["secrets"], json!([{ "name": "A", "valueFrom": "/a" }]));
    assert_eq!(
        copy["containerDefinitions"][0]["environment"],
        json!([{ "name": "A", "value": "1" }])
    );
}

#[test]
fn tells_what_a_revision_is() {
    let revision = Revision::read(ANSWER.as_bytes()).unwrap();
    assert!(revision.is_active() && revision.arn().ends_with("web:7"));
    assert_eq!(revision.image("app"), Some("app:1"));
    assert_eq!(revision.image("api"), None);
    assert_eq!(revision.registered_by(), Some("arn:aws:iam::1:user/ada"));
    assert_eq!(revision.container_names(), ["proxy", "app"]);
    assert_eq!(Revision::read(b"<html>"), None);
    assert_eq!(Revision::read(b"{}"), None);
}

#[test]
fn no_tags_are_no_list_of_tags() {
    let answer = ANSWER.replace(r#"[{ "key": "team", "value": "web" }]"#, "[]");
    let (environment, secrets) = (map(&[]), map(&[]));
    let difference = Difference {
        container: "app",
        image: "app:2",
        environment: &environment,
        secrets: &secrets,
    };
    let copy = Revision::read(answer.as_bytes()).unwrap().copy(difference).unwrap();
    assert_eq!(copy.get("tags"), None);
}

/// Some answers name what is not set, as null or as a choice of nothing. Neither may be sent back.
#[test]
fn what_is_not_set_is_not_copied() {
    let answer = r#"{"taskDefinition": {
        "family": "web", "cpu": null, "networkMode": "", "pidMode": "", "ipcMode": null,
        "runtimePlatform": {"cpuArchitecture": "", "operatingSystemFamily": "LINUX"},
        "volumes": [{"name": "data", "dockerVolumeConfiguration": {
            "scope": "", "driverOpts": {"type": ""}, "labels": {"scope": ""}}}],
        "containerDefinitions": [{
            "name": "app", "image": "app:1", "essential": null, "user": "",
            "command": ["sh", "", "-c"], "portMappings": [{"containerPort": 1, "protocol": ""}],
            "dockerLabels": {"protocol": "", "type": ""},
            "logConfiguration": {"logDriver": "awslogs", "options": {"mode": "", "type": ""}},
            "environment": [{"name": "EMPTY", "value": ""}, {"name": "NULL", "value": null}],
            "dependsOn": [{"containerName": "x", "condition": ""}]
        }]}}"#;
    let (environment, secrets) = (map(&[]), map(&[]));
    let difference = Difference {
        container: "app",
        image: "app:2",
        environment: &environment,
        secrets: &secrets,
    };
    let copy = Revision::read(answer.as_bytes()).unwrap().copy(difference).unwrap();
    let expected = json!({
        "family": "web",
        "runtimePlatform": {"operatingSystemFamily": "LINUX"},
        "volumes": [{"name": "data", "dockerVolumeConfiguration": {
            "driverOpts": {"type": ""}, "labels": {"scope": ""}}}],
        "containerDefinitions": [{
            "name": "app", "image": "app:2", "user": "",
            "command": ["sh", "", "-c"], "portMappings": [{"containerPort": 1}],
            "dockerLabels": {"protocol": "", "type": ""},
            "logConfiguration": {"logDriver": "awslogs", "options": {"mode": "", "type": ""}},
            "environment": [{"name": "EMPTY", "value": ""}, {"name": "NULL"}],
            "dependsOn": [{"containerName": "x"}]
        }]
    });
    assert_eq!(copy, expected);
}
