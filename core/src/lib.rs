//! The domain of releases, environments and deployments.
