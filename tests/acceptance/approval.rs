//! `pipeline_approval`, and the policies that count approvals of several people.

use std::process::Command;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::command;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::workspace::Workspace;
use serde_json::{Value, json};

use crate::hcl::{PRODUCTION, deployment, environment};

const ADDRESS: &str = "pipeline_approval.this";

/// The policy of most tests: two of three people.
const TWO_OF_THREE: &str = "    required = 2\n    approvers = [\"bob\", \"carol\", \"dave\"]";

/// Production, with these lines of a policy.
fn production(policy: &str) -> String {
    environment("production", &format!("{PRODUCTION}\n  approval_policy = {{\n{policy}\n  }}"))
}

/// Production is registered under a policy; versions 1.0.0 and 1.1.0 of the api are on commits of their own.
fn released(policy: &str) -> Outcome<Scene> {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", &scene.repository.head()?)?;
    let second = scene.repository.commit("Go on")?;
    scene.repository.tag("api/v1.1.0", &second)?;
    scene.workspace.settle(&production(policy))?;
    Ok(scene)
}

/// A workspace of a person.
fn of(scene: &Scene, person: &str) -> Outcome<Workspace> {
    let own = scene.second_workspace(person)?;
    own.configure(&scene.repository.path(), &format!("  actor = \"{person}\""))?;
    Ok(own)
}

/// A decision about version 1.0.0 with further lines.
fn decision(lines: &str) -> String {
    let version = if lines.contains("version") { "" } else { "  version = \"api/v1.0.0\"\n" };
    format!(
        "resource \"pipeline_approval\" \"this\" {{\n  environment = \"production\"\n{version}{lines}\n}}\n"
    )
}

/// A deployment to production in a workspace that does not register it.
fn deploys(version: &str, lines: &str) -> String {
    deployment("production", version, lines)
        .replace("pipeline_environment.production.name", "\"production\"")
}

/// The ref of a person's decision about a version.
fn slot(scene: &Scene, version: &str, person: &str) -> Outcome<String> {
    let commit = scene.repository.resolve(version)?;
    Ok(format!("refs/ledger/approvals/production/{commit}/{person}"))
}

fn only_deployment(scene: &Scene) -> Outcome<Value> {
    let records = scene.repository.records("refs/ledger/deployments/production/")?;
    assert_eq!(records.len(), 1);
    Ok(records.into_values().next().ok_or("no deployment")?)
}

#[test]
fn two_of_three_people_approve_and_another_configuration_deploys() -> Outcome {
    let scene = released(TWO_OF_THREE)?;
    let deployer = of(&scene, "erin")?;
    deployer.main(&deploys("api/v1.0.0", ""))?;
    let none = deployer.plan(&[])?.refused("POL001")?;
    none.says("0 of 2")?.says("Have 2 of `bob`, `carol` and `dave`")?.says("pipeline_approval")?;
    of(&scene, "bob")?.settle(&decision("  reference = \"CHG-1\""))?;
    let one = deployer.plan(&[])?.refused("POL001")?;
    one.says("1 of 2")?.says("by `bob`")?.says("Have one of `carol`, `dave`")?;
    of(&scene, "carol")?.settle(&decision(""))?;
    deployer.settle(&deploys("api/v1.0.0", ""))?;
    let record = only_deployment(&scene)?;
    assert_eq!(record["approval"]["approved_by"], "bob");
    assert_eq!(record["approval"]["reference"], "CHG-1");
    assert_eq!(record["approvals"][0]["approved_by"], "carol");
    let history = scene.second_workspace("history")?;
    history.main(
        "data \"pipeline_deployments\" \"all\" {\n  environment = \"production\"\n}\n\
         data \"pipeline_report\" \"all\" {}\n",
    )?;
    history.apply(&[])?.ok()?;
    let shown = history.attributes("data.pipeline_deployments.all")?;
    let people = &shown["deployments"][0]["approvals"];
    assert_eq!(
        (&people[0]["approved_by"], &people[1]["approved_by"]),
        (&json!("bob"), &json!("carol"))
    );
    let report = history.attributes("data.pipeline_report.all")?;
    for page in ["markdown", "html", "json"] {
        let text = report[page].as_str().unwrap_or_default();
        assert!(text.contains("bob") && text.contains("carol"), "{page}");
    }
    Ok(())
}

