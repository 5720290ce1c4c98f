//! What is known of the environments that come before one. Only the survey gathers it.

use super::order::Order;
use crate::deployment::{History, Running};
use crate::{EnvironmentName, RegionName};

/// An environment that comes before.
#[derive(Debug, Clone)]
pub struct Predecessor {
    /// Its name.
    pub(crate) name: EnvironmentName,
    /// Whether it is registered, or will be.
    pub(crate) is_registered: bool,
    /// Its regions; one place, where it has none.
    pub(crate) places: Vec<Place>,
    /// The deployments to it.
    pub(crate) history: History,
}

/// A region of an environment, or an environment without regions.
#[derive(Debug, Clone)]
pub struct Place {
    /// The region.
    pub(crate) region: Option<RegionName>,
    /// What runs there.
    pub(crate) running: Option<Running>,
    /// Whether the same plan brings the version there first.
    pub(crate) will_run: bool,
}

/// All that is known of the order around one environment.
#[derive(Debug, Clone, Default)]
pub struct OrderSurvey {
    pub(super) before: Vec<Predecessor>,
    pub(super) order: Order,
}

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct OrderFacts<'a> {
    /// Those that `after` names, by the registered policy and by the one that will be.
    pub(crate) before: &'a [Predecessor],
    /// The order of all registered environments, and of those that will be.
    pub(crate) order: Option<&'a Order>,
}

impl OrderSurvey {
    /// What the rules look at.
    #[must_use]
    pub fn facts(&self) -> OrderFacts<'_> {
        OrderFacts { before: &self.before, order: Some(&self.order) }
    }
}

impl OrderFacts<'_> {
    /// Nothing comes before.
    pub(crate) const NONE: Self = Self { before: &[], order: None };
}

#[cfg(any(test, feature = "testing"))]
impl OrderSurvey {
    /// An order that nobody looked at, for tests of the rules.
    #[must_use]
    pub const fn made_up(before: Vec<Predecessor>, order: Order) -> Self {
        Self { before, order }
    }
}

#[cfg(any(test, feature = "testing"))]
impl Predecessor {
    /// A registered environment without regions, that nobody looked at.
    #[must_use]
    pub fn made_up(name: EnvironmentName, history: History, running: Option<Running>) -> Self {
        let places = vec![Place { region: None, running, will_run: false }];
        Self { name, is_registered: true, places, history }
    }
}
