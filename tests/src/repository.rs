//! Real git repositories: a small product with several projects and two environments.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::command;
use crate::sandbox::Environment;
use crate::{Failure, Outcome};

/// The files of the product, as they are committed first.
const PRODUCT: [(&str, &str); 9] = [
    ("README.md", "# A small product\n"),
    ("api/main.py", "print('api')\n"),
    ("web/index.html", "<h1>web</h1>\n"),
    ("worker/main.py", "print('worker')\n"),
    ("environments/staging/config.yaml", "replicas: 1\n"),
    ("environments/staging/secrets.enc", include_str!("../fixtures/staging.enc.yaml")),
    ("environments/production/config.yaml", "replicas: 3\n"),
    ("environments/production/secrets.enc", include_str!("../fixtures/production.enc.json")),
    ("environments/production/regions/eu-west/config.yaml", "zones: 3\n"),
];

/// The branch that everything is committed to.
const BRANCH: &str = "main";

/// A git repository on disk, bare or with a work tree.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Its directory.
    pub directory: PathBuf,
    environment: Environment,
}

impl Repository {
    /// An empty repository with a work tree in the folder `name`.
    ///
    /// # Errors
    /// Git fails.
    pub fn empty(environment: &Environment, name: &str) -> Outcome<Self> {
        let directory = environment.root().join(name);
        std::fs::create_dir_all(&directory)?;
        let repository = Self { directory, environment: environment.clone() };
        repository.git(&["init", "--quiet", "--initial-branch", BRANCH])?;
        repository.sign()?;
        Ok(repository)
    }

    /// The repository that is in the folder `name`.
    #[must_use]
    pub fn at(environment: &Environment, name: &str) -> Self {
        Self { directory: environment.root().join(name), environment: environment.clone() }
    }

    /// A repository that holds the product, in one commit.
    ///
    /// # Errors
    /// Git fails.
    pub fn product(environment: &Environment, name: &str) -> Outcome<Self> {
        let repository = Self::empty(environment, name)?;
        for (path, text) in PRODUCT {
            repository.write(path, text)?;
        }
        repository.commit("Start the product")?;
        Ok(repository)
    }

    /// A clone of `origin`, a path or a URL, with further `arguments` of `git clone`.
    ///
    /// # Errors
    /// Git fails.
    pub fn clone_of(
        environment: &Environment,
        origin: &str,
        name: &str,
        arguments: &[&str],
    ) -> Outcome<Self> {
        let directory = environment.root().join(name);
        let mut clone = environment.command("git", environment.root());
        clone.args(["clone", "--quiet"]).args(arguments).arg(origin).arg(&directory);
        command::run(&mut clone)?.success()?;
        let repository = Self { directory, environment: environment.clone() };
        repository.sign()?;
        Ok(repository)
    }

    /// Makes a bare repository in the folder `name`, adds it as `origin` and pushes everything.
    ///
    /// # Errors
    /// Git fails.
    pub fn publish(&self, name: &str) -> Outcome<Self> {
        let directory = self.environment.root().join(name);
        std::fs::create_dir_all(&directory)?;
        let remote = Self { directory, environment: self.environment.clone() };
        remote.git(&["init", "--quiet", "--bare", "--initial-branch", BRANCH])?;
        self.git(&["remote", "add", "origin", &remote.path()])?;
        self.git(&["push", "--quiet", "--set-upstream", "origin", BRANCH])?;
        self.git(&["push", "--quiet", "--tags", "origin"])?;
        Ok(remote)
    }

    /// Its directory as text.
    #[must_use]
    pub fn path(&self) -> String {
        self.directory.to_string_lossy().into_owned()
    }

    /// Names a person, without whom git makes neither commits nor tags.
    fn sign(&self) -> Outcome {
        self.git(&["config", "user.name", "Ada Example"])?;
        self.git(&["config", "user.email", "ada@example.com"])?;
        Ok(())
    }

