//! `pipeline_environment`: registered for everyone, once its folder and its secrets are in order.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;

use crate::hcl::{PRODUCTION, environment, production, staging};

const ADDRESS: &str = "pipeline_environment.staging";
const RECORD: &str = "refs/ledger/environments/staging";

/// A hosting profile that suits production, with one line replaced.
fn profile(line: &str) -> String {
    let name = line.split('=').next().unwrap_or_default().trim();
    let lines = [
        "resource_tier = \"P1v2\"",
        "instance_count = 2",
        "backup_strategy = \"zone-redundant\"",
        "storage_replication = \"RA-GRS\"",
        "region = \"westeurope\"",
        "monitoring_thresholds = { latency_p95_ms = 500, error_rate_percent = 1, availability_percent = 99.9 }",
    ];
    let kept = lines.into_iter().filter(|kept| name.is_empty() || !kept.starts_with(name));
    let all: Vec<_> = kept.chain([line]).map(|line| format!("    {line}\n")).collect();
    format!("  hosting_profile = {{\n{}  }}\n", all.concat())
}

/// Plans the environment `name` with `lines` and expects `rule` at `place`; nothing may change.
fn refused(name: &str, lines: &str, rule: &str, place: &str) -> Outcome {
    let scene = Scene::local()?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&environment(name, lines))?;
    let told = scene.workspace.plan(&[])?.refused(rule)?;
    if scene.workspace.terraform.points_inside() {
        told.at(place)?;
    }
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn registers_an_environment_with_its_defaults() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&staging())?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["config_path"], "environments/staging");
    assert_eq!(known["secrets_file"], "environments/staging/secrets.enc");
    assert_eq!(known["commit_sha"], scene.repository.head()?);
    assert_eq!(known["is_production"], false);
    let records = scene.repository.records(RECORD)?;
    let record = records.get(RECORD).ok_or("no record of the environment")?;
    assert!(record.to_string().contains("environments/staging"), "{record}");
    assert!(record.get("schema_version").is_some(), "{record}");
    Ok(())
}

#[test]
fn registers_production_with_everything() -> Outcome {
    let scene = Scene::local()?;
    let lines = format!(
        "{PRODUCTION}\n{}\n  aws_region = \"eu-west-1\"\n  account = \"123456789012\"\n  \
         stacks = [{{ name = \"app\", path = \"stacks/app\" }}]\n  \
         tests = {{ commands = [\"make test\"] }}\n  tags = {{ Team = \"Größe & Co\" }}\n  \
         approval_policy = {{ approvers = [\"Grace Example\"] }}\n",
        profile("")
    );
    scene.workspace.settle(&environment("production", &lines))?;
    let known = scene.workspace.attributes("pipeline_environment.production")?;
    assert_eq!(known["tags"]["Team"], "Größe & Co");
    assert_eq!(known["hosting_profile"]["cost_budget_usd"], 500);
    let record = format!("{:?}", scene.repository.records("refs/ledger/environments/")?);
    assert!(record.contains("environments/production/regions/eu-west"), "{record}");
    Ok(())
}

#[test]
fn an_object_that_says_nothing_is_told() -> Outcome {
    let scene = Scene::local()?;
    // Both lose their misspelt argument before the provider sees them.
    let lines = "  approval_policy = { requierd = 2 }\n  tests = { comands = [\"make test\"] }";
    scene.workspace.main(&environment("staging", lines))?;
    let run = scene.workspace.plan(&[])?.ok()?;
    for (place, expected) in
        [("approval_policy", "`required`, `approvers`"), ("tests", "expected `commands`")]
    {
        let told = run.warned(&format!("leave `{place}` out"))?;
        told.at(place)?;
        told.says(expected)?;
    }
    // What says something, or is not known yet, may be all that is wanted.
    let lines = "  approval_policy = { allow_trigger = false }\n  tests = { commands = [] }";
    scene.workspace.main(&environment("staging", lines))?;
    scene.workspace.plan(&[])?.ok()?.silent()?;
    let later = "resource \"terraform_data\" \"later\" {\n  input = 2\n}\n";
    let lines = "  approval_policy = { required = terraform_data.later.output }";
    scene.workspace.main(&[later, &environment("staging", lines)].concat())?;
    scene.workspace.plan(&[])?.ok()?.silent()?;
    Ok(())
}

#[test]
fn changes_in_place() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&staging())?;
    scene.workspace.main(&environment("staging", "  tags = { Team = \"web\" }"))?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    let records = scene.repository.records(RECORD)?;
    assert!(format!("{records:?}").contains("web"), "{records:?}");
    Ok(())
}

#[test]
fn a_refresh_changes_nothing() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&staging())?;
    let before = scene.workspace.attributes(ADDRESS)?;
    scene.workspace.apply(&["-refresh-only"])?.ok()?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?, before);
    Ok(())
}

#[test]
fn destroying_unregisters_it() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&staging())?;
    scene.workspace.destroy()?.ok()?;
    assert!(!scene.repository.refs()?.contains_key(RECORD));
    Ok(())
}

