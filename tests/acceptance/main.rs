//! Real Terraform, real git, the built provider: what an engineer sees.
//!
//! One file per resource, and one each for what cuts across them.

mod adopting;
mod approvals;
mod artifact;
mod aws;
mod checkout;
mod commits;
mod contention;
mod data_sources;
mod debug_log;
mod deployment;
mod ecs;
mod ecs_scripted;
mod environment;
mod examples;
mod foreign_files;
mod functions;
mod hanging_git;
mod hcl;
mod health;
mod host;
mod https;
mod in_the_way;
mod infrastructure_resource;
mod interruption;
mod modules;
mod one_clone;
mod out_of_band;
mod overrides;
mod races;
mod remotes;
mod repositories;
mod rollback;
mod round_trips;
mod scale;
mod script;
mod secrecy;
mod secret;
mod steps;
mod team;
mod unknown_settings;
mod uploads;
mod version_tag;
mod waiting;
mod what_runs;
