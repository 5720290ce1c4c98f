//! Tags that others made, and tags that are in the state: imported, respelled, renamed, replaced, moved
//! by somebody meanwhile. What is not known to anybody yet is in `version_tag`.

use std::fmt::Write as _;
use std::process::Command;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::diagnostic::Run;
use pipeline_acceptance::git_server::{Fault, GitServer, available};
use pipeline_acceptance::process::running;
use pipeline_acceptance::repository::{Repository, same_refs};
use pipeline_acceptance::scene::{Scene, skipped};
use serde_json::Value;

use crate::hcl::{short, tag, tag_with};

const ADDRESS: &str = "pipeline_version_tag.this";

/// A tag of which only the name is written.
fn bare(name: &str, tag_name: &str) -> String {
    format!("resource \"pipeline_version_tag\" \"{name}\" {{\n  tag_name = \"{tag_name}\"\n}}\n")
}

/// The import of a tag into the resource `this`.
fn import(tag_name: &str) -> String {
    format!("import {{\n  to = {ADDRESS}\n  id = \"{tag_name}\"\n}}\n")
}

/// A tag with notes, made by a person.
fn annotate(repository: &Repository, name: &str, commit: &str) -> Outcome {
    let message = "The first release\n\nWith notes.";
    repository.git(&["tag", "--annotate", "--message", message, name, commit]).map(drop)
}

/// Everything but what the host keeps for itself.
fn without(attributes: &Value, name: &str) -> Value {
    let mut rest = attributes.clone();
    rest[name] = Value::Null;
    rest
}

/// Which attributes a plan changes in an object, by the host's own account of the plan that was saved.
fn changed(scene: &Scene, address: &str) -> Outcome<Vec<String>> {
    let shown = scene.workspace.run("show", &["-json", "saved"])?.success()?;
    let plan: Value = serde_json::from_str(&shown.stdout)?;
    let changes = plan["resource_changes"].as_array().into_iter().flatten();
    let change = changes.clone().find(|it| it["address"] == address).ok_or("no such change")?;
    let (before, after) = (&change["change"]["before"], &change["change"]["after"]);
    let unknown = change["change"]["after_unknown"].as_object().ok_or("no object")?;
    let known = before.as_object().ok_or("no object")?;
    let differs = |name: &&String| {
        before[name.as_str()] != after[name.as_str()] || unknown.contains_key(name.as_str())
    };
    // What is partly unknown in `after_unknown` is named there with an empty object.
    let differs = |name: &&String| {
        differs(name) && unknown.get(name.as_str()).is_none_or(|it| it != &serde_json::json!({}))
    };
    Ok(known.keys().filter(differs).cloned().collect())
}

#[test]
fn a_respelled_ref_is_an_update_of_it_alone() -> Outcome {
    let scene = Scene::local()?;
    let hcl = [tag("this", "v1.0.0", "main"), tag("staging", "staging", "main")].concat();
    scene.workspace.settle(&hcl)?;
    let objects = scene.repository.refs()?;
    let before = scene.workspace.attributes(ADDRESS)?;
    scene.workspace.main(&hcl.replace("\"main\"", "\"refs/heads/main\""))?;
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    assert_eq!(changed(&scene, ADDRESS)?, ["ref"]);
    assert_eq!(changed(&scene, "pipeline_version_tag.staging")?, ["ref"]);
    scene.workspace.apply(&["saved"])?.ok()?;
    let after = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(after["ref"], "refs/heads/main");
    assert_eq!(without(&after, "ref"), without(&before, "ref"));
    scene.workspace.plan(&[])?.unchanged()?;
    same_refs(&objects, &scene.repository.refs()?)
}

#[test]
fn what_is_left_out_stays_what_it_was() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag_with("this", "v1.0.0", "main", "  message = \"Ready\""))?;
    scene.repository.commit("Go on")?;
    let objects = scene.repository.refs()?;
    scene.workspace.main(&bare("this", "v1.0.0"))?;
    scene.workspace.plan(&[])?.unchanged()?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["message"], "Ready");
    same_refs(&objects, &scene.repository.refs()?)
}

#[test]
fn a_new_tag_needs_a_ref() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.main(&bare("this", "v1.0.0"))?;
    let run = scene.workspace.plan(&[])?;
    run.refused("`ref`")?.says("v1.0.0")?.says("HEAD")?;
    scene.repository.tag("v1.0.0", "HEAD")?;
    scene.workspace.plan(&[])?.refused("TAG015")?.says("Import it")?;
    Ok(())
}

