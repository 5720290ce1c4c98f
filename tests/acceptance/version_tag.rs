//! `pipeline_version_tag`: made, kept, moved, refused, imported, forgotten.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::same_refs;
use pipeline_acceptance::scene::{Scene, skipped};
use pipeline_acceptance::terraform::Feature;

use crate::adopting::signs;
use crate::hcl::{short, tag, tag_with};

const ADDRESS: &str = "pipeline_version_tag.this";

#[test]
fn makes_an_annotated_version_tag() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.2.3", "HEAD"))?;
    let head = scene.repository.head()?;
    assert_eq!(scene.repository.git(&["cat-file", "-t", "api/v1.2.3"])?, "tag");
    assert_eq!(scene.repository.resolve("api/v1.2.3")?, head);
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["commit_sha"], head);
    assert_eq!(known["tag_type"], "version");
    assert_eq!(known["sub_project_path"], "api");
    assert_eq!(known["is_movable"], false);
    assert_eq!(known["version"]["semver"], "v1.2.3");
    assert!(known["version"]["prerelease"].is_null());
    assert!(known["environment"].is_null() && known["state"].is_null());
    assert!(known["created_at"].is_string() && known["updated_at"].is_null());
    Ok(())
}

#[test]
fn a_refresh_finds_what_was_made() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "v0.1.0", "HEAD"))?;
    let before = scene.workspace.attributes(ADDRESS)?;
    scene.workspace.apply(&["-refresh-only"])?.ok()?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?, before);
    Ok(())
}

#[test]
fn any_commitish_is_a_ref() -> Outcome {
    let scene = Scene::local()?;
    let first = scene.repository.head()?;
    let second = scene.repository.commit("Go on")?;
    let hcl = [
        tag("sha", "a/v1.0.0", &first),
        tag("branch", "b/v1.0.0", "main"),
        tag("parent", "c/v1.0.0", "HEAD~1"),
        tag("short", "d/v1.0.0", short(&first)),
    ];
    scene.workspace.settle(&hcl.concat())?;
    let resolved = |name: &str| scene.repository.resolve(name);
    assert_eq!(resolved("a/v1.0.0")?, first);
    assert_eq!(resolved("b/v1.0.0")?, second);
    assert_eq!(resolved("c/v1.0.0")?, first);
    assert_eq!(resolved("d/v1.0.0")?, first);
    Ok(())
}

#[test]
fn messages_keep_spaces_quotes_and_unicode() -> Outcome {
    let scene = Scene::local()?;
    let message = r#"  message = "He said \"go\" — größer, 日本語 & 'done' $${x}""#;
    scene.workspace.settle(&tag_with("this", "v1.0.0", "HEAD", message))?;
    let text =
        scene.repository.git(&["for-each-ref", "--format=%(contents)", "refs/tags/v1.0.0"])?;
    assert_eq!(text, "He said \"go\" — größer, 日本語 & 'done' ${x}");
    Ok(())
}

#[test]
fn a_message_with_a_secret_in_a_url_is_refused_at_plan() -> Outcome {
    let scene = Scene::local()?;
    let message = "  message = \"see https://ana:hunter2@example.org/\"";
    scene.workspace.main(&tag_with("this", "v1.0.0", "HEAD", message))?;
    scene.workspace.plan(&[])?.refused("OWN046")?.at("message")?;
    Ok(())
}

#[test]
fn an_unknown_ref_is_told_at_plan() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.git(&["branch", "release"])?;
    scene.workspace.main(&tag("this", "v1.0.0", "relaese"))?;
    scene.workspace.plan(&[])?.refused("relaese")?.at("ref")?.says("release")?;
    Ok(())
}

#[test]
fn a_bad_name_is_told_with_its_rule() -> Outcome {
    let scene = Scene::local()?;
    // Which names are tags of ours, the provider's settings decide; validate does not know them.
    for (name, rule) in [("v1.2", "TAG001"), ("produktion", "TAG002")] {
        scene.workspace.main(&tag("this", &format!("api/{name}"), "HEAD"))?;
        scene.workspace.plan(&[])?.refused(rule)?.at("tag_name")?.says(name)?;
    }
    scene.workspace.main(&tag("this", "api..x/v1.0.0", "HEAD"))?;
    scene.workspace.validate()?.refused("TAG013")?.at("tag_name")?.says("api..x/v1.0.0")?;
    Ok(())
}

