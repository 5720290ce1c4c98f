//! Which Terraform or OpenTofu the chores use.

use std::fmt::Display;

use clap::ValueEnum;
use pipeline_acceptance::go;
use pipeline_acceptance::terraform::{self, Terraform, VARIABLE};
use pipeline_acceptance::tool::Found;
use pipeline_acceptance::{Failure, Outcome};

use crate::tools::Tool;
use crate::{screen, tools};

/// What acceptance tests can run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cli {
    /// The terraform on the path.
    Terraform,
    /// The oldest Terraform that the provider is for, 1.8; no part of `all`.
    #[value(name = "terraform-1.8")]
    Oldest,
    /// The pinned Terraform 1.15, which has every feature.
    #[value(name = "terraform-1.15")]
    Pinned,
    /// The pinned OpenTofu, which Go builds.
    Tofu,
    /// All but the oldest, one after another. What this machine cannot have is left out by name.
    All,
}

/// One of them, or why this machine has none.
pub(crate) struct Host {
    /// What it calls itself, or what it is called where it is missing.
    pub(crate) title: String,
    /// Where it is.
    pub(crate) found: Found<Terraform>,
}

impl Cli {
    /// The programs that this choice stands for.
    pub(crate) fn hosts(self) -> Outcome<Vec<Host>> {
        if self == Self::All {
            let all = [Self::Terraform, Self::Pinned, Self::Tofu].map(Self::host);
            let all = all.into_iter().collect::<Outcome<Vec<_>>>()?;
            let missing: Vec<_> = all.iter().filter_map(Host::missing).collect();
            if missing.len() == all.len() {
                return Err(Failure::new(missing.join("\n")));
            }
            return Ok(all);
        }
        let host = self.host()?;
        // Who names one wants this one.
        host.missing().map_or(Ok(()), |why| Err(Failure::new(why)))?;
        Ok(vec![host])
    }

    /// The program that this one choice stands for; for all, the one on the path.
    pub(crate) fn host(self) -> Outcome<Host> {
        let (title, found) = match self {
            Self::Oldest => ("Terraform 1.8", installed(&tools::OLDEST_TERRAFORM)),
            Self::Pinned => ("Terraform 1.15", installed(&tools::TERRAFORM)),
            Self::Tofu => ("OpenTofu", go::tofu()?.and_then(|program| Terraform::at(&program))?),
            _ => ("terraform on the path", on_path()),
        };
        Ok(match found {
            Found::Ready(terraform) => Host::of(terraform),
            Found::Missing(_) => Host { title: title.to_owned(), found },
        })
    }
}

impl Host {
    /// This one.
    pub(crate) fn of(terraform: Terraform) -> Self {
        Self { title: terraform.title.clone(), found: Found::Ready(terraform) }
    }

    /// The program, where it is there.
    pub(crate) fn ready(&self) -> Option<&Terraform> {
        match &self.found {
            Found::Ready(terraform) => Some(terraform),
            Found::Missing(_) => None,
        }
    }

    /// That it is missing, and why, where it is.
    fn missing(&self) -> Option<String> {
        match &self.found {
            Found::Ready(_) => None,
            Found::Missing(why) => Some(format!("{} is missing: {why}", self.title)),
        }
    }
}

/// The one that `PIPELINE_TERRAFORM` names, else the pinned one, else whatever is on the path.
pub(crate) fn locate() -> Outcome<Terraform> {
    // A name that a person gave is never replaced by a guess.
    if std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty()) {
        return Terraform::find();
    }
    match installed(&tools::TERRAFORM) {
        Found::Ready(terraform) => Ok(terraform),
        Found::Missing(why) => match Terraform::find() {
            Ok(terraform) => {
                screen::remark(&format!(
                    "{why}\n  Using {}, which is on the path.",
                    terraform.title
                ));
                Ok(terraform)
            }
            Err(none) => Err(Failure::new(format!("{why}\nAnd {none}."))),
        },
    }
}

/// Prints where it is, alone on standard output.
pub(crate) fn print() -> Outcome {
    let terraform = locate()?;
    screen::line(&terraform.program.to_string_lossy());
    Ok(())
}

fn installed(tool: &Tool) -> Found<Terraform> {
    found(tools::installed(tool).and_then(|program| Terraform::at(&program)))
}

fn on_path() -> Found<Terraform> {
    let program = terraform::on_path("terraform").ok_or("there is none");
    found(program.map_err(Failure::from).and_then(|program| Terraform::at(&program)))
}

fn found<T>(outcome: Result<T, impl Display>) -> Found<T> {
    outcome.map_or_else(|why| Found::Missing(why.to_string()), Found::Ready)
}
