//! `pipeline_secrets`: values of files that SOPS 3.13.1 wrote reach who needs them, and nothing else.

use std::path::Path;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;

use crate::hcl::{deployment, staging};

/// Made for tests; nothing else is encrypted for it.
const IDENTITY: &str = include_str!("../../fixtures/secrets/identity.txt");
const TOKENS: &str = include_str!("../../fixtures/secrets/tokens.env.enc");
const DATABASE: &str = include_str!("../../fixtures/secrets/database.yaml");
const API: &str = include_str!("../../fixtures/secrets/api.json");
const MAIL: &str = include_str!("../../fixtures/secrets/mail.ini");
const LICENSE: &str = include_str!("../../fixtures/secrets/license.bin");

/// A repository with these files.
fn scene(files: &[(&str, &str)]) -> Outcome<Scene> {
    let scene = Scene::local()?;
    for (path, text) in files {
        scene.repository.write(path, text)?;
    }
    scene.repository.commit("Secrets")?;
    Ok(scene)
}

/// Puts the identity where SOPS looks for it by default.
fn with_identity(scene: &Scene) -> Outcome {
    let file = scene.environment().root().join("home/.config/sops/age/keys.txt");
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new("/")))?;
    Ok(std::fs::write(file, format!("# created: for tests\n{IDENTITY}"))?)
}

fn secrets(name: &str, lines: &str) -> String {
    format!("ephemeral \"pipeline_secrets\" \"{name}\" {{\n{lines}\n}}\n")
}

/// What has to hold of what was opened.
fn holds(conditions: &[&str]) -> String {
    let each = |condition: &&str| {
        format!(
            "    postcondition {{\n      condition = {condition}\n      error_message = \"not so\"\n    }}\n"
        )
    };
    let all: String = conditions.iter().map(each).collect();
    format!("  lifecycle {{\n{all}  }}")
}

#[test]
fn pipeline_secrets_reach_a_deployment_and_nothing_else() -> Outcome {
    let mut scene = scene(&[("environments/staging/secrets.enc", TOKENS)])?;
    if scene
        .workspace
        .terraform
        .lacks(Feature::Ephemeral, "pipeline_secrets_reach_a_deployment_and_nothing_else")
    {
        return Ok(());
    }
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    let log = scene.environment().root().join("terraform.log");
    scene.workspace.environment.set("TF_LOG", "trace");
    scene.workspace.environment.set("TF_LOG_PATH", &log);
    scene.workspace.environment.set("SOPS_AGE_KEY", IDENTITY.trim());
    let lines = "  command = { deploy = [\"sh\", \"-c\", \"printf %s \\\"$TOKEN\\\" | sha256sum > digest\"] }\n  \
                 secrets_wo = ephemeral.pipeline_secrets.staging.values";
    let hcl = [
        secrets("staging", "  environment = \"staging\""),
        staging(),
        deployment("staging", "api/v1.0.0", lines),
    ];
    scene.workspace.main(&hcl.concat())?;
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    scene.workspace.apply(&["saved"])?.ok()?;
    let digest = std::fs::read_to_string(scene.repository.directory.join("digest"))?;
    // Of `canary-9d2f41`: the value was there. That it is nowhere else is what the scene looks for at its end.
    let expected = "6706dc8239340b5e672037c424b0b8956377dd73be5542c7f700d1d49d77c999";
    assert_eq!(digest.split(' ').next(), Some(expected));
    // The state says by its address what the deployment was given, and nothing of it.
    let state = scene.workspace.state_text()?;
    assert!(!state.contains("canary-") && !state.contains("AGE-SECRET"), "{state}");
    assert!(!std::fs::read_to_string(&log)?.contains("AGE-SECRET"), "the identity is in the log");
    Ok(())
}