    /// Writes a file of the work tree.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &str, text: &str) -> Outcome {
        let file = self.directory.join(path);
        let folder = file.parent().unwrap_or(&self.directory);
        std::fs::create_dir_all(folder)?;
        Ok(std::fs::write(file, text)?)
    }

    /// Commits the whole work tree, changed or not, and returns the commit's ID.
    ///
    /// # Errors
    /// Git fails.
    pub fn commit(&self, message: &str) -> Outcome<String> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message])?;
        self.head()
    }

    /// The commit of `HEAD`.
    ///
    /// # Errors
    /// There is none.
    pub fn head(&self) -> Outcome<String> {
        self.git(&["rev-parse", "HEAD"])
    }

    /// The commit that a name stands for.
    ///
    /// # Errors
    /// There is none.
    pub fn resolve(&self, name: &str) -> Outcome<String> {
        self.git(&["rev-parse", "--verify", &format!("{name}^{{commit}}")])
    }

    /// Makes or moves an annotated tag.
    ///
    /// # Errors
    /// Git fails.
    pub fn tag(&self, name: &str, commit: &str) -> Outcome {
        self.git(&["tag", "--force", "--annotate", "--message", name, name, commit]).map(drop)
    }

    /// Every ref with the object it points at.
    ///
    /// # Errors
    /// Git fails.
    pub fn refs(&self) -> Outcome<BTreeMap<String, String>> {
        let listed = self.git(&["for-each-ref", "--format=%(refname) %(objectname)"])?;
        let pairs = listed.lines().filter_map(|line| line.split_once(' '));
        Ok(pairs.map(|(name, object)| (name.to_owned(), object.to_owned())).collect())
    }

    /// The records under a prefix of the ledger, such as `refs/ledger/deployments/`, by ref.
    ///
    /// # Errors
    /// Git fails or a record is not JSON.
    pub fn records(&self, prefix: &str) -> Outcome<BTreeMap<String, Value>> {
        let names = self.refs()?.into_keys().filter(|name| name.starts_with(prefix));
        names.map(|name| Ok((name.clone(), self.record(&name)?))).collect()
    }

    /// Writes a record of the ledger by hand, over whatever is there.
    ///
    /// # Errors
    /// Git fails.
    pub fn put_record(&self, name: &str, record: &Value) -> Outcome {
        let text = record.to_string();
        let blob = self.git_with_input(&["hash-object", "-w", "--stdin"], &text)?;
        let (blob, tag) = (blob.trim(), name.trim_start_matches("refs/"));
        let tag = format!(
            "object {blob}\ntype blob\ntag {tag}\ntagger Ada Example <ada@example.com> 0 +0000\n\nBy hand\n"
        );
        let object = self.git_with_input(&["mktag", "--no-strict"], &tag)?;
        self.git(&["update-ref", name, object.trim()]).map(drop)
    }

    fn record(&self, name: &str) -> Outcome<Value> {
        let text = self.git(&["cat-file", "blob", &format!("{name}^{{blob}}")])?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Installs a hook, such as `pre-receive`, from the text of a shell script.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn hook(&self, name: &str, script: &str) -> Outcome {
        use std::os::unix::fs::PermissionsExt as _;
        let file = self.directory.join("hooks").join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n"))?;
        Ok(std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))?)
    }

    /// Runs git here and returns what it printed, without the last line break.
    ///
    /// # Errors
    /// Git fails.
    pub fn git(&self, arguments: &[&str]) -> Outcome<String> {
        let said = command::run(self.command().args(arguments))?.success()?;
        Ok(said.stdout.trim_end().to_owned())
    }

    /// Runs git here with `input` on its standard input, and returns what it printed.
    ///
    /// # Errors
    /// Git fails.
    pub fn git_with_input(&self, arguments: &[&str], input: &str) -> Outcome<String> {
        use std::io::Write as _;
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (mut pipe, input) = (child.stdin.take().ok_or("no standard input")?, input.to_owned());
        // Written beside the reading: both pipes are smaller than what may pass through them.
        let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()));
        let output = child.wait_with_output()?;
        // A git that stopped reading says why.
        drop(writer.join());
        Ok(command::Said::of(command::line(&command), &output).success()?.stdout)
    }

    fn command(&self) -> Command {
        self.environment.command("git", &self.directory)
    }
}

/// Fails unless both states of a repository have the same refs on the same objects.
///
/// # Errors
/// They differ; the differences are listed.
pub fn same_refs(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Outcome {
    let gone = before.iter().filter(|(name, object)| after.get(*name) != Some(object));
    let new = after.iter().filter(|(name, object)| before.get(*name) != Some(object));
    let gone = gone.map(|(name, object)| format!("- {name} {object}"));
    let lines: Vec<_> =
        gone.chain(new.map(|(name, object)| format!("+ {name} {object}"))).collect();
    if lines.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("refs changed that should not have:\n{}", lines.join("\n"))))
}
