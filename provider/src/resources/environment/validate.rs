//! What can be said of an environment's arguments alone, at `terraform validate`.
//!
//! Each argument that is known is checked by itself, so that one that is not known yet hides no other.
//! A cloud region that is not known but could be is left to the plan: the provider block can add to
//! the known ones.

use pipeline_core::KnownRegions;
use pipeline_core::environment::{ConfigPath, SecretsPath, Stack, Stacks, TestCommands};
use pipeline_core::{AccountId, Actor, Region, Violations};
use tfplugin::{Diagnostics, Field, Path};

use super::model::{EnvironmentDraft, RegionBlockDraft};
use crate::error;

/// Reports every argument that no environment can have.
pub(super) fn check(draft: &EnvironmentDraft, out: &mut Diagnostics) {
    text::<ConfigPath>(&draft.config_path, out);
    text::<SecretsPath>(&draft.secrets_file, out);
    if let Some(account) = draft.account.known() {
        report(account.parse::<AccountId>(), draft.account.path(), out);
    }
    if let Some(region) = draft.aws_region.known().filter(|region| !could_be_a_region(region)) {
        report(KnownRegions::default().aws(region), draft.aws_region.path(), out);
    }
    if let Some(policy) = draft.approval_policy.known()
        && let Some(approvers) = policy.approvers.known()
    {
        for (at, approver) in (0_i64..).zip(approvers) {
            let path = policy.approvers.path().clone().index(at);
            report(approver.parse::<Actor>(), &path, out);
        }
    }
    regions(draft, out);
    stacks(draft, out);
    if let Some(tests) = draft.tests.known()
        && let Some(commands) = tests.commands.known()
    {
        report(TestCommands::new(commands.clone()), draft.tests.path(), out);
    }
}

/// Whether AWS could have a region of that name: words joined by hyphens, and a number.
fn could_be_a_region(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(area, number)| {
        area.contains('-') && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    })
}

fn regions(draft: &EnvironmentDraft, out: &mut Diagnostics) {
    let Some(regions) = draft.regions.known() else { return };
    let folder = draft.config_path.known().cloned();
    let by_name = || draft.name.known().map(|name| name.folder());
    let Some(folder) = folder.or_else(by_name) else { return };
    for (at, region) in (0_i64..).zip(regions) {
        if let Some(read) = region_of(region, &folder) {
            let path = draft.regions.path().clone().index(at);
            nested(read.map(drop), &path, out);
        }
    }
}

/// The region, where all of it is known.
fn region_of(region: &RegionBlockDraft, folder: &str) -> Option<Result<Region, Violations>> {
    let (name, mappings) = (region.name.known()?, region.cloud_mappings.known()?);
    if region.config_path.is_unknown() {
        return None;
    }
    let by_convention = || format!("{folder}/regions/{name}");
    let path = region.config_path.known().cloned().unwrap_or_else(by_convention);
    Some(Region::read(name, &path, mappings.clone()))
}

fn stacks(draft: &EnvironmentDraft, out: &mut Diagnostics) {
    let Some(stacks) = draft.stacks.known() else { return };
    if stacks.is_empty() {
        report(Stacks::new(Vec::new()), draft.stacks.path(), out);
    }
    for (at, stack) in (0_i64..).zip(stacks) {
        if let (Some(name), Some(path)) = (stack.name.known(), stack.path.known()) {
            let at = draft.stacks.path().clone().index(at);
            nested(Stack::new(name, path).map(drop), &at, out);
        }
    }
}

fn text<T: std::str::FromStr<Err = Violations>>(field: &Field<String>, out: &mut Diagnostics) {
    if let Some(text) = field.known() {
        report(text.parse::<T>(), field.path(), out);
    }
}

/// A value that is one attribute.
fn report<T>(read: Result<T, Violations>, path: &Path, out: &mut Diagnostics) {
    if let Err(violations) = read {
        out.extend(error::violations_at(&violations, path.clone()));
    }
}

/// A value with attributes of its own.
fn nested(read: Result<(), Violations>, path: &Path, out: &mut Diagnostics) {
    if let Err(violations) = read {
        out.extend(error::violations(&violations, path));
    }
}
