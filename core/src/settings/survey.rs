//! What is registered of the settings that are shared.

use super::SharedSettings;
use crate::ledger::{Ledger, LedgerError, Recorded, RefStore, Slot};

/// What was found. Only [`survey`] makes it.
#[derive(Debug, Clone)]
pub struct SettingsSurvey {
    pub(super) own: SharedSettings,
    /// `None`: the same is registered.
    pub(super) recorded: Option<Recorded<SharedSettings>>,
}

impl<S: RefStore> Ledger<S> {
    /// Where the settings are registered.
    pub(crate) fn settings(&self) -> Slot<SharedSettings> {
        self.shelf().slot(&"shared")
    }
}

/// Looks at what is registered. Where it is the same, nothing has to be fetched to know that.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn survey<S: RefStore>(
    ledger: &Ledger<S>,
    own: SharedSettings,
) -> Result<SettingsSurvey, LedgerError> {
    let slot = ledger.settings();
    let recorded = match ledger.says(&slot, &own).await? {
        true => None,
        false => Some(Recorded::read(ledger, slot).await?),
    };
    Ok(SettingsSurvey { own, recorded })
}
