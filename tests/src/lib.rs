//! A stage for real programs: Terraform, git and the built provider, in a directory of their own.
//!
//! The acceptance tests play on it, and so do the demo and the benchmark of `xtask`. Nothing here
//! knows what the provider should answer; that is for the tests.

pub mod aws;
pub mod browser;
pub mod canary;
pub mod command;
pub mod diagnostic;
pub mod ecs;
pub mod failure;
mod fsck;
pub mod git_server;
pub mod go;
pub mod health;
pub mod hold;
pub mod narrow;
pub mod nobody;
pub mod otlp;
pub mod package;
pub mod process;
pub mod provider;
pub mod proxy;
pub mod repository;
pub mod sandbox;
pub mod scene;
pub mod terraform;
pub mod tool;
pub mod witness;
pub mod workspace;
mod zip;

pub use failure::{Failure, Outcome};
