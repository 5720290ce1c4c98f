//! From the HCL of freezes and of the order of environments to the domain's, and back.

use pipeline_core::Violations;
use pipeline_core::policy::{After, AfterParts, Freeze, FreezeParts, FreezeWindow, WindowParts};

use super::model::{AfterBlock, FreezeBlock, FreezeWindowBlock};
use crate::words::{Says as _, says};

says!(FreezeBlock as FreezeParts { name, from, to, timezone });
says!(FreezeWindowBlock as WindowParts { name, days, from, to, timezone });
says!(AfterBlock as AfterParts { environments, r#match, condition });

impl FreezeBlock {
    pub(super) fn read(&self) -> Result<Freeze, Violations> {
        Freeze::new(self.meant())
    }

    pub(super) fn of(freeze: &Freeze) -> Self {
        Self::said(freeze.parts())
    }
}

impl FreezeWindowBlock {
    pub(super) fn read(&self) -> Result<FreezeWindow, Violations> {
        FreezeWindow::new(self.meant())
    }

    pub(super) fn of(window: &FreezeWindow) -> Self {
        Self::said(window.parts())
    }
}

impl AfterBlock {
    pub(super) fn read(&self) -> Result<After, Violations> {
        After::new(self.meant())
    }

    pub(super) fn of(after: &After) -> Self {
        Self::said(after.parts())
    }
}