#[test]
fn without_a_message_a_new_tag_says_its_name() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "v1.0.0", "HEAD"))?;
    assert_eq!(scene.workspace.attributes(ADDRESS)?["message"], "v1.0.0");
    let text =
        scene.repository.git(&["for-each-ref", "--format=%(contents)", "refs/tags/v1.0.0"])?;
    assert_eq!(text, "v1.0.0");
    Ok(())
}

#[test]
fn another_message_for_an_immutable_tag_is_refused_in_its_own_words() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "v1.0.0", "HEAD"))?;
    annotate(&scene.repository, "v2.0.0", "HEAD")?;
    let before = scene.repository.refs()?;
    let refused = |hcl: &str, has: &str| -> Outcome {
        scene.workspace.main(hcl)?;
        let run = scene.workspace.apply(&[])?;
        let told = run.refused("TAG009")?;
        told.says("message")?.says(has)?.says("leave `message` out")?.at("message")?;
        assert!(!told.detail.contains("not created by this configuration"), "{}", told.detail);
        Ok(())
    };
    refused(&tag_with("this", "v1.0.0", "HEAD", "  message = \"Another\""), "`v1.0.0`")?;
    let imported = tag_with("this", "v2.0.0", "HEAD", "  message = \"Another\"");
    let other = scene.second_workspace("other")?;
    other.main(&[import("v2.0.0"), imported].concat())?;
    let run = other.apply(&[])?;
    run.refused("TAG009")?.says("The first release")?.at("message")?;
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn an_adopted_tag_shows_what_it_says_and_changes_nothing() -> Outcome {
    let scene = Scene::local()?;
    annotate(&scene.repository, "v1.0.0", "HEAD")?;
    let head = scene.repository.head()?;
    scene.repository.commit("Go on")?;
    let before = scene.repository.refs()?;
    let same = "  message = <<-EOT\n    The first release\n\n    With notes.\n  EOT";
    let spellings = [
        bare("this", "v1.0.0"),
        tag("this", "v1.0.0", &head),
        tag("this", "v1.0.0", "v1.0.0"),
        tag("this", "v1.0.0", "refs/tags/v1.0.0"),
        tag_with("this", "v1.0.0", &head, same),
    ];
    for (number, hcl) in spellings.iter().enumerate() {
        let workspace = scene.second_workspace(&format!("w{number}"))?;
        workspace.main(&[import("v1.0.0"), hcl.clone()].concat())?;
        let actions = workspace.plan(&[])?.ok()?.actions();
        assert!(actions.values().all(|action| action == "import"), "{hcl}\n{actions:?}");
        workspace.apply(&[])?.ok()?;
        let known = workspace.attributes(ADDRESS)?;
        assert_eq!(
            (&known["ref"], &known["commit_sha"]),
            (&head.clone().into(), &head.clone().into())
        );
        assert_eq!(known["message"], "The first release\n\nWith notes.");
        workspace.plan(&[])?.unchanged()?;
    }
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn an_adopted_tag_may_name_the_branch_it_was_made_from() -> Outcome {
    let scene = Scene::local()?;
    annotate(&scene.repository, "v1.0.0", "HEAD")?;
    let before = scene.repository.refs()?;
    scene.workspace.main(&tag("this", "v1.0.0", "main"))?;
    scene.workspace.import(ADDRESS, "v1.0.0")?.success()?;
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    assert_eq!(changed(&scene, ADDRESS)?, ["ref"]);
    scene.workspace.apply(&["saved"])?.ok()?;
    same_refs(&before, &scene.repository.refs()?)?;
    // From now on `main` means the commit of then, as for a tag that was made here.
    scene.repository.commit("Go on")?;
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn a_branch_that_went_on_is_no_ref_of_an_adopted_tag() -> Outcome {
    let scene = Scene::local()?;
    annotate(&scene.repository, "v1.0.0", "HEAD")?;
    scene.repository.commit("Go on")?;
    scene.workspace.main(&[import("v1.0.0"), tag("this", "v1.0.0", "main")].concat())?;
    let run = scene.workspace.plan(&[])?;
    run.refused("TAG009")?.at("ref")?.says("leave `ref` out")?;
    Ok(())
}

#[test]
fn a_lightweight_tag_is_as_old_as_its_commit() -> Outcome {
    let scene = Scene::local()?;
    scene.repository.git(&["tag", "v1.0.0", "HEAD"])?;
    let seconds =
        scene.repository.git(&["log", "-1", "--format=%cd", "--date=format-local:%FT%TZ"])?;
    scene.workspace.main(&[import("v1.0.0"), bare("this", "v1.0.0")].concat())?;
    scene.workspace.apply(&[])?.ok()?;
    let known = scene.workspace.attributes(ADDRESS)?;
    assert_eq!(known["created_at"], seconds);
    assert!(known["message"].is_null(), "{known}");
    scene.workspace.plan(&[])?.unchanged()?;
    scene.workspace.main(&tag_with("this", "v1.0.0", "v1.0.0", "  message = \"Late\""))?;
    scene.workspace.plan(&[])?.refused("TAG009")?.at("message")?;
    Ok(())
}

#[test]
fn an_immutable_tag_is_not_made_again() -> Outcome {
    let scene = Scene::local()?;
    let hcl = [tag("this", "v1.0.0", "HEAD"), tag("staging", "staging", "HEAD")].concat();
    scene.workspace.settle(&hcl)?;
    let before = scene.repository.refs()?;
    let replace = format!("-replace={ADDRESS}");
    let run = scene.workspace.apply(&[&replace])?;
    let told = run.refused("TAG009")?;
    told.says("replace")?.says("v1.0.0")?.says("stays in git")?;
    assert!(!told.detail.contains("not created by this configuration"), "{}", told.detail);
    same_refs(&before, &scene.repository.refs()?)
}

#[test]
fn an_environment_tag_is_made_again() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "staging", "HEAD"))?;
    let run = scene.workspace.apply(&[&format!("-replace={ADDRESS}")])?.ok()?;
    assert_eq!(run.actions().get(ADDRESS).map(String::as_str), Some("replace"));
    assert_eq!(scene.repository.resolve("staging")?, scene.repository.head()?);
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn the_next_release_is_a_new_name_and_a_new_commit() -> Outcome {
    let scene = Scene::local()?;
    let first = scene.repository.head()?;
    scene.workspace.settle(&tag_with("this", "api/v1.0.0", "HEAD", "  message = \"First\""))?;
    let old = scene.repository.refs()?["refs/tags/api/v1.0.0"].clone();
    let second = scene.repository.commit("Go on")?;
    let next = tag_with("this", "api/v1.1.0", &second, "  message = \"Second\"");
    scene.workspace.main(&next)?;
    let plan = scene.workspace.plan(&["-out=saved"])?.ok()?;
    assert_eq!(plan.actions().get(ADDRESS).map(String::as_str), Some("replace"));
    plan.warned("The tag stays in git")?.says("api/v1.0.0")?;
    scene.workspace.apply(&["saved"])?.ok()?;
    assert_eq!(scene.repository.refs()?["refs/tags/api/v1.0.0"], old);
    assert_eq!(scene.repository.resolve("api/v1.0.0")?, first);
    assert_eq!(scene.repository.resolve("api/v1.1.0")?, second);
    assert_eq!(scene.workspace.attributes(ADDRESS)?["message"], "Second");
    scene.workspace.plan(&[])?.unchanged()?;
    Ok(())
}

