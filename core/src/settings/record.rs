//! The record of the settings that are shared. Who registered them, and when, the ledger says; so equal
//! settings are equal bytes, which can be compared without reading them.

use super::SharedSettings;
use crate::record::Record;

impl Record for SharedSettings {
    const KIND: &'static str = "settings";
    const SHELF: &'static str = "settings";
}
