//! Whether a secret that a test planted turned up where people or machines may read it: in states, saved plans,
//! ledgers, logs, caches, temporary files and messages.
//!
//! What a test writes itself is not searched: configuration, work trees and what is committed from them, settings of
//! git and of AWS, hooks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::Said;
use crate::sandbox::Environment;
use crate::{Failure, Outcome, command, fsck, process, zip};

/// What every secret begins with that a test plants.
pub const MARK: &str = "canary-";

/// No file of a test is larger.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Ends of the names of files that are configuration.
const CONFIGURATION: [&str; 5] = [".tf", ".tf.json", ".tfvars", ".hcl", ".rc"];

/// Searches all that lies below the root of `environment`. In the places of `leaves`, paths from there, a secret has
/// to be found, elsewhere none.
///
/// # Errors
/// It is otherwise, with the name of each place.
pub(crate) fn check(environment: &Environment, leaves: &[PathBuf]) -> Outcome {
    let root = environment.root();
    let mut found = Vec::new();
    search(environment, root, &mut found)?;
    let left = |place: &&PathBuf| leaves.iter().any(|leaves| place.starts_with(root.join(leaves)));
    let leaks = found.iter().filter(|place| !left(place));
    let mut wrong: Vec<String> =
        leaks.map(|place| format!("a planted secret leaked into {}", place.display())).collect();
    for name in leaves {
        if !found.iter().any(|place| place.starts_with(root.join(name))) {
            wrong.push(format!("no secret is in {}, but the test says so", name.display()));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(wrong.join("\n"))) }
}

/// A failure where Terraform showed a secret to whoever ran it. The line of the configuration, which the host shows
/// beside a problem, is the test's own.
///
/// # Errors
/// It did.
pub fn check_said(said: &Said) -> Outcome {
    let is_shown = |line: &str| holds(line.as_bytes()) && !is_own(line);
    let shown = said.stdout.lines().chain(said.stderr.lines()).any(is_shown);
    if shown { Err(said.failure("a planted secret is shown")) } else { Ok(()) }
}

/// A failure where a process of `environment` shows a secret to everybody who may list processes.
///
/// # Errors
/// One does, with all that it shows.
pub fn check_processes(environment: &Environment) -> Outcome {
    let all = process::shown(environment).into_iter().map(|it| it.arguments);
    match all.into_iter().find(|arguments| holds(arguments.as_bytes())) {
        None => Ok(()),
        Some(leak) => Err(Failure::new(format!("a planted secret is an argument: {leak}"))),
    }
}

/// Whether a line of the host has a secret only where it repeats the configuration.
fn is_own(line: &str) -> bool {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(line) else { return false };
    if let Some(Value::Object(diagnostic)) = fields.get_mut("diagnostic") {
        diagnostic.remove("snippet");
    }
    !holds(Value::Object(fields).to_string().as_bytes())
}

/// A made-up key of AWS, of parts, so that no scanner takes this file for a leak.
#[must_use]
pub fn aws_key() -> String {
    ["AKIA", "QYLPMN5HFIQR7XYA"].concat()
}

fn holds(bytes: &[u8]) -> bool {
    [MARK, &aws_key()].iter().any(|secret| contains(bytes, secret.as_bytes()))
}

fn contains(bytes: &[u8], secret: &[u8]) -> bool {
    let starts = bytes.iter().enumerate().filter(|(_, byte)| secret.first() == Some(*byte));
    starts.map(|(at, _)| bytes.get(at..).unwrap_or_default()).any(|rest| rest.starts_with(secret))
}