#[test]
fn a_prerelease_needs_the_provider_to_allow_it() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&tag("this", "api/v1.2.3-rc.1", "HEAD"))?;
    scene.workspace.plan(&[])?.refused("TAG001")?.says("allow_prerelease_tags")?;
    scene.workspace.configure(&scene.repository.path(), "  allow_prerelease_tags = true")?;
    scene.workspace.settle(&tag("this", "api/v1.2.3-rc.1", "HEAD"))?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["version"]["prerelease"], "rc.1");
    Ok(())
}

#[test]
fn an_existing_tag_on_another_commit_is_refused_with_both_commits() -> Outcome {
    let scene = Scene::local()?;
    let old = scene.repository.head()?;
    scene.repository.tag("api/v1.0.0", &old)?;
    let new = scene.repository.commit("Go on")?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    let run = scene.workspace.apply(&[])?;
    run.refused("TAG015")?.says(short(&old))?.says(short(&new))?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn an_existing_tag_on_the_same_commit_tells_how_to_import_it() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    let run = scene.workspace.plan(&[])?;
    run.refused("TAG015")?.says("import")?.says("api/v1.0.0")?;
    Ok(())
}

#[test]
fn a_version_tag_stays_where_it_is_while_its_ref_reads_the_same() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    scene.repository.commit("Go on")?;
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn a_version_tag_that_would_move_is_refused_at_plan() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let old = scene.repository.head()?;
    let new = scene.repository.commit("Go on")?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&tag("this", "api/v1.0.0", &new))?;
    let run = scene.workspace.apply(&[])?;
    run.refused("TAG009")?.at("ref")?.says(short(&old))?.says(short(&new))?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn a_version_tag_moved_behind_terraforms_back_is_an_error() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let old = scene.repository.head()?;
    let new = scene.repository.commit("Go on")?;
    scene.repository.tag("api/v1.0.0", &new)?;
    let before = scene.repository.refs()?;
    let run = scene.workspace.apply(&[])?;
    run.refused("TAG009")?.says(short(&old))?.says(short(&new))?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn a_version_tag_deleted_behind_terraforms_back_is_restored_where_it_was() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let old = scene.repository.head()?;
    scene.repository.commit("Go on")?;
    scene.repository.git(&["tag", "--delete", "api/v1.0.0"])?;
    let run = scene.workspace.apply(&[])?.ok()?;
    run.warned(short(&old))?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, old);
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn destroying_a_version_tag_forgets_it_and_says_so() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let before = scene.repository.refs()?;
    scene.workspace.destroy()?.ok()?.warned("TAG009")?;
    assert!(!scene.workspace.holds(ADDRESS));
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn a_state_tag_needs_its_version() -> Outcome {
    let scene = Scene::local()?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&tag("this", "api/v1.0.0-stable", "HEAD"))?;
    scene.workspace.apply(&[])?.refused("TAG014")?.says("api/v1.0.0")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn a_name_that_was_perhaps_meant_is_told() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("version", "api/v1.10.0", "HEAD"))?;
    scene.workspace.main(&tag("this", "api/v1.1.0-stable", "HEAD"))?;
    scene.workspace.plan(&[])?.refused("TAG014")?.says("Did you mean `api/v1.10.0-stable`?")?;
    let scene = Scene::local()?;
    let settings = "  environment_tag_names = [\"stagin\"]";
    scene.workspace.configure(&scene.repository.path(), settings)?;
    scene.workspace.main(&tag("this", "api/stagin", "HEAD"))?;
    scene.workspace.plan(&[])?.refused("XEN001")?.says("Did you mean `staging`?")?;
    Ok(())
}

