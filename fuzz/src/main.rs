//! The entry point that libFuzzer calls: one target of the library, named by a variable.
//!
//! `cargo xtask fuzz` builds it with the coverage that libFuzzer needs, and starts it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pipeline_fuzz::growth::{MOST_MILLISECONDS, grown};
use pipeline_fuzz::{TARGETS, Target};
use rustix::time::{ClockId, clock_gettime};

/// Which target.
const VARIABLE: &str = "PIPELINE_FUZZ_TARGET";

/// One input of so many is grown.
const GROWS: u64 = 512;

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var(VARIABLE).unwrap_or_default();
    let named = TARGETS.iter().find(|target| target.name == name);
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    assert!(named.is_some(), "{VARIABLE} is {name:?}; expected one of {names:?}");
    named.unwrap_or(&TARGETS[0])
});

fuzz_target!(|bytes: &[u8]| {
    (TARGET.check)(bytes);
    if let Some(large) = grown(bytes, GROWS) {
        let before = processor_milliseconds();
        (TARGET.check)(&large);
        let took = processor_milliseconds().saturating_sub(before);
        assert!(took <= MOST_MILLISECONDS, "{took} ms for {} bytes, grown of these", large.len());
    }
});

/// What this thread has used so far.
fn processor_milliseconds() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec * 1000 + time.tv_nsec / 1_000_000).unwrap_or_default()
}
