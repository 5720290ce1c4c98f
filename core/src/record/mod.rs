//! Records of the ledger.