#[test]
fn what_is_written_and_what_is_recorded_is_counted_together_and_each_person_once() -> Outcome {
    let scene = released(TWO_OF_THREE)?;
    of(&scene, "bob")?.settle(&decision(""))?;
    let deployer = of(&scene, "erin")?;
    let named = |people: &[&str]| {
        let blocks: Vec<String> =
            people.iter().map(|it| format!("{{ approved_by = \"{it}\" }}")).collect();
        deploys("api/v1.0.0", &format!("  approvals = [{}]", blocks.join(", ")))
    };
    deployer.main(&named(&["bob", "BOB"]))?;
    deployer.plan(&[])?.refused("a second time")?;
    deployer.plan(&[])?.refused("1 of 2")?;
    deployer.main(&named(&["Erin"]))?;
    deployer.plan(&[])?.refused("DEP012")?.says("triggered")?;
    deployer.main(&named(&["mallory"]))?;
    deployer.plan(&[])?.refused("DEP012")?.says("`dave`")?;
    deployer.settle(&named(&["dave"]))?;
    let record = only_deployment(&scene)?;
    assert_eq!(record["approval"]["approved_by"], "dave");
    assert_eq!(record["approvals"][0]["approved_by"], "bob");
    Ok(())
}

#[test]
fn an_approval_is_of_one_commit() -> Outcome {
    let scene = released("    required = 1\n    approvers = [\"bob\"]")?;
    of(&scene, "bob")?.settle(&decision(""))?;
    let deployer = of(&scene, "erin")?;
    let other = scene.repository.resolve("api/v1.0.0")?;
    deployer.main(&deploys("api/v1.1.0", ""))?;
    deployer.plan(&[])?.refused("DEP012")?.says(&scene.repository.resolve("api/v1.1.0")?)?;
    let stale = format!("  approvals = [{{ approved_by = \"bob\", commit_sha = \"{other}\" }}]");
    deployer.main(&deploys("api/v1.1.0", &stale))?;
    deployer.plan(&[])?.refused("DEP012")?.says(&other)?;
    deployer.settle(&deploys("api/v1.0.0", ""))?;
    Ok(())
}

#[test]
fn what_is_withdrawn_between_plan_and_apply_does_not_count() -> Outcome {
    let scene = released(TWO_OF_THREE)?;
    let (bob, carol) = (of(&scene, "bob")?, of(&scene, "carol")?);
    bob.settle(&decision(""))?;
    carol.settle(&decision(""))?;
    let deployer = of(&scene, "erin")?;
    deployer.main(&deploys("api/v1.0.0", ""))?;
    deployer.plan(&["-out=saved"])?.ok()?;
    bob.destroy()?.ok()?;
    assert!(!scene.repository.refs()?.contains_key(&slot(&scene, "api/v1.0.0", "bob")?));
    let before = scene.repository.refs()?;
    deployer.apply(&["saved"])?.refused("1 of 2")?.says("by `carol`")?;
    same_refs(&before, &scene.repository.refs()?)?;
    let audits = scene.repository.records("refs/ledger/audit/")?;
    let told: Vec<_> = audits.values().map(|it| it["action"].as_str().unwrap_or("")).collect();
    assert_eq!(told, ["withdraw the approval of api/v1.0.0 for production by bob"]);
    // No rule was set aside.
    let report = scene.second_workspace("report")?;
    report.main("data \"pipeline_report\" \"all\" {}\n")?;
    report.apply(&[])?.ok()?;
    let markdown = report.attributes("data.pipeline_report.all")?["markdown"].to_string();
    assert!(!markdown.contains("set aside"), "{markdown}");
    Ok(())
}

