//! JSON of the documented systems, and what GitHub sends.

use std::fmt::Debug;

use pipeline_core::action_link::ActionLink;
use pipeline_core::artifact::ArtifactMetadata;
use pipeline_core::base::dialect::{Dialect, Documented, read, tell};
use pipeline_core::deployment::dialect::{DeploymentResult, DeploymentState, convert};
use pipeline_core::environment::region::Region;
use pipeline_core::event::PushEvent;
use pipeline_core::infrastructure::DatedResource;
use pipeline_core::maintenance::MaintenanceTask;
use pipeline_core::queue::QueueOfDeployments;
use pipeline_core::run::{BuildResult, Printed, TestResult, ToldRun};
use pipeline_core::tag::TaggedCommit;
use pipeline_core::terraform_state::KnownState;
use pipeline_core::{Environment, RollbackTarget, Secret, Version};
use serde_json::Value;

use crate::Outcome;
use crate::laws::{shown, text, told, unread};

pub(crate) fn entities(bytes: &[u8]) -> Outcome {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else { return Outcome::Refused };
    let read = [
        told_and_read::<ActionLink>(&json),
        told_and_read::<DatedResource>(&json),
        told_and_read::<Environment>(&json),
        told_and_read::<KnownState>(&json),
        told_and_read::<MaintenanceTask>(&json),
        told_and_read::<Printed<BuildResult>>(&json),
        told_and_read::<Printed<TestResult>>(&json),
        told_and_read::<PushEvent>(&json),
        told_and_read::<QueueOfDeployments>(&json),
        told_and_read::<Region>(&json),
        told_and_read::<RollbackTarget>(&json),
        told_and_read::<Secret>(&json),
        told_and_read::<TaggedCommit>(&json),
        told_and_read::<ToldRun>(&json),
        told_and_read::<Version>(&json),
    ];
    read.contains(&true).into()
}

/// In each system that has it, an entity is told as what reads back equal, unless it has no place for a part.
fn told_and_read<T: Documented + PartialEq + Debug>(json: &Value) -> bool {
    let mut any = false;
    for dialect in T::DIALECTS.iter().copied() {
        let entity = match read::<T>(json, dialect) {
            Ok(entity) => entity,
            Err(reason) => {
                told(&reason);
                continue;
            }
        };
        any = true;
        let Ok(again) = tell(&entity, dialect) else { continue };
        match read::<T>(&again.json, dialect) {
            Ok(again_read) if again.left_out.is_empty() => assert_eq!(again_read, entity),
            Ok(_) => {}
            Err(reason) => unread(&again.json.to_string(), &reason),
        }
    }
    any
}

pub(crate) fn deployments(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else { return Outcome::Refused };
    let mut any = state(text);
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        DeploymentResult::from_json(&json).map_err(|reason| told(&reason)).ok();
        ArtifactMetadata::from_json(&json).map_err(|reason| told(&reason)).ok();
    }
    for from in Dialect::ALL.iter().copied() {
        for to in Dialect::ALL.iter().copied() {
            match convert::convert(text, from, to) {
                Ok(converted) => {
                    any = true;
                    if let Err(reason) = convert::check(&converted.json, to) {
                        unread(&converted.json.to_string(), &reason);
                    }
                }
                Err(reason) => told(&reason),
            }
        }
    }
    any.into()
}

/// The state file of a system.
fn state(text: &str) -> bool {
    let state = match DeploymentState::from_json(text) {
        Ok(state) => state,
        Err(reason) => {
            told(&reason);
            return false;
        }
    };
    let printed = state.to_json().unwrap_or_default();
    match DeploymentState::from_json(&printed) {
        Ok(again) => assert_eq!(again, state),
        Err(reason) => unread(&printed, &reason),
    }
    true
}

pub(crate) fn event(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else { return Outcome::Refused };
    let event = match PushEvent::read(text) {
        Ok(event) => event,
        Err(reason) => {
            told(&reason);
            return Outcome::Refused;
        }
    };
    assert!(event.branch.starts_with("refs/heads/"), "{:?}", event.branch);
    shown(&event.branch);
    let anew = serde_json::from_str::<Value>(text).map(|json| json.to_string());
    assert_eq!(anew.ok().map(|json| PushEvent::read(&json)), Some(Ok(event)));
    Outcome::Read
}
