//! Policies of an environment: freezes, the order of environments, soak. What is registered binds every state.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::Workspace;
use pipeline_core::{Timestamp, Violations};

use crate::hcl::{environment, outputs};

const DEV_FIRST: &str = "  after = { environments = [pipeline_environment.dev.name] }\n";

/// Versions 1.0.0 and 1.1.0 of the api on commits of their own, and the folder of `dev`.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.repository.write("environments/dev/config.yaml", "{}\n")?;
    let secrets = include_str!("../fixtures/staging.enc.yaml");
    scene.repository.write("environments/dev/secrets.enc", secrets)?;
    let first = scene.repository.commit("Add dev")?;
    scene.repository.tag("api/v1.0.0", &first)?;
    let second = scene.repository.commit("Go on")?;
    scene.repository.tag("api/v1.1.0", &second)?;
    Ok(scene)
}

/// A deployment named as its environment, which this or another configuration registers.
fn deploys(environment: &str, version: &str, lines: &str) -> String {
    format!(
        "resource \"pipeline_deployment\" \"{environment}\" {{\n  environment = \"{environment}\"\n  \
         version = \"{version}\"\n  workflow_run_id = \"4711\"\n{lines}\n}}\n"
    )
}

fn now() -> Outcome<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    let seconds = i64::try_from(since.as_secs()).map_err(|error| error.to_string())?;
    Timestamp::from_unix_seconds(seconds).ok_or_else(|| "no such time".into())
}

/// What the clocks of UTC show, so many seconds from now.
fn clocks(seconds: i64) -> Outcome<String> {
    Ok(now()?.plus_seconds(seconds).to_string()[..16].to_owned())
}

/// Staging in a freeze that is on, and when that is over.
fn frozen() -> Outcome<(String, String)> {
    let (from, to) = (clocks(-86_400)?, clocks(86_400)?);
    let freeze = format!(
        "  freezes = [{{ name = \"Year end\", from = \"{from}\", to = \"{to}\" }}]\n  \
         freeze_windows = [{{ name = \"Never\", days = [\"{}\"], from = \"22:00\", to = \"06:00\", \
         timezone = \"Europe/Berlin\" }}]\n",
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][far_day(now()?)],
    );
    Ok((environment("staging", &freeze), format!("{to}:00Z")))
}

/// A day of the week, from Monday, that is three days away from this one.
fn far_day(now: Timestamp) -> usize {
    // 1970 began on a Thursday.
    let day = now.unix_seconds().div_euclid(86_400) + 3;
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
}

#[test]
fn a_freeze_is_told_at_plan_and_refused_at_apply() -> Outcome {
    let scene = released()?;
    let (staging, until) = frozen()?;
    scene.workspace.settle(&staging)?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&(staging + &deploys("staging", "api/v1.0.0", "")))?;
    let run = scene.workspace.plan(&[])?.ok()?;
    run.warned("POL003")?.says("Year end")?.says(&until)?;
    scene.workspace.apply(&[])?.refused("POL003")?.says("Year end")?.says(&until)?;
    same_refs(&before, &scene.repository.refs()?)?;
    // Another state is bound by it, too.
    let other = scene.second_workspace("other")?;
    other.main(&deploys("staging", "api/v1.0.0", ""))?;
    other.apply(&[])?.refused("POL003")?;
    // Who may change the policy may end the freeze.
    scene.workspace.settle(&environment("staging", ""))?;
    other.settle(&deploys("staging", "api/v1.0.0", ""))?;
    Ok(())
}

#[test]
fn an_override_lifts_a_freeze_and_is_announced() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(&frozen()?.0)?;
    let other = scene.second_workspace("other")?;
    let lifting = |subject: &str| {
        let hcl = format!(
            "  override = {{\n    reason = \"orders fail\"\n    approved_by = \"Grace Example\"\n    rules = \
             [\"POL003\"]\n    subjects = [\"{subject}\"]\n  }}"
        );
        other.configure(&scene.repository.path(), &hcl)
    };
    other.main(&deploys("staging", "api/v1.0.0", ""))?;
    lifting("production")?;
    other.apply(&[])?.refused("POL003")?.says("of `production`")?;
    lifting("staging/api")?;
    other.plan(&[])?.warned("lifts POL003")?.says("Year end")?.says("orders fail")?;
    other.apply(&[])?.ok()?;
    let kept = scene.repository.records("refs/ledger/audit/")?;
    let rules: Vec<_> = kept.values().map(|record| &record["rules"]).collect();
    assert_eq!(rules, [&serde_json::json!(["POL003"])]);
    Ok(())
}

