//! Decisions over facts.