#[test]
fn the_next_release_keeps_no_ref_of_the_one_before() -> Outcome {
    let scene = Scene::local()?;
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    scene.workspace.main(&bare("this", "api/v1.1.0"))?;
    scene.workspace.plan(&[])?.refused("`ref`")?.says("api/v1.1.0")?;
    Ok(())
}

/// The words of a saved plan that comes too late: ours, and not that the provider is at fault.
fn refused_late(run: &Run, rule: &str, theirs: &str) -> Outcome {
    run.refused(rule)?.says(short(theirs))?;
    let blamed = run.diagnostics().into_iter().find(|it| it.detail.contains("bug in the provider"));
    assert!(blamed.is_none(), "{blamed:?}");
    Ok(())
}

#[test]
fn a_tag_that_moved_after_the_plan_is_refused_in_its_own_words() -> Outcome {
    let scene = Scene::local()?;
    let hcl = |reference: &str| {
        [tag("version", "v1.0.0", reference), tag("pointer", "staging", reference)]
    };
    let both = hcl("main").concat();
    let theirs_after = |hcl: &str, name: &str| -> Outcome<(Run, String)> {
        scene.workspace.main(hcl)?;
        scene.workspace.plan(&["-out=saved"])?.ok()?;
        let theirs = scene.repository.git(&["commit-tree", "-m", name, "HEAD^{tree}"])?;
        scene.repository.tag(name, &theirs)?;
        Ok((scene.workspace.apply(&["saved"])?, theirs))
    };
    // Planned to be made, and made by somebody else meanwhile.
    let [version, pointer] = hcl("main");
    let (run, theirs) = theirs_after(&version, "v1.0.0")?;
    refused_late(&run, "TAG015", &theirs)?;
    let (run, theirs) = theirs_after(&pointer, "staging")?;
    refused_late(&run, "TAG010", &theirs)?;
    scene.repository.git(&["tag", "--delete", "v1.0.0", "staging"])?;
    // Planned to be changed, and moved by somebody else meanwhile.
    scene.workspace.settle(&both)?;
    scene.repository.commit("Go on")?;
    let (run, theirs) = theirs_after(&hcl("main")[1], "staging")?;
    refused_late(&run, "TAG010", &theirs)?;
    Ok(())
}

