//! Git against real repositories: each test has a home, a remote and clones of its own.

#![cfg(test)]

#[path = "git/agreement.rs"]
mod agreement;
#[path = "git/clones.rs"]
mod clones;
#[path = "git/hostile.rs"]
mod hostile;
#[path = "git/http.rs"]
mod http;
#[path = "git/ledger.rs"]
mod ledger;
#[path = "git/local.rs"]
mod local;
#[path = "git/observed.rs"]
mod observed;
#[path = "git/obstacles.rs"]
mod obstacles;
#[path = "git/open.rs"]
mod open;
#[path = "git/published.rs"]
mod published;
#[path = "git/pushed.rs"]
mod pushed;
#[path = "git/race.rs"]
mod race;
#[path = "git/reading.rs"]
mod reading;
#[path = "git/secret_scans.rs"]
mod secret_scans;
#[path = "git/server.rs"]
mod server;
#[path = "git/signing.rs"]
mod signing;
#[path = "git/uses.rs"]
mod uses;
#[path = "git/world.rs"]
mod world;