#[test]
fn what_someone_else_unregistered_is_registered_again() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&staging())?;
    scene.repository.git(&["update-ref", "-d", RECORD])?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("create"));
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn imports_by_id() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&production())?;
    let second = scene.second_workspace("second")?;
    second.main(&production())?;
    second.import("pipeline_environment.production", "production")?.success()?;
    second.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn imports_by_identity() -> Outcome {
    let scene = Scene::local()?;
    if scene.workspace.terraform.lacks(Feature::Identity, "imports_by_identity") {
        return Ok(());
    }
    scene.workspace.settle(&staging())?;
    let second = scene.second_workspace("second")?;
    let import = "import {\n  to = pipeline_environment.staging\n  \
                  identity = { name = \"staging\" }\n}\n";
    second.main(&[import.to_owned(), staging()].concat())?;
    second.apply(&[])?.ok()?;
    second.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn importing_an_unknown_environment_says_so() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&staging())?;
    let said = scene.workspace.import(ADDRESS, "staging")?;
    assert_ne!(said.code, Some(0));
    assert!(said.stderr.contains("staging"), "{}", said.stderr);
    Ok(())
}

#[test]
fn a_plaintext_secrets_file_is_refused_and_never_shown() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.write("environments/staging/secrets.enc", "api_key: canary-plain-7d1f\n")?;
    scene.repository.commit("Forget to encrypt")?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&staging())?;
    let run = scene.workspace.apply(&[])?;
    run.refused("ENV004")?.says("environments/staging/secrets.enc")?;
    assert!(!run.said.stdout.contains("canary-plain-7d1f"));
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn plaintext_secrets_of_another_environment_are_a_warning() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.write("environments/other/secrets.enc", "api_key: canary-other-41ac\n")?;
    scene.repository.commit("Forget to encrypt elsewhere")?;
    scene.workspace.main(&staging())?;
    let run = scene.workspace.plan(&[])?.ok()?;
    run.warned("SCY001")?.says("environments/other/secrets.enc")?;
    assert!(!run.said.stdout.contains("canary-other-41ac"));
    Ok(())
}

#[test]
fn one_plaintext_value_is_enough_to_refuse_and_is_named() -> Outcome {
    let scene = Scene::local()?;
    let leaking = include_str!("../fixtures/leaking.enc.yaml");
    scene.repository.write("environments/staging/secrets.enc", leaking)?;
    scene.repository.commit("Leak one value")?;
    scene.workspace.main(&staging())?;
    let run = scene.workspace.plan(&[])?;
    run.refused("ENV004")?.says("api_key")?;
    assert!(!run.said.stdout.contains("canary-8f14e45f"));
    Ok(())
}

#[test]
fn every_format_of_sops_is_recognised() -> Outcome {
    let formats = [
        ("secrets.env", include_str!("../fixtures/staging.enc.env")),
        ("secrets.ini", include_str!("../fixtures/staging.enc.ini")),
        ("secrets.bin", include_str!("../fixtures/staging.enc.bin")),
        ("secrets.json", include_str!("../fixtures/production.enc.json")),
        ("secrets.yaml", include_str!("../fixtures/suffix.enc.yaml")),
    ];
    let scene = Scene::local()?;
    for (name, text) in formats {
        scene.repository.write(&format!("environments/staging/{name}"), text)?;
    }
    scene.repository.commit("Keep secrets in every format")?;
    for (name, _) in formats {
        let lines = format!("  secrets_file = \"environments/staging/{name}\"");
        scene.workspace.main(&environment("staging", &lines))?;
        scene.workspace.plan(&[])?.ok()?;
    }
    Ok(())
}

#[test]
fn a_secrets_file_that_was_decrypted_later_is_found_by_the_next_plan() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&staging())?;
    scene.repository.write("environments/staging/secrets.enc", "api_key: open\n")?;
    scene.repository.commit("Decrypt by mistake")?;
    scene.workspace.plan(&[])?.refused("ENV004")?;
    Ok(())
}

#[test]
fn a_missing_secrets_file_is_refused() -> Outcome {
    let lines = "  secrets_file = \"environments/staging/nothing.enc\"";
    refused("staging", lines, "ENV003", "secrets_file")
}

#[test]
fn an_environment_without_a_folder_is_refused_with_a_suggestion() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&environment("stagin", ""))?;
    let run = scene.workspace.plan(&[])?;
    run.refused("environments/stagin")?.says("environments/staging")?;
    Ok(())
}

#[test]
fn names_and_paths_follow_their_rules() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(
        "resource \"pipeline_environment\" \"this\" {\n  name = \"Staging\"\n  \
         config_path = \"environments/../etc\"\n}\n",
    )?;
    let run = scene.workspace.validate()?;
    run.refused("ENV001")?.at("name")?.says("Staging")?;
    run.refused("ENV002")?.at("config_path")?;
    Ok(())
}

