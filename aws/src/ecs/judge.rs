//! What a look at a service says of one deployment of it: the heart of every verdict, and pure.
//!
//! One look may be behind the truth, since ECS is eventually consistent. So nothing is concluded here
//! from what is *not* shown: [`Standing::Missing`] is for the caller to see several times.

use super::view::{Deployment, Service, State};

#[cfg(test)]
mod tests;

/// The deployment that is followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ours<'a> {
    /// ECS's ID of it.
    pub(super) id: &'a str,
    /// ARN of the revision that it brings.
    pub(super) revision: &'a str,
    /// ARN of the revision that ECS would go back to, where it is known.
    pub(super) previous: Option<&'a str>,
    /// When it began, in seconds since 1970; zero where it was never seen.
    pub(super) since: f64,
}

/// How the deployment stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Standing {
    /// It runs, whole and alone.
    Runs,
    /// It is complete by ECS's word, but does not run all its tasks.
    Short,
    /// It is on its way.
    Coming,
    /// ECS gave it up.
    Broken {
        /// Whether ECS is going to put the last completed deployment back.
        puts_back: bool,
    },
    /// ECS is putting something else back in its place, or has done so.
    PutBack {
        /// What.
        by: Deployment,
    },
    /// Somebody's newer deployment took its place.
    Replaced {
        /// That deployment.
        by: Deployment,
    },
    /// The service should run no tasks at all.
    ScaledToZero,
    /// The service is being deleted.
    Deleted,
    /// It is not shown, and nothing newer is.
    Missing,
}

/// How `ours` stands in `service`.
pub(super) fn judge(service: &Service, ours: Ours<'_>) -> Standing {
    if !service.is_active() {
        return Standing::Deleted;
    }
    let own = service.deployment(ours.id);
    match (service.primary(), own) {
        (Some(primary), Some(own)) if primary.id == own.id => of_primary(service, own),
        (Some(primary), own) => displaced(service, ours, own, primary),
        (None, Some(_)) => Standing::Coming,
        (None, None) => Standing::Missing,
    }
}

fn of_primary(service: &Service, own: &Deployment) -> Standing {
    if own.state == State::Failed {
        let hopeless = own.reason.to_lowercase().contains("no rollback candidate");
        return Standing::Broken { puts_back: service.puts_back && !hopeless };
    }
    if service.desired == 0 {
        return Standing::ScaledToZero;
    }
    let complete = match own.state {
        State::Completed => true,
        State::Untold => service.completed_at(&own.id, own.created_at).is_some(),
        State::InProgress | State::Failed => false,
    };
    if complete && own.is_full() && service.is_alone(own) {
        Standing::Runs
    } else if own.state == State::Completed && own.running < own.desired.max(1) {
        Standing::Short
    } else {
        Standing::Coming
    }
}

/// Another deployment is the primary one.
fn displaced(
    service: &Service,
    ours: Ours<'_>,
    own: Option<&Deployment>,
    primary: &Deployment,
) -> Standing {
    let by = || primary.clone();
    if is_put_back(service, ours, own, primary) {
        return Standing::PutBack { by: by() };
    }
    if is_newer(ours, own, primary) {
        return Standing::Replaced { by: by() };
    }
    match own {
        // Where traffic is shifted in stages, the older one may stay in front for a while.
        Some(own) if own.state == State::Failed => {
            Standing::Broken { puts_back: service.puts_back }
        }
        Some(_) => Standing::Coming,
        None => Standing::Missing,
    }
}

/// Whether ECS went back from ours to the primary deployment, by all that it says.
fn is_put_back(
    service: &Service,
    ours: Ours<'_>,
    own: Option<&Deployment>,
    primary: &Deployment,
) -> bool {
    if primary.revision == ours.revision {
        return false;
    }
    let since = own.map_or(ours.since, |own| own.created_at);
    let said = |text: &str| {
        service.events.iter().any(|event| event.at >= since && event.message.contains(text))
    };
    let going_back = said(&format!("rolling back to deployment {}", primary.id));
    let gave_up = said(&format!("(deployment {}) deployment failed", ours.id));
    let failed = gave_up || own.is_some_and(|own| own.state == State::Failed);
    let reason = primary.reason.to_lowercase();
    // A deployment of before may still say why it came: because of an older failure.
    let by_reason = (reason.contains("rolling back") || reason.contains("rollback"))
        && (failed || is_newer(ours, own, primary));
    let by_rule = failed && service.puts_back && ours.previous == Some(primary.revision.as_str());
    going_back || by_reason || by_rule
}

/// Whether the primary deployment began after ours; not known where ours is not shown any more and
/// was never seen.
fn is_newer(ours: Ours<'_>, own: Option<&Deployment>, primary: &Deployment) -> bool {
    let since = own.map_or(ours.since, |own| own.created_at);
    since > 0.0 && primary.created_at > since
}
