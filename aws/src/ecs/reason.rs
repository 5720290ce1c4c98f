//! Why a rollout on ECS did not go as it was asked for, as facts, and the one place that words them.
//!
//! What ECS says itself is a text in a field of that name, made plain where it was read. A reason leaves
//! the call that failed to its source.

use std::time::Duration;

use thiserror::Error;

use super::fault::Fault;
use super::told;
use super::view::Deployment;

/// Why a rollout did not go as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// There is no such service.
    #[error("there is no service `{service}` in cluster `{cluster}`")]
    NoService {
        /// The service.
        service: String,
        /// The cluster.
        cluster: String,
        /// What ECS answered.
        source: Fault,
    },
    /// ECS does not show the service.
    #[error("service `{service}` in cluster `{cluster}` could not be looked at")]
    NotSeen {
        /// The service.
        service: String,
        /// The cluster.
        cluster: String,
        /// What ECS answered.
        source: Fault,
    },
    /// The service is being deleted.
    #[error("service `{service}` is {status}, not ACTIVE")]
    NotActive {
        /// The service.
        service: String,
        /// Its status, by ECS's word.
        status: String,
    },
    /// Somebody else rolls the service out.
    #[error(
        "service `{service}` has the deployment controller {controller}: only rollouts of the controller \
         ECS can be made and followed"
    )]
    Controller {
        /// The service.
        service: String,
        /// Its controller, by ECS's word.
        controller: String,
    },
    /// A deployment of no tasks proves nothing.
    #[error("service `{service}` is scaled to zero: a deployment of no tasks proves nothing")]
    NoTasks {
        /// The service.
        service: String,
    },
    /// The service's revision has no such container.
    #[error(
        "revision {revision} of service `{service}` has no container `{container}` but {}",
        found.join(", ")
    )]
    NoContainer {
        /// The revision, by its short name.
        revision: String,
        /// The service.
        service: String,
        /// The container that was asked for.
        container: String,
        /// The containers that there are.
        found: Vec<String>,
    },
    /// The service's revision cannot be copied.
    #[error("the running revision has no containers")]
    NoContainers,
    /// A call that had to be answered first was not.
    #[error(transparent)]
    Call(Fault),
    /// The service was not asked to run the revision.
    #[error("the service was not asked to run revision {revision}")]
    NotAsked {
        /// The revision, by its short name.
        revision: String,
        /// Why.
        source: Obstacle,
    },
    /// Somebody else's deployment was there first.
    #[error("{other} was there first; revision {revision} was not put in its place")]
    Overtaken {
        /// The revision, by its short name.
        revision: String,
        /// The other deployment.
        other: Box<Stranger>,
    },
    /// The service does not take the revision.
    #[error("the service does not take revision {revision}{}", if *back { " back" } else { "" })]
    NotTaken {
        /// The revision, by its short name.
        revision: String,
        /// Whether it was to be put back.
        back: bool,
        /// Why.
        source: Obstacle,
    },
    /// Whether the service took the revision is not known.
    #[error(
        "whether the service took revision {revision}{} is not known", if *back { " back" } else { "" }
    )]
    PerhapsTaken {
        /// The revision, by its short name.
        revision: String,
        /// Whether it was to be put back.
        back: bool,
        /// What is known.
        source: Obstacle,
    },
    /// No deployment of the service is known to look at.
    #[error("no deployment of the service is known")]
    NothingFollowed,
    /// The time was up.
    #[error("{what} is not complete after {after:?}: {evidence}")]
    TimedOut {
        /// The deployment.
        what: Followed,
        /// How long it was followed.
        after: Duration,
        /// What ECS says of it.
        evidence: String,
    },
    /// It began, and how it goes on is not known.
    #[error("{what} was begun, and ECS cannot be asked any more")]
    Unanswered {
        /// The deployment.
        what: Followed,
        /// What ECS answered last.
        source: Fault,
    },
    /// ECS cannot be asked any more.
    #[error("ECS cannot be asked any more")]
    Silent(#[source] Obstacle),
    /// It was complete, and its tasks end.
    #[error("{what} was completed, but its tasks do not stay up: {evidence}")]
    NotStaying {
        /// The deployment.
        what: Followed,
        /// What ECS says of it.
        evidence: String,
    },
    /// Tasks ended by themselves after it was complete.
    #[error("the tasks of deployment {id} do not stay up: {told}")]
    Crashed {
        /// The deployment.
        id: String,
        /// What ECS says of the tasks.
        told: String,
    },
    /// ECS gave it up.
    #[error("ECS gave {what} up{}: {evidence}", on(to.as_deref()))]
    GivenUp {
        /// The deployment.
        what: Followed,
        /// The revision that ECS goes back to, where it does already.
        to: Option<String>,
        /// What ECS says of it.
        evidence: String,
    },
    /// Somebody wants no tasks.
    #[error("the service was scaled to zero before {what} was complete")]
    ScaledToZero {
        /// The deployment.
        what: Followed,
    },
    /// Somebody else's deployment took its place.
    #[error("{what} was replaced by {other}")]
    Replaced {
        /// The deployment.
        what: Followed,
        /// The other one.
        other: Box<Stranger>,
    },
    /// Somebody else's deployment is there now.
    #[error("{0} runs there now")]
    Theirs(Stranger),
    /// The service was deleted.
    #[error("the service was deleted{}", while_began(what.as_ref()))]
    Deleted {
        /// The deployment that had begun.
        what: Option<Followed>,
    },
    /// It is not shown any more.
    #[error("{what} is not there any more{}", instead(other.as_deref()))]
    Vanished {
        /// The deployment.
        what: Followed,
        /// What is there instead.
        other: Option<Box<Stranger>>,
    },
    /// Putting back did not come to an end in time, or failed.
    #[error("{what} did not come up: {evidence}")]
    NotUp {
        /// The deployment.
        what: Followed,
        /// What ECS says of it.
        evidence: String,
    },
    /// ECS gave up putting back.
    #[error("{what} did not come up, and ECS went on to revision {to}")]
    WentOn {
        /// The deployment.
        what: Followed,
        /// The revision, by its short name.
        to: String,
    },
    /// Nothing that could be put back is ACTIVE.
    #[error("{} cannot be put back, because it is INACTIVE", revisions.join(" or "))]
    Inactive {
        /// The revisions, by their short names.
        revisions: Vec<String>,
    },
    /// Nothing ever ran.
    #[error("no revision of the service ever ran steadily before")]
    NothingBefore,
    /// Others changed the service each time.
    #[error("the service was changed by others each time")]
    Outrun,
    /// No end was followed to.
    #[error("the rollout was not followed")]
    NotFollowed,
}