#[test]
fn a_rejection_blocks_until_that_person_changes_it() -> Outcome {
    let scene = released(TWO_OF_THREE)?;
    for person in ["bob", "dave"] {
        of(&scene, person)?.settle(&decision(""))?;
    }
    let carol = of(&scene, "carol")?;
    carol.settle(&decision("  decision = \"reject\"\n  reference = \"BUG-7\""))?;
    let deployer = of(&scene, "erin")?;
    deployer.main(&deploys("api/v1.0.0", ""))?;
    deployer.plan(&[])?.refused("POL002")?.says("`carol`")?.says("BUG-7")?;
    // Another version is another matter; and carol may change her mind.
    carol.settle(&decision("  decision = \"approve\""))?;
    deployer.settle(&deploys("api/v1.0.0", ""))?;
    let audits = scene.repository.records("refs/ledger/audit/")?;
    assert!(audits.values().any(|it| it["action"].to_string().contains("turn the rejection")));
    let ending = "  decision = \"reject\"\n  expires_at = \"9000-01-01T00:00:00Z\"";
    carol.main(&decision(ending))?;
    carol.plan(&[])?.refused("POL002")?.at("expires_at")?;
    Ok(())
}

#[test]
fn one_that_is_too_old_or_over_does_not_count_and_is_renewed() -> Outcome {
    let policy = "    required = 1\n    valid_for = \"72h\"\n    allow_trigger = true";
    let scene = released(policy)?;
    let ada = scene.second_workspace("ada")?;
    ada.main(&decision("  expires_at = \"2020-01-01T00:00:00Z\""))?;
    ada.plan(&[])?.refused("POL002")?.says("never count")?;
    ada.settle(&decision(""))?;
    let slot = slot(&scene, "api/v1.0.0", "ada%20example")?;
    let records = scene.repository.records(&slot)?;
    let fresh = records.get(&slot).cloned().ok_or("no record")?;
    let deployer = scene.second_workspace("deployer")?;
    deployer.main(&deploys("api/v1.0.0", ""))?;
    let mut over = fresh.clone();
    over["expires_at"] = json!("2020-01-01T00:00:00Z");
    scene.repository.put_record(&slot, &over)?;
    deployer.plan(&[])?.refused("POL001")?.says("ended at 2020-01-01")?;
    let mut old = fresh;
    old["registered_at"] = json!("2020-01-01T00:00:00Z");
    old["updated_at"] = json!("2020-01-01T00:00:00Z");
    scene.repository.put_record(&slot, &old)?;
    deployer.plan(&[])?.refused("POL001")?.says("older than 3d")?;
    ada.plan(&[])?.unchanged()?;
    ada.apply(&[&format!("-replace={ADDRESS}")])?.ok()?;
    deployer.settle(&deploys("api/v1.0.0", ""))?;
    Ok(())
}

#[test]
fn nobody_decides_in_the_name_of_somebody_else() -> Outcome {
    let scene = released(TWO_OF_THREE)?;
    let bob = of(&scene, "bob")?;
    bob.settle(&decision(""))?;
    assert_eq!(bob.attributes(ADDRESS)?["person"], "bob");
    bob.configure(&scene.repository.path(), "  actor = \"carol\"")?;
    bob.main(&decision("  decision = \"reject\""))?;
    bob.plan(&[])?.refused("POL001")?.says("`carol`, in the place of `bob`")?;
    bob.destroy()?.refused("POL001")?;
    let mallory = of(&scene, "mallory")?;
    mallory.main(&decision(""))?;
    mallory.plan(&[])?.refused("POL001")?.says("`dave`")?;
    // Who may push writes under bob's name, and git says who wrote.
    let slot = slot(&scene, "api/v1.0.0", "bob")?;
    let record = scene.repository.records(&slot)?.remove(&slot).ok_or("no record")?;
    scene.repository.put_record(&slot, &record)?;
    let deployer = of(&scene, "erin")?;
    deployer.main(&deploys("api/v1.0.0", ""))?;
    deployer.plan(&[])?.refused("POL001")?.says("in whose place `Ada Example` wrote")?;
    Ok(())
}

#[test]
fn an_approval_may_be_planned_with_what_it_is_for() -> Outcome {
    let scene = released("    required = 1")?;
    let policy = "    required = 1\n    allow_trigger = true";
    let approval = decision("").replace("\"production\"", "pipeline_environment.production.name");
    let waits = "  depends_on = [pipeline_approval.this]";
    scene.workspace.settle(&production(policy))?;
    let all = [production(policy), approval, deployment("production", "api/v1.0.0", waits)];
    scene.workspace.settle(&all.concat())?;
    assert_eq!(only_deployment(&scene)?["approval"]["approved_by"], "Ada Example");
    Ok(())
}