#[test]
fn in_a_freeze_one_may_go_back() -> Outcome {
    let scene = released()?;
    scene.workspace.settle(&environment("staging", ""))?;
    let other = scene.second_workspace("other")?;
    other.settle(&deploys("staging", "api/v1.0.0", ""))?;
    other.settle(&deploys("staging", "api/v1.1.0", ""))?;
    scene.workspace.settle(&frozen()?.0)?;
    other.settle(&deploys("staging", "api/v1.0.0", "  allow_downgrade = true"))?;
    other.main(&deploys("staging", "api/v1.1.0", "  redeploy_after = null"))?;
    let run = other.plan(&[])?;
    run.warned("POL003")?.says("Year end")?;
    Ok(())
}

#[test]
fn a_version_goes_through_the_environments_before() -> Outcome {
    let scene = released()?;
    let both = environment("dev", "") + &environment("staging", DEV_FIRST);
    scene.workspace.settle(&both)?;
    let other = scene.second_workspace("other")?;
    other.main(&deploys("staging", "api/v1.0.0", ""))?;
    other.apply(&[])?.refused("POL004")?.says("`dev`")?.says("`staging`")?;
    // What the same plan brings there first counts.
    let dev = |version| deploys("dev", version, "");
    let after = "  depends_on = [pipeline_deployment.dev]";
    other.settle(&(dev("api/v1.0.0") + &deploys("staging", "api/v1.0.0", after)))?;
    other.main(&(dev("api/v1.0.0") + &deploys("staging", "api/v1.1.0", after)))?;
    other.plan(&[])?.refused("POL004")?.says("api/v1.1.0")?;
    other.settle(&(dev("api/v1.1.0") + &deploys("staging", "api/v1.1.0", after)))?;
    // To go back takes no such way.
    let back = "  allow_downgrade = true";
    other.settle(&(dev("api/v1.1.0") + &deploys("staging", "api/v1.0.0", back)))?;
    Ok(())
}

#[test]
fn what_has_to_run_before_runs_there() -> Outcome {
    let scene = released()?;
    let running = DEV_FIRST.replace(" }", ", condition = \"running\" }");
    scene.workspace.settle(&(environment("dev", "") + &environment("staging", &running)))?;
    let other = scene.second_workspace("other")?;
    other.settle(&deploys("dev", "api/v1.0.0", ""))?;
    other.settle(&deploys("dev", "api/v1.1.0", ""))?;
    let dev = deploys("dev", "api/v1.1.0", "");
    other.main(&(dev.clone() + &deploys("staging", "api/v1.0.0", "")))?;
    other.plan(&[])?.refused("POL004")?.says("does not run")?;
    other.settle(&(dev + &deploys("staging", "api/v1.1.0", "")))?;
    Ok(())
}

