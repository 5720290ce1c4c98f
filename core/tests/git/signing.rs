//! Tags that the user's git signs.

use pipeline_core::git::GitError;
use pipeline_core::testing::{RefStore as _, RefUpdate, Transaction};

use super::world::{Remote, World, ana, name, write_script};

/// A world whose clone signs with an SSH key.
fn signing(setting: &str) -> World {
    let world = World::new(Remote::Pushed);
    let key = world.text("signing-key");
    let mut made = std::process::Command::new("ssh-keygen");
    made.args(["-q", "-t", "ed25519", "-N", "", "-f", &key]);
    assert!(made.status().unwrap().success());
    let public = std::fs::read_to_string(world.path("signing-key.pub")).unwrap();
    let trusted = world.text("trusted");
    std::fs::write(&trusted, format!("ana@example.com {public}")).unwrap();
    for (name, value) in [
        (setting, "true"),
        ("gpg.format", "ssh"),
        ("user.signingKey", &key),
        ("gpg.ssh.allowedSignersFile", &trusted),
    ] {
        world.git("clone", &["config", name, value]);
    }
    world
}

#[tokio::test]
async fn a_tag_is_signed_by_the_users_git_and_reads_without_the_signature() {
    for setting in ["tag.gpgSign", "tag.forceSignAnnotated"] {
        let world = signing(setting);
        let repository = world.open("clone");
        let head = world.sha("clone", "HEAD");
        let message = "first\n\n# größe\n  more";
        for tag in ["größe/v1.0.0", "größe/v1.1.0"] {
            let plain = repository.write_tag_object(tag, head, &ana(), message).unwrap();
            let object = repository.sign_tag(tag, plain).await.unwrap();
            let update = RefUpdate::create(name(&format!("refs/tags/{tag}")), object);
            repository.commit(Transaction::new(vec![update]).unwrap()).await.unwrap();
            let told = repository.tag(tag).await.unwrap().unwrap();
            assert_eq!((told.commit, told.tagger), (head, Some(ana())));
            assert_eq!(told.message, message);
            assert_eq!(world.git("clone", &["tag", "--list"]), "", "the clone got it");
            world.git("clone", &["fetch", "--quiet", "origin", "tag", tag]);
            world.git("clone", &["verify-tag", tag]);
            world.git("clone", &["tag", "--delete", tag]);
        }
    }
}

#[tokio::test]
async fn without_the_setting_nothing_is_signed() {
    let world = signing("tag.gpgSign");
    world.git("clone", &["config", "tag.gpgSign", "false"]);
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let plain = repository.write_tag_object("v1", head, &ana(), "v1").unwrap();
    assert_eq!(repository.sign_tag("v1", plain).await.unwrap(), plain);
}

#[tokio::test]
async fn what_cannot_be_signed_is_told() {
    let world = signing("tag.gpgSign");
    std::fs::remove_file(world.path("signing-key")).unwrap();
    std::fs::remove_file(world.path("signing-key.pub")).unwrap();
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let plain = repository.write_tag_object("v1", head, &ana(), "v1").unwrap();
    let error = repository.sign_tag("v1", plain).await.unwrap_err();
    assert!(matches!(error, GitError::Unsigned { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("v1") && text.contains("signing-key") && text.contains("tag.gpgSign"),
        "{text}"
    );
}

/// A program that signs as git wants it, between such lines, and writes down what it was asked for.
fn signer(world: &World, kind: &str) -> (String, String) {
    let (program, said) = (world.text("signer"), world.text("said"));
    let signature = format!("-----BEGIN {kind}-----\\n\\nU0lH\\n-----END {kind}-----\\n");
    let script = format!(
        "echo \"$@\" > {said}\ncat > /dev/null\nprintf '\\n[GNUPG:] SIG_CREATED x\\n' >&2\nprintf -- '{signature}'"
    );
    write_script(&world.path("signer"), &script);
    (program, said)
}

/// OpenPGP and X.509 without a key of their own: whoever commits here signs, whatever the tagger is called.
#[tokio::test]
async fn programs_sign_for_who_commits_here() {
    for (format, setting, kind) in [
        ("openpgp", "gpg.program", "PGP SIGNATURE"),
        ("x509", "gpg.x509.program", "SIGNED MESSAGE"),
    ] {
        let world = World::new(Remote::Pushed);
        let (program, said) = signer(&world, kind);
        for (name, value) in
            [("tag.gpgSign", "true"), ("gpg.format", format), (setting, program.as_str())]
        {
            world.git("clone", &["config", name, value]);
        }
        let repository = world.open("clone");
        let mut tagger = ana();
        tagger.name = "github-actions".to_owned();
        let head = world.sha("clone", "HEAD");
        let plain = repository.write_tag_object("v1", head, &tagger, "first").unwrap();
        let signed = repository.sign_tag("v1", plain).await.unwrap();
        let said = std::fs::read_to_string(said).unwrap();
        assert!(said.contains("Ana <ana@example.com>"), "{format}: {said}");
        let update = RefUpdate::create(name("refs/tags/v1"), signed);
        repository.commit(Transaction::new(vec![update]).unwrap()).await.unwrap();
        let text = world.git("remote.git", &["cat-file", "tag", "v1"]);
        assert!(text.contains(&format!("-----BEGIN {kind}-----")), "{format}: {text}");
        assert_eq!(repository.tag("v1").await.unwrap().unwrap().message, "first", "{format}");
    }
}

#[tokio::test]
async fn a_program_for_certificates_that_is_not_there_is_named() {
    let world = World::new(Remote::Pushed);
    for (name, value) in [
        ("tag.gpgSign", "true"),
        ("gpg.format", "x509"),
        ("gpg.x509.program", "/nowhere/smimesign"),
    ] {
        world.git("clone", &["config", name, value]);
    }
    let repository = world.open("clone");
    let plain = repository.write_tag_object("v1", world.sha("clone", "HEAD"), &ana(), "v1");
    let error = repository.sign_tag("v1", plain.unwrap()).await.unwrap_err();
    assert!(matches!(error, GitError::Unsigned { .. }), "{error}");
    assert!(error.to_string().contains("/nowhere/smimesign"), "{error}");
}