/// Why a service did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// A call failed.
    #[error(transparent)]
    Call(Fault),
    /// A call may have been carried out, and the next one failed.
    #[error("{first}; then {then}")]
    Twice {
        /// The first one.
        first: Box<Self>,
        /// The next one.
        then: Fault,
    },
    /// The call was accepted, and nothing came of it.
    #[error("UpdateService was accepted")]
    Accepted,
    /// The service names the revision, and nothing shows that it runs it.
    #[error("{first}; the service names revision {revision}, and shows no deployment of it")]
    Unseen {
        /// What came of asking.
        first: Box<Self>,
        /// The revision, by its short name.
        revision: String,
    },
    /// The service is not there to be changed.
    #[error("the service is {status}")]
    NotActive {
        /// Its status, by ECS's word.
        status: String,
    },
    /// No call got through.
    #[error("no call got through")]
    NotAsked,
}

/// A deployment of ECS that was followed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("deployment {id}{}", if *puts_back {
    format!(", which puts {revision} back,")
} else {
    format!(" of revision {revision}")
})]
pub struct Followed {
    /// ECS's ID of it.
    pub id: String,
    /// Its revision, by its short name.
    pub revision: String,
    /// Whether it puts the revision back.
    pub puts_back: bool,
}

/// A deployment of ECS that somebody else made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("deployment {id} of revision {revision}{}", registered(by.as_deref()))]
pub struct Stranger {
    /// ECS's ID of it.
    pub id: String,
    /// Its revision, by its short name.
    pub revision: String,
    /// Who registered the revision, as far as ECS tells.
    pub by: Option<String>,
}

impl Followed {
    /// One that brings a revision, by its ARN.
    pub(super) fn new(id: &str, revision: &str) -> Self {
        Self { id: id.to_owned(), revision: told::short(revision).to_owned(), puts_back: false }
    }

    /// One that puts a revision back.
    pub(super) fn back(to: &Deployment) -> Self {
        Self { puts_back: true, ..Self::new(&to.id, &to.revision) }
    }
}

fn on(to: Option<&str>) -> String {
    to.map_or_else(String::new, |to| format!(" and goes back to revision {to}"))
}

fn while_began(what: Option<&Followed>) -> String {
    what.map_or_else(String::new, |what| format!(" while {what} began"))
}

fn instead(other: Option<&Stranger>) -> String {
    other.map_or_else(String::new, |other| format!(", but {other}"))
}

fn registered(by: Option<&str>) -> String {
    by.map_or_else(String::new, |who| format!(", which {who} registered"))
}
