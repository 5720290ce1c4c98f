//! List resources: what there is of a resource, for `terraform query`.
//!
//! Each shares with its resource how an object is read, and with data sources what they know of the repository.

mod artifacts;
mod deployments;
mod environments;
mod version_tags;

pub use artifacts::Artifacts;
pub use deployments::Deployments;
pub use environments::Environments;
pub use version_tags::VersionTags;