/// Collects the places below `folder` that hold a secret.
fn search(environment: &Environment, folder: &Path, found: &mut Vec<PathBuf>) -> Outcome {
    let is_repository = fsck::is_repository(folder);
    let has_work_tree = folder.join(".git").is_dir();
    if is_repository && records(environment, folder)? {
        found.push(folder.join("objects"));
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, path, name) = (entry.file_type()?, entry.path(), entry.file_name());
        let name = name.to_string_lossy().into_owned();
        let is_own = if is_repository {
            ["objects", "hooks", "config"].contains(&name.as_str())
        } else {
            (has_work_tree && name != ".git") || [".aws", ".gitconfig"].contains(&name.as_str())
        };
        if is_own {
            continue;
        }
        if kind.is_dir() {
            search(environment, &path, found)?;
        } else if kind.is_file()
            && !CONFIGURATION.iter().any(|end| name.ends_with(end))
            && is_leak(&path)?
        {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether a file holds a secret: a saved plan beside the configuration, which it repeats.
fn is_leak(path: &Path) -> Outcome<bool> {
    if std::fs::metadata(path)?.len() > LARGEST {
        return Err(Failure::new(format!("{} is too large to be searched", path.display())));
    }
    let bytes = std::fs::read(path)?;
    let packed = zip::entries(&bytes);
    let own = |name: &str| name.starts_with("tfconfig/");
    Ok(holds(&bytes) || packed.iter().any(|(name, content)| !own(name) && holds(content)))
}

/// Whether a secret is in an object of a repository that no commit leads to: a record, or a tag.
fn records(environment: &Environment, repository: &Path) -> Outcome<bool> {
    let git = |arguments: &[&str]| {
        let mut command = environment.command("git", environment.root());
        command.arg("--git-dir").arg(repository).args(arguments).env("GIT_NO_LAZY_FETCH", "1");
        command
    };
    let all = ["cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"];
    let output = git(&all).output()?.stdout;
    if !holds(&output) {
        return Ok(false);
    }
    let of_commits =
        ["rev-list", "--objects", "--branches", "--remotes", "--tags", "--missing=allow-any"];
    let listed = command::run(&mut git(&of_commits))?.stdout;
    let committed: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split(' ').next()).collect();
    // A tag that leads to a commit is listed with it, and yet it is what the product writes.
    let mut rest = output.as_slice();
    while let Some((head, behind)) =
        rest.iter().position(|byte| *byte == b'\n').map(|at| rest.split_at(at))
    {
        let head = String::from_utf8_lossy(head).into_owned();
        let [id, kind, size] = head.split(' ').collect::<Vec<_>>()[..] else { break };
        let size = size.parse::<usize>().unwrap_or_default();
        let content = behind.get(1..=size).unwrap_or_default();
        if holds(content) && (kind == "tag" || !committed.contains(id)) {
            return Ok(true);
        }
        rest = behind.get(size + 2..).unwrap_or_default();
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Repository;
    use crate::sandbox::Sandbox;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// A secret, as a test plants it.
    fn secret() -> String {
        format!("{MARK}of-this-test")
    }

    /// What the end of a sandbox says in which `plant` left something.
    fn refusal(plant: impl FnOnce(&mut Sandbox, &Path) -> Outcome) -> Outcome<Option<String>> {
        let mut sandbox = Sandbox::temporary()?;
        let root = sandbox.environment.root().to_owned();
        plant(&mut sandbox, &root)?;
        let panic = catch_unwind(AssertUnwindSafe(|| drop(sandbox))).err();
        Ok(panic.map(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default()))
    }

    #[test]
    fn a_leak_fails_the_test_wherever_it_is() -> Outcome {
        for name in
            ["terraform.tfstate", "terraform.log", "tmp/scratch/a", "home/.cache/pipeline/journal"]
        {
            let said = refusal(|_, root| {
                let path = root.join(name);
                std::fs::create_dir_all(path.parent().unwrap_or(root))?;
                Ok(std::fs::write(path, format!("{{\"value\": \"{}\"}}", secret()))?)
            })?;
            let said = said.ok_or_else(|| format!("a leak into {name} passed"))?;
            assert!(said.contains("a planted secret leaked into") && said.contains(name), "{said}");
        }
        Ok(())
    }

    /// A saved plan with a secret in what is planned, and one with it in the configuration, as Python packs them.
    const PLANNED: &str = "504b03041400000008000000215a49dbba0119000000b4000000060000007466706c616e4b4ecc4b2caad4cd4f\
        d32dc9c82cd62d492d2e51481ee46200504b010214031400000008000000215a49dbba0119000000b400000006\
        00000000000000000000008001000000007466706c616e504b05060000000001000100340000003d0000000000";
    const CONFIGURED: &str = "504b03041400000008000000215a49dbba0119000000b4000000130000007466636f6e6669672f6d2d2f6d6169\
        6e2e74664b4ecc4b2caad4cd4fd32dc9c82cd62d492d2e51481ee46200504b010214031400000008000000215a\
        49dbba0119000000b40000001300000000000000000000008001000000007466636f6e6669672f6d2d2f6d6169\
        6e2e7466504b05060000000001000100410000004a0000000000";

    #[test]
    fn a_leak_into_a_saved_plan_fails_the_test() -> Outcome {
        for (archive, is_leak) in [(PLANNED, true), (CONFIGURED, false)] {
            let digits = archive.as_bytes().chunks(2).filter_map(|it| std::str::from_utf8(it).ok());
            let bytes: Vec<u8> =
                digits.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
            let said = refusal(|_, root| Ok(std::fs::write(root.join("saved"), bytes)?))?;
            assert_eq!(said.is_some(), is_leak, "{said:?}");
        }
        Ok(())
    }

    #[test]
    fn a_leak_into_a_record_or_a_tag_fails_the_test() -> Outcome {
        let said = refusal(|sandbox, _| {
            let repository = Repository::product(&sandbox.environment, "product")?;
            repository.put_record("refs/ledger/audit/a", &serde_json::json!({ "reason": secret() }))
        })?;
        assert!(said.is_some_and(|said| said.contains("product/.git/objects")));
        let said = refusal(|sandbox, _| {
            let repository = Repository::product(&sandbox.environment, "product")?;
            repository.git(&["tag", "-a", "v1.0.0", "-m", &secret()]).map(drop)
        })?;
        assert!(said.is_some_and(|said| said.contains("product/.git/objects")));
        Ok(())
    }

    #[test]
    fn what_the_test_wrote_itself_is_no_leak() -> Outcome {
        let said = refusal(|sandbox, root| {
            let repository = Repository::product(&sandbox.environment, "product")?;
            repository.write("environments/staging/secrets.enc", &secret())?;
            repository.commit("Leak")?;
            repository.git(&["config", "remote.origin.url", &secret()])?;
            std::fs::create_dir_all(root.join("terraform"))?;
            Ok(std::fs::write(root.join("terraform/main.tf"), secret())?)
        })?;
        assert_eq!(said, None);
        Ok(())
    }

    #[test]
    fn a_test_may_leave_one_where_it_says_so_and_has_to() -> Outcome {
        let said = refusal(|sandbox, root| {
            sandbox.leaves_secret("terraform.tfstate");
            Ok(std::fs::write(root.join("terraform.tfstate"), secret())?)
        })?;
        assert_eq!(said, None);
        let said = refusal(|sandbox, _| {
            sandbox.leaves_secret("terraform.tfstate");
            Ok(())
        })?;
        assert!(said.is_some_and(|said| said.contains("but the test says so")));
        Ok(())
    }

    #[test]
    fn a_secret_among_the_arguments_of_a_process_is_found() -> Outcome {
        let sandbox = Sandbox::temporary()?;
        let environment = &sandbox.environment;
        let started = |argument: &str| {
            let mut command = environment.command("sh", environment.root());
            command.args(["-c", "read -r line", argument]).env("TOKEN", secret());
            command.stdin(std::process::Stdio::piped()).spawn()
        };
        for (argument, is_leak) in [("plain".to_owned(), false), (secret(), true)] {
            let mut child = started(&argument)?;
            let is_listed =
                || process::shown(environment).iter().any(|it| it.arguments.contains(&argument));
            process::wait_until("the process is listed", is_listed)?;
            let found = check_processes(environment);
            // What it reads ends, and so does it.
            drop(child.stdin.take());
            child.wait()?;
            assert_eq!(found.is_err(), is_leak, "{found:?}");
        }
        Ok(())
    }

    #[test]
    fn what_is_shown_is_searched_but_for_lines_of_the_configuration() {
        let said = |line: String| Said {
            command: String::new(),
            code: Some(1),
            stdout: line,
            stderr: String::new(),
        };
        let diagnostic = |detail: &str, code: &str| {
            let snippet = serde_json::json!({ "code": code });
            let diagnostic = serde_json::json!({ "detail": detail, "snippet": snippet });
            said(serde_json::json!({ "diagnostic": diagnostic }).to_string())
        };
        assert!(check_said(&diagnostic("bad", &secret())).is_ok());
        assert!(check_said(&diagnostic(&secret(), "bad")).is_err());
        assert!(check_said(&said(secret())).is_err());
    }
}
