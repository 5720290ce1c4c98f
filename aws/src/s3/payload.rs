//! Bytes on this machine that are to be stored: hashed first, then sent from where they are.
//!
//! A file is read twice, in small pieces: memory does not grow with it. Each request carries the
//! SHA-256 of what was hashed, so that S3 refuses a file that changed in between.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_s3::primitives::{ByteStream, Length};
use ring::digest::{Context, SHA256};

use super::{Held, Part, PartPlan, S3Checksum, StoreError};
use pipeline_core::artifact::Sha256;
use pipeline_core::artifact::rules::Content;

/// Bytes that are to be stored, and their checksums. Clones share them.
#[derive(Debug, Clone)]
pub struct Payload {
    source: Source,
    plan: PartPlan,
    content: Content,
    parts: Arc<[Sha256]>,
}

#[derive(Debug, Clone)]
enum Source {
    File(Arc<Path>),
    Bytes(Arc<[u8]>),
}

/// How much of a file is in memory at a time.
const PIECE: usize = 256 * 1024;

impl Payload {
    /// The content of a file, which is read here once.
    ///
    /// # Errors
    /// When it cannot be read, is no plain file, or is larger than an object can be.
    pub async fn file(path: &Path) -> Result<Self, StoreError> {
        let path = path.to_owned();
        let reading = tokio::task::spawn_blocking(move || Self::read(path));
        reading.await.map_err(|error| StoreError::File { said: error.to_string() })?
    }

    /// The content of a file; `None`: there is none.
    ///
    /// # Errors
    /// As [`Payload::file`], where something is there.
    pub async fn find(path: &Path) -> Result<Option<Self>, StoreError> {
        if path.exists() { Self::file(path).await.map(Some) } else { Ok(None) }
    }

    fn read(path: PathBuf) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::File { said: error.to_string() };
        let opened = pipeline_core::files::open(&path);
        let (mut file, metadata) =
            opened.map_err(|error| StoreError::File { said: error.to_string() })?;
        let size_bytes = metadata.len();
        let plan = PartPlan::of(size_bytes).ok_or(StoreError::TooLarge { size_bytes })?;
        let mut hashes = Hashes::new();
        for part in plan.parts() {
            hashes.part(&mut file, part).map_err(failed)?;
        }
        if file.read(&mut [0]).map_err(failed)? > 0 {
            return Err(StoreError::FileChanged);
        }
        let content = Content { checksum: finish(hashes.whole), size_bytes };
        Ok(Self { source: Source::File(path.into()), plan, content, parts: hashes.parts.into() })
    }

    /// Some bytes, which go in one piece.
    ///
    /// # Errors
    /// When they are more than an object can have.
    pub fn bytes(bytes: Vec<u8>) -> Result<Self, StoreError> {
        let content = Content { checksum: Sha256::of(&bytes), size_bytes: bytes.len() as u64 };
        let size_bytes = content.size_bytes;
        let plan = PartPlan::of(size_bytes).ok_or(StoreError::TooLarge { size_bytes })?;
        let digest = |part: Part| {
            let range = usize::try_from(part.offset).ok()?..;
            let rest = bytes.get(range)?;
            rest.get(..usize::try_from(part.length).ok()?).map(Sha256::of)
        };
        let parts = plan.parts().filter_map(digest).collect();
        Ok(Self { source: Source::Bytes(bytes.into()), plan, content, parts })
    }

    /// Their SHA-256 and their number.
    #[must_use]
    pub const fn content(&self) -> Content {
        self.content
    }

    /// How they are cut.
    #[must_use]
    pub const fn plan(&self) -> PartPlan {
        self.plan
    }

    /// The SHA-256 of a part.
    pub(super) fn checksum_of(&self, part: Part) -> Option<Sha256> {
        self.parts.get(usize::try_from(part.number).ok()?.checked_sub(1)?).copied()
    }

    /// What S3's checksum will be: of the whole, or composed of those of the parts.
    #[must_use]
    pub fn s3_checksum(&self) -> S3Checksum {
        if self.plan.is_whole() {
            return S3Checksum::Whole(self.content.checksum);
        }
        let all: Vec<u8> = self.parts.iter().flat_map(|part| *part.as_bytes()).collect();
        S3Checksum::Parts { digest: Sha256::of(&all), count: self.plan.count() }
    }

    /// Whether an object holds these bytes; `None`: only reading it can tell.
    #[must_use]
    pub fn is_held_by(&self, held: &Held) -> Option<bool> {
        if held.size_bytes != self.content.size_bytes {
            return Some(false);
        }
        match held.checksum {
            Some(S3Checksum::Whole(found)) => Some(found == self.content.checksum),
            Some(found) if found == self.s3_checksum() => Some(true),
            // It may have been cut in another way.
            Some(S3Checksum::Parts { .. }) | None => None,
        }
    }

    /// A part, as the body of a request that can be sent again.
    pub(super) async fn body(&self, part: Part) -> Result<ByteStream, StoreError> {
        let path = match &self.source {
            Source::Bytes(bytes) => {
                let range = usize::try_from(part.offset).ok();
                let rest = range.and_then(|from| bytes.get(from..)).unwrap_or_default();
                let length = usize::try_from(part.length).unwrap_or(usize::MAX);
                return Ok(rest.get(..length).unwrap_or(rest).to_vec().into());
            }
            Source::File(path) => path,
        };
        // The SDK opens it by its path, so that a request can be sent again: what stands there is looked at
        // before.
        let looked_at = Arc::clone(path);
        let looking = tokio::task::spawn_blocking(move || pipeline_core::files::open(&looked_at));
        let refused = |said: String| StoreError::File { said };
        let looked = looking.await.map_err(|error| refused(error.to_string()))?;
        looked.map_err(|error| refused(error.to_string()))?;
        let stream = ByteStream::read_from()
            .path(path)
            .offset(part.offset)
            .length(Length::Exact(part.length))
            .buffer_size(PIECE);
        stream.build().await.map_err(|error| StoreError::File { said: error.to_string() })
    }
}

/// The whole and its parts, hashed in one reading.
struct Hashes {
    whole: Context,
    parts: Vec<Sha256>,
    piece: Vec<u8>,
}

impl Hashes {
    fn new() -> Self {
        Self { whole: Context::new(&SHA256), parts: Vec::new(), piece: vec![0; PIECE] }
    }

    fn part(&mut self, file: &mut File, part: Part) -> std::io::Result<()> {
        let mut hash = Context::new(&SHA256);
        let mut left = part.length;
        while left > 0 {
            let most = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
            let piece = &mut self.piece[..most];
            file.read_exact(piece)?;
            self.whole.update(piece);
            hash.update(piece);
            left -= most as u64;
        }
        self.parts.push(finish(hash));
        Ok(())
    }
}

/// The SHA-256 of all that was given to `hash`.
pub(super) fn finish(hash: Context) -> Sha256 {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.finish().as_ref());
    Sha256::from_bytes(bytes)
}
