//! What an earlier plan foresaw for tags that are new: the commit to which their `ref` led.
//!
//! The host plans again when it applies, and gives nothing of the first plan to a resource that does not exist
//! yet. Where the `ref` leads elsewhere by then, the host takes the other answer for a bug of the provider. So a
//! plan notes what it foresaw, in the user's cache, and who plans again in the same run of the host, or for a
//! plan that was saved, is held to that. A hint and not the truth: where it is missing, as in another CI job or on
//! a machine that does not list its processes, the host refuses in its own words.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use pipeline_core::{CommitSha, Sha256, TagName, files};

/// A longer file is begun anew, in bytes.
const LONGEST: u64 = 1 << 22;

/// What every saved plan begins with: it is a ZIP file.
const SAVED: [u8; 2] = *b"PK";

/// In place of a commit: the tag was made, and the next plan of it is another one.
const MADE: &str = "-";

/// One run of the host, which may start the provider several times.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    /// What tells the run from all others of the machine.
    run: String,
    /// When the plan was saved that it applies, in seconds.
    saved_at: Option<i64>,
}

impl Host {
    /// The one that started this process, where the machine tells.
    fn of_this_process() -> Option<Self> {
        let process = PathBuf::from(format!("/proc/{}", std::os::unix::process::parent_id()));
        let about = fs::read_to_string(process.join("stat")).ok()?;
        // The name of the program may hold anything but stands in parentheses.
        let began = about.rsplit_once(") ")?.1.split(' ').nth(19)?;
        let words = fs::read(process.join("cmdline")).ok()?;
        let place = std::env::current_dir().ok()?;
        let run = format!("{}:{began}", std::os::unix::process::parent_id());
        Some(Self { run, saved_at: saved_plan(&words, &place).and_then(|plan| saved_at(&plan)) })
    }
}

/// The saved plan that a command of the host applies: `terraform apply … FILE`.
fn saved_plan(words: &[u8], place: &Path) -> Option<PathBuf> {
    let words =
        words.split(|byte| *byte == 0).skip(1).filter_map(|it| std::str::from_utf8(it).ok());
    let mut plain = words.filter(|word| !word.is_empty() && !word.starts_with('-'));
    if plain.next() != Some("apply") {
        return None;
    }
    plain.map(|word| place.join(word)).find(|path| is_saved_plan(path))
}

fn is_saved_plan(path: &Path) -> bool {
    let mut start = [0; SAVED.len()];
    let is_file = fs::metadata(path).is_ok_and(|about| about.is_file());
    let mut read = || fs::File::open(path)?.read_exact(&mut start);
    is_file && read().is_ok() && start == SAVED
}

