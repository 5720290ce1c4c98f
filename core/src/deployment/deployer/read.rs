//! Reading one record while others write. A whole view of the ledger is read in `claim`.

use super::Deployer;
use crate::ledger::{Entry, LedgerError, RefStore, Slot};
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
