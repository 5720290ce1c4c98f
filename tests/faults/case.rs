//! One fault case: what is deployed, what happens meanwhile, and what has to come of it.

use pipeline_acceptance::ecs::Script;
use pipeline_aws::ecs::EcsSettings;

/// The image that every case deploys.
pub(crate) const NEW: &str = "web:2.0";

/// The image that runs before, where nothing else is said.
pub(crate) const OLD: &str = "web:1.0";

/// How the rollout ends, as the deployer hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// It is out, and stays out.
    Out,
    /// Nothing was changed.
    Untouched,
    /// It failed.
    Failed,
    /// ECS puts the service back by itself.
    RollingBack,
    /// Somebody else took over.
    Replaced,
    /// Nobody can tell.
    Unknown,
    /// It was interrupted.
    Stopped,
}

/// How putting back ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Back {
    /// The service is as it was.
    Done,
    /// It was never changed.
    Unchanged,
    /// There is nothing to put back.
    Nothing,
    /// Somebody else took over.
    Replaced,
    /// It could not be put back.
    Failed,
    /// Nobody can tell.
    Unknown,
}

/// What happens outside ECS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// Nothing, and nobody checks the health.
    Calm,
    /// The health check passes.
    Healthy,
    /// The health check fails after the rollout.
    Unhealthy,
    /// The person interrupts when the n-th call of an operation has come, before it is answered.
    Stop(&'static str, u32),
    /// The lease is lost when the n-th call of an operation has come, before it is answered.
    LeaseLost(&'static str, u32),
    /// The health check fails, and the lease is lost meanwhile.
    UnhealthyAndLost,
    /// There is no ECS at the address.
    NobodyListens,
}

impl Around {
    /// Whether somebody checks the health.
    pub(crate) const fn checks_health(self) -> bool {
        matches!(self, Self::Healthy | Self::Unhealthy | Self::UnhealthyAndLost)
    }
}

/// A case.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) script: Script,
    pub(crate) around: Around,
    pub(crate) good: Option<(u32, &'static str)>,
    pub(crate) settings: fn(&mut EcsSettings),
    pub(crate) is_short: bool,
    pub(crate) ends: Ends,
    pub(crate) back: Option<Back>,
    pub(crate) runs: Option<&'static str>,
    pub(crate) says: Vec<&'static str>,
    pub(crate) updates: Option<u32>,
    pub(crate) revision: Option<u32>,
}

impl Case {
    /// A case that ends so; the service runs the new image after a success, else the old one.
    pub(crate) fn new(name: &'static str, script: Script, ends: Ends) -> Self {
        let runs = if ends == Ends::Out { NEW } else { OLD };
        Self {
            name,
            script,
            around: Around::Calm,
            good: None,
            settings: |_| (),
            is_short: false,
            ends,
            back: None,
            runs: Some(runs),
            says: Vec::new(),
            updates: None,
            revision: None,
        }
    }

    /// What happens outside ECS.
    pub(crate) fn around(self, around: Around) -> Self {
        Self { around, ..self }
    }

    /// The last known good deployment left this revision of this service.
    pub(crate) fn good(self, revision: u32, service: &'static str) -> Self {
        Self { good: Some((revision, service)), ..self }
    }

    /// With other settings.
    pub(crate) fn set(self, settings: fn(&mut EcsSettings)) -> Self {
        Self { settings, ..self }
    }

    /// It is a matter of time: the patience has to come to its end.
    pub(crate) fn short(self) -> Self {
        Self { is_short: true, ..self }
    }

    /// Putting back ends so.
    pub(crate) fn back(self, back: Back) -> Self {
        Self { back: Some(back), ..self }
    }

    /// The service runs this image in the end.
    pub(crate) fn runs(self, image: &'static str) -> Self {
        Self { runs: Some(image), ..self }
    }

    /// There is no service in the end.
    pub(crate) fn runs_nothing(self) -> Self {
        Self { runs: None, ..self }
    }

    /// The reasons contain this.
    pub(crate) fn says(mut self, text: &'static str) -> Self {
        self.says.push(text);
        self
    }

    /// The service is asked so often to run something.
    pub(crate) fn updates(self, times: u32) -> Self {
        Self { updates: Some(times), ..self }
    }

    /// The service runs this revision in the end.
    pub(crate) fn revision_in_the_end(self, revision: u32) -> Self {
        Self { revision: Some(revision), ..self }
    }
}
