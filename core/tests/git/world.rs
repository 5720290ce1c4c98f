//! A place on disk with a remote and clones, cut off from the machine's own git settings.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipeline_core::git::{ObjectId, Repository, Settings, Signature, Sleep};
use pipeline_core::testing::{RefStore as _, RefUpdate, Transaction};
use pipeline_core::{CommitSha, RefName, Timestamp};
use tempfile::TempDir;

pub(crate) struct World {
    dir: TempDir,
    variables: Vec<(&'static str, String)>,
    unset: Vec<&'static str>,
    /// The pauses that were asked for, instead of being made.
    pub(crate) pauses: Arc<Mutex<Vec<Duration>>>,
}

/// How the remote takes changes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Remote {
    /// It is a neighbour on this machine, changed directly.
    Plain,
    /// It is set up so that only a push will do.
    Pushed,
}

impl World {
    /// A bare remote with three commits on `main`, and a clone of it.
    pub(crate) fn new(remote: Remote) -> Self {
        let world = Self {
            dir: TempDir::new().unwrap(),
            variables: Vec::new(),
            unset: Vec::new(),
            pauses: Arc::default(),
        };
        std::fs::create_dir(world.path("home")).unwrap();
        world.git(".", &["init", "--quiet", "--bare", "--initial-branch=main", "remote.git"]);
        if matches!(remote, Remote::Pushed) {
            world.git("remote.git", &["config", "receive.autogc", "false"]);
        }
        world.git(".", &["clone", "--quiet", "remote.git", "clone"]);
        world.git("clone", &["checkout", "--quiet", "-B", "main"]);
        for number in 1..=3 {
            world.commit("clone", &format!("file-{number}.txt"), &format!("{number}\n"));
        }
        world.git("clone", &["push", "--quiet", "origin", "main"]);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Sets a variable for all that run git from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.variables.push((name, value.to_owned()));
    }

    /// Takes one of the usual variables away from all that run git from now on.
    pub(crate) fn unset(&mut self, name: &'static str) {
        self.unset.push(name);
    }

    fn environment(&self) -> Vec<(OsString, OsString)> {
        let pairs = [
            ("HOME", self.text("home")),
            ("XDG_CONFIG_HOME", self.text("home")),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("GIT_CONFIG_GLOBAL", self.text("home/gitconfig")),
            ("GIT_AUTHOR_NAME", "Ana".to_owned()),
            ("GIT_AUTHOR_EMAIL", "ana@example.com".to_owned()),
            ("GIT_COMMITTER_NAME", "Ana".to_owned()),
            ("GIT_COMMITTER_EMAIL", "ana@example.com".to_owned()),
        ];
        let usual = pairs.into_iter().filter(|(name, _)| !self.unset.contains(name));
        let set = usual.chain(self.variables.iter().cloned());
        set.map(|(name, value)| (name.into(), value.into())).collect()
    }

    /// Runs git as a person would, and gives back what it printed.
    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path(folder))
            .envs(self.environment())
            .env("LC_ALL", "C")
            .args(arguments)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn commit(&self, folder: &str, file: &str, text: &str) -> CommitSha {
        let path = self.path(folder).join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self.git(folder, &["add", "--all"]);
        self.git(folder, &["commit", "--quiet", "--message", file]);
        self.sha(folder, "HEAD")
    }

    pub(crate) fn sha(&self, folder: &str, revision: &str) -> CommitSha {
        self.git(folder, &["rev-parse", &format!("{revision}^{{commit}}")]).parse().unwrap()
    }

    /// Where a ref of the remote is, as git says; empty where it is not.
    pub(crate) fn remote_ref(&self, name: &str) -> String {
        self.git("remote.git", &["for-each-ref", "--format=%(objectname)", name])
    }

    pub(crate) fn settings(&self) -> Settings {
        let pauses = Arc::clone(&self.pauses);
        Settings {
            cache_dir: Some(self.path("cache")),
            environment: self.environment(),
            timeout: Duration::from_secs(60),
            sleep: Sleep::by(move |time| {
                pauses.lock().unwrap().push(time);
                std::future::ready(())
            }),
            ..Settings::default()
        }
    }

    pub(crate) fn open(&self, folder: &str) -> Repository {
        Repository::open(Some(&self.text(folder)), None, self.settings()).unwrap()
    }

    /// Installs a hook in a repository's `hooks` folder.
    pub(crate) fn hook(&self, repository: &str, name: &str, script: &str) {
        let folder = self.path(repository).join("hooks");
        std::fs::create_dir_all(&folder).unwrap();
        write_script(&folder.join(name), script);
    }

    pub(crate) fn pauses(&self) -> Vec<u64> {
        self.pauses.lock().unwrap().iter().map(Duration::as_secs).collect()
    }
}

pub(crate) fn write_script(path: &Path, script: &str) {
    std::fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

pub(crate) fn ana() -> Signature {
    let time = Timestamp::from_unix_seconds(1_700_000_000).unwrap();
    Signature { name: "Ana Ünal".to_owned(), email: "ana@example.com".to_owned(), time }
}

pub(crate) fn name(text: &str) -> RefName {
    text.parse().unwrap()
}

/// A transaction that makes one tag.
pub(crate) fn create(
    repository: &Repository,
    tag: &str,
    commit: CommitSha,
) -> (Transaction, ObjectId) {
    let object = repository.write_tag_object(tag, commit, &ana(), tag).unwrap();
    let update = RefUpdate::create(name(&format!("refs/tags/{tag}")), object);
    (Transaction::new(vec![update]).unwrap(), object)
}

/// A transaction that moves one tag.
pub(crate) fn replace(
    repository: &Repository,
    tag: &str,
    expected: ObjectId,
    commit: CommitSha,
) -> (Transaction, ObjectId) {
    let object = repository.write_tag_object(tag, commit, &ana(), "moved").unwrap();
    let update = RefUpdate::replace(name(&format!("refs/tags/{tag}")), expected, object);
    (Transaction::new(vec![update]).unwrap(), object)
}
