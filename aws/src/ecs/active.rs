//! Whether a revision of a task definition can still be put into service, asked without a service.

use std::time::Duration;

use super::api::Api;
use super::fault::{Fault, Kind};
use crate::Connection;

/// How long one answer is waited for: a plan waits with it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The region and the account in the ARN of a revision.
fn place(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.split(':').skip(2);
    let (service, region, account) = (parts.next()?, parts.next()?, parts.next()?);
    (service == "ecs").then_some((region, account))
}

/// Whether a revision, by its ARN, is ACTIVE. `None` where that cannot be told from here: ECS cannot be
/// asked, or the revision belongs to another region or account than this connection.
pub async fn is_active(connection: &Connection, revision: &str) -> Option<bool> {
    let (region, account) = place(revision)?;
    let own = connection.config().await.region().is_some_and(|own| own.as_ref() == region);
    // What another account or region has looks like something that is gone.
    if !own || connection.caller().await.ok()?.account.to_string() != account {
        return None;
    }
    let api = Api::new(connection, "", "", PATIENCE).await;
    match api.revision(revision).await {
        Ok(found) => Some(found.is_active()),
        Err(Fault { kind: Kind::Missing, .. }) => Some(false),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_where_a_revision_is() {
        let arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/api:7";
        assert_eq!(place(arn), Some(("eu-west-1", "123456789012")));
        for other in ["api:7", "", "arn:aws:s3:::bucket", "arn:aws:ecs:eu-west-1"] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
