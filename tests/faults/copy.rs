//! The new revision is the old one with another image, and nothing of it is lost.

use std::sync::Arc;
use std::time::Duration;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::ecs::{Ecs, Script};
use pipeline_aws::Connection;
use pipeline_aws::ecs::{EcsSettings, EcsTarget};
use pipeline_core::rollout::{Grant, Order, Rolled, Target as _};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::clock::Clock;

fn order() -> Order {
    Order {
        deployment_id: "deploy-20251121-103045-abc123".parse().unwrap(),
        version: "web/v2.0.0".parse().unwrap(),
        commit_sha: "2".repeat(40).parse().unwrap(),
        region: None,
        reason: None,
        previous_version: None,
        previous_commit: None,
        environment: "staging".parse().unwrap(),
        last_good: None,
        last_good_version: None,
        failed: Arc::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_revision_is_copied_whole() -> Outcome {
    let ecs = Ecs::start(Script::new())?;
    let mut settings = EcsSettings::new("main", "web", "app", "web:2.0");
    settings.poll_interval = Duration::from_secs(1);
    settings.environment.insert("LEVEL".to_owned(), "debug".to_owned());
    settings.environment.insert("NEW".to_owned(), "1".to_owned());
    settings.secrets.insert("REGION".to_owned(), "/web/region".to_owned());
    let clock = Clock::default();
    let connection = Connection::local(&ecs.url).through(|client| clock.waits_for(client));
    let target = EcsTarget::new(Arc::new(connection), settings);
    let (_grant, permit) = Grant::new(Instant::now(), Duration::from_secs(60));
    assert_eq!(target.roll_out(&order(), &permit, &mut None).await, Rolled::Out);
    let world = ecs.world();
    let mut expected = Value::Object(world.body(1).clone());
    let app = &mut expected["containerDefinitions"][1];
    app["image"] = json!("web:2.0");
    app["environment"] =
        json!([{ "name": "LEVEL", "value": "debug" }, { "name": "NEW", "value": "1" }]);
    app["secrets"] = json!([
        { "name": "TOKEN", "valueFrom": "/web/token" },
        { "name": "REGION", "valueFrom": "/web/region" },
    ]);
    assert_eq!(Value::Object(world.body(2).clone()), expected);
    assert_eq!(world.tags(2), world.tags(1));
    Ok(())
}
