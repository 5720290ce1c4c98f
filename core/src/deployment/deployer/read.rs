//! Reading one record while others write. A whole view of the ledger is read in `claim`.

use super::backoff::Retry;
use super::claim::View;
use super::handover::Neighbours;
use super::{Deployer, Request};
use crate::EnvironmentName;
use crate::ledger::{Entry, LedgerError, RefStore, Slot};
use crate::queue::QueueRecord;
use crate::record::Record;

/// How often records may have moved on before they could be read. More often they are lost.
const MOVES: u32 = 64;

/// Counts how often records had moved on.
#[derive(Default)]
pub(super) struct Moves(u32);

impl Moves {
    /// Whether a record that could not be read only moved on, so that it is to be read anew.
    pub(super) const fn excuse(&mut self, error: &LedgerError) -> bool {
        self.0 += 1;
        error.may_have_moved() && self.0 <= MOVES
    }
}

impl<S: RefStore> Deployer<'_, S> {
    /// Reads all that a claim depends on, and tells the neighbours of the queue.
    pub(super) async fn look_for_all(
        &self,
        request: &Request,
        neighbours: &Neighbours,
        retry: Retry,
    ) -> Result<View, LedgerError> {
        let asked = neighbours.ask();
        let view = self.look(request, retry).await?;
        neighbours.saw(asked, view.found(), (self.clock)());
        Ok(view)
    }

    /// Reads the queue as it is now, and tells the neighbours of it.
    pub(super) async fn read_queue(
        &self,
        environment: &EnvironmentName,
        neighbours: &Neighbours,
    ) -> Result<Option<Entry<QueueRecord>>, LedgerError> {
        let asked = neighbours.ask();
        let found = self.read_anew(&self.ledger.queue(environment)).await?;
        let told = found.as_ref().map(|entry| (entry.object, &entry.record));
        neighbours.saw(asked, told, (self.clock)());
        Ok(found)
    }

    /// Reads what a slot holds now. What was overtaken before it could be read is listed again.
    pub(super) async fn read_anew<T: Record>(
        &self,
        slot: &Slot<T>,
    ) -> Result<Option<Entry<T>>, LedgerError> {
        let mut moves = Moves::default();
        loop {
            self.ledger.store().refresh();
            match self.ledger.read(slot).await {
                Err(error) if moves.excuse(&error) => {}
                read => return read,
            }
        }
    }
}
