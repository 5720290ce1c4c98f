//! The documented systems, and what an entity owes that is written in the JSON of one.
//!
//! An entity says in its own room, in `dialect.rs`, how each system writes it. Reading finds everything that
//! is wrong at once; telling names what the other system has no place for, so that nothing is lost without a word.

use serde_json::Value;

use super::rule::RuleId;
use super::violation::{Violation, Violations};

closed_list! {
    /// One of the documented systems, by the number of its document.
    pub enum Dialect breaks GLB004 {
        /// Pipelines, AWS resources and application deployments.
        D000 = "000",
        /// Versions, tags, environments and deployments; the canonical words.
        D001 = "001",
        /// Azure hosting and deployments with artifacts, migrations and health.
        D002 = "002",
        /// Runs, and deployments with the last known good.
        D003 = "003",
        /// Stacks of CloudFormation and their results.
        D004 = "004",
    }
}

impl Dialect {
    /// The name of the system, by what it is about.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::D000 => "hosting",
            Self::D001 => "ci",
            Self::D002 => "azure",
            Self::D003 => "state",
            Self::D004 => "stacks",
        }
    }

    /// The system of this name.
    ///
    /// # Errors
    /// GLB004 for a name that is none of them.
    pub fn by_name(name: &str) -> Result<Self, Violations> {
        let known = Self::ALL.iter().find(|it| it.name() == name || it.as_str() == name);
        let names = Self::ALL.iter().map(|it| it.name());
        known.copied().ok_or_else(|| Violation::not_listed(RuleId::GLB004, name, names).into())
    }
}

/// An entity in the words of one system.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The entity as the system writes it.
    pub json: Value,
    /// What is known of it and has no place there, by name.
    pub left_out: Vec<&'static str>,
}

impl Told {
    /// All of an entity.
    #[must_use]
    pub const fn whole(json: Value) -> Self {
        Self { json, left_out: Vec::new() }
    }
}

/// An entity that documented systems write as JSON.
pub trait Documented: Sized {
    /// The systems that have it.
    const DIALECTS: &'static [Dialect];

    /// Reads it from the JSON of one of its systems.
    ///
    /// # Errors
    /// OWN044 for fields that are missing, unknown or of another kind; the rules of the entity.
    fn read(json: &Value, from: Dialect) -> Result<Self, Violations>;

    /// Tells it in the words of one of its systems.
    ///
    /// # Errors
    /// OWN044 for what the system needs and nobody told.
    fn tell(&self, to: Dialect) -> Result<Told, Violations>;
}

/// Reads an entity from the JSON of a system.
///
/// # Errors
/// GLB004 for a system that has no such entity; those of [`Documented::read`].
pub fn read<T: Documented>(json: &Value, from: Dialect) -> Result<T, Violations> {
    known::<T>(from)?;
    T::read(json, from)
}

/// Tells an entity in the words of a system.
///
/// # Errors
/// GLB004 for a system that has no such entity; those of [`Documented::tell`].
pub fn tell<T: Documented>(entity: &T, to: Dialect) -> Result<Told, Violations> {
    known::<T>(to)?;
    entity.tell(to)
}

fn known<T: Documented>(dialect: Dialect) -> Result<(), Violation> {
    if T::DIALECTS.contains(&dialect) {
        return Ok(());
    }
    let names = T::DIALECTS.iter().map(|it| it.name());
    Err(Violation::not_listed(RuleId::GLB004, dialect.name(), names))
}