#[test]
fn production_says_that_it_is_production() -> Outcome {
    refused("production", "  is_production = false", "ENV005", "is_production")
}

#[test]
fn prod_is_production_too() -> Outcome {
    let scene = Scene::local()?;
    let secrets = include_str!("../fixtures/production.enc.json");
    scene.repository.write("environments/prod/secrets.enc", secrets)?;
    scene.repository.commit("Add prod")?;
    scene.workspace.main(&environment("prod", "  is_production = false"))?;
    scene.workspace.plan(&[])?.refused("ENV005")?;
    Ok(())
}

#[test]
fn production_without_approval_is_a_warning() -> Outcome {
    let scene = Scene::local()?;
    let lines = "  is_production = true\n  requires_approval = false";
    scene.workspace.main(&environment("production", lines))?;
    scene.workspace.plan(&[])?.ok()?.warned("ENV006")?;
    Ok(())
}

#[test]
fn production_wants_two_instances() -> Outcome {
    let lines = format!("{PRODUCTION}\n{}", profile("instance_count = 1"));
    refused("production", &lines, "ENV012", "instance_count")
}

#[test]
fn production_wants_zone_redundant_backups() -> Outcome {
    let lines = format!("{PRODUCTION}\n{}", profile("backup_strategy = \"simple\""));
    refused("production", &lines, "ENV013", "backup_strategy")
}

#[test]
fn production_wants_replicated_storage() -> Outcome {
    let lines = format!("{PRODUCTION}\n{}", profile("storage_replication = \"LRS\""));
    refused("production", &lines, "ENV014", "storage_replication")
}

#[test]
fn hosting_profiles_are_checked_field_by_field() -> Outcome {
    refused("staging", &profile("resource_tier = \"Huge\""), "ENV011", "resource_tier")?;
    refused("staging", &profile("region = \"westeurop\""), "ENV016", "region")?;
    refused("staging", &profile("cost_budget_usd = 0"), "ENV017", "cost_budget_usd")?;
    let thresholds = "monitoring_thresholds = { latency_p95_ms = 500, error_rate_percent = 101, availability_percent = 99 }";
    refused("staging", &profile(thresholds), "ENV015", "monitoring_thresholds")
}

#[test]
fn accounts_stacks_and_regions_are_checked() -> Outcome {
    refused("staging", "  aws_region = \"eu-west-11\"", "ENV021", "aws_region")?;
    refused("staging", "  account = \"1234\"", "ENV022", "account")?;
    refused("staging", "  stacks = []", "ENV023", "stacks")?;
    refused("staging", "  stacks = [{ name = \"\", path = \"a\" }]", "ENV024", "stacks")?;
    let region = |name: &str, cloud: &str| {
        format!("  regions = [{{ name = \"{name}\", cloud_mappings = {{ {cloud} }} }}]")
    };
    refused("staging", &region("europe", "aws = \"eu-west-1\""), "REG001", "regions")?;
    refused("staging", &region("eu-west", ""), "REG003", "regions")
}

#[test]
fn all_problems_are_told_at_once() -> Outcome {
    let scene = Scene::local()?;
    let lines = "  account = \"1\"\n  aws_region = \"mars\"\n  stacks = []";
    scene.workspace.main(&environment("staging", lines))?;
    let run = scene.workspace.plan(&[])?;
    for rule in ["ENV022", "ENV021", "ENV023"] {
        run.refused(rule)?;
    }
    Ok(())
}

#[test]
fn a_problem_inside_a_group_is_told_with_its_whole_path_and_hides_no_other() -> Outcome {
    let scene = Scene::local()?;
    let lines = format!(
        "  name = \"Staging\"\n  aws_region = \"mars\"\n  \
         approval_policy = {{ approvers = [\"Grace\", \"<grace>\"] }}\n  \
         regions = [{{ name = \"eu-west-1\", cloud_mappings = {{}} }}]\n  \
         stacks = [{{ name = \"app\", path = \"\" }}]\n  \
         tests = {{ commands = [\"\"] }}\n{}",
        profile("resource_tier = \"Huge\"")
    );
    let block = format!("resource \"pipeline_environment\" \"this\" {{\n{lines}\n}}\n");
    scene.workspace.main(&block)?;
    let run = scene.workspace.validate()?;
    run.refused("ENV001")?.says("Staging")?;
    run.refused("ENV021")?.says("mars")?;
    let inside = [
        ("approval_policy.approvers[1]", "OWN003", "<grace>"),
        ("regions[0].name", "REG001", "eu-west-1"),
        ("regions[0].cloud_mappings", "REG003", "no cloud"),
        ("stacks[0].path", "ENV024", "an empty text"),
        ("tests.commands", "ENV025", "an empty text"),
        ("hosting_profile.resource_tier", "ENV011", "Huge"),
    ];
    for (path, rule, found) in inside {
        run.refused(&format!("At `{path}`: "))?.says(rule)?.says(found)?;
    }
    Ok(())
}
