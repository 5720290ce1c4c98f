//! `pipeline_infrastructure_resources`: what is on record, of one environment, of one cloud, or of all.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use serde_json::{Value, json};

use crate::hcl::staging;

const SERVICE: &str = "resource \"pipeline_infrastructure_resource\" \"web\" {
  cloud       = \"aws\"
  type        = \"aws_ecs_service\"
  name        = \"web\"
  region      = \"eu-west-1\"
  environment = pipeline_environment.staging.name
  tags        = { Environment = \"staging\", Project = \"shop\" }
  review = {
    reviewed_by = \"bob\"
    reviewed_at = \"2020-01-01T10:00:00Z\"
    reference   = \"https://example.com/pull/7\"
  }
}
";

#[test]
fn pipeline_infrastructure_resources_lists_by_environment_and_by_cloud() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&[staging(), SERVICE.to_owned()].concat())?;
    let second = scene.second_workspace("second")?;
    second.main(
        "data \"pipeline_infrastructure_resources\" \"all\" {}\n\
         data \"pipeline_infrastructure_resources\" \"here\" {\n  environment = \"staging\"\n}\n\
         data \"pipeline_infrastructure_resources\" \"azure\" {\n  cloud = \"azure\"\n}\n",
    )?;
    second.apply(&[])?.ok()?;
    let listed = |name: &str| -> Outcome<Value> {
        let read = second.attributes(&format!("data.pipeline_infrastructure_resources.{name}"))?;
        Ok(read["resources"].clone())
    };
    for name in ["all", "here"] {
        let listed = listed(name)?;
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
        assert_eq!(listed[0]["id"], "aws/aws_ecs_service/web");
        assert_eq!(listed[0]["reviewed_by"], "bob");
    }
    assert_eq!(listed("azure")?, json!([]));
    Ok(())
}