fn saved_at(plan: &Path) -> Option<i64> {
    let modified = fs::metadata(plan).ok()?.modified().ok()?;
    i64::try_from(modified.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// What was foreseen, and where it is noted.
#[derive(Debug)]
pub(crate) struct Foreseen {
    file: PathBuf,
    host: Option<Host>,
    /// What earlier processes foresaw, to which this one is held.
    earlier: BTreeMap<String, CommitSha>,
}

impl Foreseen {
    /// What a configuration foresaw; `cache`: the folder of what is kept for this user.
    pub(crate) fn of(cache: &Path, configuration: &str) -> Self {
        Self::read(cache, configuration, Host::of_this_process())
    }

    fn read(cache: &Path, configuration: &str, host: Option<Host>) -> Self {
        let name: String =
            Sha256::of(configuration.as_bytes()).to_string().chars().take(16).collect();
        let file = cache.join("foreseen").join(name);
        let noted = || String::from_utf8(files::read(&file, LONGEST).ok()?.0).ok();
        let earlier = match (&host, noted()) {
            (Some(host), Some(noted)) => held_to(host, &noted),
            _ => BTreeMap::new(),
        };
        Self { file, host, earlier }
    }

    /// The other commit that this apply was planned with; `None`: it is this one, or this is no apply of it.
    pub(crate) fn other(&self, tag: &TagName, commit: CommitSha, now: i64) -> Option<CommitSha> {
        let host = self.host.as_ref()?;
        match self.earlier.get(tag.as_str()) {
            Some(planned) => Some(*planned).filter(|planned| *planned != commit),
            None => {
                if host.saved_at.is_none() {
                    self.note(host, tag, &commit.to_string(), now);
                }
                None
            }
        }
    }

    /// Says that a tag was made: what was foreseen came to pass.
    pub(crate) fn made(&self, tag: &TagName, now: i64) {
        if let Some(host) = &self.host {
            self.note(host, tag, MADE, now);
        }
    }

    fn note(&self, host: &Host, tag: &TagName, commit: &str, now: i64) {
        let line = format!("{} {now} {commit} {tag}\n", host.run);
        let Some(folder) = self.file.parent() else { return };
        let is_long = fs::metadata(&self.file).is_ok_and(|about| about.len() > LONGEST);
        // Where nothing can be kept, nothing is foreseen.
        if fs::create_dir_all(folder).is_err() || (is_long && fs::remove_file(&self.file).is_err())
        {
            return;
        }
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(&self.file) {
            let _ = file.write_all(line.as_bytes());
        }
    }
}

/// The last notes of the same run, else those from before the plan was saved that is applied.
fn held_to(host: &Host, noted: &str) -> BTreeMap<String, CommitSha> {
    let mut held = BTreeMap::new();
    for line in noted.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some(run), Some(at)) = (words.next(), words.next()) else { continue };
        let (Some(commit), Some(tag)) = (words.next(), words.next()) else { continue };
        let is_before = || {
            let at: Option<i64> = at.parse().ok();
            at.zip(host.saved_at).is_some_and(|(at, saved_at)| at <= saved_at)
        };
        if run != host.run && !is_before() {
            continue;
        }
        match commit.parse() {
            Ok(commit) => drop(held.insert(tag.to_owned(), commit)),
            Err(_) => drop(held.remove(tag)),
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(letter: char) -> CommitSha {
        letter.to_string().repeat(40).parse().unwrap()
    }

    fn host(run: &str, saved_at: Option<i64>) -> Option<Host> {
        Some(Host { run: run.to_owned(), saved_at })
    }

    #[test]
    fn who_plans_again_is_held_to_the_plan() {
        let place = tempfile::tempdir().unwrap();
        let of = |run, saved_at| Foreseen::read(place.path(), "a", host(run, saved_at));
        let tag: TagName = "api/v1.0.0".parse().unwrap();
        assert_eq!(of("1", None).other(&tag, commit('a'), 10), None, "the first plan");
        assert_eq!(of("1", None).other(&tag, commit('b'), 20), Some(commit('a')), "its apply");
        assert_eq!(of("2", Some(11)).other(&tag, commit('b'), 20), Some(commit('a')), "saved");
        assert_eq!(of("2", Some(11)).other(&tag, commit('a'), 20), None);
        assert_eq!(of("2", Some(9)).other(&tag, commit('b'), 20), None, "another plan was saved");
        assert_eq!(of("3", None).other(&tag, commit('b'), 30), None, "a new plan");
        assert_eq!(of("4", Some(31)).other(&tag, commit('c'), 40), Some(commit('b')), "its apply");
        assert_eq!(of("4", Some(11)).other(&tag, commit('c'), 40), Some(commit('a')), "the older");
        of("4", None).made(&tag, 50);
        assert_eq!(of("4", None).other(&tag, commit('d'), 60), None, "it came to pass");
        let other = Foreseen::read(place.path(), "b", host("1", None));
        assert_eq!(other.other(&tag, commit('c'), 20), None, "another configuration");
    }

    #[test]
    fn knows_the_command_that_applies_a_saved_plan() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("saved"), "PK\u{3}\u{4}").unwrap();
        fs::write(place.path().join("main.tf"), "x").unwrap();
        let found = |words: &str| {
            let words = words.replace(' ', "\0");
            saved_plan(words.as_bytes(), place.path()).is_some()
        };
        assert!(found("terraform apply -json -auto-approve saved"));
        assert!(found("/usr/bin/tofu -chdir=x apply saved"));
        for other in [
            "terraform apply",
            "terraform apply -auto-approve",
            "terraform plan -out=saved",
            "terraform plan saved",
            "terraform apply main.tf",
            "terraform apply nowhere",
        ] {
            assert!(!found(other), "{other}");
        }
    }
}
