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

/// OpenPGP without a key of its own: whoever commits here signs, whatever the tagger is called.
#[tokio::test]
async fn a_program_of_openpgp_signs_for_who_commits_here() {
    let world = World::new(Remote::Pushed);
    let program = world.path("gpg");
    let said = world.text("said");
    let signature = "-----BEGIN PGP SIGNATURE-----\\n\\nU0lH\\n-----END PGP SIGNATURE-----\\n";
    write_script(
        &program,
        &format!(
            "echo \"$@\" > {said}\ncat > /dev/null\nprintf '[GNUPG:] SIG_CREATED x\\n' >&2\nprintf -- '{signature}'"
        ),
    );
    for (name, value) in [("tag.gpgSign", "true"), ("gpg.program", program.to_str().unwrap())] {
        world.git("clone", &["config", name, value]);
    }
    let repository = world.open("clone");
    let head = world.sha("clone", "HEAD");
    let mut tagger = ana();
    tagger.name = "github-actions".to_owned();
    let plain = repository.write_tag_object("v1", head, &tagger, "v1").unwrap();
    let signed = repository.sign_tag("v1", plain).await.unwrap();
    assert_ne!(signed, plain);
    let said = std::fs::read_to_string(said).unwrap();
    assert!(said.contains("Ana <ana@example.com>"), "{said}");
}
