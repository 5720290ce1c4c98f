//! The `pipeline` provider.