/// Waits until a moment is over.
fn pass(until: Timestamp) -> Outcome {
    while now()? <= until {
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn done_at(workspace: &Workspace) -> Outcome<Timestamp> {
    let known = workspace.attributes("pipeline_deployment.dev")?;
    let told = known["completed_at"].as_str().unwrap_or_default();
    told.parse().map_err(|bad: Violations| bad.to_string().into())
}

#[test]
fn a_version_soaks_before_it_goes_on() -> Outcome {
    let scene = released()?;
    let soaking = |soak: &str| {
        let lines = format!("{DEV_FIRST}  soak = \"{soak}\"");
        environment("dev", "") + &environment("staging", &lines)
    };
    scene.workspace.settle(&soaking("1h30m"))?;
    let other = scene.second_workspace("other")?;
    let dev = deploys("dev", "api/v1.0.0", "");
    other.settle(&dev)?;
    let done = done_at(&other)?;
    other.main(&(dev.clone() + &deploys("staging", "api/v1.0.0", "")))?;
    let until = done.plus_seconds(5400).to_string();
    other.plan(&[])?.refused("POL005")?.says("1h30m")?.says(&until)?;
    scene.workspace.settle(&soaking("2s"))?;
    pass(done.plus_seconds(2))?;
    other.settle(&(dev + &deploys("staging", "api/v1.0.0", "")))?;
    Ok(())
}

#[test]
fn the_order_of_environments_has_no_circle() -> Outcome {
    let scene = released()?;
    let circle = environment("dev", "  after = { environments = [\"staging\"] }")
        + &environment("staging", "  after = { environments = [\"dev\"] }");
    scene.workspace.main(&circle)?;
    scene.workspace.plan(&[])?.refused("POL006")?.says("`dev`")?.says("`staging`")?;
    // Nor over several configurations.
    scene.workspace.settle(&environment("dev", "  after = { environments = [\"staging\"] }"))?;
    let other = scene.second_workspace("other")?;
    other.main(&environment("staging", "  after = { environments = [\"dev\"] }"))?;
    other.apply(&[])?.refused("POL006")?.says("`dev` before `staging`")?;
    Ok(())
}

#[test]
fn what_is_wrong_with_a_policy_is_told_at_its_attribute() -> Outcome {
    let scene = released()?;
    let refused = |lines: &str, rule: &str, says: &str| -> Outcome {
        scene.workspace.main(&environment("staging", lines))?;
        scene.workspace.plan(&[])?.refused(rule)?.says(says)?;
        Ok(())
    };
    let freeze = |from: &str, to: &str, zone: &str| {
        format!(
            "  freezes = [{{ name = \"x\", from = \"{from}\", to = \"{to}\", timezone = \"{zone}\" }}]"
        )
    };
    refused(&freeze("2026-12-20T18:00", "2026-12-20T18:00", "UTC"), "POL003", "not after")?;
    refused(&freeze("2026-12-20", "2026-12-21", "UTC"), "POL003", "`2026-12-20T18:00`")?;
    let near = freeze("2026-12-20T00:00", "2026-12-20T24:00", "Europe/Berln");
    refused(&near, "POL003", "Did you mean `Europe/Berlin`?")?;
    let window =
        "  freeze_windows = [{ name = \"x\", days = [], from = \"00:00\", to = \"24:00\" }]";
    refused(window, "POL003", "no days")?;
    refused("  soak = \"1h\"", "POL005", "`after`")?;
    refused("  after = { environments = [] }", "POL004", "0 environments")?;
    refused("  after = { environments = [\"staging\"] }", "POL006", "itself")?;
    Ok(())
}

#[test]
fn what_is_registered_is_imported_and_shown_as_it_was_written() -> Outcome {
    let scene = released()?;
    let lines = r#"
  freezes        = [{ name = "Year end", from = "2026-12-20T18:00", to = "2026-12-31T24:00" }]
  freeze_windows = [{ name = "Nights", days = ["fri", "mon"], from = "22:00", to = "06:00", timezone = "Asia/Tokyo" }]
  after          = { environments = ["dev"], match = "any", condition = "running" }
  soak           = "1d12h"
"#;
    let staging = environment("staging", lines);
    scene.workspace.settle(&staging)?;
    let other = scene.second_workspace("other")?;
    other.main(&staging)?;
    other.import("pipeline_environment.staging", "staging")?.success()?;
    other.plan(&[])?.unchanged()?;
    let asked = "data \"pipeline_environment\" \"staging\" {\n  name = \"staging\"\n}\n";
    let shown = outputs(&["data.pipeline_environment.staging"]);
    other.settle(&[&staging, asked, &shown].concat())?;
    let found = other.output("o0")?;
    assert_eq!(found["soak"], "1d12h");
    assert_eq!(found["freezes"][0]["timezone"], "UTC");
    assert_eq!(found["freeze_windows"][0]["days"], serde_json::json!(["fri", "mon"]));
    assert_eq!(found["after"]["match"], "any");
    // A policy that is taken out is gone.
    scene.workspace.settle(&environment("staging", ""))?;
    other.plan(&[])?.ok()?;
    Ok(())
}
