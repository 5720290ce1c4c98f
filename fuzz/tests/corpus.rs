//! Every target holds for its corpus, which also has what once broke one, and for mutations of it.
//!
//! `PIPELINE_SEED` sets the dice, which a failure names; `PIPELINE_MUTATIONS` how many inputs each target gets.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use pipeline_fuzz::{Outcome, TARGETS, Target};

mod mutation;

/// How many mutated inputs each target gets.
const MUTATIONS: u64 = 400;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|number| number.parse().ok())
}

/// The corpus of a target, sorted by name.
fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn every_corpus_belongs_to_a_target_and_is_small() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut folders: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut names: Vec<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    names.sort();
    assert_eq!(folders, names);
    for target in TARGETS {
        let corpus = corpus(target);
        assert!(corpus.iter().any(|(path, _)| is_good(path)), "{}: no good one", target.name);
        let large = corpus.iter().find(|(_, bytes)| bytes.len() > 8 * 1024);
        assert_eq!(large.map(|(path, _)| path), None);
    }
}

/// Seeds of such names have to be read, or the corpus would show nothing.
fn is_good(path: &Path) -> bool {
    path.file_name().unwrap().to_str().unwrap().starts_with("good")
}

#[test]
fn every_target_holds_for_its_corpus() {
    let mut wrong = Vec::new();
    for target in TARGETS {
        for (path, bytes) in corpus(target) {
            match std::panic::catch_unwind(|| (target.check)(&bytes)) {
                Err(_) => wrong.push(format!("{} breaks the target", path.display())),
                Ok(Outcome::Refused) if is_good(&path) => {
                    wrong.push(format!("{} is refused", path.display()));
                }
                Ok(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_target_holds_for_mutations_of_its_corpus() {
    let seed = number("PIPELINE_SEED").unwrap_or_else(|| fastrand::u64(..));
    let count = number("PIPELINE_MUTATIONS").unwrap_or(MUTATIONS);
    let broken: Vec<_> = TARGETS.iter().filter_map(|it| mutations(it, seed, count)).collect();
    assert!(broken.is_empty(), "PIPELINE_SEED={seed}:\n{}", broken.join("\n"));
}

/// The first mutation that breaks a target.
fn mutations(target: &Target, seed: u64, count: u64) -> Option<String> {
    let seeds: Vec<_> = corpus(target).into_iter().map(|(_, bytes)| bytes).collect();
    let mut dice = fastrand::Rng::with_seed(seed);
    (0..count).find_map(|round| {
        let input = mutation::mutated(&seeds, &mut dice);
        let shown = String::from_utf8_lossy(&input).into_owned();
        let checked = std::panic::catch_unwind(|| (target.check)(&input));
        checked.is_err().then(|| format!("{} breaks in round {round} by {shown:?}", target.name))
    })
}
