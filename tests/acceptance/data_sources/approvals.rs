//! `pipeline_approvals`: what people decided about a version.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use serde_json::json;

use crate::hcl::production;

#[test]
fn pipeline_approvals_lists_the_newest_decision_of_each_person() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", &scene.repository.head()?)?;
    scene.workspace.settle(&production())?;
    let approval = |lines: &str| {
        format!(
            "resource \"pipeline_approval\" \"this\" {{\n  environment = \"production\"\n  \
             version = \"api/v1.0.0\"\n{lines}\n}}\n"
        )
    };
    for (person, lines) in [
        ("bob", "  expires_at = \"9000-01-01T00:00:00Z\"\n  reference = \"CHG-1\""),
        ("carol", "  decision = \"reject\""),
    ] {
        let own = scene.second_workspace(person)?;
        own.configure(&scene.repository.path(), &format!("  actor = \"{person}\""))?;
        own.settle(&approval(lines))?;
    }
    let commit = scene.repository.resolve("api/v1.0.0")?;
    let broken = json!({ "kind": "approval", "schema_version": 9 });
    let slot = format!("refs/ledger/approvals/production/{commit}/dave");
    scene.repository.put_record(&slot, &broken)?;
    let reader = scene.second_workspace("reader")?;
    reader.main(
        "data \"pipeline_approvals\" \"api\" {\n  environment = \"production\"\n  version = \"api/v1.0.0\"\n}\n",
    )?;
    reader.apply(&[])?.ok()?.warned("cannot be used")?.says(&slot)?;
    let found = reader.attributes("data.pipeline_approvals.api")?;
    assert_eq!(found["commit_sha"], commit);
    assert_eq!(
        (&found["approved_by"], &found["rejected_by"]),
        (&json!(["bob"]), &json!(["carol"]))
    );
    let first = &found["approvals"][0];
    assert_eq!((&first["person"], &first["decision"]), (&json!("bob"), &json!("approve")));
    assert_eq!(first["reference"], "CHG-1");
    assert_eq!(first["expires_at"], "9000-01-01T00:00:00Z");
    reader.main(
        "data \"pipeline_approvals\" \"api\" {\n  environment = \"production\"\n  version = \"api/v9.0.0\"\n}\n",
    )?;
    reader.plan(&[])?.refused("DEP007")?.says("api/v1.0.0")?;
    Ok(())
}