#[test]
fn pipeline_secrets_reads_each_format() -> Outcome {
    let files = [
        ("secrets/tokens.env", TOKENS),
        ("secrets/database.yaml", DATABASE),
        ("secrets/api.json", API),
        ("secrets/mail.ini", MAIL),
        ("secrets/license.bin", LICENSE),
    ];
    let scene = scene(&files)?;
    if scene.workspace.terraform.lacks(Feature::Ephemeral, "pipeline_secrets_reads_each_format") {
        return Ok(());
    }
    with_identity(&scene)?;
    let opened = |name: &str, path: &str, conditions: &[&str]| {
        secrets(name, &format!("  path = \"secrets/{path}\"\n{}", holds(conditions)))
    };
    let hcl = [
        opened(
            "tokens",
            "tokens.env",
            &[
                "self.values == tomap({ TOKEN = \"canary-9d2f41\", EMPTY = \"\" })",
                "self.format == \"dotenv\" && self.content_base64 == null",
            ],
        ),
        opened(
            "database",
            "database.yaml",
            &[
                "self.values[\"database.users[0].token\"] == \"canary-9d2f43\"",
                "self.values[\"database.port\"] == \"5432\"",
                "jsondecode(self.json).database.port == 5432",
                "length(self.commit_sha) == 40",
            ],
        ),
        opened(
            "api",
            "api.json",
            &[
                "jsondecode(self.json) == { api = { key = \"canary-9d2f44\", limits = [1, 2.5, true, null] } }",
                "!contains(keys(self.values), \"api.limits[3]\")",
            ],
        ),
        opened(
            "mail",
            "mail.ini",
            &["self.values == tomap({ \"mail.password\" = \"canary-9d2f45\" })"],
        ),
        opened(
            "license",
            "license.bin",
            &[
                "base64decode(self.content_base64) == \"canary-9d2f46\\n\"",
                "self.values.data == \"canary-9d2f46\\n\" && self.json == null",
            ],
        ),
    ];
    scene.workspace.main(&hcl.concat())?;
    scene.workspace.plan(&[])?.ok()?;
    scene.workspace.apply(&[])?.ok()?;
    Ok(())
}

/// What a person gets to read, and never a value.
#[test]
fn pipeline_secrets_says_what_is_wrong() -> Outcome {
    let changed = DATABASE.replacen("    password: ", "    passwort: ", 1);
    let kms = DATABASE.replace("    age:\n", "    kms:\n");
    let files = [
        ("good.yaml", DATABASE),
        ("changed.yaml", changed.as_str()),
        ("kms.yaml", kms.as_str()),
        ("plain.yaml", "password: canary-9d2f47\n"),
    ];
    let mut scene = scene(&files)?;
    if scene.workspace.terraform.lacks(Feature::Ephemeral, "pipeline_secrets_says_what_is_wrong") {
        return Ok(());
    }
    let refused = |scene: &Scene, lines: &str, rule: &str, says: &[&str]| -> Outcome {
        scene.workspace.main(&secrets("this", lines))?;
        let run = scene.workspace.plan(&[])?.refused(rule)?;
        says.iter().try_for_each(|words| run.says(words).map(drop))
    };
    scene.workspace.environment.set("SOPS_AGE_KEY_CMD", "true");
    let looked = [
        "no age identity in `SOPS_AGE_KEY`, the file of `SOPS_AGE_KEY_FILE`",
        "sops/age/keys.txt",
        "`SOPS_AGE_KEY_CMD` is set, which is not used here",
        "age1w0hqak9t577km4x0eg0tjsjkhnxzg02f8fwpz5xxfzq0tmac0g2qm76fmc",
    ];
    refused(&scene, "  path = \"good.yaml\"", "SEC009", &looked)?;
    let none = scene.environment().root().join("none");
    scene.workspace.environment.set("SOPS_AGE_KEY_FILE", &none);
    refused(&scene, "  path = \"good.yaml\"", "SEC009", &["cannot be read"])?;
    scene.workspace.environment.remove("SOPS_AGE_KEY_FILE");
    with_identity(&scene)?;
    let cases: [(&str, &str, &[&str]); 6] = [
        (
            "  path = \"changed.yaml\"",
            "SEC009",
            &["`database.passwort` is not what SOPS encrypted"],
        ),
        ("  path = \"kms.yaml\"", "SEC009", &["kept by kms only", "sops updatekeys"]),
        ("  path = \"plain.yaml\"", "ENV004", &["no `sops` section"]),
        ("  path = \"gone.yaml\"", "ENV003", &["no file at", "gone.yaml"]),
        ("  path = \"../gone.yaml\"", "ENV003", &["within the repository"]),
        ("  environment = \"nowhere\"", "ENV003", &["environments/nowhere/secrets.enc"]),
    ];
    for (lines, rule, says) in cases {
        refused(&scene, lines, rule, says)?;
    }
    scene.workspace.main(&secrets("this", "  path = \"a\"\n  environment = \"b\""))?;
    scene.workspace.validate()?.refused("path")?;
    Ok(())
}
