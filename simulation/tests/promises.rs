//! A bounded number of schedules, and that they are what they claim to be: eventful, and the same each
//! time. `cargo xtask simulate` runs many more.

use pipeline_simulation::{Campaign, Tally, run};

/// How many deployers these schedules have at most: few enough for a build without optimisation.
const DEPLOYERS: usize = 30;

fn schedules(seeds: u64) -> Tally {
    let jobs = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Campaign { from: 1, seeds, deployers: DEPLOYERS, jobs }.run(&|_, _| ()).0
}

#[test]
fn every_promise_is_kept() {
    let tally = schedules(250);
    let broken = tally.broken.iter().flat_map(|outcome| {
        let seed = outcome.seed;
        outcome.breaches.iter().map(move |breach| format!("seed {seed}: {breach}"))
    });
    let broken: Vec<String> = broken.collect();
    assert!(
        broken.is_empty(),
        "{}\nreplay one with `cargo xtask simulate --deployers {DEPLOYERS} --seed <seed>`",
        broken.join("\n")
    );
    assert!(tally.failures.is_empty(), "{:?}", tally.failures);
    // Nothing is shown by schedules in which nothing happens.
    let [succeeded, ended, refused, unknown, died] = tally.ends;
    assert!(succeeded > 250 && ended > 100 && refused > 100, "{:?}", tally.ends);
    assert!(unknown > 50 && died > 50, "{:?}", tally.ends);
    let [locked, aside] = tally.locks;
    assert!(locked > 40 && aside > 4, "{locked} locks, {aside} put aside");
    assert!(tally.neighbours > 1_000, "{} shared a process", tally.neighbours);
}

#[test]
fn the_same_seed_is_the_same_schedule() {
    for seed in 1..=20 {
        let first = run(seed, DEPLOYERS, true).unwrap();
        let again = run(seed, DEPLOYERS, true).unwrap();
        assert!(first.lines.len() > 5, "{:?}", first.lines);
        assert_eq!(first.lines, again.lines, "seed {seed}");
    }
    let (one, two) = (run(1, DEPLOYERS, true).unwrap(), run(2, DEPLOYERS, true).unwrap());
    assert_ne!(one.lines, two.lines);
}
