//! Reads the scripts and secrets files of one commit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Audit, Finding, FindingKind, Scanner, is_script, is_secrets_file};
use crate::CommitSha;
use crate::base::limits::DEEPEST;
use crate::environment::rules::SecretsFile;
use crate::environment::{Reached, judge, reach};
use crate::git::{FileKind, GitError, ListedKind, ObjectId, Repository};

/// How large a script may be that is looked at: 1 MiB.
const LARGEST_SCRIPT: usize = 1024 * 1024;

/// Audits a commit. `also` names files and folders that CI runs besides; `allowed` holds the fingerprints of
/// findings that are none.
///
/// # Errors
/// When the repository cannot be read.
pub async fn survey(
    repository: &Repository,
    commit: CommitSha,
    also: &[String],
    allowed: &BTreeSet<String>,
) -> Result<Audit, GitError> {
    let scanner = Arc::new(Scanner::default());
    let Walk { found, missing, mut findings, .. } = walk(repository, commit, also).await?;
    let nothing = |path: String| Finding::of_file(&path, FindingKind::NothingThere);
    findings.extend(missing.into_iter().map(nothing));
    let mut files = 0;
    let objects: Vec<ObjectId> = found.values().copied().flatten().collect();
    repository.bring_files(&objects).await?;
    for path in found.into_keys() {
        // What CI runs or decrypts by the name of a symbolic link is the file that this leads to.
        let reached = reach(repository, commit, &path, "").await?;
        let Reached::Here { kind: kind @ (FileKind::File(_) | FileKind::LargeFile { .. }), .. } =
            reached
        else {
            continue;
        };
        files += 1;
        if is_secrets_file(&path) {
            if judge(&path, kind).await != SecretsFile::Encrypted {
                findings.push(Finding::of_file(&path, FindingKind::PlaintextSecrets));
            }
            continue;
        }
        findings.extend(scanned(&scanner, path, kind).await);
    }
    Ok(Audit::new(files, findings, allowed))
}

/// Looks at a script beside what the runtime does: what costs time must not stop timers and leases.
async fn scanned(scanner: &Arc<Scanner>, path: String, kind: FileKind) -> Vec<Finding> {
    let too_large = vec![Finding::of_file(&path, FindingKind::NotScanned)];
    match kind {
        FileKind::File(bytes) if bytes.len() <= LARGEST_SCRIPT => {
            let scanner = Arc::clone(scanner);
            let looking = tokio::task::spawn_blocking(move || scanner.scan(&path, &bytes));
            looking.await.unwrap_or(too_large)
        }
        _ => too_large,
    }
}

/// A walk through the folders of a commit.
struct Walk<'a> {
    /// What is searched besides that which CI runs by convention.
    also: &'a [String],
    /// What is named there, and was not come by yet.
    missing: BTreeSet<String>,
    /// The files to be looked at, each with its object unless a link led to it.
    found: BTreeMap<String, Option<ObjectId>>,
    /// What is not searched.
    findings: Vec<Finding>,
    /// The folders that are still to be walked through.
    open: Vec<Folder>,
    /// Those that links led to, each with what CI takes it for there: links may lead in circles.
    linked: BTreeSet<(String, String)>,
}

/// A folder: how deep it lies, its path as CI sees it, and its own.
struct Folder {
    depth: usize,
    path: String,
    real: String,
    is_linked: bool,
}

/// Walks through a commit.
async fn walk<'a>(
    repository: &Repository,
    commit: CommitSha,
    also: &'a [String],
) -> Result<Walk<'a>, GitError> {
    let (path, real) = (String::new(), String::new());
    let mut walk = Walk {
        also,
        missing: also.iter().cloned().collect(),
        found: BTreeMap::new(),
        findings: Vec::new(),
        open: vec![Folder { depth: 0, path, real, is_linked: false }],
        linked: BTreeSet::new(),
    };
    while let Some(folder) = walk.open.pop() {
        if folder.is_linked && !walk.is_new(&folder) {
            continue;
        }
        for entry in repository.list(commit, &folder.real).await?.unwrap_or_default() {
            let path = join(&folder.path, &entry.name);
            let is_run = walk.is_run(&path);
            match entry.kind {
                // What else is in a linked folder is found where it lies.
                ListedKind::Directory if folder.is_linked && !is_run && !leads_to_run(&path) => {}
                ListedKind::Directory => {
                    let real = join(&folder.real, &entry.name);
                    walk.enter(Folder { depth: folder.depth + 1, path, real, ..folder });
                }
                ListedKind::Symlink => {
                    let real = join(&folder.real, &entry.name);
                    let reached = reach(repository, commit, &real, "").await?;
                    walk.follow(reached, path, folder.depth + 1);
                }
                ListedKind::Nameless if folder.is_linked => {}
                ListedKind::Nameless => walk.pass_over(&path, FindingKind::NotUtf8),
                ListedKind::Submodule if is_run || leads_to_run(&path) => {
                    walk.pass_over(&path, FindingKind::Submodule);
                }
                _ if is_run => drop(walk.found.insert(path, Some(entry.object))),
                _ => {}
            }
        }
    }
    Ok(walk)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Whether there are files below a path that CI runs or decrypts because they lie there.
fn leads_to_run(path: &str) -> bool {
    [".github/workflows/", ".github/actions/", "scripts/"]
        .iter()
        .any(|folder| folder.starts_with(&format!("{path}/")))
        || is_secrets_file(&join(path, "secrets.enc"))
        || path == "environments"
}

impl Walk<'_> {
    /// Whether the file is looked at. What is named has then been come by.
    fn is_run(&mut self, path: &str) -> bool {
        let below = |it: &&String| {
            let rest = path.strip_prefix(it.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let named: Vec<&String> = self.also.iter().filter(below).collect();
        self.missing.retain(|it| !named.contains(&it));
        !named.is_empty() || is_script(path) || is_secrets_file(path)
    }

    /// Whether nobody came by a folder through a link yet where CI takes it for the same.
    fn is_new(&mut self, folder: &Folder) -> bool {
        let taken_for = match &*folder.path {
            path if self.is_run(path) => "",
            path if path.starts_with("environments/") => "environments/",
            path => path,
        };
        self.linked.insert((folder.real.clone(), taken_for.to_owned()))
    }

    fn enter(&mut self, folder: Folder) {
        if folder.depth <= DEEPEST {
            self.open.push(folder);
        } else {
            self.pass_over(&folder.path, FindingKind::TooDeep);
        }
    }

    /// Goes where a symbolic link leads, where CI would run something by its name.
    fn follow(&mut self, reached: Reached, path: String, depth: usize) {
        let is_run = self.is_run(&path) || leads_to_run(&path);
        match reached {
            Reached::Here { kind: FileKind::Directory, path: real, .. } if is_run => {
                self.enter(Folder { depth, path, real, is_linked: true });
            }
            Reached::Here { kind: FileKind::Submodule, .. } if is_run => {
                self.pass_over(&path, FindingKind::Submodule);
            }
            // What a folder holds is found where it lies.
            Reached::Here { .. } => {
                if is_run {
                    self.found.entry(path).or_default();
                }
            }
            Reached::Nothing => {
                if is_run {
                    self.pass_over(&path, FindingKind::BrokenLink);
                }
            }
            Reached::Outside { .. } => self.pass_over(&path, FindingKind::LinkOutside),
        }
    }

    fn pass_over(&mut self, path: &str, kind: FindingKind) {
        self.findings.push(Finding::of_file(path, kind));
    }
}
