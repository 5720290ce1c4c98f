//! What tags say: read here, and fetched where it is missing, many at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use git2::ObjectType;
use tokio::sync::Mutex;

use super::Repository;
use super::fetch::Part;
use super::tag_text;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::snapshot::{RefTarget, Snapshot};
use crate::git::tag::TagObject;

/// Who asked for so many tags that were missing wants all of them: each has its price, and a repository
/// may have thousands.
const MANY: usize = 8;

/// Tags that were asked for and are missing here.
#[derive(Debug, Default)]
pub(crate) struct Misses {
    /// So many, those among them that wait for their fetch.
    asked: AtomicUsize,
    /// Whether all were fetched that were missing.
    has_all: Mutex<bool>,
}

impl Repository {
    /// The tag of this short name, such as `api/v1.2.3`, as the truth has it; `None`: there is none.
    ///
    /// # Errors
    /// When the snapshot or a missing object cannot be had, or the tag leads to no commit.
    pub async fn tag(&self, name: &str) -> Result<Option<TagObject>, GitError> {
        let snapshot = self.snapshot().await?;
        let Some(target) = snapshot.tag(name) else { return Ok(None) };
        if !self.parts.objects.exists(target.object) {
            self.bring_tag(name, target, &snapshot).await?;
        }
        self.read_tag(target).map(Some)
    }

    /// Fetches a tag that is missing, unless another call does just that.
    ///
    /// With the first ones come all tags whose object alone is missing: those are small, and are mostly
    /// wanted next. Who goes on asking gets all that are missing, once; also where many ask at the same time.
    async fn bring_tag(
        &self,
        name: &str,
        target: RefTarget,
        snapshot: &Snapshot,
    ) -> Result<(), GitError> {
        let own = format!("refs/tags/{name}");
        let Misses { asked, has_all } = &self.parts.tag_misses;
        asked.fetch_add(1, Ordering::Relaxed);
        let mut has_all = has_all.lock().await;
        if self.parts.objects.exists(target.object) {
            // It came with another one, and was no miss.
            asked.fetch_sub(1, Ordering::Relaxed);
            return Ok(());
        }
        if *has_all {
            drop(has_all);
            return self.parts.fetches.fetch(&[own], Part::Alone).await;
        }
        *has_all = asked.load(Ordering::Relaxed) >= MANY;
        let mut wanted = self.missing_tags(snapshot, *has_all)?;
        if !wanted.contains(&own) {
            wanted.push(own);
        }
        self.parts.fetches.fetch(&wanted, Part::Alone).await
    }

    /// The refs of tags whose object is missing: of all, or of those whose commit is here.
    fn missing_tags(&self, snapshot: &Snapshot, all: bool) -> Result<Vec<String>, GitError> {
        let named = snapshot.tags().flat_map(|(_, target)| [target.object, target.target()]);
        let here = self.parts.objects.present(named)?;
        let is_wanted = |target: &RefTarget| {
            !here.contains(&target.object)
                && (all || target.peeled.is_some_and(|commit| here.contains(&commit)))
        };
        let wanted = snapshot.tags().filter(|(_, target)| is_wanted(target));
        Ok(wanted.map(|(name, _)| format!("refs/tags/{name}")).collect())
    }

    fn read_tag(&self, target: RefTarget) -> Result<TagObject, GitError> {
        let RefTarget { object, peeled } = target;
        let commit = |id: ObjectId| match self.parts.objects.kind(id)? {
            Some(ObjectType::Commit) | None => Ok(id.to_commit()),
            Some(kind) => {
                let found = kind.str().to_owned();
                Err(GitError::WrongKind { id, found, expected: "commit" })
            }
        };
        let Some(peeled) = peeled else {
            let (tagger, message) = (None, String::new());
            return Ok(TagObject { object, commit: commit(object)?, tagger, message });
        };
        let (_, bytes) = self.parts.objects.read(object)?.ok_or_else(|| self.missing(object))?;
        let (tagger, message) = tag_text::read(object, &bytes)?;
        Ok(TagObject { object, commit: commit(peeled)?, tagger, message })
    }
}
