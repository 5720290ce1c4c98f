//! People at work while deployments go on: they move tags, and change services by hand.

use std::sync::Arc;
use std::time::Duration;

use pipeline_core::approval::Decision;
use pipeline_core::{CommitSha, RefName, Tag, TagName};
use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::approvals::decide;
use crate::known::ServiceKey;
use crate::life::{commit, version};
use crate::service::{By, Fate};
use crate::world::World;

/// What somebody does, and when.
#[derive(Debug, Clone)]
pub(crate) struct Meddling {
    pub(crate) at: Duration,
    pub(crate) key: ServiceKey,
    pub(crate) deed: Deed,
}

/// What people do. Numbers are minor numbers of versions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deed {
    /// Puts the environment tag on the commit of a version.
    MovesTag(u8),
    /// Deletes the environment tag.
    DeletesTag,
    /// Deletes the tag of a version.
    DeletesVersion(u8),
    /// Approves a version or rejects it, or withdraws what was decided.
    Decides(u8, Option<Decision>),
    /// Lets the service run a version.
    ChangesService(u8, Duration, Fate),
}

impl Meddling {
    pub(crate) async fn happen(self, world: Arc<World>) -> Result<(), Failure> {
        sleep(self.at).await;
        let Self { key, deed, .. } = self;
        world.with(|seen| seen.chronicle.note(&"people", || format!("{deed:?} of {key:?}")));
        let tag = Tag::of_environment(key.1.clone(), key.0.clone()).name().clone();
        match deed {
            Deed::MovesTag(minor) => put_tag(&world, &key, &tag, Some(commit(&key, minor)))?,
            Deed::DeletesTag => put_tag(&world, &key, &tag, None)?,
            Deed::DeletesVersion(minor) => {
                world.remote.remove(&format!("refs/tags/{}", version(&key, minor)?).parse()?);
            }
            Deed::Decides(minor, decision) => decide(&world, &key, minor, decision)?,
            Deed::ChangesService(minor, takes, fate) => {
                let version = version(&key, minor)?;
                world.with(|seen| {
                    let Some(service) = seen.services.get_mut(&key) else { return };
                    let revision = service.register(&version);
                    service.put(revision, By::Person, takes, fate);
                });
            }
        }
        Ok(())
    }
}

fn put_tag(
    world: &World,
    key: &ServiceKey,
    tag: &TagName,
    stands: Option<CommitSha>,
) -> Result<(), Failure> {
    let name: RefName = format!("refs/tags/{tag}").parse()?;
    match stands {
        Some(commit) => world.remote.set(&name, commit.into()),
        None => world.remote.remove(&name),
    }
    world.with(|seen| {
        let scope = seen.scope_of(key);
        if let Some(place) = seen.places.get_mut(&scope) {
            place.put_tag(tag.clone(), stands);
            place.meddled = Some(Instant::now());
        }
    });
    Ok(())
}
