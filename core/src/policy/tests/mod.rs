//! Samples and laws of policies; the laws are held against second, naive models.

mod freezes;
mod orders;
mod soaks;

use super::*;
use crate::{RuleId, Timestamp};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
