//! Tags that the user's git signs.

use pipeline_core::approval::AllowedSigner;
use pipeline_core::git::{GitError, ObjectId, Repository};
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

/// A record in the clone's ledger, signed, and as the remote has it.
async fn signed_record(world: &World) -> (Repository, ObjectId) {
    let repository = world.open("clone");
    let slot = name("refs/ledger/approvals/production/x/ana");
    let plain = repository.write_record(&slot, b"{}\n", &ana(), "approve").unwrap();
    let signed = repository.sign_record(&slot, plain).await.unwrap();
    let update = RefUpdate::create(slot, signed);
    repository.commit(Transaction::new(vec![update]).unwrap()).await.unwrap();
    (world.open("clone"), signed)
}

/// Why none of these lines is of the key that signed a record, if so.
async fn verdict(repository: &Repository, record: ObjectId, lines: &[String]) -> Option<String> {
    let keys: Vec<AllowedSigner> = lines.iter().map(|line| line.parse().unwrap()).collect();
    repository.verify_record(record, &keys).await.unwrap()
}

async fn is_signed(repository: &Repository, record: ObjectId, lines: &[String]) -> bool {
    verdict(repository, record, lines).await.is_none()
}

/// Whatever the settings say of tags: the policy asks for it.
#[tokio::test]
async fn a_record_is_signed_and_only_the_keys_of_the_person_verify_it() {
    let world = signing("tag.gpgSign");
    world.git("clone", &["config", "tag.gpgSign", "false"]);
    let (_, signed) = signed_record(&world).await;
    let public = std::fs::read_to_string(world.path("signing-key.pub")).unwrap();
    let own = format!("ana {}", public.trim());
    let other = world.text("other-key");
    let mut made = std::process::Command::new("ssh-keygen");
    made.args(["-q", "-t", "ed25519", "-N", "", "-f", &other]);
    assert!(made.status().unwrap().success());
    let public = std::fs::read_to_string(world.path("other-key.pub")).unwrap();
    let other = format!("ana {}", public.trim());
    // What the user's own settings trust is nothing to the policy.
    world.git("clone", &["config", "gpg.ssh.allowedSignersFile", &world.text("trusted")]);
    let repository = world.open("clone");
    repository.snapshot().await.unwrap();
    let slot = name("refs/ledger/approvals/production/x/ana");
    let stored = repository.read_record(&slot).await.unwrap().unwrap();
    assert_eq!((stored.object, stored.message.as_str()), (signed, "approve"));
    assert_eq!(stored.tagger, Some(ana()));
    let namespace = own.replacen("ana ", "ana namespaces=\"git\" ", 1);
    let elsewhere = own.replacen("ana ", "ana namespaces=\"file\" ", 1);
    let pgp = format!("ana openpgp {}", "AB12".repeat(10));
    for (lines, expected) in [
        (vec![own.clone()], true),
        (vec![other.clone(), own], true),
        (vec![namespace], true),
        (vec![elsewhere], false),
        (vec![other], false),
        (vec![pgp], false),
        (vec![], false),
    ] {
        assert_eq!(is_signed(&repository, signed, &lines).await, expected, "{lines:?}");
    }
}

#[tokio::test]
async fn what_was_changed_after_it_was_signed_is_not_signed() {
    let world = signing("tag.gpgSign");
    let (repository, signed) = signed_record(&world).await;
    let public = std::fs::read_to_string(world.path("signing-key.pub")).unwrap();
    let own = [format!("ana {}", public.trim())];
    assert!(is_signed(&repository, signed, &own).await);
    let text = world.git("remote.git", &["cat-file", "tag", &signed.to_string()]);
    let forged = world.path("forged");
    std::fs::write(&forged, format!("{}\n", text.replace("approve", "approve more"))).unwrap();
    let forged = world.text("forged");
    let id = world.git("clone", &["hash-object", "-w", "-t", "tag", &forged]);
    let repository = world.open("clone");
    assert!(!is_signed(&repository, id.trim().parse().unwrap(), &own).await);
    let slot = name("refs/ledger/approvals/production/x/bob");
    let plain = repository.write_record(&slot, b"{}\n", &ana(), "approve").unwrap();
    assert!(!is_signed(&repository, plain, &own).await, "it never was");
}

/// GnuPG knows keys of many people: what it says of the key is compared.
#[tokio::test]
async fn a_signature_of_openpgp_is_of_the_key_that_the_policy_names() {
    let world = World::new(Remote::Pushed);
    let (own, other) = ("AB12".repeat(10), "CD34".repeat(10));
    let program = world.text("gnupg");
    let signature = "-----BEGIN PGP SIGNATURE-----\\n\\nU0lH\\n-----END PGP SIGNATURE-----\\n";
    let script = format!(
        "cat > /dev/null\ncase \"$*\" in\n*--verify*) printf '[GNUPG:] NEWSIG\\n[GNUPG:] GOODSIG {own} Ana\\n[GNUPG:] VALIDSIG \
         {own} 2026-11-29 1 0 4 0 22 10 00 {own}\\n';;\n*) printf '\\n[GNUPG:] SIG_CREATED x\\n' >&2; printf -- \
         '{signature}';;\nesac"
    );
    write_script(&world.path("gnupg"), &script);
    world.git("clone", &["config", "gpg.program", &program]);
    let (repository, signed) = signed_record(&world).await;
    assert_eq!(verdict(&repository, signed, &[format!("ana openpgp {own}")]).await, None);
    assert!(!is_signed(&repository, signed, &[format!("ana openpgp {other}")]).await);
    let ssh = "ana ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5m".to_owned();
    assert!(!is_signed(&repository, signed, &[ssh]).await, "another kind of key");
}
