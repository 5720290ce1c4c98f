//! The security audit of a real commit.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::{Arc, Mutex};

use pipeline_core::git::{Observer, Repository, Settings};
use pipeline_core::secret_scan::{FindingKind, survey};

use super::world::{Remote, World};

/// A made-up key of AWS, of parts, so that no scanner takes this file for a leak.
fn key() -> String {
    ["AKIA", "QYLPMN5HFIQR7XYA"].concat()
}

#[tokio::test]
async fn everything_in_a_large_tree_that_ci_runs_is_looked_at() {
    let world = World::new(Remote::Plain);
    let clone = world.path("clone");
    // 50,000 lines, with words in them that keywords begin with.
    let line =
        "docker run --rm -e AKIAB=1 -e GHP=ghp_ \"$IMAGE\" aizawa-scripts/build --to sg.example\n";
    for number in 0..100 {
        let folder = clone.join(format!("scripts/{number}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("build.py"), line.repeat(500)).unwrap();
    }
    fs::create_dir_all(clone.join("environments/eu")).unwrap();
    fs::write(clone.join("environments/eu/secrets.enc"), "password: hunter2\n").unwrap();
    fs::write(clone.join("large.sh"), "a".repeat(1024 * 1024 + 1)).unwrap();
    fs::write(clone.join("notes.txt"), key()).unwrap();
    let leak = format!("FROM scratch\nENV KEY={}\n", key());
    let commit = world.commit("clone", "Dockerfile", &leak);

    let repository = world.open("clone");
    let begun = std::time::Instant::now();
    let audit = survey(&repository, commit, &[], &BTreeSet::new()).await.unwrap();
    println!("{} files in {:?}", audit.files, begun.elapsed());
    let found: Vec<_> = audit.findings.iter().map(|it| (&*it.path, it.line, it.kind)).collect();
    let expected = [
        ("Dockerfile", Some(2), FindingKind::Credential("aws-access-key-id")),
        ("environments/eu/secrets.enc", None, FindingKind::PlaintextSecrets),
        ("large.sh", None, FindingKind::NotScanned),
    ];
    assert_eq!((audit.files, &found[..]), (103, &expected[..]));
    let allowed = audit.findings.into_iter().map(|it| it.fingerprint).collect();
    let again = survey(&repository, commit, &["notes.txt".to_owned()], &allowed).await.unwrap();
    let left: Vec<_> = again.findings.iter().map(|it| it.kind).collect();
    let expected = [FindingKind::PlaintextSecrets, FindingKind::Credential("aws-access-key-id")];
    assert_eq!(
        left, expected,
        "nobody allows secrets in the clear; a file that is named is searched"
    );
}

#[tokio::test]
async fn what_is_reached_by_a_link_is_looked_at_and_what_is_not_there_is_told() {
    let world = World::new(Remote::Plain);
    let clone = world.path("clone");
    for folder in ["environments/eu", "environments/us", "scripts", "tools"] {
        fs::create_dir_all(clone.join(folder)).unwrap();
    }
    fs::write(clone.join("tools/plain.yaml"), "password: hunter2\n").unwrap();
    symlink("../../tools/plain.yaml", clone.join("environments/eu/secrets.enc")).unwrap();
    symlink("/etc/hostname", clone.join("environments/us/secrets.enc")).unwrap();
    symlink("../tools/go.txt", clone.join("scripts/go")).unwrap();
    symlink("loop", clone.join("scripts/loop")).unwrap();
    symlink("../../out", clone.join("scripts/out")).unwrap();
    let commit = world.commit("clone", "tools/go.txt", &key());
    let also = ["tools/none/", "./tools", "tools/*.yaml", ""].map(str::to_owned);
    let audit = survey(&world.open("clone"), commit, &also, &BTreeSet::new()).await.unwrap();
    let found: Vec<_> = audit.findings.iter().map(|it| (&*it.path, it.kind)).collect();
    let expected = [
        ("", FindingKind::NothingThere),
        ("./tools", FindingKind::NothingThere),
        ("environments/eu/secrets.enc", FindingKind::PlaintextSecrets),
        ("environments/us/secrets.enc", FindingKind::LinkOutside),
        ("scripts/go", FindingKind::Credential("aws-access-key-id")),
        ("scripts/loop", FindingKind::BrokenLink),
        ("scripts/out", FindingKind::LinkOutside),
        ("tools/*.yaml", FindingKind::NothingThere),
        ("tools/none/", FindingKind::NothingThere),
    ];
    assert_eq!((audit.files, &found[..]), (2, &expected[..]));
}

#[tokio::test]
async fn linked_folders_are_searched_and_what_is_not_is_told_by_name() {
    let world = World::new(Remote::Plain);
    let clone = world.path("clone");
    let deep = vec!["d"; 130].join("/");
    for folder in ["environments/eu", "ci/jobs", "vendor", &format!("docs/{deep}")] {
        fs::create_dir_all(clone.join(folder)).unwrap();
    }
    fs::write(clone.join("environments/eu/secrets.enc"), "password: hunter2\n").unwrap();
    fs::write(clone.join("ci/jobs/deploy.py"), key()).unwrap();
    fs::write(clone.join(format!("docs/{deep}/deploy.sh")), key()).unwrap();
    // CI runs `scripts/jobs/deploy.py` and decrypts `environments/us/secrets.enc`; one link leads in a circle,
    // and one to what is found where it lies.
    symlink("ci", clone.join("scripts")).unwrap();
    symlink("../ci", clone.join("ci/circle")).unwrap();
    symlink("eu", clone.join("environments/us")).unwrap();
    symlink("../ci/jobs", clone.join("vendor/jobs")).unwrap();
    symlink("/srv/tools", clone.join("vendor/tools")).unwrap();
    symlink("nothing", clone.join("vendor/nothing")).unwrap();
    let strange = std::os::unix::ffi::OsStrExt::from_bytes(b"ci/\xff.sh");
    fs::write(clone.join::<&std::ffi::OsStr>(strange), key()).unwrap();
    let commit = world.commit("clone", "ci/plain.txt", "nothing\n");
    let audit = survey(&world.open("clone"), commit, &[], &BTreeSet::new()).await.unwrap();
    let found: Vec<_> = audit.findings.iter().map(|it| (&*it.path, it.kind)).collect();
    let deepest = format!("docs/{}", vec!["d"; 128].join("/"));
    let expected = [
        ("ci/\u{fffd}.sh", FindingKind::NotUtf8),
        (&*deepest, FindingKind::TooDeep),
        ("environments/eu/secrets.enc", FindingKind::PlaintextSecrets),
        ("environments/us/secrets.enc", FindingKind::PlaintextSecrets),
        ("scripts/jobs/deploy.py", FindingKind::Credential("aws-access-key-id")),
        ("vendor/tools", FindingKind::LinkOutside),
    ];
    assert_eq!(found, expected);
    let told = audit.findings.last().unwrap().violation().to_string();
    assert!(told.contains("`vendor/tools`") && told.contains("it was not searched"), "{told}");
}

/// Asking for each file by itself would take a round trip to the remote for every script.
#[tokio::test]
async fn a_partial_clone_fetches_all_scripts_at_once() {
    let world = World::new(Remote::Pushed);
    for number in 0..20 {
        let folder = world.path("clone").join(format!("scripts/{number}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("go.sh"), format!("echo {number} {}\n", key())).unwrap();
    }
    let commit = world.commit("clone", "notes.txt", "");
    world.git("clone", &["push", "--quiet", "origin", "HEAD"]);
    world.git("remote.git", &["config", "uploadpack.allowFilter", "true"]);
    world.git("remote.git", &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", world.text("remote.git"));
    let clone = ["clone", "--quiet", "--no-checkout", "--filter=blob:none", &url, "partial"];
    world.git(".", &clone);
    world.git("partial", &["config", "remote.origin.uploadpack", "git-upload-pack"]);
    let fetches = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&fetches);
    let observer = Observer::by(move |call| {
        if call.arguments.first().is_some_and(|it| it == "fetch") {
            *counted.lock().unwrap() += 1;
        }
    });
    let settings = Settings { observer, ..world.settings() };
    let repository = Repository::open(Some(&world.text("partial")), None, settings).unwrap();
    let audit = survey(&repository, commit, &[], &BTreeSet::new()).await.unwrap();
    assert_eq!((audit.files, audit.findings.len()), (20, 20));
    assert_eq!(*fetches.lock().unwrap(), 1);
}
