//! A service of an ECS that does as it is told.

use std::sync::Arc;
use std::time::Duration;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::ecs::{Act, Course, Ecs, Script};
use pipeline_aws::Connection;
use pipeline_aws::ecs::{EcsSettings, EcsTarget};
use serde_json::{Map, Value};

use crate::bench::{Bench, Way};

/// How often what hangs is looked at before it comes up: a look takes some milliseconds, and is made so often that
/// whoever lets it go does not wait long.
const LOOKS: u32 = 200;

/// The service `web`, which runs the image `web:1`.
pub(crate) struct Service(Ecs);

impl Bench for Service {
    type Target = EcsTarget;
    const KNOWS_OTHERS: bool = true;

    fn new() -> Outcome<Self> {
        let script = Script::new().revision("web:1", true).runs(2).breaker(false);
        let script = script.course("web:2-fails", Course::CrashLoop);
        Ok(Self(Ecs::start(script.course("web:2-hangs", Course::Slow(LOOKS)))?))
    }

    fn target(&self, version: &str, way: Way) -> EcsTarget {
        let end = match way {
            Way::Well => "",
            Way::Fails => "-fails",
            Way::Hangs => "-hangs",
        };
        let image = format!("web:{version}{end}");
        let mut settings = EcsSettings::new("main", "web", "app", &image);
        settings.poll_interval = Duration::from_millis(20);
        EcsTarget::new(Arc::new(Connection::local(&self.0.url)), settings)
    }

    fn runs(&self) -> Outcome<String> {
        let runs = self.0.world().runs().unwrap_or_default();
        let version = runs.trim_start_matches("web:");
        Ok(version.split('-').next().unwrap_or_default().to_owned())
    }

    fn everything(&self) -> Outcome<String> {
        let world = self.0.world();
        let service = world.service.as_ref().ok_or("there is no service")?;
        let primary = service.deployments.iter().find(|it| it.is_primary).ok_or("nothing runs")?;
        let body: &Map<String, Value> = world.body(primary.revision);
        Ok(format!("{} {} {body:?}", primary.revision, service.desired))
    }

    fn times_begun(&self) -> Outcome<usize> {
        Ok(self.0.world().called("UpdateService") as usize)
    }

    fn taken_over(&self) -> Outcome {
        self.0.world().act(&Act::SomebodyDeploys("web:9"));
        Ok(())
    }

    fn has_begun(&self) -> Outcome<bool> {
        let world = self.0.world();
        Ok(world.called("UpdateService") > 0 && world.called("DescribeServices") > 4)
    }

    fn let_go(&self) -> Outcome {
        // It comes up by itself, look by look.
        Ok(())
    }
}
