//! `pipeline_artifact`: a file of a commit, stored in S3 once and recorded in the ledger.
//!
//! What S3 does is `pipeline_aws::s3`'s; what may become of an artifact, and how it is recorded,
//! `pipeline_core::artifact`'s. Here is what Terraform calls it.

mod bucket;
mod file;
mod model;
mod plan;
mod read;
mod record;

use pipeline_aws::s3::{ObjectName, Payload, StoreError, media_type};
use pipeline_core::Sha256;
use pipeline_core::artifact::ArtifactPlace;
use pipeline_core::artifact::rules::{Elsewhere, check_held, check_unchanged};
use tfplugin::{Change, Computed, Context, Diagnostic, Diagnostics, ImportKey, Resource};

pub use model::Artifact;

use crate::error::{self, artifact as words};
use crate::pipeline::Pipeline;
use crate::session::Session;

/// Beside the state: the checksum of an artifact whose object somebody changed.
const RECORDED: &str = "recorded";
/// Beside the state: that the ledger has no record of it.
const UNRECORDED: &str = "unrecorded";
/// Beside the state: the ETag of an object that has no checksum of S3. It tells one writing from
/// another and nothing more.
const ETAG: &str = "etag";

impl Resource for Artifact {
    const NAME: &'static str = "pipeline_artifact";
    type Provider = Pipeline;

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        let Some(session) = cx.provider.open_for_plan().await? else { return Ok(()) };
        plan::write(cx, &session, change).await
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.stop.unless(cx.provider.open()).await??;
        let place = cx.stop.unless(self.settled_place(&session)).await??;
        let found = file::look(&self.source).await?;
        let payload = found.ok_or_else(|| file::missing(&self.source))?;
        self.check_file(&payload)?;
        let stored = self.upload(cx, &session, &place, &payload).await?;
        match record::write(&session, &stored, cx).await {
            Ok(()) => Ok(stored),
            Err(mut problems) => {
                problems.push(words::not_yet_recorded(&stored));
                Err(problems)
            }
        }
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        read::refresh(self, cx).await
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let session = cx.stop.unless(cx.provider.open()).await??;
        let this = match self.uploaded_at {
            // A record that is missing is all that changes: the object is as it was.
            Computed::Unknown => Self { uploaded_at: prior.uploaded_at, ..self },
            Computed::Known(_) => self,
        };
        record::write(&session, &this, cx).await?;
        cx.private().remove(UNRECORDED);
        Ok(this)
    }

    async fn forget(&self, _: &Context<Self>) -> Result<Option<Diagnostic>, Diagnostics> {
        Ok(Some(words::kept(self)))
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        read::import(key, cx).await
    }
}

impl Artifact {
    /// Where it is to lie: as planned, or as it turns out now.
    async fn settled_place(&self, session: &Session<'_>) -> Result<ArtifactPlace, Diagnostics> {
        let commit = match self.commit_sha.get() {
            Some(commit) => commit.0,
            None => plan::commit(session, &self.r#ref).await?,
        };
        let path = match self.path.get() {
            Some(path) => path.0.clone(),
            None => file::path_of(&self.source)?,
        };
        Ok(ArtifactPlace::new(self.bucket.0.clone(), commit, path))
    }

    /// The file is the one that was planned, and the one that was asked for.
    fn check_file(&self, payload: &Payload) -> Result<(), Diagnostics> {
        let found = payload.content().checksum;
        file::check_hash(&self.source, found, self.source_hash.map(|hash| hash.0))?;
        match self.checksum.get() {
            Some(planned) if planned.0 != found => {
                Err(words::file_changed(&self.source, planned.0, found))
            }
            _ => Ok(()),
        }
    }

    /// Stores the file, or finds it stored.
    async fn upload(
        self,
        cx: &Context<Self>,
        session: &Session<'_>,
        place: &ArtifactPlace,
        payload: &Payload,
    ) -> Result<Self, Diagnostics> {
        let storage = session.known_storage().await?;
        let (object, media) = (ObjectName::from(place), media_type(place.path().as_str()));
        let stored = storage.store(&object, payload, media, cx.stop.wait()).await;
        let stored = stored.map_err(|error| not_stored(place, &error))?;
        cx.private().keep(ETAG, stored.held.known_by_etag());
        bucket::look(session, &storage, place, self.retention_days)
            .await?
            .into_iter()
            .for_each(|warning| cx.warn(warning));
        let artifact = self.at(place);
        Ok(artifact.described(payload.content(), &stored.held, session.now()))
    }
}

/// Why S3 does not hold the file, with the rule that it breaks.
fn not_stored(place: &ArtifactPlace, error: &StoreError) -> Diagnostics {
    let broken = match error {
        StoreError::Taken(other) => other.found.and_then(|found| {
            check_unchanged(place, other.meant.checksum, found.checksum, Elsewhere::Object)
        }),
        StoreError::NotHeld(other) => {
            other.found.and_then(|found| check_held(place, other.meant, Some(found)))
        }
        _ => None,
    };
    match broken {
        Some(broken) => error::violations_at(&broken.into(), Artifact::SOURCE),
        None => error::store(error, Artifact::BUCKET, Artifact::SOURCE),
    }
}

/// The checksum beside the state, of the artifact as it was stored.
fn recorded(cx: &Context<Artifact>) -> Option<Sha256> {
    cx.private().value(RECORDED)
}