#[test]
fn a_state_tag_stands_on_its_versions_commit() -> Outcome {
    let scene = Scene::local()?;
    let old = scene.repository.head()?;
    scene.repository.tag("api/v1.0.0", &old)?;
    let new = scene.repository.commit("Go on")?;
    scene.workspace.main(&tag("this", "api/v1.0.0-stable", "HEAD"))?;
    let run = scene.workspace.plan(&[])?;
    run.refused("TAG014")?.says(short(&old))?.says(short(&new))?;
    scene.workspace.settle(&tag("this", "api/v1.0.0-stable", "api/v1.0.0"))?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!((&known["tag_type"], &known["state"]), (&"state".into(), &"stable".into()));
    Ok(())
}

#[test]
fn a_version_and_its_state_are_made_in_one_apply() -> Outcome {
    let scene = Scene::local()?;
    let state = "resource \"pipeline_version_tag\" \"stable\" {\n  \
                 tag_name = \"${pipeline_version_tag.this.tag_name}-stable\"\n  \
                 ref = pipeline_version_tag.this.commit_sha\n}\n";
    scene.workspace.settle(&[tag("this", "api/v1.0.0", "HEAD"), state.to_owned()].concat())?;
    assert_eq!(scene.repository.resolve("api/v1.0.0-stable")?, scene.repository.head()?);
    Ok(())
}

#[test]
fn an_environment_tag_needs_its_folder() -> Outcome {
    let scene = Scene::local()?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&tag("this", "api/canary", "HEAD"))?;
    scene.workspace.apply(&[])?.refused("XEN001")?.says("environments/canary")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn an_environment_tag_follows_its_ref() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/staging", "HEAD"))?;
    let new = scene.repository.commit("Go on")?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(scene.repository.resolve("api/staging")?, new);
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["is_movable"], true);
    assert!(known["updated_at"].is_string());
    Ok(())
}

#[test]
fn an_environment_tag_moved_by_someone_else_is_shown_and_moved_back() -> Outcome {
    let scene = Scene::local()?;
    let ours = scene.repository.head()?;
    scene.workspace.settle(&tag("this", "api/staging", &ours))?;
    let theirs = scene.repository.commit("Go on")?;
    scene.repository.tag("api/staging", &theirs)?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    plan.warned(short(&ours))?.says(short(&theirs))?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("update"));
    scene.workspace.apply(&[])?.ok()?;
    assert_eq!(scene.repository.resolve("api/staging")?, ours);
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn destroying_an_environment_tag_deletes_it() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/staging", "HEAD"))?;
    scene.workspace.destroy()?.ok()?;
    assert!(!scene.repository.refs()?.contains_key("refs/tags/api/staging"));
    Ok(())
}

#[test]
fn the_provider_may_name_more_environments() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.write("environments/qa/config.yaml", "replicas: 1\n")?;
    scene.repository.commit("Add qa")?;
    let settings = "  environment_tag_names = [\"staging\", \"qa\"]";
    scene.workspace.configure(&scene.repository.path(), settings)?;
    scene.workspace.settle(&tag("this", "api/qa", "HEAD"))?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["environment"], "qa");
    Ok(())
}

#[test]
fn another_configuration_that_reads_tags_otherwise_is_told_at_plan() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let lenient = "  allow_prerelease_tags = true";
    scene.workspace.configure(&scene.repository.path(), lenient)?;
    let before = scene.repository.refs()?;
    scene.workspace.plan(&[])?.refused("OWN043")?.says("allow_prerelease_tags")?;
    let by = "  override = { reason = \"we test release candidates\", approved_by = \"bob\" }";
    scene.workspace.configure(&scene.repository.path(), &format!("{lenient}\n{by}"))?;
    scene.workspace.plan(&[])?.ok()?;
    same_refs(&before, &scene.repository.refs()?)?;
    scene.workspace.main(&tag("this", "api/v1.1.0-rc.1", "HEAD"))?;
    scene.workspace.apply(&[])?.ok()?;
    let audit = format!("{:?}", scene.repository.records("refs/ledger/audit/")?);
    assert!(audit.contains("OWN043") && audit.contains("bob"), "{audit}");
    scene.workspace.configure(&scene.repository.path(), lenient)?;
    scene.workspace.plan(&[])?.ok()?;
    Ok(())
}