#[test]
fn a_new_tag_whose_branch_moved_after_the_plan_is_refused_in_its_own_words() -> Outcome {
    if running("/".as_ref()).is_none() {
        skipped("a_new_tag_whose_branch_moved…", "this machine does not list its processes");
        return Ok(());
    }
    let scene = Scene::local()?;
    for (name, hcl) in [
        ("version", tag("version", "v1.0.0", "main")),
        ("pointer", tag("pointer", "staging", "main")),
    ] {
        scene.workspace.main(&hcl)?;
        scene.workspace.plan(&["-out=saved"])?.ok()?;
        let planned = scene.repository.head()?;
        let moved = scene.repository.commit("Go on")?;
        let run = scene.workspace.apply(&["saved"])?;
        refused_late(&run, "TAG010", &moved)?;
        run.refused("The revision moved after the plan")?.says(short(&planned))?.at("ref")?;
        assert!(!scene.workspace.holds(&format!("pipeline_version_tag.{name}")));
        // A new plan goes where the branch is, and so does what was planned while it stood still.
        scene.workspace.plan(&["-out=saved"])?.ok()?;
        scene.workspace.apply(&["saved"])?.ok()?;
        scene.repository.commit("Go on")?;
    }
    Ok(())
}

#[test]
fn an_adoption_that_comes_too_late_is_refused_in_its_own_words() -> Outcome {
    let scene = Scene::local()?;
    let first = scene.repository.head()?;
    annotate(&scene.repository, "v1.0.0", "HEAD")?;
    scene.workspace.main(&[import("v1.0.0"), tag("this", "v1.0.0", "main")].concat())?;
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    let theirs = scene.repository.git(&["commit-tree", "-m", "theirs", "HEAD^{tree}"])?;
    scene.repository.tag("v1.0.0", &theirs)?;
    let run = scene.workspace.apply(&["saved"])?;
    refused_late(&run, "TAG009", &theirs)?;
    // One that was to be put back, and was put elsewhere by somebody else.
    scene.repository.tag("v1.0.0", &first)?;
    scene.workspace.apply(&[])?.ok()?;
    scene.repository.git(&["tag", "--delete", "v1.0.0"])?;
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    scene.repository.tag("v1.0.0", &theirs)?;
    let run = scene.workspace.apply(&["saved"])?;
    refused_late(&run, "TAG009", &theirs)
}

#[test]
fn a_pointer_that_another_follows_is_followed_as_planned() -> Outcome {
    let scene = Scene::local()?;
    let first = scene.repository.head()?;
    scene.repository.tag("staging", &first)?;
    let hcl = tag("this", "production", "staging");
    scene.workspace.settle(&hcl)?;
    let second = scene.repository.commit("Go on")?;
    scene.repository.tag("staging", &second)?;
    scene.workspace.plan(&["-out=saved"])?.ok()?;
    let third = scene.repository.commit("Go on")?;
    scene.repository.tag("staging", &third)?;
    scene.workspace.apply(&["saved"])?.ok()?;
    assert_eq!(scene.repository.resolve("production")?, second);
    Ok(())
}

/// Signs with a new SSH key from now on; `false`: this machine's git cannot.
pub(crate) fn signs(repository: &Repository) -> Outcome<bool> {
    let key = repository.directory.join(".git").join("signing");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key);
    if !keygen.output().is_ok_and(|made| made.status.success()) {
        return Ok(false);
    }
    repository.git(&["config", "gpg.format", "ssh"])?;
    repository.git(&["config", "user.signingKey", &key.to_string_lossy()])?;
    Ok(true)
}