#[test]
fn what_is_wrong_is_told_at_plan_and_nothing_changes() -> Outcome {
    let scene = released(TWO_OF_THREE)?;
    let before = scene.repository.refs()?;
    let bob = of(&scene, "bob")?;
    let broken = [
        ("  version = \"api/v9.0.0\"", "DEP007", "version", "api/v1.0.0"),
        ("  decision = \"maybe\"", "POL001", "decision", "approve"),
        ("  reference = \"https://ada:s3cret@example.com\"", "OWN046", "reference", "not shown"),
    ];
    for (line, rule, place, said) in broken {
        bob.main(&decision(line))?;
        bob.plan(&[])?.refused(rule)?.says(said)?.at(place)?;
    }
    bob.main(&decision("").replace("production", "produktion"))?;
    bob.plan(&[])?.refused("DEP021")?.says("production")?;
    let policies = [
        ("    required = 0", "required", "1 to 100"),
        ("    required = 3\n    approvers = [\"bob\"]", "approvers", "one person"),
        // What is missing stands nowhere; it is told in words, and the block around it is shown.
        ("    signatures = \"required\"", "approval_policy", "approval_policy.allowed_signers"),
        ("    valid_for = \"250ms\"", "valid_for", "whole seconds"),
        ("    allowed_signers = [\"* ssh-ed25519 AAAA\"]", "allowed_signers", "by name"),
    ];
    for (policy, place, said) in policies {
        scene.workspace.main(&production(policy))?;
        let told = scene.workspace.plan(&[])?.refused("POL001")?;
        told.says(said)?;
        if scene.workspace.terraform.points_inside() {
            told.at(place)?;
        }
    }
    let none = "  requires_approval = false\n  approval_policy = {\n    required = 2\n  }";
    scene.workspace.main(&environment("staging", none))?;
    scene.workspace.plan(&[])?.refused("POL001")?.at("requires_approval")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn a_policy_of_one_approval_is_recorded_as_ever_and_one_that_says_more_is_not_for_old_releases()
-> Outcome {
    let scene = released("    approvers = [\"bob\"]")?;
    let name = "refs/ledger/environments/production";
    let record =
        || Ok::<_, pipeline_acceptance::Failure>(scene.repository.records(name)?[name].clone());
    let plain = record()?;
    assert_eq!(plain["schema_version"], 1);
    assert_eq!(plain["environment"]["approval"], json!({ "approvers": ["bob"], "required": true }));
    assert!(plain.get("readable_since").is_none());
    scene.workspace.settle(&production(TWO_OF_THREE))?;
    let more = record()?;
    assert_eq!(
        (&more["schema_version"], &more["environment"]["approval"]["count"]),
        (&json!(2), &json!(2))
    );
    let import = scene.second_workspace("import")?;
    import.main(&production(TWO_OF_THREE))?;
    import.import("pipeline_environment.production", "production")?.success()?;
    import.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn imports_by_id_and_identity() -> Outcome {
    let scene = released(TWO_OF_THREE)?;
    of(&scene, "bob")?.settle(&decision("  reference = \"CHG-1\""))?;
    let second = scene.second_workspace("second")?;
    second.configure(&scene.repository.path(), "  actor = \"bob\"")?;
    second.main(&decision("  reference = \"CHG-1\""))?;
    second.plan(&[])?.refused("registered already")?;
    let unknown = second.import(ADDRESS, "production/api/v1.1.0/bob")?;
    assert!(unknown.code != Some(0) && unknown.stderr.contains("No such approval"));
    second.import(ADDRESS, "production/api/v1.0.0/bob")?.success()?;
    second.plan(&[])?.unchanged()?;
    if scene.workspace.terraform.lacks(Feature::Identity, "imports_by_id_and_identity") {
        return Ok(());
    }
    let third = scene.second_workspace("third")?;
    third.configure(&scene.repository.path(), "  actor = \"bob\"")?;
    let import = format!(
        "import {{\n  to = {ADDRESS}\n  identity = {{ environment = \"production\", \
         version = \"api/v1.0.0\", person = \"bob\" }}\n}}\n"
    );
    third.main(&[import, decision("  reference = \"CHG-1\"")].concat())?;
    third.apply(&[])?.ok()?;
    third.plan(&[])?.unchanged()?;
    Ok(())
}

/// A key of a person, with which their workspace signs; the line that says whose it is.
fn sign_with_key(scene: &Scene, own: &mut Workspace, person: &str) -> Outcome<String> {
    let root = scene.environment().root();
    let key = root.join(format!("key-of-{person}"));
    let mut made = Command::new("ssh-keygen");
    made.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&key);
    command::run(&mut made)?.success()?;
    let settings = root.join(format!("git-of-{person}"));
    let (path, home) = (key.display(), settings.display().to_string());
    std::fs::write(&settings, format!("[gpg]\n\tformat = ssh\n[user]\n\tsigningKey = {path}\n"))?;
    own.environment.set("GIT_CONFIG_GLOBAL", home);
    let public = std::fs::read_to_string(key.with_extension("pub"))?;
    Ok(format!("{person} {}", public.trim()))
}

#[test]
fn where_signatures_are_asked_for_only_signed_records_count() -> Outcome {
    let scene = released("    required = 1")?;
    let (mut bob, mut mallory) = (of(&scene, "bob")?, of(&scene, "mallory")?);
    let key = sign_with_key(&scene, &mut bob, "bob")?;
    let _ = sign_with_key(&scene, &mut mallory, "mallory")?;
    let policy = format!(
        "    required = 1\n    signatures = \"required\"\n    allowed_signers = [\"{key}\"]"
    );
    scene.workspace.settle(&production(&policy))?;
    let deployer = of(&scene, "erin")?;
    let written = "  approvals = [{ approved_by = \"bob\" }]";
    deployer.main(&deploys("api/v1.0.0", written))?;
    deployer.plan(&[])?.refused("POL001")?.says("a signed record")?;
    deployer.main(&deploys("api/v1.0.0", ""))?;
    // Mallory signs in bob's name, with a key of her own.
    mallory.configure(&scene.repository.path(), "  actor = \"bob\"")?;
    mallory.settle(&decision(""))?;
    deployer.plan(&[])?.refused("POL001")?.says("no key that the environment knows")?;
    mallory.destroy()?.ok()?;
    // Nor does a record count that somebody puts there without a signature.
    bob.settle(&decision(""))?;
    let slot = slot(&scene, "api/v1.0.0", "bob")?;
    let signed = scene.repository.refs()?[&slot].clone();
    let record = scene.repository.records(&slot)?.remove(&slot).ok_or("no record")?;
    scene.repository.put_record(&slot, &record)?;
    deployer.plan(&[])?.refused("POL001")?.says("it is not signed")?;
    scene.repository.git(&["update-ref", &slot, &signed])?;
    deployer.settle(&deploys("api/v1.0.0", ""))?;
    assert_eq!(only_deployment(&scene)?["approval"]["approved_by"], "bob");
    let unknown = of(&scene, "carol")?;
    unknown.main(&decision(""))?;
    unknown.plan(&[])?.refused("POL001")?.says("knows no key")?;
    Ok(())
}

#[test]
fn who_has_no_key_is_told_that_the_record_has_to_be_signed() -> Outcome {
    let scene = released("    required = 1")?;
    let mut bob = of(&scene, "bob")?;
    let key = sign_with_key(&scene, &mut bob, "bob")?;
    let policy = format!(
        "    required = 1\n    signatures = \"required\"\n    allowed_signers = [\"{key}\"]"
    );
    scene.workspace.settle(&production(&policy))?;
    std::fs::remove_file(scene.environment().root().join("key-of-bob"))?;
    std::fs::remove_file(scene.environment().root().join("key-of-bob.pub"))?;
    let before = scene.repository.refs()?;
    bob.main(&decision(""))?;
    bob.apply(&[])?.refused("could not be signed")?;
    same_refs(&before, &scene.repository.refs()?)
}