#[test]
fn an_override_needs_a_reason_and_a_person() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let new = scene.repository.commit("Go on")?;
    scene.workspace.configure(
        &scene.repository.path(),
        "  override = { reason = \"wrong build\", approved_by = \"\" }",
    )?;
    scene.workspace.main(&tag("this", "api/v1.0.0", &new))?;
    scene.workspace.plan(&[])?.refused("TAG012")?;
    Ok(())
}

#[test]
fn an_override_moves_an_immutable_tag_and_is_audited() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let new = scene.repository.commit("Go on")?;
    scene.workspace.configure(
        &scene.repository.path(),
        "  override = { reason = \"wrong build\", approved_by = \"Grace Example\" }",
    )?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", &new))?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, new);
    let audit = scene.repository.records("refs/ledger/audit/")?;
    assert_eq!(audit.len(), 1, "one override, one entry: {audit:?}");
    let text = format!("{audit:?}");
    assert!(text.contains("wrong build") && text.contains("Grace Example"), "{text}");
    Ok(())
}

#[test]
fn imports_by_id() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    let second = scene.second_workspace("second")?;
    let hcl = tag("this", "api/v1.0.0", &scene.repository.head()?);
    second.main(&hcl)?;
    second.import(ADDRESS, "api/v1.0.0")?.success()?;
    second.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn importing_what_is_not_there_says_so() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    let said = scene.workspace.import(ADDRESS, "api/v1.0.0")?;
    assert_ne!(said.code, Some(0));
    assert!(said.stderr.contains("api/v1.0.0"), "{}", said.stderr);
    Ok(())
}

#[test]
fn imports_by_identity() -> Outcome {
    let scene = Scene::local()?;
    if scene.workspace.terraform.lacks(Feature::Identity, "imports_by_identity") {
        return Ok(());
    }
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    let import = "import {\n  to = pipeline_version_tag.this\n  \
                  identity = { tag_name = \"api/v1.0.0\" }\n}\n";
    let head = scene.repository.head()?;
    scene.workspace.main(&[import.to_owned(), tag("this", "api/v1.0.0", &head)].concat())?;
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["commit_sha"], head);
    Ok(())
}

#[test]
fn values_unknown_at_plan_are_checked_at_apply() -> Outcome {
    let scene = Scene::local()?;
    let head = scene.repository.head()?;
    let hcl = format!(
        "resource \"terraform_data\" \"build\" {{\n  input = {{ name = \"api/v1.0.0\", commit = \"{head}\" }}\n}}\n\
         resource \"pipeline_version_tag\" \"this\" {{\n  \
         tag_name = terraform_data.build.output.name\n  \
         ref = terraform_data.build.output.commit\n}}\n"
    );
    scene.workspace.settle(&hcl)?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, head);
    Ok(())
}

#[test]
fn a_value_that_turns_out_wrong_fails_the_apply_and_changes_nothing() -> Outcome {
    let scene = Scene::local()?;
    let before = scene.repository.refs()?;
    scene.workspace.main(
        "resource \"terraform_data\" \"build\" {\n  input = \"api/canary\"\n}\n\
         resource \"pipeline_version_tag\" \"this\" {\n  \
         tag_name = terraform_data.build.output\n  ref = \"HEAD\"\n}\n",
    )?;
    scene.workspace.apply(&[])?.refused("XEN001")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn an_apply_does_what_its_plan_said() -> Outcome {
    let scene = Scene::local()?;
    let planned = scene.repository.head()?;
    let hcl = [tag("version", "api/v1.0.0", &planned), tag("pointer", "api/staging", &planned)];
    scene.workspace.main(&hcl.concat())?;
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    scene.repository.commit("Go on between plan and apply")?;
    scene.workspace.apply(&["saved"])?.ok()?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, planned);
    assert_eq!(scene.repository.resolve("api/staging")?, planned);
    Ok(())
}

