//! Puts the provider where Terraform and OpenTofu look before they ask a registry.

use std::path::PathBuf;

use clap::Args;
use pipeline_acceptance::package::{self, Platform, Release};
use pipeline_acceptance::{Outcome, provider};

use crate::cargo::{Profile, build_provider};
use crate::screen;

/// What to install.
#[derive(Args)]
pub(crate) struct Installation {
    /// Build it quickly: it is large and slow, for a try.
    #[arg(long)]
    dev: bool,
    /// Install this build instead of a new one.
    #[arg(long, conflicts_with = "dev")]
    provider: Option<PathBuf>,
}

/// Builds the provider and installs it for the person who runs this.
pub(crate) fn run(installation: &Installation) -> Outcome {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    let home =
        home.ok_or("HOME is not set: Terraform looks for providers in ~/.terraform.d/plugins")?;
    let binary = match &installation.provider {
        Some(binary) => binary.clone(),
        None => build_provider(if installation.dev { Profile::Dev } else { Profile::Release })?,
    };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let release = Release { version, binaries: [(Platform::here()?, binary)].into() };
    for place in release.unpacked(&package::plugins(home.as_ref()))? {
        screen::good(&place.to_string_lossy());
    }
    let (source, version) = (provider::SOURCE, &release.version);
    screen::line(&format!(
        "\nIn a configuration:\n\n  terraform {{\n    required_providers {{\n      pipeline = {{ source = \"{source}\", \
         version = \"{version}\" }}\n    }}\n  }}\n\n\
         Where an earlier build of {version} was in use, `terraform init -upgrade` takes this one: the lock file \
         knows the other by its checksum."
    ));
    Ok(())
}