/// Makes `count` tags of each kind on commits of their own, and says which there are.
fn many(scene: &Scene, count: usize) -> Outcome {
    let signs = signs(&scene.repository)?;
    if !signs {
        skipped("adopts_all_tags_in_one_apply", "no SSH keys, so its signed tags are not signed");
    }
    for number in 0..count {
        scene.repository.commit(&format!("Release {number}"))?;
        annotate(&scene.repository, &format!("api/v1.{number}.0"), "HEAD")?;
        scene.repository.git(&["tag", &format!("web/v1.{number}.0"), "HEAD"])?;
        let kind = if signs { "--sign" } else { "--annotate" };
        let signed = format!("worker/v1.{number}.0");
        scene.repository.git(&["tag", kind, "--message", "Signed\n\nby Ada", &signed, "HEAD"])?;
    }
    Ok(())
}

const ALL: &str = "data \"pipeline_versions\" \"all\" {}\n\
    locals {\n  tags = { for it in data.pipeline_versions.all.versions : it.tag_name => it }\n}\n\
    import {\n  for_each = local.tags\n  to = pipeline_version_tag.all[each.key]\n  id = each.key\n}\n\
    resource \"pipeline_version_tag\" \"all\" {\n  for_each = local.tags\n  tag_name = each.key\n}\n";

#[test]
fn adopts_all_tags_in_one_apply() -> Outcome {
    let scene = Scene::local()?;
    many(&scene, 20)?;
    let before = scene.repository.refs()?;
    scene.workspace.main(ALL)?;
    let plan = scene.workspace.plan(&[])?.ok()?;
    let actions = plan.actions();
    assert_eq!(actions.len(), 60, "{actions:?}");
    assert!(actions.values().all(|action| action == "import"), "{actions:?}");
    scene.workspace.apply(&[])?.ok()?;
    scene.workspace.plan(&[])?.unchanged()?;
    let said = |name: &str| -> Outcome<Value> {
        let address = format!("pipeline_version_tag.all[\"{name}\"]");
        Ok(scene.workspace.attributes(&address)?["message"].clone())
    };
    assert_eq!(said("api/v1.7.0")?, "The first release\n\nWith notes.");
    assert_eq!(said("worker/v1.7.0")?, "Signed\n\nby Ada");
    assert!(said("web/v1.7.0")?.is_null());
    same_refs(&before, &scene.repository.refs()?)
}

/// One commit for each of `count` tags in the remote, every third of them lightweight.
fn fill(repository: &Repository, count: usize) -> Outcome {
    let mut stream = String::new();
    for number in 0..count {
        // Writing to a string cannot fail.
        let _ = write!(
            stream,
            "commit refs/heads/main\nmark :{number}1\ncommitter Ada <ada@example.com> {} +0000\n\
             data 2\nGo\n{}\n",
            1_700_000_000 + number,
            if number == 0 { "from refs/heads/main^0\n" } else { "" }
        );
        let _ = match number % 3 {
            0 => write!(stream, "reset refs/tags/v1.{number}.0\nfrom :{number}1\n\n"),
            _ => write!(
                stream,
                "tag v1.{number}.0\nfrom :{number}1\ntagger Ada <ada@example.com> 1800000000 +0000\n\
                 data 5\nNotes\n"
            ),
        };
    }
    repository.git_with_input(&["fast-import", "--quiet"], &stream)?;
    repository.git(&["push", "--quiet", "--tags", "origin", "main"]).map(drop)
}

#[test]
fn many_tags_that_a_shallow_clone_lacks_come_together() -> Outcome {
    if !available() {
        skipped("many_tags_that_a_shallow_clone_lacks…", "git has no http-backend on this machine");
        return Ok(());
    }
    let (scene, remote) = Scene::shared()?;
    remote.git(&["config", "uploadpack.allowFilter", "true"])?;
    let server = GitServer::start(scene.environment().root(), Fault::None)?;
    fill(&scene.repository, 150)?;
    let before = remote.refs()?;
    let url = server.url_of("shallow", "remote.git");
    let arguments = ["--depth=1", "--no-tags"];
    let clone = Repository::clone_of(scene.environment(), &url, "shallow", &arguments)?;
    let workspace = scene.second_workspace("adopting")?;
    workspace.configure(&clone.path(), "")?;
    workspace.main(ALL)?;
    let cloned = server.asked_by("shallow").len();
    workspace.plan(&[])?.ok()?;
    // Single tags at first, then all that are left; never one request for each.
    let asked = server.asked_by("shallow").len() - cloned;
    assert!((1..=50).contains(&asked), "{asked} requests");
    workspace.apply(&[])?.ok()?;
    workspace.plan(&[])?.unchanged()?;
    let known = workspace.attributes("pipeline_version_tag.all[\"v1.90.0\"]")?;
    assert_eq!(known["created_at"], "2023-11-14T22:14:50Z", "the time of its commit");
    same_refs(&before, &remote.refs()?)
}