#[test]
fn a_ref_that_moved_between_plan_and_apply_never_tags_what_was_not_planned() -> Outcome {
    let scene = Scene::local()?;
    let planned = scene.repository.head()?;
    let hcl = [tag("version", "api/v1.0.0", "HEAD"), tag("pointer", "api/staging", "HEAD")];
    scene.workspace.main(&hcl.concat())?;
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    let moved = scene.repository.commit("Go on between plan and apply")?;
    let before = scene.repository.refs()?;
    let run = scene.workspace.apply(&["saved"])?;
    if run.said.code == Some(0) {
        assert_eq!(scene.repository.resolve("api/v1.0.0")?, planned);
        assert_eq!(scene.repository.resolve("api/staging")?, planned);
        return Ok(());
    }
    run.refused(short(&planned))?.says(short(&moved))?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn a_tag_that_appears_between_plan_and_apply_is_not_overwritten() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&tag("this", "api/v1.0.0", &scene.repository.head()?))?;
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    let theirs = scene.repository.commit("Go on between plan and apply")?;
    scene.repository.tag("api/v1.0.0", &theirs)?;
    scene.workspace.apply(&["saved"])?.refused("TAG015")?.says(short(&theirs))?;
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, theirs);
    Ok(())
}

#[test]
fn another_name_is_another_tag_and_the_old_one_stays() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    scene.workspace.main(&tag("this", "api/v1.0.1", "HEAD"))?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("replace"));
    scene.workspace.apply(&[])?.ok()?.warned("TAG009")?;
    let refs = scene.repository.refs()?;
    assert!(refs.contains_key("refs/tags/api/v1.0.0") && refs.contains_key("refs/tags/api/v1.0.1"));
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn a_tag_is_signed_where_git_signs_tags() -> Outcome {
    let (scene, remote) = Scene::shared()?;
    if !signs(&scene.repository)? {
        skipped("a_tag_is_signed_where_git_signs_tags", "this machine makes no SSH keys");
        return Ok(());
    }
    let key = scene.repository.directory.join(".git").join("signing");
    let trusted = key.with_extension("trusted");
    let public = std::fs::read_to_string(key.with_extension("pub"))?;
    std::fs::write(&trusted, format!("* {public}"))?;
    let trusted = trusted.to_string_lossy();
    scene.repository.git(&["config", "gpg.ssh.allowedSignersFile", &trusted])?;
    scene.repository.git(&["config", "tag.gpgSign", "true"])?;
    let hcl = tag_with("this", "api/v1.0.0", "HEAD", "  message = \"First\"");
    scene.workspace.settle(&hcl)?;
    scene.repository.git(&["fetch", "--quiet", "origin", "tag", "api/v1.0.0"])?;
    scene.repository.git(&["verify-tag", "api/v1.0.0"])?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["message"], "First");
    // Who knows of the tag by its import alone reads no signature either.
    let other = scene.second_workspace("other")?;
    let import = format!("import {{\n  to = {ADDRESS}\n  id = \"api/v1.0.0\"\n}}\n");
    let same = tag_with("this", "api/v1.0.0", "api/v1.0.0", "  message = \"First\"");
    other.main(&[import, same].concat())?;
    let actions = other.plan(&[])?.ok()?.actions();
    assert!(actions.values().all(|action| action == "import"), "{actions:?}");
    // What git cannot sign is not made.
    std::fs::remove_file(&key)?;
    std::fs::remove_file(key.with_extension("pub"))?;
    let before = remote.refs()?;
    scene.workspace.main(&[hcl, tag("next", "api/v1.1.0", "HEAD")].concat())?;
    let told = scene.workspace.apply(&[])?;
    told.refused("The tag could not be signed")?.says("api/v1.1.0")?.says("gpg.x509.program")?;
    same_refs(&before, &remote.refs()?)
}

#[test]
fn a_sub_project_that_differs_in_case_alone_is_no_new_one() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", "HEAD")?;
    scene.workspace.main(&tag("this", "Api/v1.1.0", "HEAD"))?;
    scene.workspace.plan(&[])?.refused("OWN047")?.at("tag_name")?.says("Write `api`")?;
    let both = [tag("one", "web/v1.0.0", "HEAD"), tag("other", "WEB/v1.1.0", "HEAD")].concat();
    scene.workspace.main(&both)?;
    scene.workspace.plan(&[])?.refused("OWN047")?;
    // Whoever has both from before goes on with both.
    scene.repository.tag("Api/v1.0.0", "HEAD")?;
    scene.workspace.settle(&tag("this", "Api/v1.1.0", "HEAD"))?;
    Ok(())
}
