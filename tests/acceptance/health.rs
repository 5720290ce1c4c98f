//! Health checks as an engineer writes them: status, body, attempts and time-outs.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::scene::Scene;

use crate::hcl::{deployment, staging};

const ADDRESS: &str = "pipeline_deployment.this";

/// Version 1.0.0 of the api, and staging as it is registered.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", &scene.repository.head()?)?;
    Ok(scene)
}

/// A deployment to staging, checked at this address with these further lines.
fn checked(url: &str, lines: &str) -> String {
    let block = format!(
        "  health_check = {{\n    url = \"{url}\"\n    interval = \"50ms\"\n    \
         attempt_timeout = \"5s\"\n    timeout = \"20s\"\n{lines}\n  }}\n"
    );
    [staging(), deployment("staging", "api/v1.0.0", &block)].concat()
}

#[test]
fn the_body_decides_where_it_is_asked_for() -> Outcome {
    let scene = released()?;
    let server =
        HealthServer::start(Health::Says("{\"status\": \"unhealthy\", \"id\": \"q1w2\"}"))?;
    let healthy = "    expected_body = \"\\\\bhealthy\\\\b\"\n    retries = 2";
    scene.workspace.main(&checked(&server.url, healthy))?;
    let run = scene.workspace.apply(&[])?;
    let told = run.refused("expected_body")?;
    assert!(told.detail.contains("DEP009") && !told.detail.contains("q1w2"), "{told:?}");
    assert_eq!(server.asked(), 3);
    let good = HealthServer::start(Health::Says("{\"status\": \"healthy\"}"))?;
    scene.workspace.settle(&checked(&good.url, healthy))?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["health_check_status"], "passed");
    assert!(known["health_check_response_time_ms"].is_u64(), "{known}");
    Ok(())
}

#[test]
fn one_attempt_is_made_where_none_may_follow() -> Outcome {
    let scene = released()?;
    let server = HealthServer::start(Health::Recovers(1))?;
    scene.workspace.main(&checked(&server.url, "    retries = 0"))?;
    scene.workspace.apply(&[])?.refused("after 1 attempt")?.says("503")?;
    assert_eq!(server.asked(), 1);
    Ok(())
}

#[test]
fn what_cannot_work_is_refused_at_validation() -> Outcome {
    let scene = released()?;
    let url = "https://example.com/health";
    scene.workspace.main(&checked(url, "    expected_body = \"(\""))?;
    scene.workspace.validate()?.refused("OWN041")?.says("regular expression for the body")?;
    scene.workspace.main(&checked(url, "    retries = -1"))?;
    scene.workspace.validate()?.refused("from 0 to")?;
    let hasty = checked(url, "").replace("\"5s\"", "\"0s\"");
    scene.workspace.main(&hasty)?;
    scene.workspace.validate()?.refused("attempt_timeout")?;
    Ok(())
}

#[test]
fn problems_inside_groups_are_told_with_their_whole_paths_all_at_once() -> Outcome {
    let scene = released()?;
    let approval =
        "  }\n  approval = {\n    approved_by = \"<ada>\"\n    approved_at = \"yesterday\"";
    let lines = format!("    expected_status = 700\n{approval}");
    scene.workspace.main(&checked("example.com/health", &lines))?;
    let run = scene.workspace.validate()?;
    let problems = [
        ("health_check.expected_status", "700"),
        ("health_check.url", "DEP022"),
        ("approval.approved_by", "<ada>"),
        ("approval.approved_at", "yesterday"),
    ];
    for (path, found) in problems {
        run.refused(&format!("At `{path}`: "))?.says(found)?;
    }
    Ok(())
}
