//! A ledger in memory, in which somebody wrote what they should not have.

use std::future::Future;

use pipeline_core::git::Signature;
use pipeline_core::ledger::memory::{RefStore as Store, Remote};
use pipeline_core::ledger::{Ledger, LedgerError, Slot, Unreadable};
use pipeline_core::queue::survey::{self, QueueError};
use pipeline_core::record::{Record, RecordError};
use pipeline_core::testing::RefStore;
use serde_json::Value;

use super::Found;
use super::samples::time;

/// A ledger of its own, and the remote that it is kept in.
pub(crate) struct Place {
    remote: Remote,
    pub(crate) ledger: Ledger<Store>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let remote = Remote::new();
        Self { ledger: Ledger::new(remote.store()), remote }
    }

    /// Puts a record where it belongs, as the ledger would write it and as somebody changed it.
    pub(crate) fn put<T: Record>(&self, slot: &Slot<T>, record: &T, change: fn(&mut Value)) {
        let mut json = serde_json::from_str(&record.to_json().unwrap()).unwrap();
        change(&mut json);
        let by = Signature { name: "ada".into(), email: String::new(), time: time(0) };
        let (name, bytes) = (slot.ref_name().unwrap(), json.to_string());
        let object = self.ledger.store().write_record(&name, bytes.as_bytes(), &by, "").unwrap();
        self.remote.set(&name, object);
        self.ledger.store().refresh();
    }

    /// What is wrong with the queue of production, read as a data source reads it.
    pub(crate) fn queue(&self) -> Found {
        let production = "production".parse().unwrap();
        match done(survey::gather(&self.ledger, &production)) {
            Ok(_) => Vec::new(),
            Err(QueueError::Broken(faults)) => faults.into_iter().collect(),
            Err(QueueError::Ledger(LedgerError::Unreadable(records))) => broken(records),
            Err(other) => unreachable!("{other}"),
        }
    }
}

/// The rules that unreadable records break.
pub(crate) fn broken(records: Vec<Unreadable>) -> Found {
    let faults = records.into_iter().map(|record| match record.error {
        RecordError::Broken { faults, .. } => faults,
        other => unreachable!("{other}"),
    });
    faults.flatten().collect()
}

/// Waits for what needs no waiting: everything is in memory.
pub(crate) fn done<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}
