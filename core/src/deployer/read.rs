//! Reading one record while others write. A whole view of the ledger is read in `claim`.

use super::Deployer;
use crate::ledger::{Entry, LedgerError, RefStore, Slot};
use crate::record::Record;

/// How often records may have moved on before they could be read. More often they are lost.
pub(super) const MOVES: u32 = 64;

impl<S: RefStore> Deployer<'_, S> {
    /// Reads what a slot holds now. What was overtaken before it could be read is listed again.
    pub(super) async fn read_anew<T: Record>(
        &self,
        slot: &Slot<T>,
    ) -> Result<Option<Entry<T>>, LedgerError> {
        let mut moves = 0;
        loop {
            self.ledger.store().refresh();
            match self.ledger.read(slot).await {
                Err(error) if error.may_have_moved() && moves < MOVES => moves += 1,
                read => return read,
            }
        }
    }
}
