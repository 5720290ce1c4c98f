//! Approvals: asked for by the registered environment, given by somebody else, good for one commit.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::workspace::Workspace;

use crate::hcl::{PRODUCTION, deployment, environment, production};

/// Production is registered; versions 1.0.0 and 1.1.0 of the api are on commits of their own.
fn released() -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", &scene.repository.head()?)?;
    let second = scene.repository.commit("Go on")?;
    scene.repository.tag("api/v1.1.0", &second)?;
    scene.workspace.settle(&production())?;
    Ok(scene)
}

/// An approval with these lines.
fn approval(lines: &str) -> String {
    format!("  approval = {{\n{lines}\n  }}\n")
}

/// A deployment to production in a workspace that does not register it.
fn deploys(version: &str, lines: &str) -> String {
    deployment("production", version, lines)
        .replace("pipeline_environment.production.name", "\"production\"")
}

fn refused(workspace: &Workspace, version: &str, lines: &str, says: &str) -> Outcome {
    workspace.main(&deploys(version, &approval(lines)))?;
    workspace.plan(&[])?.refused(says)?.says("DEP012")?;
    Ok(())
}

#[test]
fn nobody_approves_under_another_name() -> Outcome {
    let scene = released()?;
    let before = scene.repository.refs()?;
    let mut deployer = scene.second_workspace("deployer")?;
    deployer.environment.set("GITHUB_ACTOR", "ada-gh");
    deployer.environment.set("GITHUB_TRIGGERING_ACTOR", "rerun-gh");
    deployer.configure(&scene.repository.path(), "  actor = \"deploy-bot\"")?;
    for own in ["ada@example.com", "ada  example", "Ada-GH", "@rerun-gh", "Deploy-Bot"] {
        refused(&deployer, "api/v1.0.0", &format!("    approved_by = \"{own}\""), "triggered")?;
    }
    same_refs(&before, &scene.repository.refs()?)?;
    deployer.settle(&deploys("api/v1.0.0", &approval("    approved_by = \"Grace\"")))?;
    Ok(())
}

#[test]
fn an_approval_is_given_after_the_commit_and_before_now() -> Outcome {
    let scene = released()?;
    let deployer = scene.second_workspace("deployer")?;
    let at = |time: &str| format!("    approved_by = \"Grace\"\n    approved_at = \"{time}\"");
    refused(&deployer, "api/v1.0.0", &at("2020-01-01T00:00:00Z"), "was made")?;
    refused(&deployer, "api/v1.0.0", &at("2999-01-01T00:00:00Z"), "not in the future")?;
    let made = scene.repository.git(&["log", "-1", "--format=%cI"])?;
    deployer.settle(&deploys("api/v1.0.0", &approval(&at(made.trim()))))?;
    Ok(())
}

#[test]
fn an_approval_is_good_for_the_commit_that_it_was_first_used_for() -> Outcome {
    let scene = released()?;
    let first = scene.second_workspace("first")?;
    let by_change = "    approved_by = \"Grace\"\n    reference = \"CHG-1\"";
    first.settle(&deploys("api/v1.0.0", &approval(by_change)))?;
    let commit = scene.repository.resolve("api/v1.0.0")?;
    refused(&first, "api/v1.1.0", by_change, &commit)?;
    // The ledger remembers what the state of another workspace does not know.
    let second = scene.second_workspace("second")?;
    refused(&second, "api/v1.1.0", by_change, &commit)?;
    second.settle(&deploys("api/v1.1.0", &approval(&by_change.replace("CHG-1", "CHG-2"))))?;
    // A person moved the environment; the approval of what is put back is the one of old.
    let moved = scene.repository.commit("By hand")?;
    scene.repository.git(&["tag", "--force", "api/production", &moved])?;
    second.apply(&[])?.ok()?;
    assert_eq!(
        scene.repository.resolve("api/production")?,
        scene.repository.resolve("api/v1.1.0")?
    );
    Ok(())
}

#[test]
fn the_registered_policy_counts_until_another_one_is() -> Outcome {
    let scene = released()?;
    let relaxed = PRODUCTION.replace("requires_approval = true", "requires_approval = false");
    let hcl = [environment("production", &relaxed), deployment("production", "api/v1.0.0", "")];
    scene.workspace.main(&hcl.concat())?;
    scene.workspace.plan(&[])?.refused("DEP012")?.says("The registered policy counts")?;
    scene.workspace.settle(&hcl[0])?;
    scene.workspace.settle(&hcl.concat())?;
    Ok(())
}

#[test]
fn an_approval_that_is_not_known_yet_is_judged_by_the_apply() -> Outcome {
    let scene = released()?;
    let deployer = scene.second_workspace("deployer")?;
    let hcl = |who: &str| {
        format!(
            "resource \"terraform_data\" \"who\" {{\n  input = \"{who}\"\n}}\n{}",
            deploys("api/v1.0.0", &approval("    approved_by = terraform_data.who.output"))
        )
    };
    deployer.main(&hcl("Ada Example"))?;
    deployer.plan(&[])?.ok()?;
    deployer.apply(&[])?.refused("DEP012")?.says("Ada Example")?;
    deployer.settle(&hcl("Grace"))?;
    Ok(())
}
