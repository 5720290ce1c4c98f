//! Records of the ledger: whoever may push writes them.

use std::fmt::Debug;

use pipeline_core::Deployment;
use pipeline_core::QueueRecord;
use pipeline_core::approval::Review;
use pipeline_core::artifact::ArtifactRecord;
use pipeline_core::audit::AuditRecord;
use pipeline_core::environment::EnvironmentRecord;
use pipeline_core::infrastructure::InfrastructureResource;
use pipeline_core::maintenance::MaintenanceTask;
use pipeline_core::record::Record;
use pipeline_core::registration::Registered;
use pipeline_core::run::{Pipeline, RunRecord};
use pipeline_core::secret::Secret;
use pipeline_core::settings::SharedSettings;

use crate::Outcome;
use crate::laws::{told, unread};

type Reader = (&'static str, fn(&[u8]) -> bool);

const READERS: &[Reader] = &[
    reader::<Deployment>(),
    reader::<QueueRecord>(),
    reader::<ArtifactRecord>(),
    reader::<AuditRecord>(),
    reader::<MaintenanceTask>(),
    reader::<SharedSettings>(),
    reader::<Pipeline>(),
    reader::<RunRecord>(),
    reader::<EnvironmentRecord>(),
    reader::<Registered<Review>>(),
    reader::<Registered<Secret>>(),
    reader::<Registered<InfrastructureResource>>(),
];

const fn reader<T: Record + PartialEq + Debug>() -> Reader {
    (T::KIND, prints_and_reads::<T>)
}

/// The reader of its kind is asked, as in the ledger; of another kind, all refuse it.
pub(crate) fn check(bytes: &[u8]) -> Outcome {
    let kind = serde_json::from_slice::<serde_json::Value>(bytes).ok();
    let kind = kind.as_ref().and_then(|it| it.get("kind")).and_then(|it| it.as_str());
    let kind = kind.filter(|kind| READERS.iter().any(|(it, _)| it == kind));
    let asked = READERS.iter().filter(|(it, _)| kind.is_none_or(|kind| kind == *it));
    let read: Vec<bool> = asked.map(|(_, read)| read(bytes)).collect();
    read.contains(&true).into()
}

fn prints_and_reads<T: Record + PartialEq + Debug>(bytes: &[u8]) -> bool {
    let record = match T::from_json(bytes) {
        Ok(record) => record,
        Err(reason) => {
            told(&reason);
            return false;
        }
    };
    let printed = match record.to_json() {
        Ok(printed) => printed,
        Err(reason) => unread("a record that was read", &reason),
    };
    match T::from_json(printed.as_bytes()) {
        Ok(again) => {
            assert_eq!(again, record);
            assert_eq!(again.to_json().ok(), Some(printed));
        }
        Err(reason) => unread(&printed, &reason),
    }
    true
}
